"""Changes against the revisions on their two sides, compared anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from scraper.archive.statements import quoted
from scraper.archive.verify.hashes import UNREADABLE
from scraper.archive.write.post.posts import FIELD_COLUMNS, fields_of
from scraper.archive.write.relocation import addresses_of
from scraper.history.changes import FIXED_SEVERITY, RULES_VERSION, FieldChange, compare
from scraper.history.snapshots import Snapshot
from scraper.history.store_addresses import normalize_origin


def check_told(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """What today's rules told of two revisions is what they tell of them again.

    Changes that earlier rules told are passed over. Where another extractor read the two sides it
    may have found other codes in the same words: then codes, and the kind and severity that rest on
    them, are left out.
    """
    for (
        label,
        store_id,
        crawl_id,
        kind,
        severity,
        added,
        removed,
        fields,
        same_extractor,
        before,
        after,
    ) in connection.execute(_TOLD, [RULES_VERSION]):
        try:
            stood_at = addresses_of(connection, store_id, crawl_id=crawl_id)
            difference = compare(
                normalize_origin(_snapshot(before), stood_at),
                normalize_origin(_snapshot(after), stood_at),
            )
            kept = tuple(
                FieldChange(field=field, old=old, new=new) for field, old, new in json.loads(fields)
            )
        except UNREADABLE:
            yield str(label), "one of its sides cannot be read"
            continue
        if difference is None:
            yield str(label), "its two sides are the same"
        elif (added, removed) != (difference.words_added, difference.words_removed):
            yield (
                str(label),
                f"it counts +{added} -{removed} words, its sides +{difference.words_added} -{difference.words_removed}",
            )
        elif _values(kept, codes=same_extractor) != _values(
            difference.fields, codes=same_extractor
        ):
            yield str(label), "its fields are not those in which its sides differ"
        elif same_extractor and (kind, severity) != (difference.kind, difference.severity):
            yield (
                str(label),
                f"it is told as {kind}, {severity}; its sides as {difference.kind}, {difference.severity}",
            )
        else:
            yield None


def _values(fields: tuple[FieldChange, ...], *, codes: bool) -> list[FieldChange]:
    return [field for field in fields if codes or field.field != "codes"]


def _snapshot(side: str) -> Snapshot:
    *columns, html, markdown, text, codes = json.loads(side)
    return Snapshot(
        fields=fields_of(columns),
        html=html,
        markdown=markdown,
        text=text,
        codes=tuple(sorted(codes)),
    )


def _side(name: str) -> str:
    columns = ", ".join(f"{name}.{column}" for column in FIELD_COLUMNS.split(", "))
    return f"""
        json_array({columns}, {name}_content.html, {name}_content.markdown, {name}_content.text, json((
            SELECT json_group_array(label) FROM (
                SELECT DISTINCT discount_codes.label FROM code_mentions JOIN discount_codes ON discount_codes.id = code_mentions.code_id
                WHERE code_mentions.revision_id = {name}.id
            )
        )))
    """


_TOLD = f"""
    SELECT changes.label, changes.store_id, changes.crawl_id, kind, severity, words_added, words_removed,
        (SELECT json_group_array(json_array(field, old_value, new_value)) FROM (
            SELECT field, old_value, new_value FROM change_fields WHERE change_id = changes.id ORDER BY id
        )),
        old.extractor = new.extractor, {_side("old")}, {_side("new")}
    FROM changes
    JOIN revisions AS old ON old.id = from_revision_id JOIN contents AS old_content ON old_content.id = old.content_id
    JOIN revisions AS new ON new.id = to_revision_id JOIN contents AS new_content ON new_content.id = new.content_id
    WHERE rules_version = ? AND kind NOT IN ({quoted(*FIXED_SEVERITY)})
"""
