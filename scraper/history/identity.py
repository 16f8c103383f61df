"""Whether what stands at a post's address is the post at all, and whether a store at a new address
is one that is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from scraper.history.fingerprints import title_key
from scraper.history.snapshots import Snapshot

STRAY_SHARE = 0.05
"""So few runs of three words in common are chance: two posts of one author share more than that
only where one quotes the other."""

SAME_PAGES = 2
"""On so many posts without ids, one and the same page that says nothing of what any of them said is
none of theirs: nobody gives two posts one title and one text."""

SHARED_MIN = 3
SHARED_SHARE = 0.5
"""Two blogs are one by their posts if so many stand at the same paths, or all of a smaller one, and
this share of the shorter list."""

FormerAnswer = Literal["leads_here", "deserted", "stands"]
"""What the address of a known store says while another claims to be that store: it redirects there,
shows the store no more, or stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSigns:
    """What speaks for and against that a store at an address not known before is a store that is.

    `same_shop_id` and `same_domain` compare Shopify's number and the permanent myshopify.com
    domain, None where one side does not say; `former` is what the known store's own address answers
    now; `same_host` says that the two differ in scheme or ``www.`` alone; `known` and `listed`
    count the posts that the archive holds and that the new address names, `shared` those at the
    same path.
    """

    same_shop_id: bool | None
    same_domain: bool | None
    former: FormerAnswer
    same_host: bool
    known: int
    listed: int
    shared: int


def is_same_store(signs: MoveSigns) -> bool:
    """Whether the new address is the known store's, by more than one sign. All that a page says can
    be copied, so words alone are believed only where nobody is left to say otherwise.

    1. Another number or another permanent domain: another store, whatever else is alike.
    2. The same host, by http and https or with and without ``www.``: the same store if its number, its domain or its posts are.
    3. The known address redirects to the new one, which only its owner can bring about: likewise.
    4. The known address still shows the store: another store, a copy perhaps.
    5. The known address is nobody's any more, or somebody else's: the same store if number, domain and posts all are.
    """
    if signs.same_shop_id is False or signs.same_domain is False:
        return False
    posts = (
        signs.shared >= min(SHARED_MIN, signs.known) > 0
        and signs.shared >= min(signs.known, signs.listed) * SHARED_SHARE
    )
    if signs.same_host or signs.former == "leads_here":
        return bool(signs.same_shop_id or signs.same_domain or posts)
    return signs.former == "deserted" and bool(signs.same_shop_id and signs.same_domain and posts)


def is_another_page(before: Snapshot, after: Snapshot, *, had_id: bool, has_id: bool) -> bool:
    """Whether `after`, read at the address of the post `before`, is another page (a notice of
    maintenance that came as 200).

    It is one if it shows no article id though the post always had one, and is unlike the post.
    """
    return had_id and not has_id and is_unlike(before, after)


def is_unlike(before: Snapshot, after: Snapshot) -> bool:
    """Whether a page says nothing of what a post says: it bears another title, and hardly three
    words in a row are the post's."""
    if title_key(before.fields.title) == title_key(after.fields.title):
        return False
    ours, theirs = _runs(before.text), _runs(after.text)
    # Of a post without words nothing can be told; a page without any is none of the post's.
    return bool(ours) and len(ours & theirs) <= STRAY_SHARE * min(len(ours), len(theirs))


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every run of three words; of a shorter text, the whole."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))} if words else set()
