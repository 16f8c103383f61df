"""Reading WARC and WACZ: what other tools write, and what is meant to harm."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import brotli
import pytest
import zstandard

from scraper.exceptions import ImportProblem
from scraper.imports import records, unpacking
from scraper.imports.coding import decode_body
from scraper.imports.records import read_answers
from scraper.imports.spool import AnswerSpool
from tests.imports.warcs import Answer, packed, record

URL, AT, LATER = (
    "https://shop.example/blogs/news/tea",
    "2021-03-04T05:06:07Z",
    "2021-04-04T05:06:07Z",
)
PAGE = "<!doctype html><p>Größe".encode()
HTML = ("Content-Type", "text/html")
CHUNKED = ("Transfer-Encoding", "chunked")


def read(folder: Path, data: bytes, name: str = "file.warc.gz") -> list[records.ArchivedAnswer]:
    path = folder / name
    path.write_bytes(data)
    return list(read_answers(path))


def coded(coding: str, body: bytes) -> Answer:
    return Answer(URL, AT, body, headers=(HTML, ("Content-Encoding", coding)))


CODED = {
    "plain": Answer(URL, AT, PAGE),
    "gzip": coded("gzip", gzip.compress(PAGE)),
    "brotli": coded("br", brotli.compress(PAGE)),
    "zstandard": coded("zstd", zstandard.compress(PAGE)),
    "two codings": coded("gzip, br", brotli.compress(gzip.compress(PAGE))),
    "unpacked by the crawler": coded("gzip", PAGE),
    "chunked": Answer(
        URL, AT, b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), headers=(HTML, CHUNKED)
    ),
    "chunks joined by the crawler": Answer(URL, AT, PAGE, headers=(HTML, CHUNKED)),
}


@pytest.mark.parametrize("status", ["-200 Odd", "20000 Odd", "9" * 30])
def test_a_status_that_is_no_number_of_three_digits_is_no_answer(tmp_path: Path, status: str):
    odd, good = Answer(URL, AT, PAGE, status=status), Answer(URL, LATER, PAGE)
    assert [one.at for one in read(tmp_path, packed([odd, good]))] == [LATER]


@pytest.mark.parametrize("answer", CODED.values(), ids=CODED.keys())
def test_a_body_is_read_without_its_codings(tmp_path: Path, answer: Answer):
    (found,) = read(tmp_path, packed([answer]))
    assert (found.url, found.at, found.http_status, found.body) == (URL, AT, 200, PAGE)


def test_every_packing_of_a_file_is_read(tmp_path: Path):
    answers = [Answer(URL, AT, PAGE), Answer(URL, LATER, PAGE)]
    plain = b"".join(map(record, answers))
    assert [
        len(read(tmp_path, data, name))
        for name, data in (
            ("a.warc", plain),
            ("b.warc.gz", packed(answers)),
            ("c.warc.gz", gzip.compress(plain)),
            ("d.wacz", package({"archive/data.warc.gz": packed(answers)})),
        )
    ] == [2, 2, 2, 2]


def test_a_revisit_has_the_body_of_its_original(tmp_path: Path):
    answers = [Answer(URL, LATER, PAGE, same_as=AT), Answer(URL, AT, PAGE)]
    spool = AnswerSpool(io.BytesIO())
    for answer in read(tmp_path, packed(answers)):
        spool.add(answer, "post")
    assert [(entry.at, spool.load(entry).body) for entry in spool.entries] == [
        (LATER, PAGE),
        (AT, PAGE),
    ]


def test_a_revisit_of_what_no_file_holds_is_left_out(tmp_path: Path):
    spool = AnswerSpool(io.BytesIO())
    for answer in read(tmp_path, packed([Answer(URL, LATER, PAGE, same_as=AT)])):
        spool.add(answer, "post")
    assert [spool.is_whole(entry) for entry in spool.entries] == [False]


def test_headers_in_no_encoding_are_read(tmp_path: Path):
    odd = Answer(URL, AT, PAGE, headers=(HTML, ("X-Odd", "\xff\xfe")))
    (found,) = read(tmp_path, packed([odd]))
    assert (found.header("content-type"), found.body) == ("text/html", PAGE)


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_beyond_the_calendar_is_none(tmp_path: Path, date: str):
    beyond = record(Answer(URL, AT, PAGE)).replace(AT.encode(), date.encode(), 1)
    (found,) = read(tmp_path, beyond + record(Answer(URL, LATER, PAGE)), "file.warc")
    assert found.at == LATER


def package(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


WHOLE = packed([Answer(URL, AT, PAGE), Answer(URL, LATER, os.urandom(9000))])
HOSTILE = {
    "cut within a record.warc.gz": WHOLE[:-4000],
    "cut within a header.warc.gz": WHOLE[: len(packed([Answer(URL, AT, PAGE)])) + 40],
    "cut and plain.warc": gzip.decompress(WHOLE)[:-4000],
    "a length too long.warc": record(Answer(URL, AT, PAGE)).replace(
        b"Content-Length: 8", b"Content-Length: 9999999998"
    ),
    "a length too short.warc": record(Answer(URL, AT, PAGE)).replace(
        b"Content-Length: 8", b"Content-Length: 3"
    )
    + record(Answer(URL, AT, PAGE)),
    "a header without end.warc": b"WARC/1.1\r\nX: " + b"a" * 1_000_000,
    "no WARC.warc.gz": gzip.compress(b"<!doctype html><p>hello" * 50),
    "nothing.warc.gz": b"",
    "no zip.wacz": b"PK\x03\x04" + os.urandom(500),
    "a path outside.wacz": package({"archive/../../x.warc.gz": WHOLE}),
    "no archive.wacz": package({"pages/pages.jsonl": b"{}"}),
    "a cut member.wacz": package({"archive/data.warc.gz": WHOLE[:-4000]}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_file_is_one_line_of_error(tmp_path: Path, name: str):
    with pytest.raises(ImportProblem) as problem:
        read(tmp_path, HOSTILE[name], name)
    assert str(problem.value).startswith(str(tmp_path / name))
    assert "\n" not in str(problem.value)


def test_a_bomb_is_read_up_to_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records, "MOST_BODY", 1000)
    bomb = coded("gzip", gzip.compress(bytes(1_000_000)))
    (found,) = read(tmp_path, packed([bomb]))
    assert (len(found.body), found.is_cut) == (1000, True)


@pytest.mark.parametrize(("name", "bound"), [("MOST_UNPACKED", 50_000), ("MOST_RECORDS", 3)])
def test_a_file_beyond_a_bound_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, bound: int
):
    monkeypatch.setattr(unpacking, name, bound)
    large = Answer(URL, AT, bytes(20_000))
    with pytest.raises(ImportProblem, match="more than"):
        read(tmp_path, packed([large] * 4))
    members = {f"archive/{number}.warc.gz": packed([large] * 2) for number in range(2)}
    with pytest.raises(ImportProblem, match="more than"):
        read(tmp_path, package(members), "a.wacz")


def test_a_package_of_very_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records, "MOST_MEMBERS", 2)
    with pytest.raises(ImportProblem, match="more than any"):
        read(tmp_path, package({f"archive/{n}.warc.gz": b"" for n in range(3)}), "a.wacz")


def test_a_header_of_very_many_codings_is_not_followed():
    packed = gzip.compress(gzip.compress(b"tea"))
    assert decode_body(packed, transfer="", content="gzip, gzip", most=100) == b"tea"
    many = ", ".join(["gzip"] * 6)
    assert decode_body(packed, transfer="", content=many, most=100) == packed


def test_a_body_in_very_many_frames_is_not_unpacked():
    frames = zstandard.compress(b"") * 2000 + zstandard.compress(b"tea")
    assert decode_body(frames, transfer="", content="zstd", most=100) == frames
    few = zstandard.compress(b"green ") + zstandard.compress(b"tea")
    assert decode_body(few, transfer="", content="zstd", most=100) == b"green tea"
