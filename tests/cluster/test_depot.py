"""The depot in a folder and in an object store, here one that knows two verbs of S3."""

from __future__ import annotations

import random
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from scraper.cluster.depot import ARCHIVE, ArchivePair, ObjectDepot
from scraper.cluster.local_copy import LocalCopy, remove_oldest
from scraper.exceptions import DepotUnavailable, NoArchive, UsageProblem
from tests.each_row import each_row
from tests.loopback import answering


class S3Handler(BaseHTTPRequestHandler):
    """Holds what is put under a path."""

    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        assert self.headers["Authorization"].startswith("AWS4-HMAC-SHA256")
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"")

    def do_GET(self) -> None:
        body = self.objects.get(self.path)
        self.answer(404 if body is None else 200, body or b"")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sat, 28 Nov 2026 07:28:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def s3(integration: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectDepot]:
    handler = type("Handler", (S3Handler,), {"objects": {}})
    # Its client is not made without the authorities that tests/conftest.py leaves out.
    monkeypatch.delenv("SSL_CERT_DIR")
    with answering(handler) as url:
        for name, value in {
            "AWS_ENDPOINT": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }.items():
            monkeypatch.setenv(name, value)
        yield ObjectDepot.at("s3://bucket/folder")


def pair_in(folder: Path) -> ArchivePair:
    folder.mkdir()
    return ArchivePair(archive=folder / "archive.db", captures=folder / "captures.db")


def written(folder: Path, captures: bytes = b"captures") -> ArchivePair:
    pair = pair_in(folder)
    pair.archive.write_bytes(b"archive" * 10_000)
    if captures:
        pair.captures.write_bytes(captures)
    return pair


def check_round_trip(depot: ObjectDepot, folder: Path) -> None:
    noise = random.Random(1).randbytes(300_000)
    stored = written(folder / "here", captures=noise)
    assert 300_000 < depot.store("shop/1-1", stored) < 310_000
    fetched = pair_in(folder / "there")
    depot.fetch("shop/1-1", fetched)
    assert fetched.archive.read_bytes() == stored.archive.read_bytes()
    assert fetched.captures.read_bytes() == noise
    with pytest.raises(NoArchive):
        depot.fetch("shop/2-1", fetched)


def test_object_store_gives_back_what_was_stored(s3: ObjectDepot, tmp_path: Path) -> None:
    check_round_trip(s3, tmp_path)


def test_folder_gives_back_what_was_stored(tmp_path: Path) -> None:
    depot = ObjectDepot.at(str(tmp_path / "depot"))
    check_round_trip(depot, tmp_path)
    assert depot.keys("shop") == {"shop/1-1"}
    assert depot.keys("sho") == set()
    depot.delete("shop/1-1")
    assert depot.keys("shop") == set()


def test_archive_without_captures_stays_so(tmp_path: Path) -> None:
    depot = ObjectDepot.at(str(tmp_path / "depot"))
    depot.store("shop/1-1", written(tmp_path / "here", captures=b""))
    fetched = pair_in(tmp_path / "there")
    depot.fetch("shop/1-1", fetched)
    assert fetched.archive.exists()
    assert not fetched.captures.exists()


@pytest.mark.parametrize("left", [0, 20])
def test_damaged_object_is_no_archive(tmp_path: Path, left: int) -> None:
    depot = ObjectDepot.at(str(tmp_path / "depot"))
    depot.store("shop/1-1", written(tmp_path / "here"))
    path = tmp_path / "depot" / "shop" / "1-1" / ARCHIVE
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(DepotUnavailable):
        depot.fetch("shop/1-1", pair_in(tmp_path / "there"))


@each_row("address", ["", "ftp://host/folder", "s3:///"])
def test_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageProblem, match="ARCHIVE_DEPOT"):
        ObjectDepot.at(address)


def test_local_copy_is_fetched_once(tmp_path: Path) -> None:
    depot = ObjectDepot.at(str(tmp_path / "depot"))
    stored = written(tmp_path / "here")
    depot.store("shop/1-1", stored)
    copy = LocalCopy(tmp_path / "work" / "shop")
    copy.bring_up_to_date(depot, "shop/1-1")
    copy.pair.archive.write_bytes(b"what a crawl has written since")
    copy.bring_up_to_date(depot, "shop/1-1")
    assert copy.pair.archive.read_bytes() == b"what a crawl has written since"
    copy.discard()
    copy.bring_up_to_date(depot, "shop/1-1")
    assert copy.pair.archive.read_bytes() == stored.archive.read_bytes()
    copy.bring_up_to_date(depot, "")
    assert not copy.pair.archive.exists()


def test_oldest_copies_leave_the_disk(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        LocalCopy(tmp_path / name).mark("key")
    remove_oldest(tmp_path, 1, busy={"a"})
    left = {path.name for path in tmp_path.iterdir()}
    assert "a" in left
    assert len(left) == 2
