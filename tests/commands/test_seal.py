"""`blogkeep seal` against a real authority on loopback (OpenSSL's), and what verify finds later."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.seals.ots_proofs import OtsProof, extend_proof, ots_digest, read_proof
from scraper.archive.seals.stamps import Stamp, check_stamps, extend_proofs, read_stamps
from scraper.cli.timestamping import ask_calendars
from scraper.exceptions import NotStamped
from tests.archive.authority import Authority, time_stamping
from tests.archive.calendar import HEIGHT, Calendar, block_root, calendar
from tests.conftest import Command, ThreeDays, rows
from tests.each_row import each_row

MAGIC = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"
ATTESTED = b"\x00" + bytes.fromhex("0588960d73d71901")
LIBRARY = re.compile("opentimestamps($|[.])")


@pytest.fixture(scope="module")
def authority(integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with time_stamping(tmp_path_factory.mktemp("authority")) as found:
        yield found


@pytest.fixture(scope="module")
def stamped_once(
    blogkeep: Command,
    three_days: ThreeDays,
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The demo store's archive, with its last seal stamped."""
    path = tmp_path_factory.mktemp("stamped") / "archive.db"
    shutil.copy(three_days.db, path)
    done = blogkeep(*words(path, authority))
    assert (done.returncode, done.stderr) == (0, "")
    return path


@pytest.fixture
def stamped(stamped_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(stamped_once, tmp_path))


def words(path: Path, authority: Authority, place: str = "/stamp") -> list[str]:
    url = authority.url.replace("/stamp", place)
    roots = f"ARCHIVE_TSA_ROOTS={authority.roots}"
    return ["seal", "--db", str(path), "--authority", url, "-s", roots, "--json"]


def stamp_of(path: Path) -> Stamp:
    with closing(open_for_reading(path)) as db:
        (stamp,) = read_stamps(db.conn)
    return stamp


def extended(path: Path) -> tuple[dict[int, OtsProof], list[str]]:
    """The proofs, and what is wrong, where no calendar is asked."""
    wrong: list[str] = []
    ask = partial(ask_calendars, [], report=wrong.append)
    with closing(open_for_writing(path)) as db:
        return extend_proofs(db.conn, ask, report=wrong.append), wrong


def problems(path: Path) -> list[str]:
    with closing(open_for_reading(path)) as db:
        return [found[1] for found in check_stamps(db.conn) if found]


def test_the_newest_seal_is_stamped_once_and_the_stamp_holds(
    blogkeep: Command, stamped: Path, authority: Authority
) -> None:
    stamp = stamp_of(stamped)
    assert rows(stamped, "SELECT max(id) FROM seals") == [(stamp.seal_id,)]
    assert stamp.certificates.count("BEGIN CERTIFICATE") == 2
    assert problems(stamped) == []
    done = blogkeep(*words(stamped, authority))
    printed = json.loads(done.stdout)
    assert (done.returncode, printed["stamped"]) == (0, 0)
    assert printed["seals"][0]["stamp"]["stamped_at"] == stamp.stamped_at


def test_a_root_is_proven_by_opentimestamps_once_its_block_is_there(
    blogkeep: Command, stamped: Path, authority: Authority
) -> None:
    with calendar() as found:
        # One that refuses, one that sends nonsense, one whose block is nobody's, and one twice.
        places = ("/busy", "/other", "/early", "", "")
        calendars = [word for place in places for word in ("--calendar", f"{found.url}{place}/")]
        call = [*words(stamped, authority), "--opentimestamps", *calendars]
        first = blogkeep(*call)
        assert "status 503" in first.stderr
        assert "no proof of OpenTimestamps" in first.stderr
        ((digest, root),) = found.roots.items()
        early = block_root(ots_digest(stamp_of(stamped).root))
        proof = {"blocks": {early: HEIGHT}, "pending": {digest: [found.url]}}
        assert json.loads(first.stdout)["opentimestamps"] == {"1": proof}
        assert json.loads(blogkeep(*call).stdout)["opentimestamps"] == {"1": proof}
        found.is_mined = True
        done = blogkeep(*call)
        assert (done.returncode, done.stderr) == (0, "")
        proof = {"blocks": {early: HEIGHT, root: HEIGHT}, "pending": {}}
        assert json.loads(done.stdout)["opentimestamps"] == {"1": proof}
    assert problems(stamped) == []
    assert extended(stamped) == ({}, [])
    stamp = stamp_of(stamped)
    assert (stamp.ots_proof[:31], stamp.ots_proof[33:65]) == (MAGIC, ots_digest(stamp.root))


def test_each_calendar_that_owes_a_block_for_a_digest_is_asked(stamped: Path) -> None:
    with calendar() as one, calendar() as other:
        urls, wrong = [one.url, other.url], list[str]()
        ask = partial(ask_calendars, urls, report=wrong.append)
        with closing(open_for_writing(stamped)) as db:
            (first,) = extend_proofs(db.conn, ask, report=wrong.append).values()
            assert [*first.pending.values()] == [sorted(urls)]
            min(one, other, key=lambda found: found.url).is_mined = True
            (second,) = extend_proofs(db.conn, ask, report=wrong.append).values()
    assert (second.pending, [*second.blocks.values()], wrong) == ({}, [HEIGHT], [])


def test_a_proof_is_not_checked_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("opentimestamps.core", *filter(LIBRARY.match, sys.modules)):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(NotStamped, match="is not checked: run pip install"):
        read_proof(OF_ANOTHER_ROOT, "00")


@each_row(
    "answer, problem",
    [
        (ATTESTED + b"\xc0\x1e" + b"\xff" * 3903 + b"\x01", "a block that cannot be"),
        (b"\xf2" * 4097, "has more than 4,096 bytes"),
        (b"\x00" + b"somebody" + b"\x00", "leads to neither a block nor a calendar"),
    ],
    ids=range(3),
)
def test_a_calendar_whose_answer_cannot_be_is_refused(answer: bytes, problem: str) -> None:
    with pytest.raises(NotStamped, match=problem):
        extend_proof(b"", "00", ots_digest("00"), answer)


def of_no_version(token: bytes) -> bytes:
    """The stamp, its certificates of a version that there is not: 5 for 2, which means 3."""
    version = bytes.fromhex("a003020102")
    assert version in token
    return token.replace(version, bytes.fromhex("a003020105"))


OF_ANOTHER_ROOT = MAGIC + b"\x01\x08" + bytes(32) + Calendar(url="http://localhost").take(b"")
OTHER_DIGIT = "CASE substr(root, 1, 1) WHEN 'a' THEN 'b' ELSE 'a' END"


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE timestamps SET stamped_at = '2020'", "its time or its certificates"),
        (f"UPDATE timestamps SET root = {OTHER_DIGIT} || substr(root, 2)", "its root does not"),
        ("UPDATE timestamps SET token = of_no_version(token)", "5 is not a valid X509 version"),
        ("UPDATE timestamps SET ots_proof = x'00'", "cannot be read"),
        ("UPDATE timestamps SET ots_proof = of_no_root()", "is of another root"),
        ("UPDATE seals SET hash = (SELECT hash FROM seals WHERE id = 1)", "its root does not"),
    ],
)
def test_an_altered_stamp_is_found(stamped: Path, sql: str, found: str) -> None:
    with closing(sqlite3.connect(stamped)) as connection:
        connection.create_function("of_no_version", 1, of_no_version)
        connection.create_function("of_no_root", 0, lambda: OF_ANOTHER_ROOT)
        connection.execute(sql)
        connection.commit()
    (problem,) = problems(stamped)
    assert found in problem
    if "ots_proof" in sql:
        assert extended(stamped) == ({}, [f"stamp 1: {problem}"])


def test_no_answer_that_does_not_hold_is_saved(
    blogkeep: Command, three_days: ThreeDays, authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "archive.db"
    shutil.copy(three_days.db, path)
    untrusted = words(path, authority)
    untrusted[6] = "ARCHIVE_TSA_ROOTS="
    for call, reason in (
        (words(path, authority, "/busy"), "status 503"),
        (words(path, authority, "/other"), "no time stamp"),
        (untrusted, "no known root certificate"),
        (["seal", "--db", str(path)], "name an authority"),
    ):
        done = blogkeep(*call)
        assert done.returncode in (1, 2), call
        assert reason in done.stderr, call
    assert rows(path, "SELECT count(*) FROM timestamps") == [(0,)]
