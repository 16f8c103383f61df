"""The version of the rules. It goes up whenever the same page could give another post: changes that
follow from it are ``technical``."""

from __future__ import annotations

EXTRACTOR = "blogkeep-12"
