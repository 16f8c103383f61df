"""A post as it stands, or one of its revisions, with what happened to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from datasette.utils.asgi import Response

from scraper.archive.room import posts as archive
from scraper.archive.room.posts import ChangeEvent, EdgeView, PostView, RevisionView, SightEvent
from scraper.reading import words
from scraper.reading.bodies import shown_body
from scraper.reading.room import Room, page

MOST_EVENTS = 200
MOST_EDGES = 200

Event = ChangeEvent | SightEvent


@page
async def view(room: Room) -> Response:
    """The current revision, or the one that the address names: text, by-line, timeline, related posts, addresses, citation."""
    post = await room.ask(archive.read_post, room.part("post"))
    number = room.part("number") if "number" in room.request.url_vars else post.number
    revision = await room.ask(archive.read_revision, post.id, number)
    targets = await room.ask(archive.archived_targets, post.id)
    kept = {url: room.path(f"/-/post/{target}") for url, target in targets.items()}
    body, parts = shown_body(revision.html, base=post.url, kept=kept, part=room.number("part", 1))
    edges = await room.ask(archive.edges, post.id, MOST_EDGES)
    changes = await room.ask(archive.changes, post.id, MOST_EVENTS)
    return await room.page(
        "post.html",
        post=post,
        revision=revision,
        is_current=number == post.number,
        is_lasting="number" in room.request.url_vars,
        body=body,
        part=min(max(room.number("part", 1), 1), parts),
        n_parts=parts,
        events=timeline(changes, await room.ask(archive.sights, post.id, MOST_EVENTS)),
        most_events=MOST_EVENTS,
        edges=_by_kind(edges),
        addresses=await room.ask(archive.addresses, post.id),
        codes=await room.ask(archive.codes, revision.id),
        citation=citation(post, revision),
    )


def timeline(changes: Sequence[ChangeEvent], sights: Sequence[SightEvent]) -> list[Event]:
    """What happened to a post and when it was seen, newest first; of one moment, the sight stands after the change that it showed."""
    keyed = [((sight.first_seen_at, 0), sight) for sight in sights] + [((change.not_after, 1), change) for change in changes]
    events: list[tuple[tuple[str, int], Event]] = list(keyed)
    return [event for _, event in sorted(events, key=lambda keyed: keyed[0], reverse=True)]


def citation(post: PostView, revision: RevisionView) -> str:
    """How to name this revision in a text of one's own: who, what, where, when it was seen so, and the hash that proves it."""
    who = f"{revision.author}, " if revision.author else ""
    published = f", published {words.day(revision.published_at)}" if revision.published_at else ""
    address = f", {post.url}" if post.url else ""
    seen = words.span(revision.first_seen_at, revision.last_seen_at)
    return (
        f"{who}“{revision.title}”, {post.store}{address}{published}. "
        f"As seen {seen} (revision {revision.number}, SHA-256 of the body {revision.hash})."
    )


def _by_kind(edges: Sequence[EdgeView]) -> dict[str, dict[str, list[EdgeView]]]:
    """Edges by direction, then by kind."""
    found: dict[str, dict[str, list[EdgeView]]] = {"out": defaultdict(list), "in": defaultdict(list)}
    for edge in edges:
        found[edge.direction][edge.kind].append(edge)
    return found
