"""The learned templates of a store, as they are stored."""

from __future__ import annotations

import json
import sqlite3

from scraper.exceptions import ArchiveError
from scraper.items import Template, TemplateBlock, TemplateBody

NO_TEMPLATE = "none"
"""The version for pages that are extracted without a template."""


def load_template(
    connection: sqlite3.Connection, store_id: int, version: str = ""
) -> Template | None:
    """Return a version of the store's template, or the newest one of the theme in which its posts
    were read last; None if there is none. Raises ArchiveError for one that we did not write."""
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
    try:
        found = tuple(TemplateBody(**body) for body in json.loads(bodies))
        removed = tuple(TemplateBlock(**block) for block in json.loads(blocks))
    except (ValueError, TypeError, RecursionError) as error:
        raise ArchiveError(f"the template {version} of store {store_id} cannot be read") from error
    return Template(
        version=version, fingerprint=fingerprint, bodies=found, blocks=removed, pages=pages
    )
