"""Files beside crawls: a copy is kept, what the crawler saw for itself stays, and nobody cries wolf
over a file."""

from __future__ import annotations

from tests.archive.shop import Shop
from tests.factories import at, make_post

A, B, C = (
    make_post(article_id="1", text=text)
    for text in ("The first text.", "The second text.", "The third text.")
)
EDITS = "SELECT origin FROM changes WHERE kind = 'edited' ORDER BY id"


def _current(shop: Shop) -> str:
    (text,) = shop.rows(
        "SELECT text FROM posts JOIN revisions ON revisions.id = revision_id "
        "JOIN contents ON contents.id = content_id"
    )
    return str(text)


def test_a_file_makes_a_post_with_origin_imported(shop: Shop):
    shop.imported(1, A)
    assert shop.rows("SELECT origin FROM revisions UNION ALL SELECT origin FROM changes") == [
        "imported",
        "imported",
    ]


def test_an_import_is_a_row_of_crawls_that_judges_nothing(shop: Shop):
    shop.imported(1, A)
    assert shop.rows("SELECT kind, outcome, health, n_new, n_fetched, finished_at FROM crawls") == [
        ("import", "complete", "unknown", 1, 1, at(1, 59))
    ]
    assert shop.rows("SELECT last_good_crawl_id FROM stores") == [None]


def test_a_file_after_a_crawl_is_saved_as_a_copy(shop: Shop):
    shop.crawl(1, A)
    writer = shop.imported(2, B)
    assert (dict(writer.counts), shop.counts("revisions", "observations"), _current(shop)) == (
        {"older_copy": 1},
        (2, 1),
        A.text,
    )


def test_a_file_after_a_crawl_is_no_change_and_no_sight(shop: Shop):
    shop.crawl(1, A)
    shop.imported(2, B)
    assert shop.changes() == []
    assert shop.rows("SELECT last_seen_at, last_changed_at, revision_id FROM posts") == [
        (at(1, 1), at(1, 1), 1)
    ]


def test_the_same_file_twice_is_one_copy(shop: Shop):
    shop.crawl(1, A)
    shop.imported(2, B)
    shop.imported(3, B)
    assert shop.counts("revisions") == (2,)


def test_a_copy_can_be_searched(shop: Shop):
    shop.crawl(1, A)
    shop.imported(2, B)
    assert shop.rows("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH 'second'") == [2]


def test_the_crawl_after_a_copy_sees_no_change(shop: Shop):
    shop.crawl(1, A)
    shop.imported(2, B)
    shop.crawl(3, A)
    assert shop.changes() == []


def test_what_a_crawl_finds_unlike_a_file_is_no_act_of_the_store(shop: Shop):
    shop.imported(1, A)
    shop.crawl(2, B)
    assert (shop.rows(EDITS), _current(shop)) == (["imported"], B.text)


def test_what_a_crawl_finds_like_a_file_is_the_same(shop: Shop):
    shop.imported(1, A)
    shop.crawl(2, A)
    assert (shop.changes(), shop.counts("revisions")) == ([], (1,))


def test_the_stores_edit_after_an_import_and_a_crawl_is_observed(shop: Shop):
    shop.imported(1, A)
    shop.crawl(2, B)
    shop.crawl(3, C)
    assert shop.rows(EDITS) == ["imported", "observed"]


def test_the_stores_edit_after_a_crawl_that_saw_what_the_file_held_is_observed(shop: Shop):
    shop.imported(1, A)
    shop.crawl(2, A)
    shop.crawl(3, B)
    assert shop.rows(EDITS) == ["observed"]


def test_a_file_does_not_replace_what_a_crawl_saw_even_if_a_file_held_it_first(shop: Shop):
    shop.imported(1, A)
    shop.crawl(2, A)
    shop.imported(3, B)
    assert (_current(shop), shop.changes()) == (A.text, [])


def test_a_store_that_turns_to_what_a_copy_holds_is_still_observed(shop: Shop):
    shop.crawl(1, A)
    shop.imported(2, B)
    shop.crawl(3, B)
    shop.crawl(4, C)
    assert shop.rows(EDITS) == ["observed", "observed"]


def test_a_state_that_only_a_copy_held_is_no_return(shop: Shop):
    shop.crawl(1, A)
    shop.imported(2, B)
    shop.crawl(3, B)
    assert shop.rows("SELECT is_revert FROM changes WHERE kind = 'edited'") == [0]


def test_a_file_says_nothing_of_when_its_post_was_created(shop: Shop):
    shop.crawl(1, make_post("other"))
    shop.imported(2, A)
    assert shop.rows("SELECT not_before FROM changes ORDER BY id DESC LIMIT 1") == [None]


def test_an_import_moves_no_missing_post(shop: Shop):
    shop.crawl(1, A, make_post("other"))
    shop.crawl(2, make_post("other"), gone=[A.url])
    shop.imported(3, make_post("third"))
    assert shop.states() == {"slow-tea": "missing", "other": "live", "third": "live"}


def test_an_import_does_not_bring_back_a_removed_post(shop: Shop):
    shop.crawl(1, A, make_post("other"))
    for day in (2, 3):
        shop.crawl(day, make_post("other"), gone=[A.url])
    shop.imported(4, A)
    assert shop.states()["slow-tea"] == "removed"


def test_a_crawl_begins_the_history_of_a_post_that_only_a_file_showed(shop: Shop):
    shop.imported(1, A, dated_by="unknown")
    shop.crawl(2, A)
    assert shop.rows(
        "SELECT first_seen_at FROM posts UNION SELECT first_seen_at FROM revisions"
    ) == [shop.rows("SELECT first_seen_at FROM observations")[0]]


def test_nobody_knows_when_a_store_left_what_an_undated_file_shows(shop: Shop):
    shop.imported(1, A, dated_by="unknown")
    shop.crawl(2, B)
    edited = "SELECT not_before, origin FROM changes WHERE kind = 'edited'"
    assert shop.rows(edited) == [(None, "imported")]


def test_two_files_of_unknown_date_are_no_change(shop: Shop):
    shop.imported(1, A, dated_by="unknown")
    shop.imported(2, B, dated_by="unknown")
    assert shop.rows("SELECT kind FROM changes") == ["created"]
    assert shop.rows("SELECT revision_count FROM posts") == [2]
