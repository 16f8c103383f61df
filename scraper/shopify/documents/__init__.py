"""robots.txt, sitemaps, feeds and index pages."""
