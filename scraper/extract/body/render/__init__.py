"""A body as HTML, Markdown and text."""
