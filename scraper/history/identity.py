"""Whether what stands at a post's address is the post at all."""

from __future__ import annotations

import re

from scraper.history.fingerprints import title_key
from scraper.history.snapshots import Snapshot

STRAY_SHARE = 0.05
"""So few runs of three words in common are chance: two posts of one author share more than that only where one quotes the other."""

SAME_PAGES = 2
"""On so many posts without ids, one and the same page that says nothing of what any of them said is none of theirs: nobody gives two posts
one title and one text."""


def is_another_page(before: Snapshot, after: Snapshot, *, had_id: bool, has_id: bool) -> bool:
    """Whether `after`, read at the address of the post `before`, is another page (a notice of maintenance that came as 200).

    It is one if it shows no article id though the post always had one, and is unlike the post.
    """
    return had_id and not has_id and is_unlike(before, after)


def is_unlike(before: Snapshot, after: Snapshot) -> bool:
    """Whether a page says nothing of what a post says: it bears another title, and hardly three words in a row are the post's."""
    if title_key(before.fields.title) == title_key(after.fields.title):
        return False
    ours, theirs = _runs(before.text), _runs(after.text)
    # Of a post without words nothing can be told; a page without any is none of the post's.
    return bool(ours) and len(ours & theirs) <= STRAY_SHARE * min(len(ours), len(theirs))


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every run of three words; of a shorter text, the whole."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))} if words else set()
