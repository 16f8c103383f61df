"""What the Wayback Machine has of a store, downloaded into a WARC file."""
