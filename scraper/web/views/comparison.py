"""The comparison of two revisions: fields first, then the text, inline or side by side."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.evidence import read_evidence
from scraper.archive.queries.pages.post import RevisionPair, read_revision_pair
from scraper.exceptions import NoComparison
from scraper.history import humanize
from scraper.history.changes import CLAIMS, Change, Difference, FieldChange, compare
from scraper.history.diff.paragraphs import compare_paragraphs
from scraper.history.images import image_sources
from scraper.history.web_paths import change_path, evidence_path
from scraper.rulebooks import follow_claims
from scraper.timestamps import utc_now
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.cite import all_forms, cite_change
from scraper.web.parts.paragraphs import collapse_unchanged, headings_of, is_heading, split
from scraper.web.pictures import path_finder

MAX_CHANGES = 500

MAX_CHARS = 3_000_000
"""Characters of all forms of both versions that are compared here; more take too long, and the
command `diff` compares them. A post of 50,000 words has two thirds of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjacentChanges:
    """The changes before and after the compared one, None if there is none."""

    previous: Change | None
    next: Change | None


@page_view
async def view(page: PageContext) -> Response:
    """Render the page.

    `?view=side` shows the versions side by side. `?form=markdown` compares the text with its links,
    images and tables. `?whole=1` shows unchanged paragraphs too.
    """
    numbers = (page.path_arg(name) for name in ("post", "old", "new"))
    pair = await page.query(read_revision_pair, *numbers, limit=MAX_CHANGES)
    old, new = pair.old_snapshot, pair.new_snapshot
    if sum(len(one.html) + len(one.markdown) + len(one.text) for one in (old, new)) > MAX_CHARS:
        raise NoComparison("these versions are too long for a page: blogkeep diff compares them")
    # Of two texts that somebody made for it, each takes seconds, and readers of other pages wait.
    difference = await to_thread(compare, old, new, follow=follow_claims)
    form = "markdown" if page.arg("form", _default_form(pair)) == "markdown" else "text"
    rows = await to_thread(compare_paragraphs, getattr(old, form), getattr(new, form))
    show_all = bool(page.arg("whole"))
    parts = split(rows if show_all else collapse_unchanged(rows))
    headings = headings_of(pair.old.html, pair.new.html)
    part = min(max(page.int_arg("part", 1), 1), len(parts))
    return await page.render(
        "comparison.html",
        **await _citation(page, pair),
        post=pair.post,
        old=pair.old,
        new=pair.new,
        difference=difference,
        fields=_ordered(difference),
        pictures=_pictures(page, pair, difference),
        rows=parts[part - 1],
        is_heading=lambda row: is_heading(row, headings),
        part=part,
        n_parts=len(parts),
        has_same_text=old.text == new.text,
        view="side" if page.arg("view") == "side" else "inline",
        form=form,
        show_all=show_all,
        adjacent=adjacent_changes(pair.changes, pair.old.number, pair.new.number),
    )


def _pictures(
    page: PageContext, pair: RevisionPair, difference: Difference | None
) -> dict[str, str]:
    """The archived images that the changed fields name: from a line of a field to a path."""
    found: dict[str, str] = {}
    for field in difference.fields if difference else ():
        if field.field in {"image_url", "images"}:
            for revision, lines in ((pair.old, field.old), (pair.new, field.new)):
                find = path_finder(pair.images, page.path, revision.last_seen_at)
                for line in lines.split("\n"):
                    found[line] = find(next(iter(image_sources(line)), line))
    return {line: path for line, path in found.items() if path}


async def _citation(page: PageContext, pair: RevisionPair) -> dict[str, Any]:
    """What the page cites: the changes from the one revision to the other, the newest in full."""
    old, new = pair.old.number, pair.new.number
    changes = [change for change in pair.changes if change.joins(old, new)]
    values: dict[str, Any] = {
        "changes": changes,
        "made_at": utc_now(),
        "permalink": page.absolute_url(change_path(post_id=pair.post.id, old=old, new=new)),
    }
    if changes:
        evidence = await page.query(read_evidence, changes[0].id)
        cited = cite_change(evidence, page.absolute_url(evidence_path(changes[0].id)))
        values |= {"cited": cited, "citations": all_forms(cited)}
    return values


def adjacent_changes(changes: Sequence[Change], old: int, new: int) -> AdjacentChanges:
    """Find the changes before and after the one from revision `old` to `new` among the changes of a
    post, newest first, that lead from one revision to another."""
    compared = [change for change in reversed(changes) if change.is_compared]
    index = next((i for i, change in enumerate(compared) if change.joins(old, new)), None)
    if index is None:
        return AdjacentChanges(previous=None, next=None)
    padded = [None, *compared, None]
    return AdjacentChanges(previous=padded[index], next=padded[index + 2])


def _default_form(pair: RevisionPair) -> str:
    """Compare with links, images and tables if only those differ."""
    old, new = pair.old_snapshot, pair.new_snapshot
    if old.text == new.text and old.markdown != new.markdown:
        return "markdown"
    return "text"


def _ordered(difference: Difference | None) -> list[FieldChange]:
    """The fields as in `humanize.FIELDS`, without text and claims, which stand by themselves."""
    order = list(humanize.FIELDS)
    fields = difference.fields if difference else ()
    return sorted(
        (field for field in fields if field.field not in {"text", CLAIMS}),
        key=lambda field: order.index(field.field),
    )
