"""What an archive keeps of answers, for tests to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from scraper.archive.captures.reader import StoredAnswer, open_reader
from tests.conftest import rows


def answers(db_path: Path, where: str = "1") -> Iterator[tuple[str, StoredAnswer]]:
    """What each capture of an archive was for, and its answer, read back, in the order in which
    they came."""
    with closing(open_reader(db_path.with_name("captures.db"))) as reader:
        for resource_type, body_id, body_hash in rows(
            db_path,
            "SELECT resource_type, body_id, body_hash FROM captures "
            f"WHERE {where} AND body_id IS NOT NULL ORDER BY id",
        ):
            yield str(resource_type), reader.read(int(str(body_id)), str(body_hash))
