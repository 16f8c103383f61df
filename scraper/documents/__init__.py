"""What any web server serves: robots.txt, sitemaps, XML and its bounds, encodings."""
