"""What `verify` finds in a file that was overwritten or cut short, and that it writes nothing."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.database import open_for_writing
from scraper.archive.verify import open_to_verify
from scraper.exceptions import ArchiveError
from tests.archive.full_archive import fill, problems_of


def _lines(path: Path) -> list[str]:
    """What is reported of a file, a line each: its problems, or why it cannot be opened."""
    try:
        with closing(open_to_verify(path)) as db:
            return [f"{problem.row}: {problem.what}" for problem in problems_of(db)]
    except ArchiveError as error:
        return str(error).splitlines()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "archive.db"
    db = open_for_writing(path)
    fill(db)
    db.close()
    return path


@pytest.fixture
def archived(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path))


def test_it_writes_nothing(archived: Path):
    before = archived.read_bytes()
    with closing(open_to_verify(archived)) as db:
        assert problems_of(db) == []
    assert archived.read_bytes() == before


@pytest.mark.parametrize("page", [1, 2, 3, 5, 8, 13, 21, 34, 50])
def test_bytes_overwritten_in_any_page_are_found_and_never_a_surprise(archived: Path, page: int):
    raw = bytearray(archived.read_bytes())
    start = page * 4096 % len(raw)
    raw[start : start + 600] = b"\xff" * 600
    archived.write_bytes(raw)
    assert _lines(archived)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_found_and_never_a_surprise(archived: Path, kept: float):
    raw = archived.read_bytes()
    archived.write_bytes(raw[: int(len(raw) * kept)])
    assert _lines(archived)


def test_a_body_overwritten_in_the_file_is_named_by_its_row(archived: Path):
    raw = archived.read_bytes()
    assert raw.count(b"Number 3.") >= 1
    archived.write_bytes(raw.replace(b"Number 3.", b"Number \xff."))
    with closing(open_to_verify(archived)) as db:
        assert [
            problem.row.split(" (")[0]
            for problem in problems_of(db)
            if problem.check == "hashes of bodies"
        ] == [
            "contents 3",
            "contents 9",
        ]
