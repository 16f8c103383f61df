"""Alerts: which changes and incidents go to whom, when, in which words, and by which channel."""
