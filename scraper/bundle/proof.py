"""The proof in a bundle: leaves, what leads from each to its seal, the seals from there to a stamp,
and the stamp, as files and as the lines of `proof.txt`, which `verify.sh` follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlite_utils import Database

from scraper.archive.seals.chain import (
    Seal,
    read_seals,
    seal_of_crawl,
    sealed_crawls,
    sealed_hashes,
)
from scraper.archive.seals.leaves import Leaf, crawl_leaves
from scraper.archive.seals.merkle import audit_path
from scraper.archive.seals.stamps import Stamp, first_stamp_since
from scraper.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRows:
    """The rows to prove: ids by table, and the crawls that wrote them."""

    rows: Mapping[str, frozenset[int]]
    crawls: frozenset[int]


@dataclass(slots=True)
class Proof:
    """Files by name, lines of `proof.txt`, the seals and the stamps that occur, and the labels of
    rows that no seal covers yet."""

    files: dict[str, bytes] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    unsealed: list[str] = field(default_factory=list)


def prove(db: Database, wanted: WantedRows, checks: Mapping[str, Iterable[str]]) -> Proof:
    """Prove rows. `checks` are further lines for single leaves, by the leaf's name: files whose
    hash is in it."""
    proof, by_seal = Proof(), defaultdict[int, list[int]](list)
    seals: dict[int, Seal] = {}
    for crawl_id in sorted(wanted.crawls):
        seal = seal_of_crawl(db.conn, crawl_id)
        if seal is None:
            proof.unsealed.append(f"crawl {crawl_id}")
            continue
        seals[seal.id] = seal
        by_seal[seal.id].append(crawl_id)
    for seal_id, crawl_ids in sorted(by_seal.items()):
        hashes = sealed_hashes(db.conn, sealed_crawls(db.conn, seal_id))
        positions = {found: position for position, found in enumerate(hashes)}
        for leaf in _leaves(db, crawl_ids, wanted):
            name = leaf_name(leaf.table, leaf.row_id)
            _add_leaf(proof, leaf, name, checks.get(name, ()))
            proof.lines += _path_lines(audit_path(hashes, positions[leaf.hash]))
            proof.lines.append(f"root {_seal_file(seals[seal_id])}")
    if seals:
        _add_chain(db, proof, sorted(seals.values(), key=lambda seal: seal.number))
    return proof


def leaf_name(table: str, row_id: int) -> str:
    """The name of a leaf's file, without folder and ending."""
    return f"{table}-{row_id}"


def _leaves(db: Database, crawl_ids: Iterable[int], wanted: WantedRows) -> Iterator[Leaf]:
    for crawl_id in crawl_ids:
        for leaf in crawl_leaves(db.conn, crawl_id):
            if leaf.row_id in wanted.rows.get(leaf.table, frozenset()):
                yield leaf


def _add_leaf(proof: Proof, leaf: Leaf, name: str, checks: Iterable[str]) -> None:
    path = f"leaves/{name}.json"
    proof.files[path] = leaf.document
    proof.lines += [f"leaf {path}", *checks]


def _add_chain(db: Database, proof: Proof, seals: list[Seal]) -> None:
    """Add the seals from the first that is needed to the one that a stamp covers."""
    first, last = seals[0], seals[-1]
    found = first_stamp_since(db.conn, last)
    end = found[0].number if found else last.number
    proof.seals = [
        seal for seal in read_seals(db.conn, first.store_id) if first.number <= seal.number <= end
    ]
    for seal in proof.seals:
        proof.files[_seal_file(seal)] = seal.document()
    for before, after in zip(proof.seals, proof.seals[1:], strict=False):
        proof.lines += [f"leaf {_seal_file(before)}", f"previous {_seal_file(after)}"]
    if found:
        _add_stamp(proof, *found)


def _add_stamp(proof: Proof, seal: Seal, stamp: Stamp) -> None:
    name = f"stamps/{stamp.timestamp_id}"
    certificates = stamp.certificates.split("-----BEGIN")
    proof.stamps.append(stamp)
    proof.files |= {
        f"{name}.tsr": stamp.token,
        f"{name}.txt": stamp.root.encode(),
        f"{name}-root.pem": f"-----BEGIN{certificates[-1]}".encode(),
        f"{name}-chain.pem": stamp.certificates.encode(),
    }
    if stamp.ots_proof:
        proof.files[f"{name}.txt.ots"] = stamp.ots_proof
    epoch = int(parse_timestamp(stamp.stamped_at).timestamp())
    proof.lines += [f"leaf {_seal_file(seal)}", *_path_lines(stamp.steps), f"stamp {name} {epoch}"]


def _path_lines(path: Iterable[tuple[str, bytes]]) -> list[str]:
    return [f"{side} {other.hex()}" for side, other in path]


def _seal_file(seal: Seal) -> str:
    return f"seals/{seal.number}.json"
