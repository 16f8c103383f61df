"""A post with one of its revisions and its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from datasette.utils.asgi import Response
from markupsafe import Markup

from scraper.archive.queries.post_page import (
    Observation,
    PostLink,
    PostView,
    RevisionView,
    read_post_page,
)
from scraper.history import humanize
from scraper.history.changes import Change
from scraper.history.web_paths import post_path
from scraper.web.page_context import PageContext, page_view
from scraper.web.sanitize import render_body

MAX_EVENTS = 200
"""Changes, observations and links shown, of each."""

Event: TypeAlias = Change | Observation


@page_view
async def view(page: PageContext) -> Response:
    """Render the current revision, or the one of the URL; `?part=` of a long body."""
    number = page.path_arg("number") if "number" in page.request.url_vars else 0
    found = await page.query(read_post_page, page.path_arg("post"), number, limit=MAX_EVENTS)
    archived = {url: page.path(post_path(post)) for url, post in found.link_targets.items()}
    part = page.int_arg("part", 1)
    body, n_parts = render_body(
        found.revision.html, base=found.post.url, archived=archived, part=part
    )
    return await page.render(
        "post.html",
        post=found.post,
        revision=found.revision,
        is_current=found.revision.number == found.post.number,
        is_permalink=bool(number),
        body=body,
        part=min(max(part, 1), n_parts),
        n_parts=n_parts,
        pending=found.pending,
        events=timeline(found.changes, found.observations),
        is_cut=MAX_EVENTS in (len(found.changes), len(found.observations)),
        links=_by_direction_and_kind(found.links),
        post_urls=found.urls,
        codes=found.codes,
        citation=citation(found.post, found.revision),
    )


def timeline(changes: Sequence[Change], observations: Sequence[Observation]) -> list[Event]:
    """Merge changes and observations, newest first.

    Of the same time, an observation comes after the change that it showed.
    """
    keyed: list[tuple[tuple[str, int], Event]] = [
        *(((observation.first_seen_at, 0), observation) for observation in observations),
        *(((change.not_after, 1), change) for change in changes),
    ]
    keyed.sort(key=lambda pair: pair[0], reverse=True)
    return [event for _, event in keyed]


def citation(post: PostView, revision: RevisionView) -> Markup:
    """Return a citation of a revision: author, title, store, address, dates, and the hash of the
    body by which a copy can be verified. Author and title are isolated, as they may run from right
    to left."""
    isolated = Markup("<bdi>{}</bdi>")
    author = isolated.format(revision.author) + ", " if revision.author else ""
    address = f", {post.url}" if post.url else ""
    published = ""
    if revision.published_at:
        published = f", published {humanize.day(revision.published_at)}"
    seen = humanize.span(revision.first_seen_at, revision.last_seen_at)
    return Markup("{}“{}”, {}{}{}. Archived {} (revision {}, SHA-256 of the body {}).").format(
        author,
        isolated.format(revision.title),
        post.store,
        address,
        published,
        seen,
        revision.number,
        revision.hash,
    )


def _by_direction_and_kind(links: Sequence[PostLink]) -> dict[str, dict[str, list[PostLink]]]:
    found: dict[str, dict[str, list[PostLink]]] = {
        "out": defaultdict(list),
        "in": defaultdict(list),
    }
    for link in links:
        found[link.direction][link.kind].append(link)
    return found
