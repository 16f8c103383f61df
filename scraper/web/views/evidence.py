"""The sheet of evidence for a change: both observations, their hashes, and how to check them."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from datasette.utils.asgi import Response

from scraper.archive.queries.pages.evidence import Evidence, read_evidence
from scraper.archive.queries.pages.images import find_images
from scraper.archive.queries.run_query import Connection
from scraper.history.changes import CLAIMS, FieldChange
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
    passages, n_more = await to_thread(_first_passages, evidence)
    return await page.render(
        "evidence.html",
        evidence=evidence,
        change=change,
        passages=passages,
        n_more=n_more,
        fields=_fields(change.fields),
        pictures=pictures,
        found=evidence.bracket_sentence,
        made=evidence.origin_sentence,
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


def _first_passages(evidence: Evidence) -> tuple[tuple[Passage, ...], int]:
    return first_passages(_changed_passages(evidence), MAX_CHARS)


def _changed_passages(evidence: Evidence) -> Iterable[Passage]:
    """The changed sentences of the text, or all of one that came or went."""
    texts = evidence.texts
    if evidence.after.revision is not None and evidence.change.old_revision:
        return changed_passages(diff_texts(texts.old, texts.new))
    came_or_went = (
        Run(operation="removed", text=texts.old),
        Run(operation="added", text=texts.new),
    )
    return [Passage(runs=(run,)) for run in came_or_went if run.text]


def _fields(fields: Sequence[FieldChange]) -> list[FieldChange]:
    """The first changed fields beside text, claims and markup, cut."""
    found = [
        field for field in fields if field.field not in {"text", "markup", CLAIMS, IMAGE_BYTES}
    ]
    return [
        FieldChange(
            field=field.field,
            old=opening(field.old, MAX_FIELD_CHARS),
            new=opening(field.new, MAX_FIELD_CHARS),
        )
        for field in found[:MAX_FIELDS]
    ]
