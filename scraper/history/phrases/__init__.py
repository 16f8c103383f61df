"""Phrases in the history of posts: since when they stood, and at how many looks they did not."""
