"""Archived images in pages: shown where the store showed them, and nothing of them can run."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.queries.posts import find_post
from scraper.archive.write.context import CrawlRules
from scraper.bundle.subject import subject_of_change
from scraper.crawl_evidence import ImageAnswer
from scraper.demo.pictures import draw_png
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Capture
from scraper.responses.content_checks import image_type
from scraper.web.captured_page import MAX_IMAGE_BYTES, render_captured_page
from scraper.web.sanitize import render_body
from tests.archive.shop import Shop, listing
from tests.conftest import FURTHER, rows
from tests.each_row import each_row
from tests.factories import ORIGIN, at, make_capture, make_post, reading, seen
from tests.warm import Warm
from tests.web.conftest import MonitoredPage, new_context
from tests.web.serving import served
from tests.web.test_security import ask

if TYPE_CHECKING:
    from playwright.sync_api import Browser

POT, DRAWING, LEFT = (f"{ORIGIN}/uploads/{name}" for name in ("pot.png", "tea.svg", "left.png"))
OLD, NEW = draw_png("old"), draw_png("new")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>window.pwned=1</script></svg>'
HTML = "".join(f'<p>See: <img src="{url}" alt="A pot"></p>' for url in (POT, DRAWING, LEFT))
PAGE = f"<html><body><img src='https://shop.example/logo.png' alt='Logo'>{HTML}</body></html>"


def answer(url: str, body: bytes, when: str) -> Capture:
    return replace(
        make_capture(url, when),
        body=body,
        body_bytes=len(body),
        body_hash=hashlib.sha256(body).hexdigest(),
        headers=(("Content-Type", "text/html; charset=utf-8"),),
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A post with three images, one of which the store replaces on the second day, and one that
    never came."""
    path = tmp_path_factory.mktemp("images") / "archive.db"
    shop = Shop(open_for_writing(path))
    post = make_post("pots", article_id="1", html=HTML, text="See:", image_url=POT)
    main = reading("image_url", "opengraph", POT)
    post = replace(post, readings=(*post.readings, main))
    with capture_writer(path.with_name("captures.db"), shop.db.conn) as keeper:
        for day, pot in ((1, OLD), (2, NEW)):
            writer = shop.begin(day, captures=keeper, rules=CrawlRules(images=True))
            writer.record(listing(post.url), at(day))
            capture = answer(post.url, PAGE.encode(), at(day, 1))
            writer.record_visit(replace(seen(post, at(day, 1)), capture=capture))
            bodies = {POT: pot, DRAWING: SVG}
            for image in writer.next_images(9):
                if image.url in bodies:
                    body = bodies[image.url]
                    got = answer(image.url, body, at(day, 30))
                    writer.record_image(
                        ImageAnswer(url=image.url, capture=got, media_type=image_type(body))
                    )
            writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))
    shop.db.close()
    return path


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_an_image_is_served_by_its_hash_and_an_svg_only_as_a_file(archive: Path) -> None:
    found = ask(archive, f"/-/image/{digest(NEW)}")
    assert (found.content, found.headers["content-type"]) == (NEW, "image/png")
    assert "immutable" in found.headers["cache-control"]
    drawing = ask(archive, f"/-/image/{digest(SVG)}")
    assert drawing.headers["content-type"] == "application/octet-stream"
    assert drawing.headers["content-disposition"].startswith("attachment")
    for response in (found, drawing):
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'; sandbox" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
    assert ask(archive, f"/-/image/{'0' * 64}").status_code == 404
    assert ask(archive, f"/-/image/{digest(NEW)}x").status_code == 404


def test_a_post_shows_its_images_and_boxes_for_the_others(archive: Path) -> None:
    page = ask(archive, "/-/post/1").text
    assert f'<img src="/-/image/{digest(NEW)}" alt="A pot" loading="lazy">' in page
    assert f'<img class="main-image" src="/-/image/{digest(NEW)}"' in page
    assert page.count('<span class="picture">') == 2  # the SVG, and the one that never came
    assert ORIGIN not in re.findall(r'<img[^>]*src="([^"]*)', page)


def test_the_sheet_of_evidence_shows_both_images(archive: Path) -> None:
    ((change,),) = rows(archive, "SELECT id FROM changes WHERE kind = 'image'")
    page = ask(archive, f"/-/evidence/{change}").text
    for body in (OLD, NEW):
        assert f'src="/-/image/{digest(body)}"' in page
        assert f"<code>{digest(body)}</code>" in page
    captures = rows(archive, "SELECT capture_id FROM images WHERE media_type = 'image/png'")
    for (capture,) in captures:
        assert f"/-/capture/{capture}/body" in page
        shown = ask(archive, f"/-/capture/{capture}").text
        assert 'src="/-/image/' in shown
        assert "<iframe" not in shown
        name = ask(archive, f"/-/capture/{capture}/body").headers["content-disposition"]
        assert f'"capture-{capture}.png"' in name
    assert "another image under" in ask(archive, "/-/changes").text
    assert f"/-/evidence/{change}" in ask(archive, "/-/post/1").text


def test_the_bundle_of_the_change_holds_both_images(archive: Path) -> None:
    ((change,),) = rows(archive, "SELECT id FROM changes WHERE kind = 'image'")
    assert isinstance(change, int)
    with closing(open_for_reading(archive)) as db:
        post = find_post(db, "pots")
        subject = subject_of_change(db, archive.with_name("captures.db"), post, change)
    assert {OLD, NEW} <= {stored.body for stored in subject.answers.values()}


@pytest.mark.usefixtures("integration")
def test_a_captured_page_shows_the_images_of_its_time(archive: Path) -> None:
    pages = rows(archive, "SELECT id FROM captures WHERE resource_type = 'post' ORDER BY id")
    for (capture,), body in zip(pages, (OLD, NEW), strict=True):
        frame = ask(archive, f"/-/capture/{capture}/frame")
        data = base64.b64encode(body).decode()
        assert f'<img src="data:image/png;base64,{data}" alt="A pot">' in frame.text
        assert frame.text.count('<span class="box"') == 3  # logo, SVG, never came
        assert "svg+xml" not in frame.text
        assert "img-src data:" in frame.headers["content-security-policy"]


@pytest.mark.usefixtures("integration")
def test_an_image_whose_bytes_are_lost_is_a_box(archive: Path, tmp_path: Path) -> None:
    for name in ("archive.db", "captures.db"):
        shutil.copy(archive.with_name(name), tmp_path / name)
    captures = Database(str(tmp_path / "captures.db"))
    captures.execute("UPDATE answers SET data = x'00' WHERE body_hash = ?", [digest(NEW)])
    captures.conn.commit()
    captures.close()
    lost = tmp_path / "archive.db"
    ((_,), (capture,)) = rows(lost, "SELECT id FROM captures WHERE resource_type = 'post'")
    frame = ask(lost, f"/-/capture/{capture}/frame")
    assert (frame.status_code, "data:image" in frame.text) == (200, False)
    assert frame.text.count(f'<span class="box" title="{POT}">image: A pot</span>') == 1
    path = f"/-/image/{digest(NEW)}"
    assert path in ask(lost, "/-/post/1").text
    box = ask(lost, path, headers={"accept": "image/avif,image/webp,image/*,*/*;q=0.8"})
    assert (box.status_code, box.headers["content-type"]) == (404, "image/svg+xml")
    assert "This image is lost" in box.text
    assert box.headers["cache-control"] == "no-store"
    assert ask(lost, path).headers["content-type"].startswith("text/html")


@FURTHER
def test_images_in_one_document_are_bounded() -> None:
    large = draw_png("large") + b"\0" * (MAX_IMAGE_BYTES // 2)
    asked = []

    def find(source: str, max_bytes: int) -> bytes | None:
        asked.append((source, max_bytes))
        return large if len(large) <= max_bytes else None

    page = "<html><body><img src=/a.png><img src=/b.png><img data-src=/c.png></body></html>"
    html = render_captured_page(page.encode(), "text/html", find)
    assert (html.count("data:image/png"), html.count('class="box"')) == (1, 2)
    left = MAX_IMAGE_BYTES - len(large)
    assert asked == [("/a.png", MAX_IMAGE_BYTES), ("/b.png", left), ("/c.png", left)]


@each_row(
    "path",
    ["javascript:alert(1)", "https://evil.example/a.png", "/-/image/../../x", "//evil.example/-/x"],
)
def test_only_our_own_images_stay_in_a_body(path: str) -> None:
    html, _ = render_body('<img src="x" alt="y">', base="", archived={}, find_image=lambda _: path)
    assert "src" not in html


def test_nothing_runs_or_loads_in_a_browser(browser: Browser, warm: Warm, archive: Path) -> None:
    with served(archive, warm=warm) as home:
        context = new_context(browser)
        monitored = MonitoredPage(context.new_page(), home)
        page = monitored.goto("/-/post/1")
        # It fails where an image is broken. `wait_for_function` would run a text as a script, which
        # the page's policy forbids.
        page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
        monitored.goto("/-/capture/1").frames[1].wait_for_load_state("load")
        assert page.evaluate("window.pwned === undefined")
        lost = context.new_page()
        lost.goto(f"{home}/-/plots")
        # A browser draws the box of an answer 404, at its size.
        script = "path => new Promise(done => Object.assign(new Image(), {src: path,"
        script += " onload: event => done(event.target.width), onerror: () => done(0)}))"
        assert lost.evaluate(script, f"/-/image/{'0' * 64}") == 320
        context.close()
    # What stands in the document itself is asked of nobody.
    assert [line for line in monitored.problems if "asked: data:image/" not in line] == []
