"""Posts that a crawl did not find: what bears on each, and what `history.removal` makes of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from scraper.archive.rows import named_rows
from scraper.archive.statements import quoted, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post.changes import record_event
from scraper.archive.write.post.links import close_links
from scraper.archive.write.post.observations import record_observation
from scraper.archive.write.post.pending import end_pending
from scraper.history.removal import (
    ABSENT,
    Absence,
    AbsenceStep,
    CrawlFindings,
    find_redirect_loops,
)
from scraper.items import Verdict


class AbsentPost(NamedTuple):
    """A post's row that this crawl did not find, as `history.removal` judges it. `answer` is what
    its address answered."""

    absence: Absence
    revision_id: int
    answer: Verdict


def load_absences(crawl: CrawlContext) -> list[AbsentPost]:
    """Read the posts that this crawl did not find: absent at their addresses, or displaced there by
    another post."""
    listed = crawl.listings.listed
    absent = list(named_rows(crawl.connection, _ABSENT, [crawl.crawl_id]))
    known = {row["post_id"] for row in absent}
    displaced = named_rows(crawl.connection, _DISPLACED, [crawl.crawl_id, crawl.store_id])
    return [
        *(_absent_post(crawl, listed=row["url"] in listed, **row) for row in absent),
        *(
            _absent_post(crawl, listed=False, **row)
            for row in displaced
            if row["post_id"] not in known
        ),
    ]


def _absent_post(
    crawl: CrawlContext, *, url: str, answer: Verdict, revision_id: int, **values: Any
) -> AbsentPost:
    # One whose address redirects to another post is absent, if nothing lists it.
    verdict = answer if answer in ABSENT else "redirected_home"
    named_by = crawl.listings.mentions_of(url)
    return AbsentPost(
        Absence(url=url, verdict=verdict, named_by=named_by, **values), revision_id, answer
    )


def drop_redirect_loops(
    crawl: CrawlContext, absent: Sequence[AbsentPost], at: str
) -> list[AbsentPost]:
    """Leave out posts whose addresses redirect to one another and to no page: the store has a
    fault, and the posts are not absent but unreadable."""
    loops = redirect_loops(crawl, crawl.crawl_id)
    found = []
    for post in absent:
        if post.answer == "renamed" and post.absence.url in loops:
            record_observation(crawl, post.absence.post_id, None, "unreadable", at)
        else:
            found.append(post)
    return found


def redirect_loops(crawl: CrawlContext, crawl_id: int) -> frozenset[str]:
    """Return the addresses that redirected to no page in this crawl or an earlier one."""
    redirects: dict[str, list[str]] = defaultdict(list)
    for url, target in crawl.connection.execute(
        "SELECT url, final_url FROM captures WHERE crawl_id = ? AND verdict = 'renamed'", [crawl_id]
    ):
        redirects[url].append(target)
    return find_redirect_loops(redirects)


def count_posts(crawl: CrawlContext) -> Counter[str]:
    """Return how many posts of each blog, by its address, are not removed."""
    rows = crawl.connection.execute(
        "SELECT url FROM posts WHERE store_id = ? AND state != 'removed'", [crawl.store_id]
    )
    return Counter(url.rpartition("/")[0] for (url,) in rows)


def new_unread(crawl: CrawlContext, known: Iterable[str]) -> dict[str, str]:
    """Return for each blog when the last address of no known post was first listed that this crawl
    could not read. Those in `known` failed in an earlier crawl too and are left out."""
    failed_before, found = set(known), dict[str, str]()
    for url, first_listed_at in crawl.connection.execute(_NEW_UNREAD, [crawl.crawl_id]):
        blog = url.rpartition("/")[0]
        if url not in failed_before:
            found[blog] = max(found.get(blog, ""), first_listed_at)
    return found


def apply_steps(
    crawl: CrawlContext,
    absent: Sequence[AbsentPost],
    steps: Iterable[AbsenceStep],
    findings: CrawlFindings,
) -> None:
    """Write what a crawl makes of the absent posts."""
    posts = {post.absence.post_id: post for post in absent}
    for post in absent:
        if post.answer not in ABSENT:
            record_observation(crawl, post.absence.post_id, None, post.answer, findings.at)
    for step in steps:
        update(
            crawl.connection,
            "posts",
            step.post_id,
            state=step.state,
            absent_looks=step.n_crawls,
            absent_since=step.since,
        )
        if step.state == "removed":
            _remove(crawl, posts[step.post_id], findings.at)


def _remove(crawl: CrawlContext, post: AbsentPost, at: str) -> None:
    post_id = post.absence.post_id
    gone_at = first_absence(crawl, post_id) or at
    record_event(
        crawl,
        post_id,
        "removed",
        not_before=post.absence.last_seen_at,
        at=gone_at,
        from_revision=post.revision_id,
    )
    close_links(crawl.connection, post_id, gone_at)
    end_pending(crawl, post_id, at)


def first_absence(crawl: CrawlContext, post_id: int, *, before: int | None = None) -> str:
    """Return when a crawl, one `before` that of this number if it is given, first found the post
    absent since it was last seen; empty if none did."""
    (first_seen_at,) = crawl.connection.execute(
        f"""
        SELECT min(first_seen_at) FROM observations
        WHERE post_id = ?1 AND crawl_id < coalesce(?2, crawl_id + 1)
            AND verdict IN ({quoted(*sorted(ABSENT), "renamed")})
            AND (last_seen_at, id) > (
                SELECT last_seen_at, id FROM observations
                WHERE post_id = ?1 AND revision_id IS NOT NULL
                ORDER BY last_seen_at DESC, id DESC LIMIT 1
            )
        """,
        [post_id, before],
    ).fetchone()
    return first_seen_at or ""


_COLUMNS = """
    posts.id AS post_id, posts.url, posts.state, posts.last_seen_at, posts.absent_looks AS n_crawls,
    posts.absent_since AS since, posts.revision_id
"""
_NOT_READ = """
    NOT EXISTS (
        SELECT 1 FROM captures AS good
        WHERE good.crawl_id = ?1 AND good.post_id = posts.id
            AND good.verdict IN ('ok', 'not_modified')
    )
"""
_ABSENT = f"""
    SELECT {_COLUMNS},
        coalesce(max(captures.verdict) FILTER (WHERE captures.verdict != 'renamed'), 'renamed')
        AS answer
    FROM captures JOIN posts ON posts.id = captures.post_id
    WHERE captures.crawl_id = ?1 AND posts.state != 'removed'
        AND captures.verdict IN ({quoted(*sorted(ABSENT), "renamed")}) AND {_NOT_READ}
    GROUP BY posts.id
"""
# Posts at whose address this crawl read another post, which is the listed one. A post that was
# displaced before need not be read again for that: the other one stands there still.
_DISPLACED = f"""
    SELECT {_COLUMNS}, 'renamed' AS answer
    FROM captures JOIN posts AS other ON other.id = captures.post_id
        JOIN post_urls ON post_urls.url = other.url AND post_urls.post_id != other.id
        JOIN posts ON posts.id = post_urls.post_id AND posts.url = other.url
    WHERE captures.crawl_id = ?1 AND captures.verdict = 'ok' AND posts.state != 'removed'
        AND {_NOT_READ}
    UNION
    SELECT {_COLUMNS}, 'renamed' AS answer
    FROM posts JOIN post_urls ON post_urls.url = posts.url AND post_urls.post_id != posts.id
        JOIN posts AS other ON other.id = post_urls.post_id AND other.url = posts.url
    WHERE posts.store_id = ?2 AND posts.absent_looks > 0 AND posts.state != 'removed'
        AND other.state = 'live' AND other.last_seen_at > posts.last_seen_at
        AND {_NOT_READ}
"""
_NEW_UNREAD = f"""
    SELECT listings.url, min(listings.first_seen_at)
    FROM captures JOIN listings ON listings.url = captures.url
    WHERE captures.crawl_id = ? AND captures.post_id IS NULL AND captures.resource_type = 'post'
        AND captures.verdict NOT IN ({quoted("ok", "not_modified", "renamed", *sorted(ABSENT))})
    GROUP BY listings.url
"""
