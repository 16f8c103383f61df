"""An archive as other rules would have written it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from scraper.history.fingerprints import content_hash

LOST = " more words that older rules took for the author's."


def write_by_older_rules(db: Path) -> Path:
    """Leave an archive as rules would have that took a sentence too much into every body, and went
    by another name."""
    with closing(sqlite3.connect(db)) as connection:
        for row_id, *forms in connection.execute(
            "SELECT id, html, markdown, text FROM contents"
        ).fetchall():
            html, markdown, text = (form + LOST for form in forms)
            connection.execute(
                "UPDATE contents SET hash = ?, html = ?, markdown = ?, text = ? WHERE id = ?",
                [content_hash(html, markdown, text), html, markdown, text, row_id],
            )
        connection.execute("UPDATE posts SET seen_extractor = 'older'")
        connection.execute("UPDATE revisions SET extractor = 'older'")
        connection.execute("INSERT INTO revisions_fts (revisions_fts) VALUES ('rebuild')")
        connection.commit()
    return db
