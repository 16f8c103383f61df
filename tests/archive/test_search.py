"""Search: over all that ever stood, and over what stands now."""

from __future__ import annotations

import pytest

from tests.archive.shop import Shop
from tests.factories import make_post

ONCE = "SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ? ORDER BY rowid"
NOW = (
    "SELECT posts.id FROM revisions_fts JOIN posts ON posts.revision_id = revisions_fts.rowid "
    "WHERE revisions_fts MATCH ?"
)


@pytest.fixture
def edited(shop: Shop) -> Shop:
    shop.crawl(
        1,
        make_post(text="Ginger cures all.", article_id="1"),
        make_post("other", text="Nothing of it.", article_id="2"),
    )
    shop.crawl(
        2,
        make_post(text="Ginger may help.", article_id="1"),
        make_post("other", text="Nothing of it.", article_id="2"),
    )
    return shop


@pytest.mark.parametrize(
    ("words", "once", "now"),
    [
        ("cures", [1], []),
        ("help", [3], [1]),
        ("ginger", [1, 3], [1]),
        ("coffee", [], []),
        ("author:quill", [1, 2, 3], [1, 2]),
    ],
)
def test_what_stood_once_and_what_stands(edited: Shop, words, once, now):
    assert (edited.rows(ONCE, words), sorted(edited.rows(NOW, words))) == (once, now)


def test_a_word_is_found_without_its_accents(shop: Shop):
    shop.crawl(1, make_post(text="Thé au café."))
    assert shop.rows(ONCE, "cafe") == [1]


def test_the_words_around_a_hit_can_be_shown(edited: Shop):
    assert edited.rows(
        "SELECT snippet(revisions_fts, 3, '[', ']', '', 9) FROM revisions_fts "
        "WHERE revisions_fts MATCH 'cures'"
    ) == ["Ginger [cures] all."]


def test_a_return_adds_nothing_to_the_index(edited: Shop):
    edited.crawl(3, make_post(text="Ginger cures all.", article_id="1"))
    assert (edited.rows(ONCE, "cures"), edited.rows(NOW, "cures")) == ([1], [1])


def test_the_index_can_be_built_anew_from_the_archive(edited: Shop):
    edited.db.conn.set_authorizer(None)
    edited.db.execute("INSERT INTO revisions_fts (revisions_fts) VALUES ('rebuild')")
    assert edited.rows(ONCE, "ginger") == [1, 3]
