"""A post as it stands, or one of its revisions, with what happened to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from datasette.utils.asgi import Response

from scraper.archive.queries import post_page as archive
from scraper.archive.queries.post_page import (
    ChangeEvent,
    EdgeView,
    PostView,
    RevisionView,
    SightEvent,
)
from scraper.history import humanize
from scraper.web.page_context import PageContext, page
from scraper.web.sanitize import shown_body

MOST = 200
"""Events, and edges, shown of each sort."""

Event = ChangeEvent | SightEvent


@page
async def view(room: PageContext) -> Response:
    """The current revision, or the one that the address names: text, by-line, timeline, related
    posts, addresses, citation."""
    number = room.part("number") if "number" in room.request.url_vars else 0
    found = await room.query(archive.read_page, room.part("post"), number, limit=MOST)
    kept = {url: room.path(f"/-/post/{post}") for url, post in found.kept.items()}
    part = room.number("part", 1)
    body, n_parts = shown_body(found.revision.html, base=found.post.url, kept=kept, part=part)
    return await room.page(
        "post.html",
        post=found.post,
        revision=found.revision,
        is_current=found.revision.number == found.post.number,
        is_lasting=bool(number),
        body=body,
        part=min(max(part, 1), n_parts),
        n_parts=n_parts,
        events=timeline(found.changes, found.sights),
        is_cut=MOST in (len(found.changes), len(found.sights)),
        edges=_by_kind(found.edges),
        addresses=found.addresses,
        codes=found.codes,
        citation=citation(found.post, found.revision),
    )


def timeline(changes: Sequence[ChangeEvent], sights: Sequence[SightEvent]) -> list[Event]:
    """What happened to a post and when it was seen, newest first; of one moment, the sight stands
    after the change that it showed."""
    keyed = [((sight.first_seen_at, 0), sight) for sight in sights] + [
        ((change.not_after, 1), change) for change in changes
    ]
    events: list[tuple[tuple[str, int], Event]] = list(keyed)
    return [event for _, event in sorted(events, key=lambda keyed: keyed[0], reverse=True)]


def citation(post: PostView, revision: RevisionView) -> str:
    """How to name this revision in a text of one's own: who, what, where, when it was seen so, and
    the hash that proves it."""
    who = f"{revision.author}, " if revision.author else ""
    published = (
        f", published {humanize.day(revision.published_at)}" if revision.published_at else ""
    )
    address = f", {post.url}" if post.url else ""
    seen = humanize.span(revision.first_seen_at, revision.last_seen_at)
    return (
        f"{who}“{revision.title}”, {post.store}{address}{published}. "
        f"As seen {seen} (revision {revision.number}, SHA-256 of the body {revision.hash})."
    )


def _by_kind(edges: Sequence[EdgeView]) -> dict[str, dict[str, list[EdgeView]]]:
    """Edges by direction, then by kind."""
    found: dict[str, dict[str, list[EdgeView]]] = {
        "out": defaultdict(list),
        "in": defaultdict(list),
    }
    for edge in edges:
        found[edge.direction][edge.kind].append(edge)
    return found
