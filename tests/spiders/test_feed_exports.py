"""The pipelines yield clean posts: Scrapy's own feed exports write exactly those that were
read."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, fields
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scraper.demo import DemoServer
from scraper.items import CleanPost
from scraper.printable import csv_cell, printable
from tests.conftest import Command, rows
from tests.small_store import small_store
from tests.storefront import ROBOTS, index, post, serving, sitemap


@dataclass(frozen=True)
class Exported:
    folder: Path

    @property
    def db(self) -> Path:
        return self.folder / "archive.db"

    @property
    def posts(self) -> list[dict[str, object]]:
        text = (self.folder / "posts.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def exported(crawl: Command, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The demo store in small, crawled once into a file of each format."""
    folder = tmp_path_factory.mktemp("exports")
    files = [word for kind in ("jsonl", "csv", "xml") for word in ("-O", f"{folder}/posts.{kind}")]
    with DemoServer(small_store(theme="palo_alto")) as server:
        done = crawl(server.url, folder / "archive.db", *files)
        assert done.returncode == 0, done.stdout + done.stderr
    return Exported(folder)


def test_each_line_is_a_post_that_the_archive_holds(exported: Exported) -> None:
    saved = rows(
        exported.db,
        """
        SELECT posts.url, posts.title, posts.author, posts.published_at, contents.text,
            contents.html
        FROM posts JOIN revisions ON revisions.id = posts.revision_id
        JOIN contents ON contents.id = revisions.content_id
        """,
    )
    names = ("url", "title", "author", "published_at", "text", "html")
    found = [tuple(post[name] for name in names) for post in exported.posts]
    assert len(found) == len(small_store().posts(1))
    assert sorted(map(str, found)) == sorted(map(str, saved))


def test_links_and_codes_are_plain_objects(exported: Exported) -> None:
    links = [link for post in exported.posts for link in post["links"]]
    codes = [code for post in exported.posts for code in post["codes"]]
    assert {"inline", "related_list", "older", "newer"} <= {link["kind"] for link in links}
    assert {frozenset(link) for link in links} == {frozenset({"url", "kind", "anchor"})}
    mentions = rows(exported.db, "SELECT count(*) FROM code_mentions")
    assert [(len(codes),)] == mentions
    assert {frozenset(code) for code in codes} == {
        frozenset({"code", "kind", "value", "currency", "snippet"})
    }


def test_csv_holds_the_same_with_nested_values_as_json(exported: Exported) -> None:
    with (exported.folder / "posts.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert list(table[0]) == [field.name for field in fields(CleanPost)]
    assert [
        {
            **row,
            "word_count": int(row["word_count"]),
            **{name: json.loads(row[name]) for name in ("authors", "tags", "links", "codes")},
        }
        for row in table
    ] == [
        {name: csv_cell(value) if isinstance(value, str) else value for name, value in post.items()}
        for post in exported.posts
    ]
    # An apostrophe stands before the list that begins a post, and nowhere else.
    assert {row["markdown"][:3] for row in table if row["markdown"][0] == "'"} == {"'- "}


def test_no_file_holds_what_a_spreadsheet_runs_or_a_terminal_acts_on(
    crawl: Command, tmp_path: Path
) -> None:
    path = "/blogs/news/one"
    title = '=HYPERLINK("http://evil.example","x") \u202e&lt; \u0093'
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", path),
        "/blogs/news": index(path),
        path: post(path, title=title.replace("&", "&amp;").replace('"', "&quot;")),
    }
    with serving(pages) as store:
        files = [f"{tmp_path}/posts.{kind}" for kind in ("csv", "json", "jsonl", "xml")]
        outputs = [word for file in files for word in ("-O", file)]
        crawl(store.url, tmp_path / "archive.db", *outputs)
    (row,) = csv.DictReader((tmp_path / "posts.csv").read_text("utf-8").splitlines())
    assert row["title"] == '\'=HYPERLINK("http://evil.example","x") \ufffd&lt; \ufffd'
    assert row["word_count"].isdigit()
    for name in ("posts.json", "posts.jsonl"):
        text = (tmp_path / name).read_text("utf-8")
        assert "\u202e" not in text
        (found,) = json.loads(text) if name == "posts.json" else map(json.loads, text.splitlines())
        assert found["title"] == title
    text = (tmp_path / "posts.xml").read_text("utf-8")
    assert printable(text) == text
    assert ElementTree.fromstring(text).findtext("item/title") == title
    assert rows(tmp_path / "archive.db", "SELECT title FROM posts") == [(title,)]


def test_xml_holds_the_same_posts(exported: Exported) -> None:
    tree = ElementTree.parse(exported.folder / "posts.xml")
    assert [item.findtext("url") for item in tree.getroot()] == [
        post["url"] for post in exported.posts
    ]
    assert [len(item.findall("links/value")) for item in tree.getroot()] == [
        len(post["links"]) for post in exported.posts
    ]


def test_a_page_in_which_no_post_is_found_is_evidence_and_no_item(
    crawl: Command, tmp_path: Path
) -> None:
    paths = [f"/blogs/news/post-{number}" for number in range(3)]
    pages = {path: post(path, rid=700 + number) for number, path in enumerate(paths)}
    pages[paths[1]] = post(paths[1], rid=701, text="<i></i>" * 200_000)
    listings = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *paths),
        "/blogs/news": index(*paths),
    }
    db = tmp_path / "archive.db"
    with serving(listings | pages) as store:
        crawl(store.url, db, "-O", f"{tmp_path}/posts.jsonl")
        read = [store.url + path for path in (paths[0], paths[2])]
    assert [item["url"] for item in Exported(tmp_path).posts] == read
    rejected = "SELECT substr(url, -6) FROM captures WHERE verdict = 'rejected'"
    assert rows(db, rejected) == [("post-1",)]
