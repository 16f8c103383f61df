"""A post with one of its revisions and its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.post import ObservedPeriod, PostLink, PostPage, read_post_page
from scraper.history.changes import Change
from scraper.history.web_paths import post_path
from scraper.timestamps import utc_now
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.cite import all_forms, cite_revision
from scraper.web.pictures import FindPath, path_finder
from scraper.web.sanitize import render_body

MAX_COMPARED = 300
"""Characters of an excerpt that are compared with the text."""

MAX_EVENTS = 200
"""Changes, observations and links shown, of each."""

Event: TypeAlias = Change | ObservedPeriod


@page_view
async def view(page: PageContext) -> Response:
    """Render the current revision, or the one of the URL; `?part=` of a long body."""
    number = page.path_arg("number") if "number" in page.request.url_vars else 0
    found = await page.query(read_post_page, page.path_arg("post"), number, limit=MAX_EVENTS)
    is_current = found.revision.number == found.post.number
    find_image = path_finder(
        found.images, page.path, "" if is_current else found.revision.last_seen_at
    )
    part = page.int_arg("part", 1)
    body, n_parts = _render_body(page, found, find_image, part)
    permalink = page.absolute_url(f"{post_path(found.post.id)}/{found.revision.number}")
    cited = cite_revision(found.post, found.revision, found.periods, permalink)
    return await page.render(
        "post.html",
        post=found.post,
        revision=found.revision,
        is_current=is_current,
        main_image=find_image(found.revision.image_url),
        is_permalink=bool(number),
        body=body,
        part=min(max(part, 1), n_parts),
        n_parts=n_parts,
        pending=found.pending,
        events=timeline(found.changes, found.observations),
        is_cut=MAX_EVENTS in (len(found.changes), len(found.observations)),
        links=_by_direction_and_kind(found.links),
        post_urls=found.urls,
        is_seen=bool(found.observations),
        codes=found.codes,
        periods=found.periods,
        show_excerpt=not is_repeated(found.revision.excerpt, found.revision.opening),
        cited=cited,
        made_at=utc_now(),
        citations=all_forms(cited),
    )


def _render_body(
    page: PageContext, found: PostPage, find_image: FindPath, part: int
) -> tuple[str, int]:
    archived = {url: page.path(post_path(post)) for url, post in found.link_targets.items()}
    return render_body(
        found.revision.html,
        base=found.post.url,
        archived=archived,
        find_image=find_image,
        part=part,
    )


def timeline(changes: Sequence[Change], observations: Sequence[ObservedPeriod]) -> list[Event]:
    """Merge changes and observations, newest first.

    Of the same time, an observation comes after the change that it showed.
    """
    keyed: list[tuple[tuple[str, int], Event]] = [
        *(((observation.first_seen_at, 0), observation) for observation in observations),
        *(((change.not_after, 1), change) for change in changes),
    ]
    keyed.sort(key=lambda pair: pair[0], reverse=True)
    return [event for _, event in keyed]


def is_repeated(excerpt: str, opening: str) -> bool:
    """Whether an excerpt only repeats the beginning of the text."""
    words = " ".join(excerpt.split()).rstrip(".… ")
    return " ".join(opening.split()).startswith(words[:MAX_COMPARED])


def _by_direction_and_kind(links: Sequence[PostLink]) -> dict[str, dict[str, list[PostLink]]]:
    found: dict[str, dict[str, list[PostLink]]] = {
        "out": defaultdict(list),
        "in": defaultdict(list),
    }
    for link in links:
        found[link.direction][link.kind].append(link)
    return found
