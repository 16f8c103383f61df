"""The archive of these tests does forbid deleting and overwriting: the guard can fail."""

from __future__ import annotations

import sqlite3

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from tests.archive.conftest import assert_sound
from tests.archive.shop import Shop
from tests.each_row import each_row
from tests.factories import make_post


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM observations",
        "DELETE FROM posts",
        "UPDATE contents SET text = ''",
        "UPDATE revisions SET title = ''",
        "UPDATE changes SET kind = ''",
    ],
)
def test_history_cannot_be_unwritten(shop: Shop, statement: str):
    shop.crawl(1, make_post())
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        shop.db.execute(statement)


@each_row(
    "statement",
    [
        pytest.param(
            "UPDATE contents SET text = 'other words'",
            id="a body that the search index does not know",
        ),
        pytest.param("DELETE FROM contents", id="a revision without its body"),
        pytest.param("UPDATE revisions SET number = 3", id="a gap between revisions"),
        pytest.param("UPDATE changes SET not_before = '2027'", id="a bracket that runs backward"),
        pytest.param(
            "INSERT INTO observations "
            "(post_id, crawl_id, revision_id, verdict, first_seen_at, last_seen_at) "
            "VALUES (1, 1, 1, 'ok', '', '')",
            id="a period cut in two",
        ),
    ],
)
def test_an_unsound_archive_is_noticed(statement: str):
    database = Database(memory=True)
    prepare(database)
    Shop(database).crawl(1, make_post())
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute(statement)
    with pytest.raises((sqlite3.DatabaseError, AssertionError)):
        assert_sound(database)
