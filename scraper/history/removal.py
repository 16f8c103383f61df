"""When "removed" is earned: gone from the listings *and* answered so, on two healthy crawls;
missing first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, get_args

from scraper.items import Verdict

State = Literal["live", "missing", "removed"]

ABSENT: frozenset[Verdict] = frozenset({"not_found", "gone", "soft_404", "redirected_home"})
"""Answers that say: there is no such post here. Everything else that is not ``ok`` is trouble,
theirs or ours, and says nothing."""

assert set(get_args(Verdict)) >= ABSENT


def find_redirect_loops(redirects: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The addresses that lead into a ring: from them one comes to nothing but addresses that lead
    on.

    `redirects` holds, of every address that only led elsewhere, where to; any address that is none
    of its keys is a way out.
    """
    inside = set(redirects)
    while out := {url for url in inside if any(target not in inside for target in redirects[url])}:
        inside -= out
    return frozenset(inside)


def next_state(state: State, *, listed: bool, verdict: Verdict, healthy: bool) -> State:
    """The state of a post after a crawl that visited it and did not find it.

    `listed` says whether any source of the store itself still names the post, `verdict` what its
    address answered, `healthy` how the crawl was judged at its end. Only a healthy crawl moves
    anything.
    """
    if not healthy or listed or verdict not in ABSENT:
        return state
    return "missing" if state == "live" else "removed"
