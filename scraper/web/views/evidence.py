"""The sheet of evidence for a change: both observations, their hashes, and how to check them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.evidence import Evidence, read_evidence
from scraper.archive.queries.pages.images import find_images
from scraper.archive.queries.run_query import Connection
from scraper.history import humanize
from scraper.history.changes import FieldChange
from scraper.history.diff.passages import Passage, changed_passages, first_passages, opening
from scraper.history.diff.words import Run, diff_texts
from scraper.history.images import IMAGE_BYTES, hashes_of
from scraper.history.web_paths import evidence_path
from scraper.timestamps import utc_now
from scraper.web.page_context import PageContext, page_view
from scraper.web.parts.cite import all_forms, cite_change
from scraper.web.pictures import RASTER, image_path

MAX_CHARS: Final = 850
"""Characters of the changed sentences on the sheet, which is to fit on one page of paper; the
comparison has all."""

MAX_FIELDS: Final = 4
MAX_FIELD_CHARS: Final = 120


@page_view
async def view(page: PageContext) -> Response:
    """Render the sheet of a change."""
    evidence = await page.query(read_evidence, page.path_arg("change"))
    change = evidence.change
    cited = cite_change(evidence, page.absolute_url(evidence_path(change.id)))
    pictures = await page.query(_read_pictures, change.fields)
    passages, n_more = first_passages(changed_passages_of(evidence), MAX_CHARS)
    return await page.render(
        "evidence.html",
        evidence=evidence,
        change=change,
        passages=passages,
        n_more=n_more,
        fields=_fields(change.fields),
        pictures=pictures,
        found=describe_bracket(evidence),
        made=describe_origin(evidence),
        url=page.absolute_url(evidence_path(change.id)),
        home=page.absolute_url("/"),
        cited=cited,
        citations=all_forms(cited),
        made_at=utc_now(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureChange:
    """Two images under one address by their hashes; the path of each, or empty where its bytes are
    not stored or are no picture of pixels."""

    old_address: str
    new_address: str
    old: str
    new: str
    old_path: str
    new_path: str


def _read_pictures(connection: Connection, fields: Sequence[FieldChange]) -> list[PictureChange]:
    found = []
    for field in fields:
        if field.field == IMAGE_BYTES:
            old, new = hashes_of(field)
            paths = {
                digest: image_path(digest)
                for digest, image in find_images(connection, [old, new]).items()
                if image.media_type in RASTER
            }
            found.append(
                PictureChange(
                    old_address=field.old.partition(" ")[2],
                    new_address=field.new.partition(" ")[2],
                    old=old,
                    new=new,
                    old_path=paths.get(old, ""),
                    new_path=paths.get(new, ""),
                )
            )
    return found


def changed_passages_of(evidence: Evidence) -> Iterable[Passage]:
    """The changed sentences of the text, or all of one that came or went."""
    texts = evidence.texts
    if evidence.after.revision is not None and evidence.change.old_revision:
        return changed_passages(diff_texts(texts.old, texts.new))
    came_or_went = (
        Run(operation="removed", text=texts.old),
        Run(operation="added", text=texts.new),
    )
    return [Passage(runs=(run,)) for run in came_or_went if run.text]


def describe_bracket(evidence: Evidence) -> str:
    """When the change was made, as far as it is known, in sentences."""
    change = evidence.change
    if not evidence.is_dated:
        return (
            "This text is from a file, and nobody knows when the store showed it. The time of the "
            f"import, {humanize.exact(change.not_after)}, says nothing about the store."
        )
    start, end = humanize.exact(change.not_before), humanize.exact(change.not_after)
    between = humanize.duration(change.not_before, change.not_after)
    if not change.not_before:
        return (
            f"The post was there at the first look, {end}. "
            "This archive does not show when it was published."
        )
    if evidence.after.revision is None:
        return (
            f"The post was seen for the last time at {start}, and was first missing at {end}. "
            f"It was removed within the {between} between."
        )
    if evidence.before is None:
        return (
            f"The post was not there at {start}, and was seen for the first time at {end}. "
            f"It was published within the {between} between."
        )
    return (
        f"The old state was seen for the last time at {start}, the new one for the first time at "
        f"{end}. The change was made within the {between} between."
    )


def describe_origin(evidence: Evidence) -> str:
    """Who made the change, and what says so, in sentences."""
    if evidence.change.origin == "technical":
        return "The store did not make this change: other rules of reading or another theme did."
    if evidence.change.origin == "imported":
        return "One version comes from a file, so it is not known when the store changed it."
    witness = humanize.WITNESSES.get(evidence.witness, evidence.witness)
    if evidence.witness == "none":
        return "The store made this change: its address or its answers show it."
    return f"The store made this change. {witness}"


def _fields(fields: Sequence[FieldChange]) -> list[FieldChange]:
    """The first changed fields beside the text and the markup, cut."""
    found = [field for field in fields if field.field not in {"text", "markup", IMAGE_BYTES}]
    return [
        FieldChange(
            field=field.field,
            old=opening(field.old, MAX_FIELD_CHARS),
            new=opening(field.new, MAX_FIELD_CHARS),
        )
        for field in found[:MAX_FIELDS]
    ]
