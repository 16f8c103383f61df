"""Have the newest seals stamped, and check the stamps.

One stamp serves all stores: it covers the Merkle root over the newest seal of each, and every seal
has the path that leads to that root. A stamp of a seal proves all seals before it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scraper.archive.rows import read_rows
from scraper.archive.seals.chain import Seal, newest_seals, next_stamped_seal
from scraper.archive.seals.merkle import audit_path, follow_path, tree_root
from scraper.archive.seals.ots_proofs import OtsProof, read_proof
from scraper.archive.seals.tokens import CheckedToken, check_token
from scraper.archive.statements import insert, transaction
from scraper.exceptions import NotStamped

Path = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnstampedSeals:
    """The newest seals, none of which is stamped yet, and the root over them in hex."""

    seals: tuple[Seal, ...]
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A stamp of a seal: `path` leads from the hash of the seal to the stamped `root`; `token` is
    the answer of the authority, `certificates` in PEM lead from its signer to a root. `ots_proof`
    is one of OpenTimestamps for the same root, or empty."""

    seal_id: int
    timestamp_id: int
    authority: str
    stamped_at: str
    root: str
    token: bytes
    certificates: str
    ots_proof: bytes
    path: str

    @property
    def steps(self) -> Path:
        """The path as sides and hashes."""
        return [(side, bytes.fromhex(other)) for side, other in json.loads(self.path)]


def find_unstamped(connection: sqlite3.Connection) -> UnstampedSeals:
    """Return the newest seal of each store that has no stamp."""
    stamped = {seal_id for (seal_id,) in connection.execute("SELECT seal_id FROM stamped_seals")}
    seals = tuple(seal for seal in newest_seals(connection) if seal.id not in stamped)
    return UnstampedSeals(seals=seals, root=tree_root(_hashes(seals)).hex())


def save_timestamp(
    connection: sqlite3.Connection,
    unstamped: UnstampedSeals,
    token: bytes,
    checked: CheckedToken,
    *,
    authority: str,
) -> None:
    """Save the answer of an authority to which a root was sent, and the path of every seal."""
    hashes = _hashes(unstamped.seals)
    with transaction(connection):
        (number,) = connection.execute("SELECT count(*) + 1 FROM timestamps").fetchone()
        timestamp_id = insert(
            connection,
            "timestamps",
            label=f"stamp {number}, {checked.stamped_at}",
            authority=authority,
            stamped_at=checked.stamped_at,
            root=unstamped.root,
            token=token,
            certificates=checked.certificates,
        )
        for position, seal in enumerate(unstamped.seals):
            path = [(side, other.hex()) for side, other in audit_path(hashes, position)]
            insert(
                connection,
                "stamped_seals",
                timestamp_id=timestamp_id,
                seal_id=seal.id,
                path=json.dumps(path),
            )


def read_stamps(connection: sqlite3.Connection, seal_id: int | None = None) -> list[Stamp]:
    """Read the stamps of a seal, or of all, oldest first."""
    where, values = ("WHERE seal_id = ?", [seal_id]) if seal_id is not None else ("", [])
    sql = f"{_STAMP} {where} ORDER BY stamped_seals.id"
    return read_rows(connection, Stamp, sql, values)


def extend_proofs(
    connection: sqlite3.Connection,
    ask: Callable[[Stamp], bytes],
    *,
    report: Callable[[str], None],
) -> dict[int, OtsProof]:
    """Have the proofs of OpenTimestamps brought a step further, of the stamps that cover the newest
    seal of a store and of those that have one. Returns those that changed or are owed a block, by
    the ids of their answers; `report` gets what is wrong with the others."""
    newest = {seal.id for seal in newest_seals(connection)}
    wanted = {
        stamp.timestamp_id: stamp
        for stamp in read_stamps(connection)
        if stamp.ots_proof or stamp.seal_id in newest
    }
    proofs = dict[int, OtsProof]()
    for timestamp_id, stamp in wanted.items():
        try:
            proof = ask(stamp)
            found = read_proof(proof, stamp.root)
        except NotStamped as error:
            report(f"stamp {timestamp_id}: {error}")
            continue
        if proof != stamp.ots_proof:
            with transaction(connection):
                connection.execute(
                    "UPDATE timestamps SET ots_proof = ? WHERE id = ?", [proof, timestamp_id]
                )
        if proof != stamp.ots_proof or found.pending:
            proofs[timestamp_id] = found
    return proofs


def first_stamp_since(connection: sqlite3.Connection, seal: Seal) -> tuple[Seal, Stamp] | None:
    """Return the earliest stamp that proves a seal, and the seal that it stamps: this one or a
    later one of its store."""
    stamped = next_stamped_seal(connection, seal)
    return (stamped, read_stamps(connection, stamped.id)[0]) if stamped else None


def check_stamps(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check every stamp: the authority's answer covers its root and its signer leads to the root
    certificate that was trusted when it was made; and each seal leads to that root."""
    hashes = dict(connection.execute("SELECT id, hash FROM seals").fetchall())
    problems: dict[int, str] = {}  # of answers, each of which stamps a seal of every store
    for stamp in read_stamps(connection):
        label = f"timestamps {stamp.timestamp_id}"
        try:
            if stamp.timestamp_id not in problems:
                problems[stamp.timestamp_id] = _problem(stamp)
            covers = _covers(stamp, str(hashes.get(stamp.seal_id, "")))
            uncovered = "" if covers else f"its root does not cover seal {stamp.seal_id}"
            problem = uncovered or problems[stamp.timestamp_id]
        except (ValueError, TypeError, AttributeError) as error:
            problem = f"it cannot be read: {error}"
        yield (label, problem) if problem else None


def _covers(stamp: Stamp, seal_hash: str) -> bool:
    return follow_path(bytes.fromhex(seal_hash), stamp.steps).hex() == stamp.root


def _problem(stamp: Stamp) -> str:
    """What is wrong with a stamp and the proof beside it, whatever its seal; empty if nothing."""
    try:
        checked = check_token(stamp.token, stamp.root, _root_of(stamp), nonce=None)
        if stamp.ots_proof:
            read_proof(stamp.ots_proof, stamp.root)
    except NotStamped as error:
        return str(error)
    if (checked.stamped_at, checked.certificates) != (stamp.stamped_at, stamp.certificates):
        return "its time or its certificates are not those of the answer"
    return ""


def _root_of(stamp: Stamp) -> bytes:
    """The root certificate, which is the last of those that were saved."""
    begin = "-----BEGIN"
    return (begin + stamp.certificates.rpartition(begin)[2]).encode()


def _hashes(seals: tuple[Seal, ...]) -> list[bytes]:
    return [bytes.fromhex(seal.hash) for seal in seals]


_STAMP = """
    SELECT seal_id, timestamp_id, authority, stamped_at, root, token, certificates, ots_proof, path
    FROM stamped_seals JOIN timestamps ON timestamps.id = timestamp_id
"""
