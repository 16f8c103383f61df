"""What the pages of the web interface read, each at one moment."""
