"""The templates learned of a store, each version kept: which one was at hand when a post was
read."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict

from scraper.archive.statements import insert, to_json, update
from scraper.archive.write.context import CrawlContext
from scraper.items import Template, TemplateBlock, TemplateBody

NO_TEMPLATE = "none"
"""The version of the template where pages are read each by itself."""


def save_template(crawl: CrawlContext, template: Template | None, at: str) -> None:
    """Note that this crawl's pages are read by a template (the version that is known, or a new
    one), or each by itself."""
    update(
        crawl.connection,
        "crawls",
        crawl.crawl_id,
        template=template.version if template else NO_TEMPLATE,
    )
    if template is None:
        return
    known = crawl.connection.execute(
        "SELECT id FROM templates WHERE store_id = ? AND version = ?",
        [crawl.store_id, template.version],
    ).fetchone()
    if known:
        update(crawl.connection, "templates", known[0], last_seen_at=at)
        return
    (number,) = crawl.connection.execute(
        "SELECT count(*) + 1 FROM templates WHERE store_id = ?", [crawl.store_id]
    ).fetchone()
    insert(
        crawl.connection,
        "templates",
        store_id=crawl.store_id,
        label=f"{crawl.store_name}: template {number}",
        number=number,
        version=template.version,
        fingerprint=template.fingerprint,
        learned_from=template.learned_from,
        pages=template.pages,
        bodies=to_json(map(asdict, template.bodies)),
        blocks=to_json(map(asdict, template.blocks)),
        first_seen_at=at,
        last_seen_at=at,
    )


def template_of_crawl(crawl: CrawlContext) -> tuple[bool, Template | None]:
    """Whether this crawl has settled how its pages are read, and the template on which it did."""
    (version,) = crawl.connection.execute(
        "SELECT template FROM crawls WHERE id = ?", [crawl.crawl_id]
    ).fetchone()
    return version != "", load_template(
        crawl.connection, crawl.store_id, version
    ) if version not in ("", NO_TEMPLATE) else None


def load_template(
    connection: sqlite3.Connection, store_id: int, version: str = ""
) -> Template | None:
    """A version of the store's template, or the one by which its posts were read last; None if
    there is none."""
    # A notice of maintenance at every address teaches a template too, by which no post was read:
    # the posts' own comes back with them.
    row = connection.execute(
        """
        SELECT version, fingerprint, bodies, blocks, pages FROM templates WHERE store_id = ?1 AND ?2 IN ('', version)
        ORDER BY EXISTS (SELECT 1 FROM posts WHERE store_id = ?1 AND seen_template = version) DESC, last_seen_at DESC, id DESC LIMIT 1
        """,
        [store_id, version],
    ).fetchone()
    if row is None:
        return None
    version, fingerprint, bodies, blocks, pages = row
    return Template(
        version=version,
        fingerprint=fingerprint,
        bodies=tuple(TemplateBody(**body) for body in json.loads(bodies)),
        blocks=tuple(TemplateBlock(**block) for block in json.loads(blocks)),
        pages=pages,
    )
