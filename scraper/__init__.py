"""Blogkeep archives the blogs of stores."""

__version__ = "0.1.0"
