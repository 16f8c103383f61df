"""The histories of posts replayed, from what the archive recorded of each page."""
