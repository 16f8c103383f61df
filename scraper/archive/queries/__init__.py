"""What the reading room asks of the archive, page by page. Every function takes a connection that
reads, and gives frozen rows."""
