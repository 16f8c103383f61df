"""Phrases in the history of posts: since when they stood, and at how many fetches they did not."""
