"""The tables of a lake: columns and types, as docs/reference/lake.md describes them."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_NUMBER: Final = pa.int64()
_TEXT: Final = pa.string()
_TEXTS: Final = pa.list_(_TEXT)
_TIME: Final = pa.timestamp("us", tz="UTC")
_FIELD: Final = pa.struct({"field": _TEXT, "old_value": _TEXT, "new_value": _TEXT})

LAKE_TABLES: Final = {
    "posts": pa.schema(
        {
            "store": _TEXT,
            "id": _NUMBER,
            "blog": _TEXT,
            "article_id": _TEXT,
            "locale": _TEXT,
            "handle": _TEXT,
            "url": _TEXT,
            "title": _TEXT,
            "author": _TEXT,
            "authors": _TEXTS,
            "state": _TEXT,
            "language": _TEXT,
            "published_at": _TIME,
            "published_text": _TEXT,
            "modified_at": _TIME,
            "first_seen_at": _TIME,
            "last_seen_at": _TIME,
            "last_changed_at": _TIME,
            "revision_id": _NUMBER,
            "revision_count": _NUMBER,
            "word_count": _NUMBER,
            "tags": _TEXTS,
        }
    ),
    "revisions": pa.schema(
        {
            "store": _TEXT,
            "id": _NUMBER,
            "post_id": _NUMBER,
            "number": _NUMBER,
            "origin": _TEXT,
            "title": _TEXT,
            "author": _TEXT,
            "authors": _TEXTS,
            "published_at": _TIME,
            "published_text": _TEXT,
            "modified_at": _TIME,
            "excerpt": _TEXT,
            "image_url": _TEXT,
            "tags": _TEXTS,
            "word_count": _NUMBER,
            "content_hash": _TEXT,
            "text": _TEXT,
            "html": _TEXT,
            "extractor": _TEXT,
            "method": _TEXT,
            "confidence": pa.float64(),
            "first_seen_at": _TIME,
            "last_seen_at": _TIME,
        }
    ),
    "changes": pa.schema(
        {
            "store": _TEXT,
            "id": _NUMBER,
            "post_id": _NUMBER,
            "blog": _TEXT,
            "kind": _TEXT,
            "severity": _TEXT,
            "origin": _TEXT,
            "cause": _TEXT,
            "standing": _TEXT,
            "witness": _TEXT,
            "from_revision_id": _NUMBER,
            "to_revision_id": _NUMBER,
            "not_before": _TIME,
            "not_after": _TIME,
            "words_added": _NUMBER,
            "words_removed": _NUMBER,
            "similarity": pa.float64(),
            "is_revert": pa.bool_(),
            "group_id": _NUMBER,
            "fields": pa.list_(_FIELD),
        }
    ),
    "links": pa.schema(
        {
            "store": _TEXT,
            "id": _NUMBER,
            "from_post_id": _NUMBER,
            "to_post_id": _NUMBER,
            "url": _TEXT,
            "kind": _TEXT,
            "anchor": _TEXT,
            "position": _NUMBER,
            "weight": pa.float64(),
            "first_seen_at": _TIME,
            "last_seen_at": _TIME,
            "gone_at": _TIME,
        }
    ),
    "observations": pa.schema(
        {
            "store": _TEXT,
            "id": _NUMBER,
            "post_id": _NUMBER,
            "revision_id": _NUMBER,
            "verdict": _TEXT,
            "first_seen_at": _TIME,
            "last_seen_at": _TIME,
            "count": _NUMBER,
        }
    ),
}
"""By the name of the file, without its ending."""
