"""Item pipelines: a page becomes a clean post, and the post is saved."""
