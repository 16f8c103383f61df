"""The seals of a store: each covers the crawls that ended since the one before, and names it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scraper.archive.rows import read_row, read_rows
from scraper.archive.seals.leaves import FORM, canonical, crawl_leaves
from scraper.archive.seals.merkle import leaf_hash, tree_root
from scraper.archive.statements import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal of a store, whose address was `origin`, the `number`-th. `root` is the Merkle root
    over its `n_leaves`, `previous` the hash of the seal before, empty for the first; all hashes are
    in hex."""

    id: int
    store_id: int
    label: str
    number: int
    form: int
    origin: str
    sealed_at: str
    n_leaves: int
    root: str
    previous: str
    hash: str

    def document(self) -> bytes:
        """The seal as the bytes that its hash covers, as a leaf."""
        return _document(
            form=self.form,
            origin=self.origin,
            number=self.number,
            sealed_at=self.sealed_at,
            n_leaves=self.n_leaves,
            root=self.root,
            previous=self.previous,
        )


def seal_crawls(connection: sqlite3.Connection, store_id: int, at: str) -> None:
    """Seal the crawls of a store that have ended since its last seal. The caller holds the
    transaction, in which the last of them ends."""
    ended = [crawl_id for (crawl_id,) in connection.execute(_ENDED, [store_id])]
    name, origin = connection.execute(_STORE, [store_id]).fetchone()
    number, previous = connection.execute(_LAST, [store_id]).fetchone() or (0, "")
    leaves = sealed_hashes(connection, ended)
    values: dict[str, Any] = {
        "form": FORM,
        "origin": origin,
        "number": number + 1,
        "sealed_at": at,
        "n_leaves": len(leaves),
        "root": tree_root(leaves).hex(),
        "previous": previous,
    }
    seal_id = insert(
        connection,
        "seals",
        store_id=store_id,
        label=f"{name}: seal {number + 1}",
        hash=leaf_hash(_document(**values)).hex(),
        **values,
    )
    connection.executemany(
        "UPDATE crawls SET seal_id = ? WHERE id = ?", [(seal_id, crawl_id) for crawl_id in ended]
    )


def sealed_hashes(connection: sqlite3.Connection, crawl_ids: Iterable[int]) -> list[bytes]:
    """Return the hashes of all leaves of crawls, sorted, those of erased rows among them."""
    hashes = list[bytes]()
    for crawl_id in crawl_ids:
        hashes += [leaf.hash for leaf in crawl_leaves(connection, crawl_id)]
        hashes += [
            bytes.fromhex(erased) for (erased,) in connection.execute(_TOMBSTONES, [crawl_id])
        ]
    return sorted(hashes)


def read_seals(connection: sqlite3.Connection, store_id: int | None = None) -> list[Seal]:
    """Read the seals of a store, or of all, in the order in which they were made."""
    where, values = ("WHERE store_id = ?", [store_id]) if store_id is not None else ("", [])
    return read_rows(connection, Seal, f"{_SEAL} {where} ORDER BY store_id, number", values)


def newest_seals(connection: sqlite3.Connection) -> list[Seal]:
    """Read the last seal of each store."""
    last = "(SELECT max(number) FROM seals AS s WHERE s.store_id = seals.store_id)"
    return read_rows(connection, Seal, f"{_SEAL} WHERE number = {last} ORDER BY store_id")


def next_stamped_seal(connection: sqlite3.Connection, seal: Seal) -> Seal | None:
    """Read the first stamped seal from this one on, in its store; None if no stamp proves it."""
    where = "WHERE store_id = ? AND number >= ? AND id IN (SELECT seal_id FROM stamped_seals)"
    values = [seal.store_id, seal.number]
    return read_row(connection, Seal, f"{_SEAL} {where} ORDER BY number LIMIT 1", values)


def seal_of_crawl(connection: sqlite3.Connection, crawl_id: int) -> Seal | None:
    """Read the seal that covers a crawl; None if it has not ended yet."""
    where = "WHERE id = (SELECT seal_id FROM crawls WHERE id = ?)"
    return read_row(connection, Seal, f"{_SEAL} {where}", [crawl_id])


def sealed_crawls(connection: sqlite3.Connection, seal_id: int) -> list[int]:
    """Return the crawls that a seal covers, by their ids."""
    rows = connection.execute("SELECT id FROM crawls WHERE seal_id = ? ORDER BY id", [seal_id])
    return [crawl_id for (crawl_id,) in rows]


def check_seals(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Compute every seal again, from the rows and tombstones of its crawls, and follow the chain;
    each ended crawl must have a seal."""
    number, previous, store_id = 0, "", 0
    for seal in read_seals(connection):
        if seal.store_id != store_id:
            number, previous, store_id = 0, "", seal.store_id
        problem = _problem(connection, seal, number=number, previous=previous)
        yield (seal.label, problem) if problem else None
        number, previous = seal.number, seal.hash
    for (label,) in connection.execute(_UNSEALED):
        yield str(label), "it has ended, and no seal covers it"


def _problem(connection: sqlite3.Connection, seal: Seal, *, number: int, previous: str) -> str:
    """What is wrong with a seal that follows one of this number and hash; empty if nothing is."""
    if leaf_hash(seal.document()).hex() != seal.hash:
        return "its hash is not that of its row"
    if (seal.number, seal.previous) != (number + 1, previous):
        return f"it does not follow seal {number}: a seal was changed or is missing"
    leaves = sealed_hashes(connection, sealed_crawls(connection, seal.id))
    if tree_root(leaves).hex() != seal.root:
        return (
            f"the {len(leaves)} rows of its crawls are not the {seal.n_leaves} that were sealed: "
            "captures, revisions, observations or changes were altered, added or deleted"
        )
    return ""


def _document(*, origin: str, n_leaves: int, **values: Any) -> bytes:
    return canonical({"table": "seals", "store": origin, "leaves": n_leaves, **values})


_ENDED = """
    SELECT id FROM crawls WHERE store_id = ? AND seal_id IS NULL AND outcome != 'running'
    ORDER BY id
"""
_STORE = "SELECT name, origin FROM stores WHERE id = ?"
_LAST = "SELECT number, hash FROM seals WHERE store_id = ? ORDER BY number DESC LIMIT 1"
_TOMBSTONES = "SELECT leaf_hash FROM tombstones WHERE crawl_id = ?"
_SEAL = """
    SELECT id, store_id, label, number, form, origin, sealed_at, n_leaves, root, previous, hash
    FROM seals
"""
# A killed crawl is closed when the next one of its store begins, and sealed when that one ends.
_UNSEALED = """
    SELECT label FROM crawls WHERE seal_id IS NULL AND outcome NOT IN ('running', 'killed')
"""
