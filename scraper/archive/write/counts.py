"""What a crawl counts, and the columns of `crawls` for it."""

from __future__ import annotations

from collections import Counter

from scraper.archive.write.context import CrawlContext

_VISITS = {
    "n_not_modified": "unmodified",
    "n_new": "new",
    "n_changed": "changed",
    "n_missing": "absent",
    "n_blocked": "blocked",
    "n_error": "error",
    "n_pending": "pending",
}
_READ = {"n_confident": "sure", "n_feed_checked": "checked", "n_feed_matched": "agreed"}
_FETCHED_AGAIN = frozenset({"n_not_modified", "n_blocked", "n_error"})
"""What a resumed crawl fetches again and counts again."""


READ = frozenset({"new", "changed", "pending", "same", "older_copy"})
"""The results of visits that found a post."""


def crawl_columns(counts: Counter[str]) -> dict[str, int]:
    """Return the columns of `crawls` that count visits and the confidence of extraction."""
    fetched = sum(counts[result] for result in READ)
    return {
        "n_fetched": fetched,
        **{column: counts[name] for column, name in (_VISITS | _READ).items()},
    }


def read_counts(crawl: CrawlContext) -> tuple[Counter[str], Counter[str]]:
    """Return what a killed crawl had counted: results of visits, and confidence of extraction."""
    columns = ("n_fetched", *_VISITS, *_READ)
    row = crawl.connection.execute(
        f"SELECT {', '.join(columns)} FROM crawls WHERE id = ?", [crawl.crawl_id]
    ).fetchone()
    found = dict(zip(columns, row, strict=True))
    visits = Counter(
        {name: found[column] for column, name in _VISITS.items() if column not in _FETCHED_AGAIN}
    )
    visits["same"] = found["n_fetched"] - sum(visits[name] for name in READ)
    return visits, Counter({name: found[column] for column, name in _READ.items()})
