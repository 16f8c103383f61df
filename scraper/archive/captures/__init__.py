"""The answers of servers, byte for byte, in a file of their own beside the archive."""
