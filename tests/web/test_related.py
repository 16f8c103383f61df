"""The graph of related posts: its counts, its JSON, and its picture in a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import Database

from scraper.archive.database import open_for_writing, prepare
from scraper.archive.queries.graph import read_graph
from scraper.archive.queries.graph_history import (
    GraphHistory,
    read_graph_history,
    read_neighbourhood,
)
from scraper.graph.layout import SIDE, place
from scraper.graph.measures import PostRank, measure
from scraper.graph.model import GraphEdge, GraphPost
from scraper.web.drawings.graph_data import (
    KINDS,
    MAX_LINKS,
    MAX_POSTS,
    GraphPicture,
    links_data,
    make_graph_picture,
    posts_data,
)
from scraper.web.drawings.graph_filter import GraphFilter, filter_graph
from scraper.web.server import make_datasette
from tests.archive.shop import Shop
from tests.each_row import each_row
from tests.factories import at, make_link, make_post, url_of
from tests.web.conftest import serious

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opener = Callable[..., "Page"]


@pytest.fixture
def shop() -> Shop:
    db = Database(memory=True)
    prepare(db)
    return Shop(db)


def _picture(shop: Shop, limit: int = 9) -> GraphPicture:
    return make_graph_picture(read_graph_history(shop.db.conn, 0, limit=limit))


def _counts(picture: GraphPicture, on: str = "", **more: Any) -> tuple[int, int, int, int]:
    """Posts, links, orphans and dead links."""
    shown = filter_graph(picture, GraphFilter(kinds=KINDS, on=on, **more))
    return len(shown.posts), shown.n_links, len(shown.orphans), len(shown.dead)


def _three_days(shop: Shop) -> None:
    """On day 1 A points at B and at what nobody knows; on day 2 C comes, and A points at C; on days
    3 and 4 C is gone."""
    b = make_post("b", title="B")
    shop.crawl(
        1, make_post("a", title="A", links=(make_link("b"), make_link("lost", position=1))), b
    )
    a = make_post("a", title="A", links=(make_link("b"), make_link("c", position=1)))
    shop.crawl(2, a, b, make_post("c", title="C", links=(make_link("a"),)))
    for day in (3, 4):
        shop.crawl(day, a, b, gone=[url_of("c")])


def test_a_picture_shows_what_stood_at_each_time(shop: Shop):
    _three_days(shop)
    picture = _picture(shop)
    assert [_counts(picture, on) for on in picture.steps] == [
        (2, 1, 1, 1),
        (3, 3, 0, 0),
        (2, 1, 1, 1),
        (2, 1, 1, 1),
    ]
    assert _counts(picture) == _counts(picture, picture.steps[-1])
    assert _counts(picture, at(2, 30)) == _counts(picture, picture.steps[0])


def test_dead_links_say_why(shop: Shop):
    _three_days(shop)
    picture = _picture(shop)
    dead = [
        filter_graph(picture, GraphFilter(kinds=("inline",), on=on)).dead
        for on in picture.steps[:3]
    ]
    assert [[(row.source.title, row.target, row.reason) for row in rows] for rows in dead] == [
        [("A", url_of("lost"), "not archived")],
        [],
        [("A", "C", "removed")],
    ]


def test_a_neighbourhood_reaches_one_link_or_two_whichever_way_they_lead(shop: Shop):
    chain = {"a": "b", "b": "c", "c": "d", "d": "e"}
    shop.crawl(
        1,
        *(make_post(name, links=(make_link(other),)) for name, other in chain.items()),
        make_post("e"),
    )
    picture = _picture(shop)
    middle = next(node.id for node in picture.nodes if node.title == "C")
    found = [
        filter_graph(picture, GraphFilter(kinds=KINDS, post=middle, steps=steps))
        for steps in (1, 2)
    ]
    assert [{row.node.title for row in shown.posts} for shown in found] == [
        set("BCD"),
        set("ABCDE"),
    ]
    assert [shown.n_links for shown in found] == [2, 4]


def _past(number: int) -> GraphHistory:
    """So many posts, each of which points at six others."""
    posts = tuple(
        GraphPost(
            id=at,
            label=f"shop.example: news/{at}",
            title=f"Ein langer Titel über Tee, Schlaf und Magnesium, der {at}. seiner Art im Blog",
            url=f"https://shop.example/blogs/news/{at}",
            store="shop.example",
            blog=f"shop.example: {at % 4}",
            published_at="2026-02-01",
            state="live",
            language="de",
            word_count=100,
        )
        for at in range(1, number + 1)
    )
    pairs = [
        (post.id, 1 + (post.id * 7 + step * 131) % number) for post in posts for step in range(6)
    ]
    edges = tuple(
        GraphEdge(
            id=number,
            from_id=start,
            to_id=end,
            kind="inline",
            url="",
            anchor="",
            position=0,
            weight=1,
            first_seen_at="2",
            last_seen_at="2",
            gone_at="",
        )
        for number, (start, end) in enumerate(pairs)
    )
    first = {post.id: "2" for post in posts}
    return GraphHistory(
        posts=posts,
        ranks={post.id: PostRank(rank=1 / number, community=1) for post in posts},
        edges=edges,
        first_seen_at=first,
        steps=tuple(f"{at:03}" for at in range(300)),
        n_posts=number + 500,
    )


def test_the_data_of_many_posts_stays_small(
    monkeypatch: pytest.MonkeyPatch,
):
    # Where the posts lie is not looked at: one iteration places as many as twenty do.
    monkeypatch.setattr("scraper.graph.layout._PAIR_BUDGET", 0)
    monkeypatch.setattr("scraper.graph.layout._MIN_ITERATIONS", 1)
    picture = make_graph_picture(_past(MAX_POSTS))
    assert (len(picture.nodes), picture.n_posts) == (MAX_POSTS, MAX_POSTS + 500)
    assert len(picture.links) <= MAX_LINKS
    assert min(node.rank for node in picture.nodes) >= 0
    for data in (posts_data(picture), links_data(picture)):
        assert len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()) < 500_000


def _five_days(shop: Shop) -> None:
    """After the three days X comes, which points at A, and another post without links; A no longer
    points at any."""
    _three_days(shop)
    shop.crawl(
        5,
        make_post("a", title="A"),
        make_post("x", title="X", links=(make_link("a"),)),
        make_post("far"),
        listed=[url_of(name) for name in "abx"],
    )


def test_the_best_posts_are_as_they_are_among_all(shop: Shop):
    _five_days(shop)
    whole, best = _picture(shop), _picture(shop, limit=2)
    assert read_graph_history(shop.db.conn, 0, limit=2).ranks == {
        post: (found.rank, found.community)
        for post, found in measure(read_graph(shop.db.conn)).items()
    }
    assert best.nodes == whole.nodes[:2]
    assert {node.title for node in best.nodes} == {"A", "B"}
    assert best.links == tuple(link for link in whole.links if max(link.source, link.target) < 2)
    assert best.targets == whole.targets == (url_of("lost"),)
    # C came and went, and X came: the picture does not show them, but its steps do.
    assert best.steps == whole.steps
    assert len(best.steps) > 3
    assert (best.n_posts, best.n_links) == (5, len(best.links))
    assert read_graph_history(shop.db.conn, 0, "shop.example: other", limit=9).posts == ()


def test_what_a_post_is_similar_in_counts_whichever_posts_are_drawn(shop: Shop):
    _three_days(shop)
    shop.db.execute("UPDATE links SET kind = 'similar', anchor = 'rooibos' WHERE anchor = 'c'")
    best = read_graph_history(shop.db.conn, 0, limit=2)
    assert "rooibos" in {edge.anchor for edge in best.edges}


def test_a_post_beyond_the_best_has_a_picture_of_its_own(shop: Shop):
    _five_days(shop)
    whole = _picture(shop)
    start = next(node.id for node in whole.nodes if node.title == "X")
    near = make_graph_picture(read_neighbourhood(shop.db.conn, start, limit=9))
    assert near.nodes[0].title == "X"
    assert {node.title for node in near.nodes} == {"X", "A", "B", "C"}
    assert [_counts(near, on, post=start, steps=2) for on in near.steps[-1:]] == [
        _counts(whole, on, post=start, steps=2) for on in whole.steps[-1:]
    ]
    assert len(make_graph_picture(read_neighbourhood(shop.db.conn, start, limit=2)).nodes) == 2


@each_row(
    ("groups", "pairs"),
    [
        ([], []),
        ([1], []),
        ([1, 1], [(0, 1)]),
        ([0] * 40, []),
        ([1] * 60 + [2] * 60, [(at, (at * 7) % 120) for at in range(110)]),
    ],
    ids=["none", "one", "a pair", "no links", "two groups"],
)
def test_every_post_has_a_place_of_its_own_and_the_same_each_time(
    groups: list[int], pairs: list[tuple[int, int]]
):
    found = place(groups, pairs)
    assert found == place(groups, pairs)
    assert len(set(found)) == len(groups)
    assert all(0 <= axis <= SIDE for spot in found for axis in spot)


def test_an_empty_archive_has_a_page_and_a_wrong_store_none(db_path: Path):
    open_for_writing(db_path).close()
    datasette = make_datasette(db_path)

    async def ask() -> list[int]:
        paths = (
            "/-/related",
            "/-/related.json",
            "/-/related/links.json",
            "/-/related?post=5&kind=none&on=x",
            "/-/related?store=nowhere",
        )
        return [(await datasette.client.get(path)).status_code for path in paths]

    assert asyncio.run(ask()) == [200, 200, 200, 200, 404]


def _counts_on_page(page: Page) -> list[int]:
    """Posts, links and dead links as the page shows them."""
    data = page.locator("#shown")
    return [int(data.get_attribute(f"data-{name}") or -1) for name in ("posts", "links", "dead")]


def _wait_drawn(page: Page) -> None:
    page.locator("#picture[data-drawn]").wait_for()


def test_the_picture_counts_as_the_server_does_and_follows_its_form(open_page: Opener):
    from playwright.sync_api import expect  # noqa: PLC0415

    plain = open_page("/-/related", scripts=False)
    from_server = _counts_on_page(plain)
    page = open_page("/-/related")
    _wait_drawn(page)
    assert _counts_on_page(page) == from_server
    before = page.locator("#picture").screenshot()
    page.get_by_label("linked in the text").uncheck()
    expect(page.locator("#shown")).not_to_have_attribute("data-links", str(from_server[1]))
    assert page.locator("#picture").screenshot() != before
    assert _counts_on_page(page) == _counts_on_page(
        open_page(page.url.removeprefix(_origin(page)), scripts=False)
    )
    page.get_by_label("linked in the text").check()
    expect(page.locator("#shown")).to_have_attribute("data-links", str(from_server[1]))
    page.get_by_label("As of").press("Home")
    expect(page.locator("#shown")).not_to_have_attribute("data-posts", str(from_server[0]))
    assert _counts_on_page(page) == _counts_on_page(
        open_page(page.url.removeprefix(_origin(page)), scripts=False)
    )


def _origin(page: Page) -> str:
    found: str = page.evaluate("location.origin")
    return found


RECORD = """() => {
    window.strokes = [];
    const canvas = CanvasRenderingContext2D.prototype;
    for (const name of ["clearRect", "fillRect", "strokeRect", "arc", "fillText"]) {
        const draw = canvas[name];
        canvas[name] = function (...values) {
            if (this.canvas.classList.contains("sigma-labels")) strokes.push([name, ...values]);
            return draw.apply(this, values);
        };
    }
}"""
LAST_LABELS = "strokes.slice(strokes.findLastIndex(([name]) => name === 'clearRect') + 1)"
LAYERS = """["edges", "nodes", "labels"].map(name => document.querySelector(`.sigma-${name}`))
    .sort((one, other) => one.compareDocumentPosition(other) & 4 ? -1 : 1)
    .map(canvas => canvas.className)"""


def _check_labels(strokes: list[list[Any]], center: str) -> None:
    """Each label has a plate of its own, and the centre, first, a frame and a ring."""
    assert [name for name, *_ in strokes[:4]] == ["fillRect", "strokeRect", "arc", "fillText"]
    assert [name for name, *_ in strokes[4:]] == ["fillRect", "fillText"] * (len(strokes) // 2 - 2)
    plates = [values for name, *values in strokes if name == "fillRect"]
    texts = [values for name, *values in strokes if name == "fillText"]
    assert texts[0][0] == center
    assert len(texts) > 1
    assert [values[1:] for values in texts] == [[left + 2, top + 12] for left, top, *_ in plates]
    for (left, top, width, _), other in combinations(plates, 2):
        right, low = left + width - 4, top + 14
        apart = other[0] >= right or left >= other[0] + other[2] - 4
        assert apart or other[1] >= low or top >= other[1] + 14


def test_a_post_is_found_by_its_title_and_shown_with_its_neighbours(open_page: Opener):
    from playwright.sync_api import expect  # noqa: PLC0415

    page = open_page("/-/related", dark=True, width=390)
    _wait_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(RECORD)
    page.get_by_label("Post by title").fill("rooibos for beg")
    page.get_by_label("Post by title").press("Enter")
    expect(
        page.get_by_role("heading", name="Neighbours of “Rooibos for beginners”")
    ).to_be_visible()
    rows = page.locator("section[aria-labelledby=posts] tbody tr").count()
    assert 1 < rows == _counts_on_page(page)[0]
    _check_labels(page.evaluate(LAST_LABELS), "Rooibos for beginners")
    assert page.evaluate(LAYERS) == ["sigma-edges", "sigma-nodes", "sigma-labels"]
    assert serious(page) == []
    page.get_by_role("link", name="Show all posts").click()
    expect(page.get_by_role("heading", name="Posts by rank")).to_be_visible()
