"""Rows of a store as a whole: its blogs, origins, listings and templates."""
