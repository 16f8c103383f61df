"""Whose doing a change is."""

from __future__ import annotations

from typing import Literal

from scraper.items import Origin

Cause = Literal["store", "rules", "theme", "file", "unknown"]
"""What made a change: the store's people, other rules of ours, another theme (its template was
learned anew), a file; unknown of changes that were told before causes were."""


def origin_of_change(
    *, rules_alike: bool, lastmod_before: str = "", lastmod_now: str = "", imported: bool = False
) -> Origin:
    """Who made a change.

    `rules_alike` says that both sights were read by the same extractor and template;
    `lastmod_before` and `lastmod_now` are what the store's own listing said of the post at the two
    sights (UTC, ISO 8601, or empty); `imported` that one of the sights is a file. Shopify's
    `lastmod` moves with the article and not with the theme, so where it moved on, the store edited
    the post, whatever we did.
    """
    if imported:
        return "imported"
    if rules_alike or ("" < lastmod_before < lastmod_now):
        return "observed"
    return "technical"


def cause_of_change(origin: Origin, *, extractor_alike: bool) -> Cause:
    """What made a change of this origin. Other rules of ours bring another template with them, so
    they are named first."""
    if origin == "technical":
        return "theme" if extractor_alike else "rules"
    return "file" if origin == "imported" else "store"
