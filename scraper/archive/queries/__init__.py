"""Queries of commands, alerts and the web interface, by subject. They only read, and return frozen
dataclasses."""
