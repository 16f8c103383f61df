"""History, pure: how versions of a post differ, what kind of change that is and who made it, when a
post counts as removed, and how a crawl is assessed."""
