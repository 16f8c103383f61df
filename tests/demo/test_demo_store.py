"""The demo store as it ships: every post in every theme, and the dump that looks like the page the
project began from."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from scraper.demo import THEMES, DemoStore
from scraper.demo.documents import FEED_CAP
from scraper.demo.pages import article_page
from scraper.demo.views import Site
from tests.conftest import Sample
from tests.demo.authored import reading_text, related_items
from tests.demo.conftest import Serve, ask

LOOKALIKE = Path(__file__).parent / "data" / "lookalike.txt"
LOOKALIKE_POST = "/blogs/journal/morning-stiffness-survey"


@pytest.fixture(scope="module")
def demo() -> DemoStore:
    return DemoStore()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("theme", THEMES)
def test_every_post_of_every_day_stands_in_its_page_once(theme: str, sample: Sample):
    store = DemoStore(theme=theme)

    missing = [
        (day, post.name)
        for day in range(1, store.last_day + 1)
        for post in sample(store.posts(day), 7, list(THEMES).index(theme) + day)
        if article_page(Site(store=store, day=day, authority="shop.example"), post).count(
            post.body_html
        )
        != 1
    ]

    assert missing == []


def test_it_is_large_enough_for_the_feed_cap_and_every_theme(demo: DemoStore):
    assert len(demo.posts(1)) >= 60
    assert len(demo.edition(1).blogs["journal"]) > FEED_CAP
    assert min(Counter(demo.theme_of(post) for post in demo.posts(1)).values()) >= 5


def test_article_ids_are_distinct(demo: DemoStore):
    assert len({post.article_id for post in demo.catalogue.posts}) == len(demo.catalogue.posts)


def test_the_second_day_brings_every_kind_of_change(demo: DemoStore):
    kinds = Counter(kind for change in demo.changes(2) for kind in change.kinds)

    assert kinds == {
        "created": 3,
        "edited": 5,
        "retitled": 2,
        "renamed": 2,
        "removed": 2,
        "author": 1,
        "tags": 1,
        "redated": 1,
    }


def test_every_post_named_by_the_sitemap_answers(demo: DemoStore, serve: Serve):
    server = serve(demo, day=demo.last_day)
    locations = re.findall(r"<loc>([^<]+)</loc>", ask(server, "/sitemap_blogs_1.xml").text)
    statuses = Counter(ask(server, location).status for location in locations)

    assert statuses == {200: len(demo.posts(demo.last_day)) + 2}


def test_the_lookalike_is_a_dump_of_a_demo_post_in_the_seeds_form(demo: DemoStore):
    post = demo.edition(1).by_path[LOOKALIKE_POST]
    lines = [
        line.strip() for line in LOOKALIKE.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    byline = lines.index(f"Posted by {post.author} on")
    related = lines.index("Related Joint Comfort articles:")

    assert lines[0] == "Product Title"
    assert lines[byline - 1] == lines[byline + 1] == post.title
    assert words("\n".join(lines[byline + 2 : related])) == words(reading_text(post))
    assert lines[related + 1 : -2] == [f"• {item.title}" for item in related_items(post)]
    assert lines[-2:] == ["← Older Post Newer Post →", "Related Posts"]


def test_the_lookalike_bears_a_code_and_names_itself(demo: DemoStore):
    post = demo.edition(1).by_path[LOOKALIKE_POST]

    assert "code FERN15 at checkout to claim 15% off" in reading_text(post)
    assert post.title in [item.title for item in related_items(post)]


@pytest.mark.skipif(
    not (Path(__file__).resolve().parents[2] / ".." / "shared" / "seed").is_dir(),
    reason="the seed stands beside the checkout, not here",
)
def test_the_lookalike_has_the_boilerplate_lines_of_the_seed():
    seed = (
        next((Path(__file__).resolve().parents[2] / ".." / "shared" / "seed").glob("*.txt"))
        .read_text(encoding="utf-8")
        .split("\n")
    )
    lookalike = LOOKALIKE.read_text(encoding="utf-8").split("\n")

    assert lookalike[:15] == seed[:15]
    assert lookalike[-3:] == seed[-3:]
    assert [not line for line in lookalike[15:22]] == [not line for line in seed[15:22]]
