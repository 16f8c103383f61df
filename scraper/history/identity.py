"""Whether the page at a post's address is that post, and whether a store at a new address is a
known one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from scraper.history.fingerprints import title_key
from scraper.history.snapshots import Snapshot

CHANCE_SHARE = 0.05
"""Up to this share of common three-word runs is chance: two posts of one author share more only
where one quotes the other."""

SAME_PAGES = 2
"""A page that this many posts without ids show, and that matches none of them, belongs to none of
them: nobody gives two posts one title and one text."""

SHARED_MIN = 3
SHARED_SHARE = 0.5
"""Two stores have the same posts if at least this many (or all of a smaller store) have the same
paths, and this share of the shorter list."""

FormerAnswer = Literal["leads_here", "deserted", "stands"]
"""What the address of a known store answers while another claims to be that store: it redirects
there, no longer shows the store, or still shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSigns:
    """Evidence for and against a store at a new address being a known store.

    `same_shop_id` and `same_domain` compare Shopify's number and the permanent myshopify.com
    domain; None where one of the two is unknown. `former`: what the known store's address answers
    now. `same_host`: the addresses differ only in scheme or ``www.``. `known` and `listed` count
    the posts in the archive and at the new address, `shared` those with the same path.
    """

    same_shop_id: bool | None
    same_domain: bool | None
    former: FormerAnswer
    same_host: bool
    known: int
    listed: int
    shared: int


def is_same_store(signs: MoveSigns) -> bool:
    """Whether the new address is the known store's, by more than one sign. A page can be copied, so
    its content alone counts only where the known address no longer shows the store.

    1. Another number or permanent domain: another store, whatever else matches.
    2. The same host, by http or https, with or without ``www.``: the same store if its number, its
       domain or its posts match.
    3. The known address redirects to the new one, which only its owner can arrange: likewise.
    4. The known address still shows the store: another store, perhaps a copy.
    5. The known address shows nothing, or another store: the same store if number, domain and posts
       all match.
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
    """Whether `after`, read at the address of the post `before`, is another page, such as a
    maintenance notice with status 200.

    It is if it shows no article id, the post always had one, and the two texts differ.
    """
    return had_id and not has_id and is_unlike(before, after)


def is_unlike(before: Snapshot, after: Snapshot) -> bool:
    """Whether a page has another title than a post, and at most chance runs of words in common."""
    if title_key(before.fields.title) == title_key(after.fields.title):
        return False
    old, new = _runs(before.text), _runs(after.text)
    # An empty post matches anything; an empty page matches no post that has text.
    return bool(old) and len(old & new) <= CHANCE_SHARE * min(len(old), len(new))


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every run of three words; the complete text where it is shorter."""
    words = re.findall(r"\w+", text.casefold())
    if not words:
        return set()
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
