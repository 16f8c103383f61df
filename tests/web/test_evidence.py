"""The sheet of evidence: what it cites is what the archive holds, and it fits on one page."""

from __future__ import annotations

import hashlib
import json
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlite_utils import Database
from warcio.archiveiterator import ArchiveIterator

from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import open_for_writing
from scraper.web.parts.citations import Citation, as_bibtex, as_csl_json, as_markdown, as_text
from tests.archive.shop import Shop
from tests.conftest import ENDS_S, ThreeDays, rows
from tests.factories import make_post
from tests.web.conftest import MonitoredPage, new_context, post_id
from tests.web.test_pages import CRAMPS, visible_text
from tests.web.test_security import ask

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def client(site: str):
    with httpx.Client(base_url=site, timeout=ENDS_S) as client:
        yield client


def change_of(three_days: ThreeDays, kind: str, label: str = "") -> int:
    """The newest change of a kind that is no post of the first crawl."""
    ((number,),) = rows(
        three_days.db,
        "SELECT max(changes.id) FROM changes JOIN posts ON posts.id = post_id "
        "WHERE kind = ? AND not_before IS NOT NULL AND posts.label LIKE ?",
        kind,
        f"%{label}",
    )
    assert isinstance(number, int)
    return number


def test_both_observations_are_cited_with_their_hashes(client: httpx.Client, three_days: ThreeDays):
    change = change_of(three_days, "edited", CRAMPS)
    page = client.get(f"/-/evidence/{change}").text
    text = visible_text(page)
    stored = rows(
        three_days.db,
        "SELECT contents.hash, revisions.number FROM revisions "
        "JOIN contents ON contents.id = content_id WHERE post_id = ? ORDER BY number DESC",
        post_id(three_days.db, CRAMPS),
    )
    bodies = re.findall(r"Body, SHA-256 (\w{64}) (\w{64})", text)
    assert bodies == [tuple(found for found, _ in stored)]
    assert "What changed sharpened: may ease → stops night cramps before Magnesium" in text
    assert "before Magnesium may ease night cramps for some people." in text
    assert "after Magnesium stops night cramps for good." in text
    assert "(UTC+01:00) at the store" in text
    assert "the post returned to an earlier text" in text
    assert "The date that the store’s listings give the post moved forward." in text
    captures = re.findall(r'href="(/-/capture/\d+/body)"', page)
    hashes = re.findall(r"Its bytes, SHA-256 (\w{64}) [\d,]+ bytes · WARC (\w{64})", text)
    answers = [client.get(path) for path in captures]
    assert [tuple(hashlib.sha256(answer.content).hexdigest() for answer in answers)] == hashes
    assert b"Magnesium may ease night cramps" in answers[0].content
    assert b"Magnesium stops night cramps" in answers[1].content
    assert all("attachment" in answer.headers["content-disposition"] for answer in answers)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("created", "not there on"),
        ("removed", "It was removed within the"),
        ("renamed", "its address or its answers show it"),
        ("retitled", "before"),
        ("tags", "Tags"),
    ],
)
def test_every_kind_of_change_has_a_sheet(
    client: httpx.Client, three_days: ThreeDays, kind: str, expected: str
):
    answer = client.get(f"/-/evidence/{change_of(three_days, kind)}")
    assert answer.status_code == 200
    assert expected in visible_text(answer.text)


def test_a_capture_is_a_warc_record(client: httpx.Client, three_days: ThreeDays):
    ((number, url, body_hash),) = rows(
        three_days.db,
        "SELECT captures.id, captures.url, body_hash FROM captures JOIN posts "
        "ON posts.id = post_id WHERE posts.label LIKE ? ORDER BY captures.id LIMIT 1",
        f"%{CRAMPS}",
    )
    answer = client.get(f"/-/capture/{number}/warc")
    info, record = (
        (r, r.content_stream().read()) for r in ArchiveIterator(BytesIO(answer.content))
    )
    assert info[0].rec_type == "warcinfo"
    assert record[0].rec_headers["WARC-Target-URI"] == url
    assert hashlib.sha256(record[1]).hexdigest() == body_hash


@pytest.mark.parametrize("path", ["/-/evidence/9999", "/-/capture/9999/body", "/-/capture/0/warc"])
def test_what_is_not_there_is_a_404(client: httpx.Client, path: str):
    assert client.get(path).status_code == 404


def test_lost_bytes_are_a_404_that_names_no_file(db_path: Path):
    shop = Shop(open_for_writing(db_path))
    shop.crawl(1, make_post())
    shop.db.execute("UPDATE captures SET body_id = 7 WHERE post_id = 1")
    open_for_writing(db_path.with_name("captures.db"), CAPTURES).close()
    (number,) = shop.rows("SELECT id FROM captures WHERE post_id = 1")
    answer = ask(db_path, f"/-/capture/{number}/body")
    assert answer.status_code == 404
    assert "lost or damaged" in answer.text
    assert str(db_path.parent) not in answer.text


def test_a_comparison_cites_its_change(client: httpx.Client, three_days: ThreeDays):
    post = post_id(three_days.db, CRAMPS)
    page = client.get(f"/-/post/{post}/compare/2/1").text
    change = change_of(three_days, "edited", CRAMPS)
    assert f"/-/evidence/{change}" in page
    printed = r"compare/2/1 · SHA-256 of the bodies: [0-9a-f]{64}, [0-9a-f]{64} · Made \d"
    assert re.search(printed, visible_text(page))
    forms = dict(re.findall(r'<pre[^>]+id="citation-([^"]+)"[^>]*>(.*?)</pre>', page, re.S))
    assert list(forms) == ["Markdown", "BibTeX", "CSL-JSON"]
    (item,) = json.loads(unescape(forms["CSL-JSON"]))
    assert item["author"] == [{"literal": "Priya Ravel"}]
    assert item["archive_location"].endswith(f"/-/evidence/{change}")


def test_each_post_of_a_group_leads_to_its_own_sheet(db_path: Path):
    shop = Shop(open_for_writing(db_path))
    names = [f"tea-{number}" for number in range(6)]
    for day in (1, 2):
        posts = (
            make_post(
                name, article_id=str(n + 1), title=name, tags=(f"tag {day}",), text=f"{name}."
            )
            for n, name in enumerate(names)
        )
        shop.crawl(day, *posts)
    ((group, members),) = shop.rows(
        "SELECT group_id, json_group_array(id) FROM changes WHERE group_id IS NOT NULL GROUP BY 1"
    )
    shop.db.close()
    page = ask(db_path, f"/-/changes/group/{group}").text
    sheets = re.findall(r'href="/-/evidence/(\d+)"', page)
    assert sorted(map(int, sheets)) == json.loads(members)
    assert "Tags" in visible_text(ask(db_path, f"/-/evidence/{sheets[0]}").text)


def test_a_file_without_a_date_is_no_observation(db_path: Path):
    shop = Shop(open_for_writing(db_path))
    shop.imported(1, make_post())
    shop.db.execute("UPDATE captures SET dated_by = 'unknown'")
    shop.db.close()
    page = visible_text(ask(db_path, "/-/evidence/1").text)
    assert "nobody knows when the store showed it" in page
    assert "Seen – when is unknown" in page
    assert "from a file, imported 1 March 2026, date of capture unknown" in page
    assert "Created at an unknown time, by a file" in page
    capture = visible_text(ask(db_path, "/-/capture/1").text)
    assert "from a file, imported 1 March 2026, date of capture unknown" in capture
    # One observation was made of it before the file lost its date.
    db = Database(str(db_path))
    db.execute("DELETE FROM observations")
    db.close()
    post = visible_text(ask(db_path, "/-/post/1").text)
    assert "canonical, as the file names it" in post
    assert "seen" not in post


def test_a_citation_survives_hostile_titles():
    cited = Citation(
        key="blogkeep-change-1",
        author="A \\ {B} & Söhne_\u202e",
        title="100 % [tea](x) <b>\nline",
        store="shop.example",
        url="https://shop.example/a b}(c)>",
        published_at="2026-03-04",
        statement="Edited by 4 March.",
        accessed_at="2026-03-04T05:06:07Z",
        archive_url="http://127.0.0.1/-/evidence/1",
    )
    assert "&lt;b&gt;" in as_text(cited)
    assert as_markdown(cited) == (
        "A \\\\ \\{B\\} & Söhne\\_ , [“100 % \\[tea\\](x) \\<b\\> line”]"
        "(<https://shop.example/a%20b%7D(c)%3E>), shop.example, published 4 March 2026. "
        "Edited by 4 March. [Evidence](<http://127.0.0.1/-/evidence/1>)"
    )
    entry = as_bibtex(cited)
    assert r"title = {{100 \% [tea](x) <b> line}}," in entry
    assert r"A \textbackslash{} \{B\} \& Söhne\_" in entry
    assert "url = {https://shop.example/a%20b%7D(c)%3E}," in entry
    assert entry.count("{") == entry.count("}")
    assert json.loads(as_csl_json(cited))[0]["issued"] == {"date-parts": [[2026, 3, 4]]}


@pytest.fixture(scope="module")
def longest_sheet(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sheet of a post that was rewritten at length, with long fields, and its style. Made
    before the browser begins, beside which no event loop can run."""
    archive = tmp_path_factory.mktemp("rewritten") / "archive.db"
    shop = Shop(open_for_writing(archive))
    for day in (1, 2):
        shop.crawl(
            day,
            make_post(
                title=f"Day {day} " + "very long title " * 30,
                text=" ".join(f"Word{day} {i} is different." for i in range(3000)),
                tags=tuple(f"tag {day} {i}" for i in range(200)),
                author="Author " * day * 20,
                excerpt=f"Excerpt {day} " * 100,
            ),
        )
    shop.db.close()
    html = ask(archive, "/-/evidence/2").text
    css = ask(archive, "/-/blogkeep/blogkeep.css").text
    return re.sub(r"<link[^>]+>|<script[^>]+></script>", "", html) + f"<style>{css}</style>"


def test_from_a_claim_to_a_printed_sheet_in_three_clicks(
    longest_sheet: str, browser: Browser, site: str
):
    context = new_context(browser, viewport={"width": 1280, "height": 900})
    context.add_init_script("window.print = () => { window.printed = true }")
    monitored = MonitoredPage(context.new_page(), site)
    page = monitored.goto("/-/phrase")
    page.get_by_label("A phrase").fill("may ease night cramps")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="evidence").first.click()
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert re.search(r"Printed \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC", page.inner_text("article"))
    assert monitored.page.url in page.inner_text("article")
    blank = context.new_page()
    blank.set_content(longest_sheet)
    pdf = blank.pdf(format="A4", prefer_css_page_size=True)
    context.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert monitored.problems == []
