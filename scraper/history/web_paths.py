"""Where in the reading room something can be looked at: paths below its address."""

from __future__ import annotations


def post_path(post_id: int) -> str:
    """A post as it stands."""
    return f"/-/post/{post_id}"


def change_path(*, post_id: int, old: int, new: int, group_id: int = 0) -> str:
    """A change: its comparison where there are two revisions, numbers `old` and `new` (0: none),
    else its post; of a group, its posts."""
    if group_id:
        return f"/-/changes/group/{group_id}"
    return (
        f"{post_path(post_id)}/compare/{old}/{new}"
        if old and new and old != new
        else post_path(post_id)
    )
