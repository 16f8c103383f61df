"""History, pure: fingerprints, differences, kinds and severity of change, when "removed" is earned,
how a crawl is judged."""
