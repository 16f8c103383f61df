"""The learned templates of a store, in all versions."""

from __future__ import annotations

import json
import sqlite3

from scraper.archive.statements import insert, to_json, update
from scraper.archive.write.context import CrawlContext
from scraper.items import Template, TemplateBlock, TemplateBody

NO_TEMPLATE = "none"
"""The version for pages that are extracted without a template."""


def save_template(crawl: CrawlContext, template: Template | None, at: str) -> None:
    """Save the template of this crawl, as a new version if it is unknown; None for a crawl without
    one. A crawl settles once: what it learns after that is for the next."""
    if not template_of_crawl(crawl)[0]:
        update(
            crawl.connection,
            "crawls",
            crawl.crawl_id,
            template=template.version if template else NO_TEMPLATE,
        )
    if template is None:
        return
    known = crawl.connection.execute(
        "UPDATE templates SET first_seen_at = min(first_seen_at, ?3), "
        "last_seen_at = max(last_seen_at, ?3) WHERE store_id = ?1 AND version = ?2",
        [crawl.store_id, template.version, at],
    )
    if known.rowcount:
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
        bodies=to_json(template.bodies),
        blocks=to_json(template.blocks),
        first_seen_at=at,
        last_seen_at=at,
    )


def template_of_crawl(crawl: CrawlContext) -> tuple[bool, Template | None]:
    """Return whether this crawl has settled its template, and the template if it has one."""
    (version,) = crawl.connection.execute(
        "SELECT template FROM crawls WHERE id = ?", [crawl.crawl_id]
    ).fetchone()
    if version in ("", NO_TEMPLATE):
        return version != "", None
    return True, load_template(crawl.connection, crawl.store_id, version)


def load_template(
    connection: sqlite3.Connection, store_id: int, version: str = ""
) -> Template | None:
    """Return a version of the store's template, or the newest one of the theme in which its posts
    were read last; None if there is none."""
    # A notice of maintenance at every address teaches a template too, but no post is read with it:
    # when the posts are back, so is their template. Places that vary are learned at a crawl's end,
    # in a version with which no post is read yet.
    row = connection.execute(
        """
        WITH read_last AS (
            SELECT fingerprint FROM templates WHERE store_id = ?1
            ORDER BY
                EXISTS (
                    SELECT 1 FROM posts WHERE store_id = ?1 AND seen_template = version
                ) DESC,
                last_seen_at DESC, id DESC
            LIMIT 1
        )
        SELECT version, fingerprint, bodies, blocks, pages FROM templates
        WHERE store_id = ?1 AND iif(
            ?2 = '', fingerprint = (SELECT fingerprint FROM read_last), version = ?2
        )
        ORDER BY last_seen_at DESC, id DESC
        LIMIT 1
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
