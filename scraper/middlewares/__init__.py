"""Downloader middlewares: what may be asked for, and how gently."""
