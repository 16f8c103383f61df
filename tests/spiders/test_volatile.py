"""Places that vary by themselves, crawled: what the control fetches of one crawl teach, the next
crawl reads by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from scraper.archive.captures.sights import load_previous
from scraper.archive.verify.changes import check_changes
from scraper.pipelines.control_fetches import ENOUGH_CONTROLS, is_within_share
from scraper.pipelines.edits import TRIES
from scraper.spiders.fetch_tasks import MOST_UNMOVED
from tests.conftest import ANEW, Command, rows
from tests.extract.test_volatile import UNNAMED
from tests.noisy_store import EDITED, EVERYTHING, OWN_LAYOUT, POSTS, noisy_store
from tests.random_noise import RANDOM


@pytest.fixture
def every_post(crawl: Command) -> Callable[[str, Path], None]:
    """Crawl every post of a store."""

    def run(url: str, db: Path) -> None:
        done = crawl(url, db, *ANEW)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


@pytest.mark.parametrize(
    ("kinds", "how"),
    [
        (EVERYTHING, {"theme": "article"}),
        (EVERYTHING, {"theme": "names that say nothing", "is_slow": True}),
        (UNNAMED, {"has_feed": True}),
    ],
    ids=["all", "all, slow", "unnamed, with feed"],
)
def test_quiet_crawls_report_nothing_and_edits_come_alone(every_post, db_path, kinds, how):
    with noisy_store(db_path, every_post, kinds, **how) as store:
        store.crawl()
        assert store.controls() == 0
        for _ in range(3):
            store.crawl()
            assert store.observed() == []
            assert store.controls() <= 2
        assert store.controls() == 0  # all that varies is learned
        expected = store.edit()
        store.crawl()
        assert store.observed() == expected
        assert store.controls() <= MOST_UNMOVED + TRIES * len(EDITED)


def test_noise_of_random_states_is_no_edit(every_post, db_path):
    with noisy_store(db_path, every_post, RANDOM, theme="no names") as store:
        for _ in range(4):
            store.crawl()
            assert store.observed() == []


@pytest.mark.parametrize(
    "how", [{"theme": "no names"}, {"theme": "article", "is_slow": True}], ids=["fast", "slow"]
)
def test_edits_come_alone_though_no_unchanged_post_was_ever_read_again(crawl, db_path, how):
    def run(url: str, db: Path) -> None:
        assert crawl(url, db).returncode == 0

    with noisy_store(db_path, run, EVERYTHING, **how) as store:
        store.crawl()
        expected = store.edit()
        store.crawl()
        assert store.observed() == expected
        assert store.controls() <= MOST_UNMOVED + TRIES * len(EDITED)


@pytest.mark.parametrize(
    ("is_slow", "sets_number", "figures"),
    [(False, False, 0), (True, False, 1), (False, True, 1), (True, True, 2)],
    ids=["at each fetch", "at each crawl", "beside an author's", "at each crawl, an author's"],
)
@pytest.mark.parametrize("theme", ["article", "no names"])
def test_a_figure_that_each_fetch_of_a_crawl_shows_otherwise_is_no_part_of_an_edit(
    crawl, db_path, is_slow, sets_number, figures, theme
):
    def run(url: str, db: Path) -> None:
        assert crawl(url, db).returncode == 0

    def sold(subject: str, tick: int) -> str:
        cups = 25 if sets_number and store.edited else 21
        return (
            f"<p>All who like {subject} as we do know why we have sold {300 + tick} of them here, "
            f"and that we ourselves made {cups} cups too.</p>"
        )

    with noisy_store(db_path, run, {"sold": sold}, theme=theme, is_slow=is_slow) as store:
        store.crawl()
        words = 1 + figures
        expected = [(url, kind, words, words) for url, kind, *_ in store.edit()]
        store.crawl()
        assert store.observed() == expected
    with closing(sqlite3.connect(db_path)) as connection:
        assert [problem for problem in check_changes(connection) if problem] == []


def test_edits_come_alone_though_their_posts_are_first_read_without_the_noise(every_post, db_path):
    with noisy_store(db_path, every_post, EVERYTHING) as store:
        for _ in range(2):
            store.crawl()
        expected = store.edit()
        store.crawl()
        assert store.observed() == expected
        assert rows(
            store.db,
            "SELECT count(*) FROM changes JOIN posts ON posts.id = post_id "
            "WHERE origin = 'technical' AND crawl_id = 3 GROUP BY url LIKE ? ORDER BY 1",
            f"%{EDITED[0]}",
        ) == [(1,), (len(POSTS) - 1,)]


@pytest.mark.parametrize(
    ("fetches", "requests", "expected"),
    [(0, 12, True), (19, 12, True), (20, 240, False), (20, 1001, True), (200, 10_000, False)],
)
def test_control_fetches_cost_two_in_a_hundred(fetches, requests, expected):
    assert is_within_share(fetches, requests) is expected
    assert ENOUGH_CONTROLS == 20


@pytest.mark.parametrize("quiet", [1, 2, 3])
@pytest.mark.parametrize(
    "how", [{"theme": "article"}, {"theme": "no names", "is_slow": True}], ids=["fast", "slow"]
)
def test_an_undated_edit_is_no_part_of_what_is_learned_meanwhile(every_post, db_path, how, quiet):
    with noisy_store(db_path, every_post, EVERYTHING, moves_dates=False, **how) as store:
        for _ in range(quiet):
            store.crawl()
        expected, found = store.edit(), []
        for _ in range(6):
            store.crawl()
            found += store.observed()
        assert found == expected


@pytest.mark.parametrize("kind", ["chat", "author"])
def test_an_undated_edit_is_reported_beside_a_line_of_random_states(every_post, db_path, kind):
    how = {"theme": "article", "is_slow": True, "moves_dates": False}
    with noisy_store(db_path, every_post, {kind: RANDOM[kind]}, **how) as store:
        for _ in range(4):
            store.crawl()
        expected, found = store.edit(), []
        for _ in range(3):
            store.crawl()
            found += store.observed()
        assert found == expected


def test_a_number_that_each_node_writes_in_its_own_way_is_no_undated_edit(every_post, db_path):
    kind = "number of a node"
    how = {"theme": "article", "is_slow": True, "moves_dates": False}
    with noisy_store(db_path, every_post, {kind: RANDOM[kind]}, **how) as store:
        for _ in range(5):
            store.crawl()
            assert store.observed() == []


@pytest.mark.parametrize("moves_dates", [False, True])
def test_what_only_the_feed_cuts_off_is_no_part_of_an_edit(every_post, db_path, moves_dates):
    how = {"has_feed": True, "moves_dates": moves_dates, "last_theme": OWN_LAYOUT}
    with noisy_store(db_path, every_post, EVERYTHING, **how) as store:
        for _ in range(2):
            store.crawl()
        if moves_dates:
            store.edit()
        store.crawl()
    assert rows(
        db_path,
        "SELECT origin, words_added, words_removed FROM changes JOIN posts ON posts.id = post_id "
        "WHERE kind = 'edited' AND url LIKE ?",
        f"%{POSTS[-1]}",
    ) == ([("observed", 1, 1)] if moves_dates else [])


def test_a_page_is_read_again_where_only_places_that_vary_are_new(every_post, db_path):
    with noisy_store(db_path, every_post, EVERYTHING) as store:
        for _ in range(2):
            store.crawl()
        ((extractor, url),) = rows(
            db_path, "SELECT seen_extractor, url FROM posts WHERE url LIKE ?", f"%{EDITED[0]}"
        )
        _, (latest,) = rows(db_path, "SELECT version FROM templates ORDER BY id")
    captures = db_path.with_name("captures.db")
    with closing(sqlite3.connect(db_path)) as connection:

        def found():
            rules = (extractor, latest)
            page = load_previous(connection, captures, url, lastmod="", rules=rules)
            return page and (page.final_url, page.is_due)

        assert found() == (url, False)
        connection.execute("UPDATE revisions SET last_seen_at = '2999'")
        connection.execute(
            "UPDATE captures SET body_id = NULL WHERE id = ("
            "SELECT max(id) FROM captures WHERE url = ? AND resource_type = 'post')",
            [url],
        )
        assert found() is None  # the one before may show another revision
        connection.rollback()
        theme = {"path": "p", "text": "share", "learned_from": "pages", "pages": 9}
        connection.execute(
            "UPDATE templates SET blocks = json_insert(blocks, '$[#]', json(?)) WHERE id = 1",
            [json.dumps(theme)],
        )
        assert found() is None


def test_a_control_fetch_is_evidence_and_no_visit(every_post, db_path):
    with noisy_store(db_path, every_post, {"views": UNNAMED["views"]}) as store:
        store.crawl()
        store.crawl()
        found = rows(
            store.db,
            "SELECT DISTINCT post_id, verdict, template, body_id > 0 FROM captures "
            "WHERE resource_type = 'control'",
        )
        assert found == [(None, "ok", "none", 1)]
        posts = len(POSTS)
        assert rows(store.db, "SELECT n_fetched, n_pending FROM crawls") == [
            (posts, 0),
            (posts, posts),
        ]
        assert rows(store.db, "SELECT count(*) FROM observations") == [(2 * posts,)]


def test_a_crawl_keeps_the_template_by_which_it_read(every_post, db_path):
    with noisy_store(db_path, every_post, {"views": UNNAMED["views"]}) as store:
        for _ in range(3):
            store.crawl()
        first, second, third = (word for (word,) in rows(store.db, "SELECT template FROM crawls"))
        assert first == second != third
        assert rows(
            store.db, "SELECT version, instr(blocks, 'views') > 0 FROM templates ORDER BY id"
        ) == [(first, 0), (third, 1)]
