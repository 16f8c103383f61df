"""Merkle trees as RFC 6962 hashes them (section 2.1). Pure: reads and writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(document: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of a zero byte and the document."""
    return sha256(b"\x00" + document).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node: SHA-256 of a one byte and both children."""
    return sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of leaves in their order; of none, the hash of nothing."""
    if not leaves:
        return sha256().digest()
    level = list(leaves)
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def audit_path(leaves: Sequence[bytes], position: int) -> list[tuple[str, bytes]]:
    """Return what leads from the leaf at a position to the root: the hash to be joined at each
    level, and its side, ``left`` or ``right``."""
    path, level = list[tuple[str, bytes]](), list(leaves)
    while len(level) > 1:
        beside = position ^ 1
        if beside < len(level):
            path.append(("left" if beside < position else "right", level[beside]))
        level, position = _parents(level), position // 2
    return path


def follow_path(leaf: bytes, path: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the root to which a path leads."""
    for side, other in path:
        leaf = node_hash(other, leaf) if side == "left" else node_hash(leaf, other)
    return leaf


def _parents(level: list[bytes]) -> list[bytes]:
    """The next level; a last node without a sibling rises as it is, which gives the same tree as
    the recursion of the RFC."""
    pairs = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) - len(level) % 2 :]
