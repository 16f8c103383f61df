"""Files that somebody saved, as evidence: saved pages, text dumps, WARC files and WACZ packages."""
