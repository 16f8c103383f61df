"""The whole history read again by today's rules: what would come of it, and writing that."""
