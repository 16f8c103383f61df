from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.demo import THEMES, ContentProblem, DemoStore, load_store
from scraper.demo.store import Catalogue
from tests.demo.sample import DAYS, write_sample


def post_of(store: DemoStore, name: str, day: int = 1):
    return store.edition(day).by_path[f"/blogs/{name}"]


def test_a_post_is_read_whole(store: DemoStore):
    post = post_of(store, "journal/cool-room")

    assert (post.title, post.author, post.tags) == (
        "Why a “cooler” room & a window help",
        "Maren Oakley",
        ("Sleep", "Bed Room"),
    )
    assert post.published == datetime(2026, 2, 20, 23, 30, tzinfo=UTC)
    assert post.updated - post.published == timedelta(seconds=1)
    assert (post.comments[0].name, post.comments[-1].text) == ("Jo", "seven < eight")
    assert post.body_html.startswith("<h2>")


def test_second_day_reports_exactly_what_was_done(store: DemoStore):
    assert [(change.kinds, change.post.name, change.what) for change in store.changes(2)] == [
        (("edited",), "journal/cool-room", ("claim",)),
        (("renamed",), "journal/p-01-renamed", ("rename",)),
        (("retitled",), "journal/p-02", ("retitle",)),
        (("removed",), "journal/p-03", ("remove",)),
        (("author",), "journal/p-05", ("author",)),
        (("tags",), "journal/p-06", ("tags",)),
        (("redated",), "journal/p-07", ("redate",)),
        (("created",), "journal/p-33", ()),
    ]


def test_third_day_puts_back_and_restores(store: DemoStore):
    assert [(change.kinds, change.post.name) for change in store.changes(3)] == [
        (("edited",), "journal/cool-room"),
        (("renamed",), "journal/p-01-again"),
        (("restored",), "journal/p-03"),
    ]
    assert (
        post_of(store, "journal/cool-room", 3).body_html
        == post_of(store, "journal/cool-room", 1).body_html
    )


def test_on_the_first_day_everything_is_created(store: DemoStore):
    assert {change.kinds for change in store.changes(1)} == {("created",)}
    assert len(store.changes(1)) == len(store.posts(1)) == 36


def test_a_touched_post_moves_its_lastmod_and_nothing_else(store: DemoStore):
    before, after = post_of(store, "journal/p-04"), post_of(store, "journal/p-04", 2)

    assert after.updated == datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert after.body_html == before.body_html


def test_an_untouched_post_keeps_its_lastmod(store: DemoStore):
    assert post_of(store, "journal/p-08", 2).updated == post_of(store, "journal/p-08").updated


def test_a_rename_keeps_the_article_id(store: DemoStore):
    ids = {
        post_of(store, f"journal/{handle}", day).article_id
        for day, handle in enumerate(("p-01", "p-01-renamed", "p-01-again"), 1)
    }

    assert len(ids) == 1


def test_two_renames_make_a_chain_of_redirects(store: DemoStore):
    assert store.redirects(3) == {
        "/blogs/journal/p-01": "/blogs/journal/p-01-renamed",
        "/blogs/journal/p-01-renamed": "/blogs/journal/p-01-again",
    }


def test_days_beyond_the_last_are_like_the_last(store: DemoStore):
    assert store.posts(9) == store.posts(store.last_day)
    assert store.changes(9) == ()


def test_neighbours_go_by_date_within_a_blog(store: DemoStore):
    newest = store.edition(1).blogs["journal"][0]
    older, newer = store.edition(1).neighbours(newest)

    assert newer is None
    assert older == store.edition(1).blogs["journal"][1]


def test_kin_are_of_the_same_topic_and_never_the_post_itself(store: DemoStore):
    post = post_of(store, "journal/cool-room")

    related = store.edition(1).related_posts(post, 3)

    assert {other.topic for other in related} == {"sleep"}
    assert post not in related


def test_every_theme_shows_some_post(store: DemoStore):
    assert {store.theme_of(post) for post in store.posts(1)} == set(THEMES)


def test_a_post_keeps_its_theme_from_day_to_day(store: DemoStore):
    assert store.theme_of(post_of(store, "journal/p-01")) == store.theme_of(
        post_of(store, "journal/p-01-again", 3)
    )


def test_one_theme_can_be_forced(catalogue: Catalogue):
    forced = DemoStore(catalogue, theme="dawn")

    assert {forced.theme_of(post) for post in forced.posts(1)} == {"dawn"}


def test_an_unknown_theme_is_refused(catalogue: Catalogue):
    with pytest.raises(ValueError, match="no theme is called sunset"):
        DemoStore(catalogue, theme="sunset")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("cures every bad night", "not there", "occurs 0 times", id="snippet missing"),
        pytest.param(
            'old = "cures every bad night"',
            'old = "the"',
            "occurs [2-9] times",
            id="snippet ambiguous",
        ),
        pytest.param("journal/p-03", "journal/nobody", "no post journal/nobody", id="no such post"),
        pytest.param(
            'kind = "touch"',
            'kind = "paint"',
            "no operation is called paint",
            id="unknown operation",
        ),
        pytest.param("number = 3", "number = 4", "without a gap", id="gap in the days"),
        pytest.param('what = "claim"', "colour = 1", "unexpected keyword", id="unknown key"),
    ],
)
def test_days_that_do_not_fit_are_refused(tmp_path: Path, old: str, new: str, message: str):
    folder = write_sample(tmp_path / "store", days=DAYS.replace(old, new))

    with pytest.raises(ContentProblem, match=message):
        DemoStore(load_store(folder))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("<p>no head</p>", "begins with a head", id="no head"),
        pytest.param("+++\ntitle = \n+++\n<p>x</p>", "Invalid value", id="bad TOML"),
        pytest.param("+++\ntitle = 'T'\n+++\n<p>x</p>", "KeyError 'published'", id="no date"),
        pytest.param(
            "+++\ntitle = 'T'\nauthor = 'A'\npublished = 2026-01-01T00:00:00\n+++\n<p>x</p>",
            "needs an offset",
            id="naive date",
        ),
    ],
)
def test_a_broken_post_is_refused_by_name(tmp_path: Path, text: str, message: str):
    folder = write_sample(tmp_path / "store")
    (folder / "journal" / "broken.html").write_text(text, encoding="utf-8")

    with pytest.raises(ContentProblem, match=message) as refusal:
        load_store(folder)
    assert "broken.html" in str(refusal.value)
