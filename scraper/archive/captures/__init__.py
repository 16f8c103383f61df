"""What was answered, byte for byte, in a file of its own beside the archive."""
