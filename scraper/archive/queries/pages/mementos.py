"""The captures of an address, in the order of time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.archive.queries.posts import find_at_address
from scraper.archive.rows import iterate_rows, read_row
from scraper.exceptions import CaptureLost, NoSuchPost


@dataclass(frozen=True, slots=True)
class Memento:
    """A captured page of a post: the number of its capture, and when it was captured (UTC)."""

    capture_id: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mementos:
    """The captured pages of a post, oldest first, and the post's present address."""

    post_id: int
    url: str
    all: Sequence[Memento]


def read_mementos(connection: sqlite3.Connection, address: str) -> Mementos:
    """Read the captures of the post at an address, however it is spelled. Raises NoSuchPost where
    there is no post, or no capture with a known time."""
    posts = find_at_address(connection, address)
    if not posts:
        raise NoSuchPost(f"no post at {address}")
    found = tuple(iterate_rows(connection, Memento, _MEMENTOS, [posts[0].id]))
    if not found:
        raise NoSuchPost(f"no captured page of {posts[0].url}")
    return Mementos(post_id=posts[0].id, url=posts[0].url, all=found)


def read_memento_of(connection: sqlite3.Connection, capture_id: int) -> Mementos | None:
    """Read what post a capture shows, with this capture alone; None where it shows none, or at a
    time that nobody knows. Raises CaptureLost."""
    row = read_row(connection, _Shown, _SHOWN, [capture_id])
    if row is None:
        raise CaptureLost(f"there is no capture {capture_id}")
    if not row.post_id:
        return None
    return Mementos(post_id=row.post_id, url=row.url, all=(Memento(capture_id, row.at),))


@dataclass(frozen=True, slots=True)
class _Shown:
    post_id: int
    url: str
    at: str


_IS_MEMENTO = "resource_type = 'post' AND verdict = 'ok' AND dated_by <> 'unknown'"
_MEMENTOS = f"""
    SELECT id AS capture_id, fetched_at AS at FROM captures
    WHERE post_id = ? AND body_hash <> '' AND {_IS_MEMENTO} ORDER BY fetched_at, id
"""
_SHOWN = f"""
    SELECT coalesce(posts.id, 0) AS post_id, coalesce(posts.url, '') AS url, fetched_at AS at
    FROM captures LEFT JOIN posts ON posts.id = captures.post_id AND {_IS_MEMENTO}
    WHERE captures.id = ?
"""
