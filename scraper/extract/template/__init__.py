"""What the pages of one store share, and what varies on them by itself."""
