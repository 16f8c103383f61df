"""Characters that reorder or hide text reach no page, feed or JSON; texts are isolated."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from scraper.archive.database import open_for_writing
from scraper.web.server import make_datasette
from tests.archive.shop import Shop
from tests.conftest import FURTHER
from tests.factories import make_code, make_link, make_post
from tests.warm import Warm
from tests.web.conftest import new_context
from tests.web.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "\u202e\u2066\x1b\x9b\U000e0041\u2028"
HEBREW = "תה 100"

PAGES = [
    "/",
    "/-/post/1",
    "/-/post/1/1",
    "/-/post/1/compare/1/2",
    "/-/post/1/compare/1/2?view=side&form=markdown&whole=1",
    "/-/changes",
    "/-/changes.atom",
    "/-/changes.json",
    "/-/changes/feed.json",
    "/-/store/1",
    "/-/evidence/1",
    "/-/evidence/2",
    "/archive/silent-edits",
    "/-/search?q=tea&now=1",
    f"/-/search?q={quote(HOSTILE)}tea",
    "/-/phrase?q=tea",
    "/-/related",
    f"/-/related?q={quote(HOSTILE)}",
    "/-/related.json",
    "/-/related/links.json",
    "/-/plots",
    "/-/plots.json",
    "/archive/posts",
    "/archive/posts/1",
    "/archive/contents",
    "/archive/posts.json",
    "/archive/posts.csv",
    "/archive/posts.csv?_stream=1&_header=off",
    "/archive/contents?_format=csv&_dl=1",
    f"/archive?sql=select+'{quote(HOSTILE)}'",
]


def fill(archive: Path, text: str) -> None:
    shop = Shop(open_for_writing(archive))
    for day in (1, 2):
        post = make_post(
            title=f"{text} tea {day}",
            author=f"{text} author {day}",
            excerpt=f"{text} excerpt {day}",
            tags=(f"{text} tag {day}",),
            links=(make_link("elsewhere", anchor=f"{text} anchor"),),
            codes=(make_code("TEA10", snippet=f"{text} snippet"),),
        )
        words = f"{text} tea {day}"
        shop.crawl(day, replace(post, text=words, markdown=words, html=f"<p>{words} &#x202e;</p>"))
    shop.db.close()


def ask_all(archive: Path, paths: Iterable[str]) -> dict[str, httpx.Response]:
    async def answers() -> dict[str, httpx.Response]:
        client = make_datasette(archive).client
        return {
            path: await client.get(path, follow_redirects=True) for path in dict.fromkeys(paths)
        }

    return asyncio.run(answers())


def test_no_page_feed_or_json_holds_them(integration: None, tmp_path: Path):
    archive = tmp_path / "archive.db"
    fill(archive, HOSTILE)
    answers = ask_all(archive, PAGES)
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(
        PAGES, 200
    )
    found = {path: set(HOSTILE) & set(answer.text) for path, answer in answers.items()}
    assert found == {path: set() for path in PAGES}
    assert all("tea" in answers[path].text for path in ("/-/post/1", "/-/changes.atom"))


def test_csv_holds_no_formula_and_loses_no_row(integration: None, tmp_path: Path):
    archive = tmp_path / "archive.db"
    fill(archive, "=HYPERLINK(1)")
    sql = "SELECT title, -1.5 AS n, :text AS t FROM posts UNION ALL SELECT '+cmd', 'é', '@SUM'"

    async def answer() -> httpx.Response:
        client = make_datasette(archive).client
        values = {"sql": sql, "text": 'a, "b"\nc'}
        return await client.get("/archive.csv", params=values, follow_redirects=True)

    rows = list(csv.reader(io.StringIO(asyncio.run(answer()).text, newline="")))
    assert rows == [
        ["title", "n", "t"],
        ["'=HYPERLINK(1) tea 2", "-1.5", 'a, "b"\nc'],
        ["'+cmd", "é", "'@SUM"],
    ]


@FURTHER
def test_csv_holds_long_texts(tmp_path: Path):
    archive = tmp_path / "archive.db"
    fill(archive, "x" * 200_000)
    answer = asyncio.run(make_datasette(archive).client.get("/archive/contents.csv"))
    assert answer.status_code == 200
    assert "x" * 200_000 in answer.text


ISOLATED = [
    ("/", f"{HEBREW} tea 2"),
    ("/-/post/1", f"{HEBREW} tea 2"),
    ("/-/post/1", f"{HEBREW} author 2"),
    ("/-/post/1", f"{HEBREW} anchor"),
    ("/-/post/1", f"{HEBREW} author 2</bdi>, “<bdi>{HEBREW} tea 2"),
    ("/-/post/1", f"{HEBREW} snippet"),
    ("/-/post/1", f"{HEBREW} tag 2"),
    ("/-/post/1/compare/1/2", f"{HEBREW} author 1"),
    ("/-/changes", f"{HEBREW} tea 2"),
    ("/-/store/1", f"{HEBREW} tea 2"),
    ("/-/evidence/2", f"{HEBREW} tea 2"),
    ("/-/search?q=tea", f"{HEBREW} tea 2"),
    ("/-/phrase?q=tea", f"{HEBREW} tea 2"),
    ("/-/related", f"{HEBREW} tea 2"),
]


def test_texts_are_isolated(tmp_path: Path):
    archive = tmp_path / "archive.db"
    fill(archive, HEBREW)
    answers = ask_all(archive, [path for path, _ in ISOLATED])
    assert [
        (path, text) for path, text in ISOLATED if f"<bdi>{text}</bdi>" not in answers[path].text
    ] == []


def test_a_text_from_right_to_left_moves_nothing_beside_it(
    browser: Browser, warm: Warm, tmp_path: Path
):
    archive = tmp_path / "archive.db"
    fill(archive, HEBREW)
    with served(archive, warm=warm) as site:
        context = new_context(browser)
        page = context.new_page()
        page.goto(f"{site}/-/post/1")
        author, time = (
            page.locator(f".byline {name}").first.bounding_box() for name in ("bdi", "time")
        )
        context.close()
    assert author is not None
    assert time is not None
    assert author["x"] + author["width"] <= time["x"]
