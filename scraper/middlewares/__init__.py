"""Downloader middlewares: which requests may go out, and at what pace."""
