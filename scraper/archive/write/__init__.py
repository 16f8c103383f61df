"""A crawl or an import is written, from its start to its assessment."""
