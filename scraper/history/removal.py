"""When a post counts as removed: unlisted *and* answered as gone, on two healthy crawls. After the
first it is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, get_args

from scraper.items import Verdict

State = Literal["live", "missing", "removed"]

ABSENT: frozenset[Verdict] = frozenset({"not_found", "gone", "soft_404", "redirected_home"})
"""Answers that mean: there is no such post here. Every other failure, of the store or of ours, is
no evidence."""

assert set(get_args(Verdict)) >= ABSENT


def find_redirect_loops(redirects: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The URLs whose redirects never end at a page.

    `redirects` maps each URL that only redirected to its targets; a target that is no key of it is
    an end.
    """
    inside = set(redirects)
    while out := {url for url in inside if any(target not in inside for target in redirects[url])}:
        inside -= out
    return frozenset(inside)


def next_state(state: State, *, listed: bool, verdict: Verdict, healthy: bool) -> State:
    """The state of a post after a crawl that fetched its address and did not find it.

    `listed`: a source of the store still names the post. `verdict`: what its address answered.
    `healthy`: the crawl's assessment; only a healthy crawl changes a state.
    """
    if not healthy or listed or verdict not in ABSENT:
        return state
    return "missing" if state == "live" else "removed"
