"""The end of a crawl: judged whole, then posts that are gone are moved, and trouble is told once."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from scraper.archive.changes import note_event
from scraper.archive.context import CrawlContext
from scraper.archive.edges import close_links, direct_pagers
from scraper.archive.posts import note_sighting
from scraper.archive.statements import insert, quoted, update
from scraper.archive.stores import note_locale_addresses
from scraper.history.crawls import CrawlFigures, Health, Judgement, PagesRead, judge_crawl
from scraper.history.removal import ABSENT, State, next_state

OWN_SOURCES = ("sitemap", "feed", "index", "pager")
"""Sources of the store itself: what the archive remembers is no listing."""


def close_crawl(crawl: CrawlContext, counts: Counter[str], *, finished: bool, failed_sources: int, at: str) -> Judgement:
    """Judge a crawl and close its row. `finished` says that it came to its own end. The caller holds the transaction."""
    figures = _figures(crawl, counts, finished=finished, failed_sources=failed_sources)
    judgement = judge_crawl(figures)
    _move_absent(crawl, healthy=judgement.health == "healthy", at=at)
    note_locale_addresses(crawl)
    direct_pagers(crawl.connection, crawl.store_id)
    update(
        crawl.connection,
        "crawls",
        crawl.crawl_id,
        heartbeat_at=at,
        finished_at=at,
        outcome=judgement.outcome,
        health=judgement.health,
        reason=judgement.reason,
        n_listed=figures.listed,
        **crawl_columns(counts),
    )
    if judgement.health == "healthy":
        update(crawl.connection, "stores", crawl.store_id, last_good_crawl_id=crawl.crawl_id)
    _note_incidents(crawl, judgement, at)
    return judgement


def close_import(crawl: CrawlContext, counts: Counter[str], at: str) -> None:
    """Close the row of an import: files say nothing about what the store holds today, so nothing is judged and nothing moves."""
    direct_pagers(crawl.connection, crawl.store_id)
    update(crawl.connection, "crawls", crawl.crawl_id, heartbeat_at=at, finished_at=at, outcome="complete", **crawl_columns(counts))


def close_reextraction(crawl: CrawlContext, changed: int, at: str) -> None:
    """Close the row of a re-extraction: nothing was asked, so nothing is judged, and it is no good crawl of the store."""
    update(crawl.connection, "crawls", crawl.crawl_id, heartbeat_at=at, finished_at=at, outcome="complete", n_changed=changed)


def crawl_columns(counts: Counter[str]) -> dict[str, int]:
    """The columns of `crawls` that count visits, from the results of the visits."""
    return {
        "n_fetched": counts["new"] + counts["changed"] + counts["same"] + counts["kept"],
        "n_new": counts["new"],
        "n_changed": counts["changed"],
        "n_missing": counts["absent"],
        "n_blocked": counts["blocked"],
        "n_error": counts["error"],
        "n_sure": counts["sure"],
        "n_checked": counts["checked"],
        "n_agreed": counts["agreed"],
    }


def _figures(crawl: CrawlContext, counts: Counter[str], *, finished: bool, failed_sources: int) -> CrawlFigures:
    def number(sql: str, *values: object) -> int:
        return int(crawl.connection.execute(sql, values).fetchone()[0])

    columns = crawl_columns(counts)
    before = crawl.connection.execute(
        """
        SELECT n_listed, n_fetched, n_sure, n_checked, n_agreed
        FROM crawls JOIN stores ON stores.last_good_crawl_id = crawls.id WHERE stores.id = ?
        """,
        [crawl.store_id],
    ).fetchone()
    listed_before, *read_before = before or (0, 0, 0, 0, 0)
    return CrawlFigures(
        listed=number(f"SELECT count(DISTINCT url) FROM listings WHERE last_crawl_id = ? AND {_OWN}", crawl.crawl_id),
        listed_before=listed_before,
        live=number(
            "SELECT count(*) FROM posts WHERE store_id = ? AND state = 'live' AND first_seen_at < ?", crawl.store_id, crawl.started_at
        ),
        answered=number("SELECT count(*) FROM captures WHERE crawl_id = ? AND http_status != 0", crawl.crawl_id),
        fetched=columns["n_fetched"],
        absent=len([row for row in (*_absent(crawl), *_displaced(crawl)) if row[1] == "live" and not row[2]]),
        blocked=columns["n_blocked"],
        errors=columns["n_error"],
        failed_sources=failed_sources,
        finished=finished,
        read=PagesRead(columns["n_fetched"], columns["n_sure"], columns["n_checked"], columns["n_agreed"]),
        read_before=PagesRead(*read_before),
    )


def _move_absent(crawl: CrawlContext, *, healthy: bool, at: str) -> None:
    for post_id, state, listed, last_seen_at, revision_id, verdict in (*_absent(crawl), *_displaced(crawl)):
        if verdict not in ABSENT:
            # Its address leads to another post now: as good as gone, if nothing lists it.
            note_sighting(crawl.connection, post_id, None, verdict, at)
        after = next_state(state, listed=bool(listed), verdict=verdict if verdict in ABSENT else "redirected_home", healthy=healthy)
        if after == state:
            continue
        update(crawl.connection, "posts", post_id, state=after)
        if after == "removed":
            note_event(crawl, post_id, "removed", not_before=last_seen_at, at=_first_absence(crawl, post_id, at), from_revision=revision_id)
            close_links(crawl.connection, post_id, at)


def _absent(crawl: CrawlContext) -> list[tuple[int, State, int, str, int, str]]:
    """Posts that this crawl asked for and did not find: id, state, listed or not, last good sight, revision, verdict."""
    return crawl.connection.execute(
        f"""
        SELECT posts.id, posts.state,
            EXISTS (SELECT 1 FROM listings WHERE listings.last_crawl_id = ?1 AND listings.url = posts.url AND {_OWN}),
            posts.last_seen_at, posts.revision_id, coalesce(max(captures.verdict) FILTER (WHERE captures.verdict != 'renamed'), 'renamed')
        FROM captures JOIN posts ON posts.id = captures.post_id
        WHERE captures.crawl_id = ?1 AND captures.verdict IN ({quoted(*sorted(ABSENT), "renamed")}) AND posts.state != 'removed'
            AND NOT EXISTS (SELECT 1 FROM captures AS good WHERE good.crawl_id = ?1 AND good.post_id = posts.id AND good.verdict = 'ok')
        GROUP BY posts.id
        """,
        [crawl.crawl_id],
    ).fetchall()


def _displaced(crawl: CrawlContext) -> list[tuple[int, State, int, str, int, str]]:
    """Posts at whose address this crawl saw another post: what is listed there is the other one."""
    return crawl.connection.execute(
        """
        SELECT DISTINCT posts.id, posts.state, 0, posts.last_seen_at, posts.revision_id, 'renamed'
        FROM captures JOIN posts AS other ON other.id = captures.post_id
            JOIN post_urls ON post_urls.url = other.url AND post_urls.post_id != other.id
            JOIN posts ON posts.id = post_urls.post_id AND posts.url = other.url
        WHERE captures.crawl_id = ?1 AND captures.verdict = 'ok' AND posts.state != 'removed'
            AND NOT EXISTS (SELECT 1 FROM captures AS good WHERE good.crawl_id = ?1 AND good.post_id = posts.id AND good.verdict = 'ok')
        """,
        [crawl.crawl_id],
    ).fetchall()


def _first_absence(crawl: CrawlContext, post_id: int, at: str) -> str:
    """When the post was first found gone since it was last seen."""
    row = crawl.connection.execute(
        f"""
        SELECT min(first_seen_at) FROM sightings WHERE post_id = ?1 AND verdict IN ({quoted(*sorted(ABSENT), "renamed")})
            AND id > (SELECT max(id) FROM sightings WHERE post_id = ?1 AND revision_id IS NOT NULL)
        """,
        [post_id],
    ).fetchone()
    return str(row[0] or at)


def _note_incidents(crawl: CrawlContext, judgement: Judgement, at: str) -> None:
    """Open an incident for a crawl in trouble, once; a good crawl closes what stood open."""
    if judgement.health == "healthy":
        crawl.connection.execute(
            f"UPDATE incidents SET closed_at = ? WHERE store_id = ? AND closed_at IS NULL AND kind IN ({quoted(*get_args(Health))})",
            [at, crawl.store_id],
        )
        return
    still_open = crawl.connection.execute(
        "SELECT 1 FROM incidents WHERE store_id = ? AND kind = ? AND closed_at IS NULL", [crawl.store_id, judgement.health]
    ).fetchone()
    if not still_open:
        insert(crawl.connection, "incidents", store_id=crawl.store_id, kind=judgement.health, opened_at=at, detail=judgement.reason)


_OWN = f"listings.source IN ({quoted(*OWN_SOURCES)})"
