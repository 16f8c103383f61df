"""Stores, pages and requests that mean harm."""
