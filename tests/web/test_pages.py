"""The pages as they are served: every link works, and each page shows what the archive holds."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from scraper.archive.database import open_for_writing
from scraper.archive.queries.pages import excerpts
from scraper.archive.write.incidents import set_incident
from scraper.history import humanize
from scraper.web.server import make_datasette
from scraper.web.views import comparison
from tests.archive.shop import Shop
from tests.conftest import ENDS_S, ThreeDays, rows
from tests.each_row import each_row
from tests.factories import at, make_post, seen
from tests.web.conftest import post_id

ATOM = {"a": "http://www.w3.org/2005/Atom"}
CRAMPS = "journal/magnesium-and-muscle-cramps"


@pytest.fixture
def client(site: str):
    with httpx.Client(base_url=site, timeout=ENDS_S) as client:
        yield client


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'\s(?:href|src|action)="([^"]*)"', page)]


def visible_text(page: str) -> str:
    """The visible text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_link_works(client: httpx.Client, site: str):
    """Follows links from the front page to all of our pages, and to Datasette's own once."""
    queue, found, sizes = deque(["/"]), {"/"}, {}
    while queue:
        path = queue.popleft()
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        sizes[path] = len(answer.content)
        is_ours = urlsplit(path).path == "/" or path.startswith("/-/")
        if not is_ours or "html" not in answer.headers["content-type"]:
            continue
        for link in links(answer.text):
            url = urldefrag(urljoin(site + path, link)).url
            inside = url.removeprefix(site) or "/"
            if url.startswith(site) and inside not in found and _is_followed(inside):
                found.add(inside)
                queue.append(inside)
    assert len([path for path in found if path.startswith("/-/post/")]) > 80
    assert {path: size for path, size in sizes.items() if size > 500_000} == {}


def _is_followed(path: str) -> bool:
    """Follows one filter of the feed at a time, none of the audit and no phrase, no table page with
    a row per post, and of captures and sheets of evidence some."""
    parts = urlsplit(path)
    numbered = re.match(r"/-/(?:capture|evidence)/(\d+)", parts.path)
    if numbered:
        return int(numbered[1]) % 10 == 0
    if parts.path.startswith(("/-/audit", "/-/phrase")):
        return not parts.query
    if parts.path == "/-/changes":
        return parts.query.count("=") <= 1
    return parts.path.startswith("/-/") or not re.search(
        r"/(?:captures|posts|changes|revisions|observations)[/?]?", path
    )


def test_the_front_page_shows_health_and_latest_changes(client: httpx.Client):
    page = visible_text(client.get("/").text)
    assert "hollow-fern.example" in page
    assert "complete, healthy" in page
    assert "Edited Does magnesium help with night cramps?" in page
    assert "Current discount codes" in page


def test_the_front_page_reports_problems_in_visible_text(db_path: Path):
    db = open_for_writing(db_path)
    set_incident(db.conn, None, "disk_space", "80 MB are free", at(1), subject="disk")
    db.close()
    page = visible_text(asyncio.run(make_datasette(db_path).client.get("/")).text)
    assert re.search(
        r"the archive: Low disk space since 1 March 2026 \(\d+ days ago\) ?\. 80 MB are free", page
    )


def test_a_post_shows_its_text_and_its_timeline(client: httpx.Client, three_days: ThreeDays):
    page = visible_text(client.get(f"/-/post/{post_id(three_days.db, CRAMPS)}").text)
    assert "Magnesium stops night cramps for good." in page
    assert page.count("Revision 1 seen") == 2
    assert "reverted to an earlier text" in page
    assert "Listed as related by the author" in page


def test_an_earlier_revision_has_its_own_page_with_a_notice(
    client: httpx.Client, three_days: ThreeDays
):
    page = visible_text(client.get(f"/-/post/{post_id(three_days.db, CRAMPS)}/2").text)
    assert "Magnesium may ease night cramps for some people." in page
    assert "This is revision 2 of 2" in page


def test_state_revision_and_period_are_right_after_a_return(
    client: httpx.Client, three_days: ThreeDays
):
    post = post_id(three_days.db, CRAMPS)
    page = visible_text(client.get(f"/-/post/{post}").text)
    seen = re.search(r"The current text, revision 1 of 2: seen (.+?), and again (.+?)\.", page)
    assert seen is not None
    ((first, again),) = rows(
        three_days.db,
        "SELECT min(first_seen_at), max(first_seen_at) FROM observations WHERE post_id = ?",
        post,
    )
    assert [humanize.exact(first) in seen[1], humanize.exact(again) in seen[2]] == [True, True]
    assert f"Archived as it was seen {seen[1]}, and again {seen[2]} (revision 1" in page
    other = visible_text(client.get(f"/-/post/{post}/2").text)
    assert "This is revision 2 of 2, not the current text: seen on" in other
    assert "and again" not in other.partition("Timeline")[0]


def test_a_comparison_is_titled_and_dated_and_leads_on(client: httpx.Client, three_days: ThreeDays):
    post = post_id(three_days.db, CRAMPS)
    page = client.get(f"/-/post/{post}/compare/2/1").text
    text = visible_text(page)
    assert "<bdi>Does magnesium help with night cramps?</bdi></a></h1>" in page
    assert re.search(r"Edited on .* between [\d:]+ and [\d:]+ UTC: from revision 2 to", text)
    assert f'rel="prev" href="/-/post/{post}/compare/1/2' in page
    assert "neither followed the other" in client.get(f"/-/post/{post}/compare/1/1").text


def test_a_comparison_says_which_change_was_recorded(db_path: Path):
    shop, text = Shop(open_for_writing(db_path)), "Boil the kettle. Pour at once."
    for number in range(3):
        shop.crawl(1 + number, make_post(text=f"{text} {12 + number} cups so far."), lastmod=at(1))
    edited = seen(make_post(text=f"{text} Sip. 40 cups so far."), at(4), lastmod=at(4))
    shop.crawl(4, replace(edited, moving=frozenset({("#", "cups", "so")})))
    (change,) = shop.rows("SELECT id FROM changes WHERE kind = 'edited'")
    evidence = f"/-/evidence/{change}"
    shop.db.close()
    client = make_datasette(db_path).client
    path = "/-/post/1/compare/1/4"
    lead = visible_text(asyncio.run(client.get(path)).text)
    assert "2 words added, 1 removed" in lead
    assert "Recorded as minor, 1 word added, 0 removed: this page shows all" in lead
    assert "1 word added" in visible_text(asyncio.run(client.get(evidence)).text)


def test_versions_that_are_too_long_are_left_to_the_command(
    db_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shop = Shop(open_for_writing(db_path))
    for day, text in enumerate(("One cup.", "Two cups."), start=1):
        shop.crawl(day, make_post(text=text))
    shop.db.close()
    client = make_datasette(db_path).client
    monkeypatch.setattr(comparison, "MAX_CHARS", 40)
    answer = asyncio.run(client.get("/-/post/1/compare/1/2"))
    assert (answer.status_code, "blogkeep diff" in answer.text) == (422, True)
    assert "not found" not in answer.text


def test_a_long_change_does_not_take_the_excerpts_of_the_others(
    db_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shop = Shop(open_for_writing(db_path))
    for day, cups in enumerate(("one cup", "two cups"), start=1):
        long = f"Drink {cups} in a long text." + " And rest." * 20
        shop.crawl(day, make_post(text=f"Pour {cups}."), make_post("b", text=long))
    shop.db.close()
    monkeypatch.setattr(excerpts, "MAX_COMPARED_CHARS", 200)
    page = visible_text(asyncio.run(make_datasette(db_path).client.get("/-/changes")).text)
    assert "Pour one cup. two cups." in page
    assert "Drink" not in page


def test_versions_are_compared_apart_from_the_loop_that_answers(
    db_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Of two texts that somebody made for it, that takes seconds, and readers would wait."""
    threads: list[int] = []

    def noted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            threads.append(threading.get_ident())
            return function(*arguments, **options)

        return call

    for name in ("compare", "compare_paragraphs"):
        monkeypatch.setattr(comparison, name, noted(getattr(comparison, name)))
    shop = Shop(open_for_writing(db_path))
    for day, text in enumerate(("One cup.", "Two cups."), start=1):
        shop.crawl(day, make_post(text=text))
    shop.db.close()
    answer = asyncio.run(make_datasette(db_path).client.get("/-/post/1/compare/1/2"))
    assert answer.status_code == 200
    assert len(threads) == 2
    assert threading.get_ident() not in threads


def test_a_removed_post_has_a_page_with_a_notice(client: httpx.Client, three_days: ThreeDays):
    ((number, text),) = rows(
        three_days.db,
        "SELECT posts.id, text FROM posts JOIN revisions ON revisions.id = revision_id "
        "JOIN contents ON contents.id = content_id "
        "WHERE state = 'removed'",
    )
    page = visible_text(client.get(f"/-/post/{number}").text)
    assert "Removed from the store" in page
    assert " ".join(str(text).split("\n")[0].split()) in page


def test_every_post_page_has_the_words_of_its_body(client: httpx.Client, three_days: ThreeDays):
    posts = rows(
        three_days.db,
        "SELECT posts.id, html FROM posts JOIN revisions ON revisions.id = revision_id "
        "JOIN contents ON contents.id = content_id",
    )
    assert len(posts) > 60
    for number, html in posts:
        page = LexborHTMLParser(client.get(f"/-/post/{number}").text)
        body = page.css_first("div.body").html or ""
        shown = re.sub(r'<span class="picture">.*?</span>', "", body)
        assert visible_text(shown).split() == visible_text(str(html)).split(), number


@each_row("view", ["inline", "side"])
def test_a_comparison_marks_the_visible_text(
    client: httpx.Client, three_days: ThreeDays, view: str
):
    page = client.get(f"/-/post/{post_id(three_days.db, CRAMPS)}/compare/1/2?view={view}").text
    assert [word.strip() for word in re.findall(r"<del>(.*?)</del>", page)] == ["stops", "good."]
    assert [word.strip() for word in re.findall(r"<ins>(.*?)</ins>", page)] == [
        "may ease",
        "some people.",
    ]
    assert re.search(r'class="same heading">(?:<td>)?How it is supposed to work\s*</', page)
    assert '<p class="claim"><bdi>softened: stops → may ease night cramps</bdi></p>' in page


def test_a_comparison_shows_a_link_that_moved(client: httpx.Client, three_days: ThreeDays):
    ((post, old, new),) = rows(
        three_days.db,
        "SELECT changes.post_id, a.number, b.number FROM changes "
        "JOIN revisions a ON a.id = from_revision_id "
        "JOIN revisions b ON b.id = to_revision_id WHERE kind = 'relinked'",
    )
    page = client.get(f"/-/post/{post}/compare/{old}/{new}").text
    assert re.search(
        r"<dt>Links</dt><dd><del><bdi>http://hollow-fern[^<]+</bdi></del>\s*<ins><bdi>"
        r"http://hollow-fern[^<]+</bdi></ins>",
        page,
    )
    assert re.search(r"<p class=\"reworded\">.*?<del>.*?\]\(http.*?</del>", page, re.S), (
        "the text itself shows the target"
    )


def test_the_feed_has_all_changes_of_two_days(client: httpx.Client, three_days: ThreeDays):
    items = client.get("/-/changes.json").json()["items"]
    stored = rows(
        three_days.db,
        "SELECT id FROM changes WHERE not_before IS NOT NULL ORDER BY not_after DESC, id DESC",
    )
    assert [item["id"] for item in items] == [number for (number,) in stored]


@each_row(
    "query",
    [
        "kind=edited",
        "severity=major",
        "field=text",
        "after=1&until=2",
        "blog=hollow-fern.example%3A+recipes",
    ],
)
def test_page_feed_and_json_of_a_filter_agree(client: httpx.Client, query: str):
    items = client.get(f"/-/changes.json?{query}").json()["items"]
    feed = etree.fromstring(client.get(f"/-/changes.atom?{query}").content)
    page = client.get(f"/-/changes?{query}").text
    assert 0 < len(items) < 20
    assert [
        entry.text.rpartition("#change-")[2] for entry in feed.findall("a:entry/a:id", ATOM)
    ] == [str(item["id"]) for item in items]
    assert page.count('<p class="what">') == len(items)


def test_the_atom_feed_has_the_required_elements(client: httpx.Client):
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


def test_lists_and_feeds_show_changes_in_their_sentences(client: httpx.Client):
    sentence = "over sixty. Magnesium may ease stops night cramps for some people. good. That, at"
    claim = "sharpened: may ease → stops night cramps"
    for path in ("/", "/-/changes"):
        page = client.get(path).text
        assert sentence in visible_text(page), path
        assert page.count(claim) == 1, path
    marked = "Magnesium [may ease → stops] night cramps for [some people. → good.] That"
    for path in ("/-/changes.atom", "/-/changes/feed.json"):
        feed = client.get(path).text
        assert marked in feed, path
        assert feed.count(claim) == 1, path
    edited = client.get("/-/changes.json?kind=edited").json()["items"]
    assert any(marked in item["excerpt"] for item in edited)  # pages come in any order


def test_a_removal_shows_the_first_lines_that_are_lost(client: httpx.Client):
    page = client.get("/-/changes?kind=removed").text
    assert "<del>Halfway between a drink and a pudding. Verbena is lemon" in page


def test_days_limit_changes_feeds_and_facets(client: httpx.Client, three_days: ThreeDays):
    ((first, last),) = rows(
        three_days.db,
        "SELECT date(min(not_after), '-1 day'), date(max(not_after)) FROM changes",
    )
    items = client.get(f"/-/changes.json?since={first}&to={last}").json()["items"]
    assert len(items) == len(client.get("/-/changes.json").json()["items"])
    page = visible_text(client.get(f"/-/changes?since={first}&to={last}").text)
    assert f"hollow-fern.example {len(items)}" in page
    assert page.index("Between two crawls") < page.index("Does magnesium help"), "on a phone"
    assert "No changes match" in visible_text(client.get(f"/-/changes?to={first}").text)
    assert client.get("/-/changes.json?since=nonsense").json()["items"] == items


def test_search_finds_what_stands_and_what_once_stood(client: httpx.Client, three_days: ThreeDays):
    now, ever = (
        visible_text(client.get(f"/-/search?q=%22may+ease+night+cramps%22{more}").text)
        for more in ("&now=1", "")
    )
    assert "No current text matches." in now
    assert "1 post." in ever
    assert re.search(r"Not now, but until \d+ \w+ 20\d\d, \d\d:\d\d UTC", ever)
    assert "Magnesium may ease night cramps for some" in ever
    ((change,),) = rows(
        three_days.db,
        "SELECT max(id) FROM changes WHERE post_id = ?",
        post_id(three_days.db, CRAMPS),
    )
    assert f'/-/evidence/{change}"' in client.get("/-/search?q=%22may+ease+night+cramps%22").text
    current = visible_text(client.get("/-/search?q=%22stops+night+cramps%22").text)
    assert "Does magnesium help with night cramps? Now" in current


@each_row(
    "pasted",
    [
        "http://hollow-fern.example/blogs/journal/magnesium-and-muscle-cramps",
        "https://www.hollow-fern.example/blogs/journal/magnesium-and-muscle-cramps/?utm=x#top",
        "hollow-fern.example/blogs/journal/magnesium-and-muscle-cramps",
    ],
)
def test_a_pasted_address_is_the_post(client: httpx.Client, three_days: ThreeDays, pasted: str):
    answer = client.get("/-/search", params={"q": pasted})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/-/post/{post_id(three_days.db, CRAMPS)}"


def test_an_address_of_no_post_says_so(client: httpx.Client):
    page = client.get("/-/search", params={"q": "https://hollow-fern.example/blogs/journal/none"})
    assert page.status_code == 200
    assert "No archived post has this address." in page.text
    long = "https://hollow-fern.example/" + "x" * 1500
    assert client.get("/-/search", params={"q": long}).status_code == 200


@each_row("quotes", ["{}", '"{}"', "“{}”", "«{}»"])
def test_a_phrase_history_quotes_the_sentence(client: httpx.Client, quotes: str):
    phrase = quotes.format("stops night cramps for good.")
    page = visible_text(client.get("/-/phrase", params={"q": phrase}).text)
    assert "Said now" in page
    assert page.count("Magnesium stops night cramps for good.") == 2
    assert "Present when first seen" in page
    assert page.count("Added again") == 1
    assert page.count("Removed on") == 1


def test_a_phrase_history_has_all_sentences_and_what_is_nearly_one(client: httpx.Client):
    both = visible_text(client.get("/-/phrase?q=night+cramps").text)
    assert "Magnesium may ease night cramps for some people. revision 2" in both
    assert "Does magnesium help with night cramps? Magnesium" in both  # in each of its revisions
    once = visible_text(client.get("/-/phrase?q=may+ease+night+cramps").text)
    assert re.search(
        r"Not now, but until .* Magnesium may ease night cramps for some people\.", once
    )
    nearly = visible_text(client.get("/-/phrase?q=magnesium+may+ease+all+night+cramps").text)
    assert re.search(r"No archived post ever .* Nearly the same Magnesium may ease night", nearly)


def test_what_is_nearly_a_phrase_is_asked_for_by_a_link(client: httpx.Client):
    asked = "?q=night+cramps+for&store=hollow-fern.example&first=1"
    page = client.get(f"/-/phrase{asked}").text
    assert f"{asked}&nearly=1" in links(page)
    page = client.get(f"/-/phrase{asked}&nearly=1").text
    assert "early the same" in page
    few = client.get("/-/phrase?q=the&first=1&nearly=1").text  # one word is like too many
    assert "Too few words to look for" in few
    assert [one for one in links(few) if one.startswith("?q=")] == ["?q=the&first=1&from=20"]


def test_an_absence_is_proven_on_a_page(client: httpx.Client, three_days: ThreeDays):
    post = post_id(three_days.db, CRAMPS)
    phrase = client.get("/-/phrase?q=may+ease+night+cramps").text
    path = f"/-/absent?q=may%20ease%20night%20cramps&amp;post={post}"
    assert path in phrase
    once = visible_text(client.get(path.replace("&amp;", "&")).text)
    assert re.search(
        r"Not said at any of these fetches “may ease night cramps” did not stand in"
        r" hollow-fern\.example: journal/magnesium-and-muscle-cramps at 1 healthy fetch, on .*"
        r" It was last seen before, .* What stood between two fetches is not known\.",
        once,
    )
    blog = "/-/absent?q=cures+cancer&in=hollow-fern.example%3A+recipes&since=2026-01-01"
    assert "posts of the blog recipes of hollow-fern.example" in client.get(blog).text
    still = visible_text(client.get("/-/absent?q=night+cramps+for+good").text)
    assert "No proof that it was not said" in still
    assert "Not shown “night cramps for good” stood, " in still
    assert "and no healthy fetch since was without it: hollow-fern.example: " in still
    future = client.get("/-/absent?q=tea&since=2999-01-01").text
    assert "Not shown" in future


@each_row(
    "path",
    [
        "/-/absent?q=%22%22",
        "/-/absent?since=x&until=2026-02-31&post=x",
        "/-/search?q=%22",
        "/-/search?q=AND+NEAR(*",
        "/-/search?q=%00&ever=1",
        "/-/phrase?q=%22%22",
        "/-/phrase?q=***",
        "/-/changes?before=nonsense",
        "/-/changes?before=2026-01-01T00:00:00Z+%C2%B2",
        "/-/changes?before=2026-01-01T00:00:00Z+99999999999999999999",
        "/-/changes?month=%27&store=%27%3B+DROP",
        "/-/changes?after=99999999999999999999",
        "/-/post/1?part=999999999999999999999999",
    ],
)
def test_odd_parameters_get_a_page(client: httpx.Client, path: str):
    assert client.get(path).status_code == 200


@each_row(
    "path",
    [
        "/-/post/99999",
        "/-/post/1/99",
        "/-/post/1/compare/1/99",
        "/-/changes/group/99",
        "/-/absent?q=x&post=999",
        "/-/absent?q=x&in=none",
        "/-/absent?q=x&in=a%3A+b",
    ],
)
def test_unknown_pages_are_404(client: httpx.Client, path: str):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text


def test_json_of_changes_holds_the_fields(client: httpx.Client):
    items = json.loads(client.get("/-/changes.json?kind=prices").text)["items"]
    assert [field["field"] for field in items[0]["fields"]] == ["text", "prices"]
