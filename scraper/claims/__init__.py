"""Claims in texts: rulebooks, what they find, how strong it is, and how it changes. Pure."""
