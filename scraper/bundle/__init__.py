"""Evidence bundles: what proves a change or a state of a post, for people without this program."""
