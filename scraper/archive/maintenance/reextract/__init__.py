"""Extract the stored pages of all posts again with today's extractor, and write the result."""
