"""Paths of posts, changes and stores in the web interface."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

ARCHIVES: Final = "/stores/"
"""In a cluster, the archive of the store NAME is below this path and its name."""


def archive_path(name: str) -> str:
    """Path below which the web interface of a cluster has the archive of a store."""
    return ARCHIVES + quote(name)


def post_path(post_id: int) -> str:
    """Path of a post."""
    return f"/-/post/{post_id}"


def change_path(*, post_id: int, old: int, new: int, group_id: int = 0) -> str:
    """Path of a change: its group if it has one, else its comparison if there are two different
    revisions, else its post. `old` and `new` are revision numbers (0: none)."""
    if group_id:
        return f"/-/changes/group/{group_id}"
    if old and new and old != new:
        return f"{post_path(post_id)}/compare/{old}/{new}"
    return post_path(post_id)


def evidence_path(change_id: int) -> str:
    """Path of the sheet of evidence for a change."""
    return f"/-/evidence/{change_id}"


def store_path(store_id: int) -> str:
    """Path of a store."""
    return f"/-/store/{store_id}"
