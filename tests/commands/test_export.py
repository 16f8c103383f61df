"""`blogkeep export`: WARC that other tools read, of all or of a part, and what could not be
carried."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from scraper.demo import DemoServer
from tests.archive.stored_answers import answers
from tests.bulk_store import BulkStore
from tests.conftest import ANEW, Command, ThreeDays, rows

TEAPOT = "http://hollow-fern.example/blogs/journal/teapot-care"
DUMP = Path(__file__).resolve().parents[1] / "demo" / "data" / "lookalike.txt"


def records(path: Path) -> list[tuple[WarcRecordType, str, str, int, list[tuple[str, str]], bytes]]:
    """Type, address, time, status, headers and body of every record, as FastWARC reads them,
    digests checked."""
    found = []
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=False):
            assert record.record_type is WarcRecordType.warcinfo or (
                record.verify_block_digest() and record.headers["WARC-Payload-Digest"]
            )
            http = record.record_type is WarcRecordType.response
            if http:
                record.parse_http()
            status, headers = (
                (record.http_headers.status_code, list(record.http_headers.astuples()))
                if http
                else (0, [])
            )
            body = record.reader.read()
            found.append(
                (
                    record.record_type,
                    record.headers.get("WARC-Target-URI", ""),
                    record.headers["WARC-Date"],
                    status,
                    headers,
                    body,
                )
            )
    return found


def checked(path: Path) -> str:
    """What `warcio check` says; empty where all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_answer_of_the_archive_is_in_the_file_as_it_was(
    blogkeep: Command, three_days: ThreeDays, tmp_path: Path
) -> None:
    out = tmp_path / "all.warc.gz"
    done = blogkeep("export", "--format", "warc", str(out), "--db", str(three_days.db), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    kept = [answer for _, answer in answers(three_days.db)]
    assert json.loads(done.stdout)["written"] == {"response": len(kept)}
    assert checked(out) == ""
    first, *read = records(out)
    assert (first[0], b"stored without content coding" in first[5]) == (
        WarcRecordType.warcinfo,
        True,
    )
    told = [
        (
            WarcRecordType.response,
            a.url,
            a.fetched_at,
            a.http_status,
            hashlib.sha256(a.body).hexdigest(),
        )
        for a in kept
    ]
    assert [(*record[:4], hashlib.sha256(record[5]).hexdigest()) for record in read] == told
    for record, answer in zip(read, kept, strict=True):
        headers = dict(record[4])
        assert headers["Content-Length"] == str(len(answer.body))
        assert {name.lower() for name in headers}.isdisjoint(
            {"content-encoding", "transfer-encoding"}
        )
        assert [(n, v) for n, v in record[4] if n != "Content-Length"] == [
            (n, v) for n, v in answer.headers if n != "Content-Length"
        ]
    assert (
        Counter(record[3] for record in read)[200]
        == rows(three_days.db, "SELECT count(*) FROM captures WHERE http_status = 200")[0][0]
    )
    assert {301, 404} <= {record[3] for record in read}


PARTS = [
    pytest.param(
        ["--post", "teapot-care"],
        "post_id = (SELECT id FROM posts WHERE handle = 'teapot-care')",
        id="a post",
    ),
    pytest.param(["--crawl", "2"], "crawl_id = 2", id="a crawl"),
    pytest.param(
        ["--store", "http://hollow-fern.example", "--crawl", "3", "--post", "teapot-care"],
        "crawl_id = 3 AND resource_type = 'post' AND url = '" + TEAPOT + "'",
        id="a post in a crawl",
    ),
    pytest.param(["--until", "2020-01-01"], "0", id="a time before"),
    pytest.param(["--since", "2020-01-01"], "1", id="a time since"),
]


@pytest.mark.parametrize(("options", "where"), PARTS)
def test_a_part_is_what_was_asked_for(
    blogkeep: Command, three_days: ThreeDays, tmp_path: Path, options: list[str], where: str
) -> None:
    out = tmp_path / "part.warc.gz"
    done = blogkeep("export", "--format", "warc", *options, str(out), "--db", str(three_days.db))
    assert (done.returncode, done.stderr) == (0, "")
    (count,) = rows(
        three_days.db, f"SELECT count(*) FROM captures WHERE body_id IS NOT NULL AND {where}"
    )[0]
    assert len(records(out)) == 1 + int(str(count))
    assert done.stdout.startswith(f"{out}: {count} responses; " if count else f"{out}: nothing; ")


def test_imported_files_are_resources(blogkeep: Command, tmp_path: Path, db_path: Path) -> None:
    assert (
        blogkeep(
            "import", str(DUMP), "--store", "http://hollow-fern.example", "--db", str(db_path)
        ).returncode
        == 0
    )
    out = tmp_path / "files.warc.gz"
    done = blogkeep("export", "--format", "warc", str(out), "--db", str(db_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert checked(out) == ""
    _, (kind, url, _, _, _, body) = records(out)
    assert (kind, url, body) == (
        WarcRecordType.resource,
        "file:///lookalike.txt",
        DUMP.read_bytes(),
    )


def test_what_is_lost_is_counted_and_the_rest_is_written(
    blogkeep: Command, crawl: Command, tmp_path: Path, db_path: Path
) -> None:
    out, captures = tmp_path / "rest.warc.gz", db_path.with_name("captures.db")
    with DemoServer(BulkStore(3, page_bytes=2000)) as store:
        assert crawl(store.url, db_path).returncode == 0
        captures.unlink()
        lost = rows(db_path, "SELECT count(*) FROM captures")[0][0]
        assert crawl(store.url, db_path, *ANEW).returncode == 0
    done = blogkeep("export", "--format", "warc", str(out), "--db", str(db_path))
    assert done.returncode == 3
    assert re.fullmatch(
        f"blogkeep: {lost} captures not available and left out; the first: capture 1, "
        ".*robots.txt: .* has no answer 1: .*\n",
        done.stderr,
    )
    assert len(records(out)) == 1 + int(str(lost))
    assert checked(out) == ""
    captures.unlink()
    done = blogkeep(
        "export", "--format", "warc", str(tmp_path / "none.warc.gz"), "--db", str(db_path)
    )
    assert (done.returncode, "the captures file does not exist" in done.stderr) == (3, True)


def test_a_file_that_is_there_is_left_alone_and_nothing_half_written(
    blogkeep: Command, three_days: ThreeDays, tmp_path: Path
) -> None:
    out = tmp_path / "mine.warc.gz"
    out.write_bytes(b"somebody's")
    done = blogkeep("export", "--format", "warc", str(out), "--db", str(three_days.db))
    assert (done.returncode, done.stderr) == (
        1,
        f"blogkeep: {out} is there already: name another file\n",
    )
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"somebody's"]


BAD = [
    pytest.param([], 2, "give one file to write", id="nothing"),
    pytest.param(["{tmp}/a"], 2, "give a format: --format warc", id="no format"),
    pytest.param(["{tmp}/a", "--format", "pdf"], 2, "give a format", id="another format"),
    pytest.param(
        ["{tmp}/a", "--format", "warc", "--since", "2026-02-30"],
        2,
        "is not a day",
        id="no day",
    ),
    pytest.param(
        ["{tmp}/a", "--format", "warc", "--post", "nothing-like-it"],
        1,
        "no post matches",
        id="no post",
    ),
    pytest.param(
        ["{tmp}/a", "--format", "warc", "--crawl", "99"], 1, "there is no crawl 99", id="no crawl"
    ),
    pytest.param(["{tmp}/none/a", "--format", "warc"], 1, "cannot be written", id="nowhere"),
]


@pytest.mark.parametrize(("words", "exit_code", "message"), BAD)
def test_bad_input_is_one_clear_line(
    blogkeep: Command,
    three_days: ThreeDays,
    tmp_path: Path,
    words: list[str],
    exit_code: int,
    message: str,
) -> None:
    done = blogkeep(
        "export",
        *(word.replace("{tmp}", str(tmp_path)) for word in words),
        "--db",
        str(three_days.db),
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (exit_code, "", 1)
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []
