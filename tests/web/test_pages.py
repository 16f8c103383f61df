"""Every page of the reading room, as it is served: each link leads somewhere, and each page says
what the archive holds."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from html import unescape
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from lxml import etree

from scraper.archive.database import open_for_writing
from scraper.archive.write.incidents import note_incident
from scraper.web.server import make_datasette
from tests.conftest import ThreeDays, rows
from tests.factories import at
from tests.web.conftest import post_id

ATOM = {"a": "http://www.w3.org/2005/Atom"}
CRAMPS = "journal/magnesium-and-muscle-cramps"


@pytest.fixture
def client(room: str):
    with httpx.Client(base_url=room, timeout=60) as client:
        yield client


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'\s(?:href|src|action)="([^"]*)"', page)]


def words(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_link_leads_somewhere(client: httpx.Client, room: str):
    """From the front page on, every page of ours; of Datasette's own, those to which ours lead."""
    waiting, met, sizes = deque(["/"]), {"/"}, {}
    while waiting:
        path = waiting.popleft()
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        sizes[path] = len(answer.content)
        is_ours = urlsplit(path).path == "/" or path.startswith("/-/")
        if not is_ours or "html" not in answer.headers["content-type"]:
            continue
        for link in links(answer.text):
            url = urldefrag(urljoin(room + path, link)).url
            inside = url.removeprefix(room) or "/"
            if url.startswith(room) and inside not in met and _is_worth_it(inside):
                met.add(inside)
                waiting.append(inside)
    assert len([path for path in met if path.startswith("/-/post/")]) > 80
    assert {path: size for path, size in sizes.items() if size > 500_000} == {}


def _is_worth_it(path: str) -> bool:
    """Of the stream's many filters, one at a time; of the tables' rows, those of one post."""
    parts = urlsplit(path)
    if parts.path == "/-/changes":
        return parts.query.count("=") <= 1
    return parts.path.startswith(("/-/", "/room/")) or not re.search(
        r"/(?:captures|posts|changes|revisions|observations)[/?]?", path
    )


def test_the_front_page_tells_that_the_archive_is_alive_and_what_is_new(client: httpx.Client):
    page = words(client.get("/").text)
    assert "hollow-fern.example" in page
    assert "complete, in good health" in page
    assert "Edited Does magnesium help with night cramps?" in page
    assert "Which posts promise a discount today?" in page


def test_the_front_page_tells_trouble_in_words(db_path: Path):
    db = open_for_writing(db_path)
    note_incident(db.conn, None, "disk_space", "80 MB are free", at(1), subject="disk")
    db.close()
    page = words(asyncio.run(make_datasette(db_path).client.get("/")).text)
    assert "the archive: Little room on the disk since 1 March 2026 . 80 MB are free" in page


def test_a_post_shows_its_text_and_its_timeline(client: httpx.Client, three_days: ThreeDays):
    page = words(client.get(f"/-/post/{post_id(three_days.db, CRAMPS)}").text)
    assert "Magnesium stops night cramps for good." in page
    assert page.count("Revision 1 seen") == 2
    assert "back to an earlier text" in page
    assert "Named as related by the author" in page


def test_a_revision_has_an_address_of_its_own_and_says_that_it_is_past(
    client: httpx.Client, three_days: ThreeDays
):
    page = words(client.get(f"/-/post/{post_id(three_days.db, CRAMPS)}/2").text)
    assert "Magnesium may ease night cramps for some people." in page
    assert "This is revision 2 of 2" in page


def test_a_removed_post_is_still_read_and_said_to_be_removed(
    client: httpx.Client, three_days: ThreeDays
):
    ((number, text),) = rows(
        three_days.db,
        "SELECT posts.id, text FROM posts JOIN revisions ON revisions.id = revision_id "
        "JOIN contents ON contents.id = content_id "
        "WHERE state = 'removed'",
    )
    page = words(client.get(f"/-/post/{number}").text)
    assert "removed from the store" in page
    assert " ".join(str(text).split("\n")[0].split()) in page


def test_every_live_post_stands_on_its_page_word_for_word(
    client: httpx.Client, three_days: ThreeDays
):
    posts = rows(
        three_days.db,
        "SELECT posts.id, html FROM posts JOIN revisions ON revisions.id = revision_id "
        "JOIN contents ON contents.id = content_id",
    )
    assert len(posts) > 60
    for number, html in posts:
        page = client.get(f"/-/post/{number}").text
        body = re.search(r'<div class="body"[^>]*>(.*?)</div>\n', page, re.S)
        assert body is not None
        shown = re.sub(r'<span class="picture">.*?</span>', "", body[1])
        assert words(shown).split() == words(str(html)).split(), number


@pytest.mark.parametrize("view", ["inline", "side"])
def test_a_comparison_marks_the_words(client: httpx.Client, three_days: ThreeDays, view: str):
    page = client.get(f"/-/post/{post_id(three_days.db, CRAMPS)}/compare/1/2?view={view}").text
    assert [word.strip() for word in re.findall(r"<del>(.*?)</del>", page)] == ["stops", "good."]
    assert [word.strip() for word in re.findall(r"<ins>(.*?)</ins>", page)] == [
        "may ease",
        "some people.",
    ]


def test_a_comparison_shows_a_link_that_moved(client: httpx.Client, three_days: ThreeDays):
    ((post, old, new),) = rows(
        three_days.db,
        "SELECT changes.post_id, a.number, b.number FROM changes "
        "JOIN revisions a ON a.id = from_revision_id "
        "JOIN revisions b ON b.id = to_revision_id WHERE kind = 'relinked'",
    )
    page = client.get(f"/-/post/{post}/compare/{old}/{new}").text
    assert re.search(
        r"<dt>Links</dt><dd><del>http://hollow-fern[^<]+</del>\s*<ins>"
        r"http://hollow-fern[^<]+</ins>",
        page,
    )
    assert re.search(r"<p class=\"reworded\">.*?<del>.*?\]\(http.*?</del>", page, re.S), (
        "the text itself shows the target"
    )


def test_the_changes_of_two_days_are_the_stream_whole(client: httpx.Client, three_days: ThreeDays):
    told = client.get("/-/changes.json").json()["items"]
    asked = rows(
        three_days.db,
        "SELECT id FROM changes WHERE not_before IS NOT NULL ORDER BY not_after DESC, id DESC",
    )
    assert [item["id"] for item in told] == [number for (number,) in asked]


@pytest.mark.parametrize(
    "query",
    [
        "kind=edited",
        "severity=major",
        "field=text",
        "after=1&until=2",
        "blog=hollow-fern.example%3A+recipes",
    ],
)
def test_page_feed_and_json_of_a_filter_tell_the_same(client: httpx.Client, query: str):
    items = client.get(f"/-/changes.json?{query}").json()["items"]
    feed = etree.fromstring(client.get(f"/-/changes.atom?{query}").content)
    page = client.get(f"/-/changes?{query}").text
    assert 0 < len(items) < 20
    assert [
        entry.text.rpartition("#change-")[2] for entry in feed.findall("a:entry/a:id", ATOM)
    ] == [str(item["id"]) for item in items]
    assert page.count('<p class="what">') == len(items)


def test_a_feed_is_one_that_readers_take(client: httpx.Client):
    answer = client.get("/-/changes.atom")
    feed = etree.fromstring(answer.content)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    for place in (
        "a:id",
        "a:title",
        "a:updated",
        "a:link[@rel='self']",
        "a:entry/a:author/a:name",
        "a:entry/a:link",
    ):
        assert feed.find(place, ATOM) is not None, place
    assert all(
        entry.findtext("a:updated", "", ATOM).endswith("Z")
        for entry in feed.findall("a:entry", ATOM)
    )
    identities = [entry.findtext("a:id", "", ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert len(set(identities)) == len(identities) > 10


def test_search_tells_what_stands_from_what_stood(client: httpx.Client):
    now, ever = (
        words(client.get(f"/-/search?q=%22may+ease+night+cramps%22{more}").text)
        for more in ("", "&ever=1")
    )
    assert "No post says that." in now
    assert "1 post." in ever
    assert "revision 2, seen" in ever


def test_a_phrase_that_went_and_came_back_is_told_so(client: httpx.Client):
    page = words(client.get("/-/phrase?q=stops+night+cramps+for+good.").text)
    assert "Was there when the post was first seen" in page
    assert page.count("Came back") == 1
    assert page.count("Went") == 1


@pytest.mark.parametrize(
    "path",
    [
        "/-/search?q=%22",
        "/-/search?q=AND+NEAR(*",
        "/-/search?q=%00&ever=1",
        "/-/phrase?q=%22%22",
        "/-/phrase?q=***",
        "/-/changes?before=nonsense",
        "/-/changes?month=%27&store=%27%3B+DROP",
        "/-/changes?after=99999999999999999999",
        "/-/post/1?part=999999999999999999999999",
    ],
)
def test_odd_questions_get_plain_answers(client: httpx.Client, path: str):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/-/post/99999", "/-/post/1/99", "/-/post/1/compare/1/99", "/-/changes/group/99"]
)
def test_what_is_not_there_is_said_so(client: httpx.Client, path: str):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_json_of_changes_holds_the_fields(client: httpx.Client):
    told = json.loads(client.get("/-/changes.json?kind=prices").text)["items"]
    assert [field["field"] for field in told[0]["fields"]] == ["text", "prices"]
