"""The commands, a module each: read the options, ask the archive, print."""
