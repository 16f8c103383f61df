"""The crawls after which the graph differed."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Sequence


def read_steps(
    connection: sqlite3.Connection, times: Iterable[str], store_id: int, *, whole: bool
) -> tuple[str, ...]:
    """The ends of the crawls that first saw what happened at some times or, if `whole`, at those of
    any edge of the store; and the last end."""
    store = {"store": store_id}
    crawl_ends = [end for (end,) in connection.execute(_CRAWL_ENDS, store)]
    steps = {*_crawls_of(times, crawl_ends), *crawl_ends[-1:]}
    # To read the times of all edges takes a while, and mostly the chosen posts show every crawl.
    if whole and len(steps) < len(crawl_ends):
        for pair in connection.execute(_EDGE_TIMES, store):
            steps.update(_crawls_of(pair, crawl_ends))
    return tuple(sorted(steps))


def _crawls_of(times: Iterable[str | None], crawl_ends: Sequence[str]) -> Iterable[str]:
    """The end of the first crawl after each time, or the last end; none without crawls."""
    last = len(crawl_ends) - 1
    return (
        crawl_ends[min(bisect_left(crawl_ends, time), last)]
        for time in times
        if time and crawl_ends
    )


_CRAWL_ENDS = """
    SELECT DISTINCT coalesce(finished_at, heartbeat_at) AS ended_at
    FROM crawls WHERE :store IN (0, store_id) ORDER BY ended_at
"""
_EDGE_TIMES = """
    SELECT first_seen_at, gone_at FROM links
    WHERE :store = 0 OR from_post_id IN (SELECT id FROM posts WHERE store_id = :store)
"""
