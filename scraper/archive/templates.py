"""The templates learned of a store, each version kept: which one was at hand when a post was read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import astuple

from scraper.archive.statements import insert, to_json, update
from scraper.items import Template, TemplateBlock, TemplateBody


def note_template(connection: sqlite3.Connection, store_id: int, store_name: str, template: Template, at: str) -> None:
    """Note that a store's pages are read by this template at `at`: the version that is known, or a new one."""
    row = connection.execute("SELECT id FROM templates WHERE store_id = ? AND version = ?", [store_id, template.version]).fetchone()
    if row:
        update(connection, "templates", row[0], last_seen_at=at)
        return
    (number,) = connection.execute("SELECT count(*) + 1 FROM templates WHERE store_id = ?", [store_id]).fetchone()
    insert(
        connection,
        "templates",
        store_id=store_id,
        label=f"{store_name}: template {number}",
        number=number,
        version=template.version,
        fingerprint=template.fingerprint,
        learned_from=template.learned_from,
        pages=template.pages,
        bodies=to_json(map(astuple, template.bodies)),
        blocks=to_json(map(astuple, template.blocks)),
        first_seen_at=at,
        last_seen_at=at,
    )


def load_template(connection: sqlite3.Connection, store_id: int, version: str = "") -> Template | None:
    """The template by which the store's pages were read last, or that of a version; None if there is none."""
    row = connection.execute(
        """
        SELECT version, fingerprint, bodies, blocks, pages FROM templates WHERE store_id = ?1 AND ?2 IN ('', version)
        ORDER BY last_seen_at DESC, id DESC LIMIT 1
        """,
        [store_id, version],
    ).fetchone()
    if row is None:
        return None
    version, fingerprint, bodies, blocks, pages = row
    return Template(version=version, fingerprint=fingerprint, bodies=_bodies(bodies), blocks=_blocks(blocks), pages=pages)


def _bodies(column: str) -> tuple[TemplateBody, ...]:
    rows: Iterable[tuple[str, bool, str, int]] = json.loads(column)
    return tuple(TemplateBody(path=path, framed=framed, learned_from=told, pages=pages) for path, framed, told, pages in rows)  # type: ignore[arg-type]


def _blocks(column: str) -> tuple[TemplateBlock, ...]:
    rows: Iterable[tuple[str, str, str, int]] = json.loads(column)
    return tuple(TemplateBlock(path=path, text=text, learned_from=told, pages=pages) for path, text, told, pages in rows)  # type: ignore[arg-type]
