"""Seals: the hashes of RFC 6962, a chain that every honest step continues, and that no alteration
passes."""

from __future__ import annotations

import sqlite3

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.archive.seals.chain import check_seals, newest_seals, read_seals
from scraper.archive.seals.merkle import audit_path, follow_path, leaf_hash, tree_root
from scraper.archive.seals.stamps import (
    check_stamps,
    find_unstamped,
    first_stamp_since,
    save_timestamp,
)
from scraper.archive.seals.tokens import CheckedToken
from scraper.history.crawl_health import CrawlEnd
from tests.archive.shop import Shop
from tests.factories import TEXT, at, make_code, make_post, seen

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a"]
LEAVES[-1] += "6b6c6d6e6f"
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""The roots that Certificate Transparency's own tests give for these leaves."""

POSTS = [make_post(f"p{n}", article_id=str(n), text=f"{TEXT}\nNumber {n}.") for n in range(1, 4)]
EDITED = make_post("p1", article_id="1", text="Wait six minutes for £4.", codes=(make_code(),))


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:count]]


def test_roots_are_those_of_certificate_transparency():
    assert {count: tree_root(hashes(count)).hex() for count in ROOTS} == ROOTS


def test_every_leaf_leads_to_its_root_and_no_other_does():
    for count in range(1, 9):
        leaves = hashes(count)
        for position, leaf in enumerate(leaves):
            path = audit_path(leaves, position)
            assert follow_path(leaf, path) == tree_root(leaves), (count, position)
            assert follow_path(leaf_hash(b"another"), path) != tree_root(leaves)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    """Two crawls with an edit, a removal and a return, a killed one, imports before and after, and
    another store's crawl in between."""
    database = Database(sqlite3.connect(":memory:", isolation_level=None))
    prepare(database)
    shop = Shop(database)
    shop.crawl(5, *POSTS)
    Shop(database, origin="https://other.example").crawl(6)
    shop.crawl(7, EDITED, POSTS[1], gone=[POSTS[2].url])
    killed = shop.begin(8)
    killed.record_visit(seen(POSTS[0], at(8, 1)))
    shop.imported(9, make_post("p2", article_id="2", text="An older text."), captured=6)
    shop.crawl(10, *POSTS, gone=[])
    shop.imported(11, make_post("p9", text="Of a file."), dated_by="unknown")
    return database.conn.serialize()


@pytest.fixture
def altered(sealed: bytes) -> Database:
    database = Database(sqlite3.connect(":memory:", isolation_level=None))
    database.conn.deserialize(sealed)
    database.execute("PRAGMA foreign_keys = OFF")
    return database


def problems(db: Database) -> list[str]:
    return [found[0] for found in check_seals(db.conn) if found]


def test_every_ended_crawl_is_sealed_and_each_seal_names_the_one_before(altered: Database):
    assert problems(altered) == []
    shop = [seal for seal in read_seals(altered.conn) if seal.store_id == 1]
    assert [seal.number for seal in shop] == [1, 2, 3, 4, 5]
    assert [seal.previous for seal in shop] == ["", *(seal.hash for seal in shop[:-1])]
    assert altered.execute("SELECT count(*) FROM crawls WHERE seal_id IS NULL").fetchall() == [(0,)]


def test_a_killed_crawl_is_sealed_with_the_crawl_that_closes_it(altered: Database):
    rows = altered.execute(
        "SELECT seals.number, group_concat(kind || ' ' || outcome, ', ') FROM crawls "
        "JOIN seals ON seals.id = seal_id WHERE seals.store_id = 1 GROUP BY 1"
    ).fetchall()
    assert dict(rows)[4] == "crawl killed, crawl complete"


def test_a_crawl_that_goes_on_is_not_sealed_and_no_problem(altered: Database):
    writer = Shop(altered).begin(12)
    writer.record_visit(seen(EDITED, at(12, 1)))
    assert problems(altered) == []
    writer.finish_crawl(CrawlEnd(finished=True), at=at(12, 59))
    assert problems(altered) == []
    assert len(read_seals(altered.conn, 1)) == 6


def test_what_later_crawls_update_breaks_no_seal(altered: Database):
    shop = Shop(altered)
    for day in (12, 13):
        shop.crawl(day, EDITED, *POSTS[1:])
    altered.execute("UPDATE captures SET body_id = NULL")
    assert problems(altered) == []


def stamp(db: Database, day: int) -> None:
    checked = CheckedToken(stamped_at=at(day), certificates="")
    save_timestamp(db.conn, find_unstamped(db.conn), b"an answer", checked, authority="ours")


def proofs(db: Database) -> list[tuple[int, ...]]:
    """Of each seal its store and number, with the seal and the stamp that prove it."""
    found = []
    for seal in read_seals(db.conn):
        proof = first_stamp_since(db.conn, seal)
        by = (proof[0].number, proof[1].timestamp_id) if proof else ()
        found.append((seal.store_id, seal.number, *by))
    return found


def test_a_seal_is_proved_by_the_first_stamp_from_it_on(altered: Database):
    newest = [(seal.store_id, seal.number) for seal in newest_seals(altered.conn)]
    assert newest == [(1, 5), (2, 1)]
    stamp(altered, 12)
    Shop(altered).crawl(13, *POSTS)
    early = [(1, number, 5, 1) for number in range(1, 6)]
    assert proofs(altered) == [*early, (1, 6), (2, 1, 1, 1)]
    stamp(altered, 14)
    assert proofs(altered) == [*early, (1, 6, 6, 2), (2, 1, 1, 1)]


def test_a_proof_takes_as_many_statements_from_the_first_seal_as_from_the_last(altered: Database):
    stamp(altered, 12)
    counts = []
    for seal in read_seals(altered.conn, 1):
        statements: list[str] = []
        altered.conn.set_trace_callback(statements.append)
        first_stamp_since(altered.conn, seal)
        altered.conn.set_trace_callback(None)
        counts.append(len(statements))
    assert counts == [2] * 5


def test_each_seal_must_lead_to_the_root_that_one_answer_stamps(altered: Database):
    stamp(altered, 12)
    altered.execute("""UPDATE stamped_seals SET path = '[["left", "00"]]' WHERE id = 1""")
    found = [problem[1] for problem in check_stamps(altered.conn) if problem]
    assert found == ["its root does not cover seal 6", "the answer is no time stamp (RFC 3161)"]


ALTERATIONS = [
    ("UPDATE captures SET fetched_at = '2020' WHERE id = 1", ["shop.example: seal 1"]),
    ("UPDATE captures SET body_hash = 'a' WHERE id = 2", ["shop.example: seal 1"]),
    ("UPDATE captures SET post_id = 2 WHERE id = 1", ["shop.example: seal 1"]),
    ("DELETE FROM captures WHERE crawl_id = 3 AND post_id = 3", ["shop.example: seal 2"]),
    ("UPDATE revisions SET readings = '[]' WHERE id = 1", ["shop.example: seal 1"]),
    ("UPDATE revisions SET content_id = 2 WHERE id = 1", ["shop.example: seal 1"]),
    ("UPDATE observations SET verdict = 'gone' WHERE id = 2", ["shop.example: seal 1"]),
    (
        "UPDATE changes SET not_before = '2020' WHERE kind = 'edited' AND crawl_id = 3",
        ["shop.example: seal 2"],
    ),
    ("DELETE FROM change_fields WHERE change_id = 4", ["shop.example: seal 2"]),
    ("UPDATE crawls SET reason = 'fine' WHERE id = 3", ["shop.example: seal 2"]),
    (
        "UPDATE crawls SET seal_id = NULL WHERE id = 1",
        ["shop.example: seal 1", "shop.example: crawl 1"],
    ),
    ("UPDATE seals SET sealed_at = '2020' WHERE id = 1", ["shop.example: seal 1"]),
    ("UPDATE seals SET root = 'a' WHERE id = 1", ["shop.example: seal 1"]),
    ("DELETE FROM seals WHERE number = 1 AND store_id = 1", ["shop.example: seal 2"]),
    (
        "INSERT INTO changes SELECT 99, 'x', store_id, blog_id, post_id, crawl_id, kind, severity, "
        "origin, cause, from_revision_id, to_revision_id, not_before, not_after, lastmod, "
        "words_added, words_removed, similarity, is_revert, group_id, standing, witness, moving, "
        "rules_version FROM changes WHERE id = 1",
        ["shop.example: seal 1"],
    ),
]


@pytest.mark.parametrize(("sql", "found"), ALTERATIONS, ids=lambda value: str(value)[:60])
def test_an_alteration_is_found_where_it_was_made(altered: Database, sql: str, found: list[str]):
    assert altered.execute(sql).rowcount >= 1
    named = problems(altered)
    assert len(named) == len(found)
    assert all(label.startswith(start) for label, start in zip(named, found, strict=True))
