"""A bound on the parts of a compressed body: an empty one costs as much as a short one, so that 50
KB that unpack to four million of them took half a minute."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

MOST_FRAMES: Final = 1000
"""Servers send one. In other bytes such a mark stands by chance once in 16 MB."""

_STARTS: Final = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "x-gzip": re.compile(rb"\x1f\x8b\x08"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
}


def has_many_frames(body: bytes, coding: str) -> bool:
    """Return whether a body in this coding has more members (RFC 1952, 2.2) or frames (RFC 8878,
    3.1) than MOST_FRAMES."""
    start = _STARTS.get(coding)
    return start is not None and any(islice(start.finditer(body), MOST_FRAMES, None))
