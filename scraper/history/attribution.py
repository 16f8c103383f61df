"""Who made a change: the store, our extractor, a theme, or an import."""

from __future__ import annotations

from typing import Literal

from scraper.items import Origin

Cause = Literal["store", "rules", "theme", "file"]
"""What made a change: the store's people, other rules of ours, another theme (its template was
learned again), or a file."""


def origin_of_change(
    *, same_rules: bool, lastmod_before: str = "", lastmod_now: str = "", imported: bool = False
) -> Origin:
    """Who made a change.

    `same_rules`: the same extractor and template read both versions. `lastmod_before` and
    `lastmod_now`: the post's date in the store's own listing at the two observations (UTC, ISO
    8601, or empty). `imported`: one of the two is a file. Shopify changes `lastmod` with the
    article, never with the theme, so a later date means that the store edited the post.
    """
    if imported:
        return "imported"
    if same_rules or ("" < lastmod_before < lastmod_now):
        return "observed"
    return "technical"


def cause_of_change(origin: Origin, *, same_extractor: bool) -> Cause:
    """What made a change of this origin. Other rules of ours bring another template with them, so
    they come before the theme."""
    if origin == "technical" and not same_extractor:
        return "rules"
    causes: dict[Origin, Cause] = {"technical": "theme", "imported": "file", "observed": "store"}
    return causes[origin]
