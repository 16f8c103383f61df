"""What a page adds to its post: captures, sights, revisions, changes, links."""
