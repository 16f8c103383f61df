"""The end of a crawl: assess it, then change the state of absent posts and open or close
incidents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple, get_args

from scraper.archive.statements import quoted, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.counts import crawl_columns
from scraper.archive.write.incidents import close_incidents, open_incident, set_incident
from scraper.archive.write.post.change_groups import group_changes
from scraper.archive.write.post.changes import record_event
from scraper.archive.write.post.links import close_links, direct_pagers
from scraper.archive.write.post.observations import record_observation
from scraper.archive.write.post.pending import end_pending
from scraper.history.crawl_health import (
    DROPPED_MIN,
    CrawlAssessment,
    CrawlEnd,
    CrawlFigures,
    Health,
    PagesRead,
    assess_crawl,
)
from scraper.history.removal import ABSENT, State, find_redirect_loops, next_state
from scraper.items import Verdict


def close_crawl(
    crawl: CrawlContext, counts: Counter[str], ending: CrawlEnd, *, at: str
) -> CrawlAssessment:
    """Assess a crawl and close its row. The caller holds the transaction."""
    absences = [*_absent(crawl), *_displaced(crawl)]
    in_loops = _in_redirect_loops(crawl, absences)
    for post_id in in_loops:
        record_observation(crawl.connection, post_id, None, "unreadable", at)
    absences = [post for post in absences if post.id not in in_loops]
    counts = counts + Counter({"error": len(in_loops)})
    figures = _figures(crawl, counts, ending, absences)
    assessment = assess_crawl(figures)
    _move_absent(crawl, absences, healthy=assessment.health == "healthy", at=at)
    group_changes(crawl.connection, crawl.crawl_id)
    direct_pagers(crawl.connection, crawl.store_id)
    update(
        crawl.connection,
        "crawls",
        crawl.crawl_id,
        heartbeat_at=at,
        finished_at=at,
        outcome=assessment.outcome,
        health=assessment.health,
        reason=assessment.reason,
        retry_at=assessment.retry_at,
        n_listed=figures.listed,
        **crawl_columns(counts),
    )
    if assessment.health == "healthy":
        crawl.listings.end_unlisted(at)
        update(crawl.connection, "stores", crawl.store_id, last_good_crawl_id=crawl.crawl_id)
    _update_incidents(crawl, assessment, at)
    return assessment


def close_import(crawl: CrawlContext, counts: Counter[str], at: str) -> None:
    """Close the row of an import. Files prove nothing about what the store has today, so there is
    no assessment, and no post changes its state."""
    group_changes(crawl.connection, crawl.crawl_id)
    direct_pagers(crawl.connection, crawl.store_id)
    update(
        crawl.connection,
        "crawls",
        crawl.crawl_id,
        heartbeat_at=at,
        finished_at=at,
        outcome="complete",
        **crawl_columns(counts),
    )


def close_reextraction(crawl: CrawlContext, changed: int, at: str) -> None:
    """Close the row of a re-extraction. It sends no request, so there is no assessment."""
    update(
        crawl.connection,
        "crawls",
        crawl.crawl_id,
        heartbeat_at=at,
        finished_at=at,
        outcome="complete",
        n_changed=changed,
    )
    group_changes(crawl.connection, crawl.crawl_id)


def _figures(
    crawl: CrawlContext, counts: Counter[str], ending: CrawlEnd, absences: Sequence[_Absence]
) -> CrawlFigures:
    columns = crawl_columns(counts)
    gone = [post for post in absences if post.state == "live"]
    sitemap_before, sitemap_now = crawl.listings.count("sitemap")
    return CrawlFigures(
        listed=len(crawl.listings.listed),
        listed_before=_number(crawl, _LISTED_BEFORE),
        live=_number(crawl, _LIVE),
        answered=_number(crawl, _ANSWERED),
        fetched=columns["n_fetched"],
        unchanged=columns["n_not_modified"],
        absent=sum(not post.listed for post in gone),
        listed_not_found=sum(post.listed for post in gone),
        blocked=columns["n_blocked"],
        errors=columns["n_error"],
        challenged=_number(crawl, _CHALLENGED),
        rejected=_number(crawl, _REJECTED),
        read=PagesRead(
            columns["n_fetched"],
            columns["n_confident"],
            columns["n_feed_checked"],
            columns["n_feed_matched"],
        ),
        read_before=PagesRead(
            *crawl.connection.execute(_READ_BEFORE, [crawl.store_id, DROPPED_MIN]).fetchone()
            or (0, 0, 0, 0)
        ),
        same_bodies=_number(crawl, _SAME_BODIES),
        sitemap_listed=sitemap_now,
        sitemap_listed_before=sitemap_before,
        end=ending,
    )


def _number(crawl: CrawlContext, sql: str) -> int:
    (value,) = crawl.connection.execute(
        sql, {"store": crawl.store_id, "crawl": crawl.crawl_id, "start": crawl.started_at}
    ).fetchone()
    return int(value)


_LIVE = """
    SELECT count(*) FROM posts
    WHERE store_id = :store AND state = 'live' AND first_seen_at < :start
"""
_ANSWERED = "SELECT count(*) FROM captures WHERE crawl_id = :crawl AND http_status != 0"
_CHALLENGED = "SELECT count(*) FROM captures WHERE crawl_id = :crawl AND verdict = 'challenge'"
_REJECTED = """
    SELECT count(DISTINCT url) FROM captures WHERE crawl_id = :crawl AND verdict = 'rejected'
"""
_LISTED_BEFORE = """
    SELECT coalesce(max(crawls.n_listed), 0) FROM stores
    JOIN crawls ON crawls.id = stores.last_good_crawl_id WHERE stores.id = :store
"""
_READ_BEFORE = """
    SELECT n_fetched, n_confident, n_feed_checked, n_feed_matched FROM crawls
    WHERE store_id = ? AND kind = 'crawl' AND health = 'healthy' AND n_fetched >= ?
    ORDER BY id DESC LIMIT 1
"""
# Of the known posts with another body than before, the most that now share one body.
_SAME_BODIES = """
    SELECT coalesce(max(posts), 0) FROM (
        SELECT count(DISTINCT changes.post_id) AS posts FROM changes
        JOIN revisions ON revisions.id = changes.to_revision_id
        JOIN revisions AS before ON before.id = changes.from_revision_id
        WHERE changes.crawl_id = :crawl AND revisions.content_id != before.content_id
        GROUP BY revisions.content_id
    )
"""


def _move_absent(
    crawl: CrawlContext, absences: Sequence[_Absence], *, healthy: bool, at: str
) -> None:
    for post in absences:
        if post.verdict not in ABSENT:
            # Its address redirects to another post: absent, if nothing lists it.
            record_observation(crawl.connection, post.id, None, post.verdict, at)
        verdict = post.verdict if post.verdict in ABSENT else "redirected_home"
        after = next_state(post.state, listed=post.listed, verdict=verdict, healthy=healthy)
        if after == post.state:
            continue
        update(crawl.connection, "posts", post.id, state=after)
        if after == "removed":
            gone_at = _first_absence(crawl, post.id, at)
            record_event(
                crawl,
                post.id,
                "removed",
                not_before=post.last_seen_at,
                at=gone_at,
                from_revision=post.revision_id,
            )
            close_links(crawl.connection, post.id, gone_at)
            end_pending(crawl, post.id, at)


class _Absence(NamedTuple):
    """A post that this crawl did not find; `listed`: a source of the store lists it all the
    same."""

    id: int
    state: State
    url: str
    listed: bool
    last_seen_at: str
    revision_id: int
    verdict: Verdict


def _absent(crawl: CrawlContext) -> list[_Absence]:
    """Posts that this crawl requested and did not find."""
    rows = crawl.connection.execute(
        f"""
        SELECT posts.id, posts.state, posts.url, posts.last_seen_at, posts.revision_id,
            coalesce(max(captures.verdict) FILTER (WHERE captures.verdict != 'renamed'), 'renamed')
        FROM captures JOIN posts ON posts.id = captures.post_id
        WHERE captures.crawl_id = ?1 AND posts.state != 'removed'
            AND captures.verdict IN ({quoted(*sorted(ABSENT), "renamed")}) AND {_NOT_READ}
        GROUP BY posts.id
        """,
        [crawl.crawl_id],
    )
    listed = crawl.listings.listed
    return [
        _Absence(post_id, state, url, url in listed, *rest)
        for post_id, state, url, *rest in rows.fetchall()
    ]


def _displaced(crawl: CrawlContext) -> list[_Absence]:
    """Posts at whose address this crawl read another post, which is the listed one."""
    rows = crawl.connection.execute(
        f"""
        SELECT DISTINCT posts.id, posts.state, posts.url, posts.last_seen_at, posts.revision_id,
            'renamed'
        FROM captures JOIN posts AS other ON other.id = captures.post_id
            JOIN post_urls ON post_urls.url = other.url AND post_urls.post_id != other.id
            JOIN posts ON posts.id = post_urls.post_id AND posts.url = other.url
        WHERE captures.crawl_id = ?1 AND captures.verdict = 'ok' AND posts.state != 'removed'
            AND {_NOT_READ}
        """,
        [crawl.crawl_id],
    )
    return [
        _Absence(post_id, state, url, False, *rest)
        for post_id, state, url, *rest in rows.fetchall()
    ]


_NOT_READ = """
    NOT EXISTS (
        SELECT 1 FROM captures AS good
        WHERE good.crawl_id = ?1 AND good.post_id = posts.id AND good.verdict = 'ok'
    )
"""


def _in_redirect_loops(crawl: CrawlContext, absences: Sequence[_Absence]) -> list[int]:
    """Posts whose addresses redirect to one another and to no page: the store has a fault, and the
    posts are not absent."""
    redirects: dict[str, list[str]] = defaultdict(list)
    for url, target in crawl.connection.execute(
        "SELECT url, final_url FROM captures WHERE crawl_id = ? AND verdict = 'renamed'",
        [crawl.crawl_id],
    ):
        redirects[url].append(target)
    in_loops = find_redirect_loops(redirects)
    return [post.id for post in absences if post.verdict == "renamed" and post.url in in_loops]


def _first_absence(crawl: CrawlContext, post_id: int, at: str) -> str:
    """When the post was first found absent since it was last seen."""
    (first_seen_at,) = crawl.connection.execute(
        f"""
        SELECT min(first_seen_at) FROM observations
        WHERE post_id = ?1 AND verdict IN ({quoted(*sorted(ABSENT), "renamed")})
            AND id > (
                SELECT max(id) FROM observations WHERE post_id = ?1 AND revision_id IS NOT NULL
            )
        """,
        [post_id],
    ).fetchone()
    return str(first_seen_at or at)


def _update_incidents(crawl: CrawlContext, assessment: CrawlAssessment, at: str) -> None:
    """Open an incident for an unhealthy crawl; a healthy one closes the open ones."""
    if assessment.health == "healthy":
        close_incidents(crawl.connection, crawl.store_id, kinds=get_args(Health), at=at)
        return
    open_incident(crawl.connection, crawl.store_id, assessment.health, assessment.reason, at)


def record_credentials(crawl: CrawlContext, warning: str, at: str) -> None:
    """Open an incident for credentials that expire soon; without a warning, close it. The caller
    holds the transaction."""
    set_incident(crawl.connection, crawl.store_id, "credentials_ending", warning, at)
