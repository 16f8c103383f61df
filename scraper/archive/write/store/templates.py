"""The learned templates of a store, in all versions."""

from __future__ import annotations

from scraper.archive.statements import insert, to_json, update
from scraper.archive.store_templates import NO_TEMPLATE, load_template
from scraper.archive.write.context import CrawlContext
from scraper.items import Template


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
