"""Seals: a Merkle root over what each crawl wrote, chained to the one before, and its stamps."""
