"""The archive, the only package with SQL for SQLite."""
