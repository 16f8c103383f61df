"""To compare all posts for the first time costs as their number grows, not as its square."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.database import open_for_writing
from scraper.archive.similarity.index import similarity_path
from scraper.archive.similarity.update import update_similarity
from tests.bench.graph import LATER, make_archive

INSTRUCTIONS = 100
FEW = 50


def test_every_chunk_of_posts_costs_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In instructions of SQLite. Posts of few words and of a topic each, compared in a transaction
    each: what finding them takes stands out."""
    monkeypatch.setattr("scraper.archive.similarity.update.CHUNK", 1)
    monkeypatch.setattr("tests.bench.graph.WORDS_A_POST", 10)
    monkeypatch.setattr("tests.bench.graph.POSTS_A_TOPIC", 1)
    few, many = (compare_all(tmp_path / f"{posts}.db", posts) for posts in (FEW, 4 * FEW))
    assert many < 5 * few


def compare_all(path: Path, posts: int) -> int:
    """How many instructions, in hundreds, SQLite takes to compare all posts of an archive."""
    make_archive(path, posts)
    steps: list[None] = []
    with closing(open_for_writing(path)) as db:
        db.conn.set_progress_handler(lambda: steps.append(None), INSTRUCTIONS)
        assert update_similarity(db.conn, similarity_path(path), LATER) == posts
    return len(steps)
