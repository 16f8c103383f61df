"""Whether the page at a post's address is that post, by other posts, by the other pages of a crawl
and by its own feed entry; and whether a store at a new address is a known one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from scraper.history.fingerprints import title_key
from scraper.history.reconcile import FEED
from scraper.history.removal import ABSENT
from scraper.history.snapshots import Snapshot
from scraper.history.witnesses import BODY_CLAIM, Dates
from scraper.items import FieldClaim, Verdict
from scraper.timestamps import parse_timestamp

CHANCE_SHARE = 0.05
"""Up to this share of common three-word runs is chance: two posts of one author share more only
where one quotes the other."""

SAME_PAGES = 2
"""A page that so many posts show, and that matches none of them, belongs to none of them: nobody
replaces two posts by one text."""

REPLACED_SHARE: Final = 0.2
"""A page with no more of a post's runs of words may stand in its place."""

REPLACED_SIGHTS: Final = 4
"""So many times as many sights as of another text confirm one in a post's place."""

LIKE_SHARE: Final = 0.5
"""A page with so many of a post's runs of words is the post, edited."""

ALIKE_SHARE: Final = 0.6
"""Two pages that share so many runs of the longer one are one text: a notice may name the post at
whose address it stands."""

RENUMBERED_MIN: Final = 2
"""So many posts whose articles have new numbers over the old texts were renumbered by the store. A
single one is an article that somebody deleted and wrote again."""

SHARED_MIN = 3
SHARED_SHARE = 0.5
"""Two stores have the same posts if at least this many (or all of a smaller store) have the same
paths, and this share of the shorter list."""

STALE_WITHIN: Final = timedelta(days=3)
"""For so long after an edit a page may be an older copy than its feed entry. After that the entry
moved for what the text of the page does not show."""

CUT_SHARE: Final = 0.95
"""A page with less of a text that it only shortens has lost more than a slip of extraction."""

Agreement = Literal["agrees", "stale", "contradicts"]
"""``stale``: the entry is newer than the page. ``contradicts``: the page is not what the feed says
of it."""

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


def common_share(before: str, after: str) -> float:
    """The share of the runs of words of one text that another one holds; of a text without words,
    whether both are without."""
    old, new = _runs(before), _runs(after)
    return len(old & new) / len(old) if old else float(not new)


def is_replaced(before: str, after: str) -> bool:
    """Whether hardly a word of a post's text is left in a page's, whatever title and id it has: it
    is rewritten, or another page stands in its place."""
    return before != after and common_share(before, after) <= REPLACED_SHARE


def sights_of_text(confirm_sights: int, before: str, after: str) -> int:
    """How many sights in a row confirm a text that nothing witnesses, where else `confirm_sights`
    do: nobody can say whether one in a post's place is a notice, or what its author put there.

    In a sentence or two, an edit of a few words leaves hardly a run of three: there the words count
    one by one, each as much as it is long, for any two texts have small words in common.
    """
    if not is_replaced(before, after):
        return confirm_sights
    old, new = set(_words(before)), set(_words(after))
    is_other = len("".join(old & new)) <= REPLACED_SHARE * len("".join(old))
    return confirm_sights * (REPLACED_SIGHTS if is_other else 1)


def shows_owner(page: Snapshot, owner: Snapshot, namesake: Snapshot) -> bool:
    """Whether a page shows the post `owner` that its address belongs to, though it bears the
    article id of the post `namesake`: a cache serves one id on many pages."""
    own, others = (common_share(post.text, page.text) for post in (owner, namesake))
    if own < LIKE_SHARE or own != others:
        return own >= LIKE_SHARE and own > others
    key = title_key(page.fields.title)
    return key == title_key(owner.fields.title) != title_key(namesake.fields.title)


def is_another_post(page: Snapshot, namesake: Snapshot) -> bool:
    """Whether a page at a new address that bears the article id of the post `namesake` is another
    post by its title and text."""
    return (
        title_key(page.fields.title) != title_key(namesake.fields.title)
        and common_share(namesake.text, page.text) < LIKE_SHARE
    )


def is_renumbered(page: Snapshot, owner: Snapshot) -> bool:
    """Whether a page with an article id that nobody has seen shows the text of the post at its
    address."""
    return title_key(page.fields.title) == title_key(owner.fields.title) and (
        page.text == owner.text or common_share(owner.text, page.text) >= ALIKE_SHARE
    )


def has_left(answers: Collection[tuple[Verdict, bool]], *, listed: bool) -> bool:
    """Whether a post that was read at the address of another listed post has left its own.

    `answers` are what this crawl was answered at its own address: the verdict, and whether the
    page was that post. An address that nobody asked stands if it is `listed`.
    """
    if not answers:
        return not listed
    if ("ok", True) in answers:
        return False
    return any(verdict in ABSENT or verdict in {"ok", "renamed"} for verdict, _ in answers)


def alike_groups(pages: Sequence[tuple[str, str]]) -> list[int]:
    """Number pages, each a title and a text, so that those with one text, or one template of it,
    have the same number: numbers and the page's own title do not count."""
    groups: list[int] = []
    sizes: list[int] = []
    holders: dict[tuple[str, ...], list[int]] = {}
    for title, text in pages:
        runs = _runs(_without_own(title, text)) or {()}
        shared = Counter(group for run in runs for group in holders.get(run, ()))
        best = next(
            (
                group
                for group, number in shared.most_common(1)
                if number >= ALIKE_SHARE * max(len(runs), sizes[group])
            ),
            None,
        )
        if best is None:
            best = len(sizes)
            sizes.append(len(runs))
            _add_holder(holders, runs, best)
        groups.append(best)
    return groups


def _add_holder(
    holders: dict[tuple[str, ...], list[int]], runs: Iterable[tuple[str, ...]], group: int
) -> None:
    for run in runs:
        holders.setdefault(run, []).append(group)


def _without_own(title: str, text: str) -> str:
    """A text without what a template of it fills in."""
    own = text.casefold()
    if title:
        own = own.replace(title.casefold(), " ")
    return re.sub(r"\d+", " ", own)


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every run of three words; the complete text where it is shorter."""
    words = _words(text)
    if not words:
        return set()
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def judge_by_feed(before: Dates, now: Dates, old_text: str, text: str, *, at: str) -> Agreement:
    """Judge a page with `text`, read at `at`, of a post with `old_text` by the feed's claims on the
    body, then and now.

    A feed that never held what the page shows (other words than the body's) is no evidence.
    """
    claim, last = _feed_claim(now), _feed_claim(before)
    if claim is None or claim.raw == "equal":
        return "agrees"
    if text == old_text:
        moved = last is not None and last.value != claim.value
        return "stale" if moved and _is_recent(now.lastmod, at) else "agrees"
    if last is not None and last.raw == "contradicts":
        return "agrees"
    if claim.raw == "contradicts":
        return "contradicts"
    stood_still = last is not None and last.raw == "equal" and last.value == claim.value
    return "contradicts" if stood_still and _is_cut(old_text, text) else "agrees"


def _feed_claim(dates: Dates) -> FieldClaim | None:
    return next(
        (claim for claim in dates.claims if (claim.field, claim.source) == (BODY_CLAIM, FEED)), None
    )


def _is_recent(lastmod: str, at: str) -> bool:
    return bool(lastmod) and parse_timestamp(at) - parse_timestamp(lastmod) < STALE_WITHIN


def _is_cut(before: str, after: str) -> bool:
    """Whether a text only lost words: whatever is left was there before."""
    return len(after) < len(before) * CUT_SHARE and common_share(after, before) >= CUT_SHARE
