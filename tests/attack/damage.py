"""One byte of an archive, of its captures or of a bundle is changed: what notices it, and what a
change that nothing notices altered."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scraper.archive.captures.check import check_captures
from scraper.archive.verify import open_to_verify, verify
from scraper.archive.verify.file_bytes import check_bytes
from scraper.exceptions import ArchiveError

FILES = ("archive.db", "captures.db")


@dataclass
class Damage:
    """How many changed bytes `verify` found, how many changed nothing that can be read (free space,
    unused bits), and where it missed one that did."""

    found: int = 0
    unread: int = 0
    missed: list[str] = field(default_factory=list)


def flip_bytes(source: Path, folder: Path, count: int, chance: random.Random) -> Damage:
    """Change `count` single bits in copies of the two files in `source`, one at a time: in each
    file as often as its size says."""
    for path in [*(source / name for name in FILES), *source.glob("*.hashes")]:
        shutil.copy(path, folder)
    sizes = [(folder / name).stat().st_size for name in FILES]
    damage = Damage()
    for name in chance.choices(FILES, sizes, k=count):
        path = folder / name
        sound = path.read_bytes()
        at, bit = chance.randrange(len(sound)), 1 << chance.randrange(8)
        path.write_bytes(sound[:at] + bytes([sound[at] ^ bit]) + sound[at + 1 :])
        if finds_problem(folder):
            damage.found += 1
        elif (change := _difference(source / name, path)) is None:
            damage.unread += 1
        else:
            damage.missed.append(f"{name}, byte {at}, bit {bit}: {change}")
        for log in folder.glob("*.db-*"):
            log.unlink()
        path.write_bytes(sound)
    return damage


def finds_problem(folder: Path) -> bool:
    """Whether `verify` has a finding in the archive in a folder."""
    more = [
        ("bytes of the files", check_bytes(*(folder / name for name in FILES))),
        ("captures are stored", check_captures(folder / "captures.db")),
    ]
    try:
        with closing(open_to_verify(folder / "archive.db")) as db:
            return any(result.found for result in verify(db, more))
    except ArchiveError:
        return True


def _difference(before: Path, after: Path) -> str | None:
    """The first table that reads otherwise; None if all read the same."""
    for (name, old), (_, new) in zip(_contents(before), _contents(after), strict=True):
        if old != new:
            return name
    return None


def _contents(path: Path) -> Iterator[tuple[str, Any]]:
    """All that can be read in a database: each table with its rows, and the numbers in the file's
    header that this program uses."""
    uri = f"{path.as_uri()}?immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.text_factory = bytes
        for pragma in ("user_version", "application_id"):
            yield pragma, connection.execute(f"PRAGMA {pragma}").fetchone()
        yield "sqlite_master", connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'revisions_fts'"
        )
        for (name,) in names.fetchall():
            yield name.decode(), connection.execute(f"SELECT * FROM {name.decode()}").fetchall()


def flip_bundle(folder: Path, per_file: int, chance: random.Random) -> list[str]:
    """Change single bits of the files of an unpacked bundle, so many in each, and of every byte of
    its script; returns which its script did not notice."""
    missed = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sound = path.read_bytes()
        places = [chance.randrange(len(sound)) for _ in range(per_file)]
        for at in range(len(sound)) if path.name == "verify.sh" else places:
            bit = 1 << chance.randrange(8)
            path.write_bytes(sound[:at] + bytes([sound[at] ^ bit]) + sound[at + 1 :])
            if check_bundle(folder).returncode == 0:
                missed.append(f"{path.name}, byte {at}, bit {bit}")
        path.write_bytes(sound)
    return missed


def check_bundle(folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the script of a bundle."""
    return subprocess.run(["sh", "verify.sh"], cwd=folder, capture_output=True, check=False)
