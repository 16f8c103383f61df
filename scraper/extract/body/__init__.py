"""The author's text within a page: where it is, and which blocks in it are the theme's."""
