"""An archive full of hostile markup, visited page by page. ``python -m tests.web.hostile FILE``
takes the vectors from a file, one a line: public lists hold thousands."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.archive.database import open_for_writing
from scraper.items import Post
from tests.archive.shop import Shop
from tests.factories import at, make_code, make_link, make_post, page_readings, seen
from tests.web.conftest import QUIET, TOO_WIDE, MonitoredPage, new_context
from tests.web.serving import served
from tests.web.vectors import ADDRESSES, BODIES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FORBIDDEN = ", ".join(
    f"main {tag}"
    for tag in (
        "script",
        "iframe",
        "object",
        "embed",
        "img",
        "form",
        "style",
        "link",
        "meta",
        "base",
        "input",
        "video",
        "audio",
        "svg",
    )
)
"""Elements that no post's page has of itself."""

A_POST = 12
"""Vectors in one post."""


def fill(archive: Path, vectors: Sequence[str]) -> int:
    """Put every vector into every field of some post, unsanitised, in two revisions; how many posts
    there are."""
    shop = Shop(open_for_writing(archive))
    chunks = [vectors[i : i + A_POST] for i in range(0, len(vectors), A_POST)]
    for day in (1, 2):
        shop.crawl(
            day,
            *(
                seen(_post(number, chunk, day), at(day, 1 + number % 50))
                for number, chunk in enumerate(chunks)
            ),
            listed=[],
        )
    shop.db.close()
    return len(chunks)


def _post(number: int, vectors: Sequence[str], day: int) -> Post:
    every = " ".join(vectors)
    base = make_post(
        f"post-{number}",
        article_id=str(100 + number),
        title=f"{number}, day {day}: {every}",
        author=every,
        excerpt=every,
        image_url=ADDRESSES[number % len(ADDRESSES)],
        tags=tuple(sorted(vectors)),
        links=(
            *(make_link("post-0", anchor=vector, position=n) for n, vector in enumerate(vectors)),
            *map(make_link, ADDRESSES),
        ),
        codes=(make_code(f"CODE{number}", snippet=every),),
    )
    # No cleaner stood before these: what the archive holds may be older than today's rules, or from
    # another hand.
    html = "".join(f"<p>{day}</p>{vector}\n" for vector in vectors)
    forms = {
        "text": f"{day}\n" + "\n".join(vectors),
        "markdown": f"{day}\n\n" + "\n\n".join(vectors),
    }
    return replace(base, html=html, readings=page_readings(base), **forms)


def visit_all(browser: Browser, home: str, posts: int) -> list[str]:
    """What happened that must not, on every kind of page and every post."""
    context = new_context(browser)
    monitored = MonitoredPage(context.new_page(), home)
    pages = [
        "/",
        "/-/changes",
        "/-/changes?kind=edited",
        "/-/search?q=script&ever=1",
        "/-/phrase?q=window.pwned",
    ]
    pages += ["/archive/posts", "/archive/revisions", "/archive/contents", "/archive/silent-edits"]
    pages += ["/-/store/1"]
    for number in range(1, posts + 1):
        comparison = f"/-/post/{number}/compare/1/2"
        pages += [
            f"/-/post/{number}",
            f"/-/post/{number}/1",
            f"{comparison}?whole=1",
            f"{comparison}?view=side&form=markdown",
            f"/-/evidence/{posts + number}",
        ]
    for path in pages:
        page = monitored.goto(path)
        if page.evaluate(
            "window.pwned !== undefined || document.title === '' || !document.querySelector('h1')"
        ):
            monitored.problems.append(f"ran or was broken: {path}")
        if page.evaluate(_OUT_OF_REACH):
            monitored.problems.append(f"wider than the window, or not reached by keys: {path}")
        if path.startswith(("/-/post", "/-/evidence")):
            _check_elements(monitored, path)
    context.close()
    return monitored.problems


_OUT_OF_REACH = f"""
    {TOO_WIDE}
    || [...document.querySelectorAll(".body table, .body pre")]
        .some(wide => wide.scrollWidth > wide.clientWidth && wide.tabIndex < 0)
"""


def _check_elements(monitored: MonitoredPage, path: str) -> None:
    found = monitored.page.eval_on_selector_all(
        FORBIDDEN, "nodes => nodes.map(node => node.outerHTML.slice(0, 120))"
    )
    found += monitored.page.evaluate(
        """() => [...document.querySelectorAll("main *")].flatMap(node => [...node.attributes]
            .filter(a => a.name.startsWith("on") || a.name === "style"
                || /^\\s*(javascript|data|vbscript):/i.test(a.value)
                && ["href", "src", "action", "formaction", "xlink:href"].includes(a.name))
            .map(a => `${node.tagName} ${a.name}=${a.value}`))"""
    )
    monitored.problems += [f"{path} holds {one}" for one in found]


def main(name: str) -> int:
    """Look at the vectors of a file, or at our own; 1 if anything happened that must not."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    vectors = Path(name).read_text("utf-8", "replace").splitlines() if name else list(BODIES)
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, sync_playwright() as playwright:
        archive = Path(folder) / "archive.db"
        posts = fill(archive, [vector for vector in vectors if vector.strip()])
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        with served(archive) as home:
            problems = visit_all(browser, home, posts)
        browser.close()
    sys.stdout.write(
        "\n".join([*problems, f"{len(vectors)} vectors in {posts} posts: {len(problems)} problems"])
        + "\n"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
