"""Saved files as evidence: whose they are, and when they were captured."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from scraper.imports.saved_from import SavedFrom, read_saved_from
from scraper.web.server import make_datasette
from tests.conftest import Command, rows

DUMP = Path(__file__).resolve().parents[1] / "demo" / "data" / "lookalike.txt"
STORE = "https://shop.example"
PROSE = (
    "Chamomile is picked in June, when the flowers are open and dry, and hung in the shade. " * 4
)


def page(
    handle: str = "tea", *, canonical: str | None = None, head: str = "", prose: str = PROSE
) -> str:
    """A saved article page; its canonical link is relative unless given."""
    link = f"/blogs/news/{handle}" if canonical is None else canonical
    return (
        f'<!doctype html><html lang="en"><head>{head}<title>Tea {handle}</title>'
        f'<link rel="canonical" href="{link}"></head><body><main><article><h1>Tea {handle}</h1>'
        f'<div class="article__content"><p>{prose}</p><p>{prose}</p></div>'
        "</article></main></body></html>"
    )


def shop_code(domain: str, shop_id: int = 1234567) -> str:
    return (
        f'<script>var Shopify = Shopify || {{}};Shopify.shop = "{domain}";</script>'
        f'<script>var __st={{"a":{shop_id},"offset":0,"p":"article","rtyp":"article",'
        f'"rid":987654321}};</script>'
    )


def jsonld(article: dict[str, object]) -> str:
    data = json.dumps({"@type": "BlogPosting", "headline": "Tea", **article})
    return f'<script type="application/ld+json">{data}</script>'


OURS = f'<meta property="og:url" content="{STORE}/blogs/news/tea">'
OTHERS = {
    "an absolute canonical link": page(canonical="https://coffee.example/blogs/news/tea"),
    "og:url": page(head='<meta property="og:url" content="https://coffee.example/blogs/news/tea">'),
    "the permanent domain": page(head=shop_code("coffee.myshopify.com")),
    "the number of the shop": page(head=shop_code("shop.myshopify.com", 7654321)),
    "the address it was saved from": (
        "<!-- saved from url=(0037)https://coffee.example/blogs/news/tea -->" + page()
    ),
    "an address without a scheme": page(
        head='<meta property="og:url" content="//coffee.example/blogs/news/tea">'
    ),
    "the base of its links": page(head='<base href="https://coffee.example/">'),
    "structured data": page(head=jsonld({"url": "https://coffee.example/blogs/news/tea"})),
    "its publisher": page(head=jsonld({"publisher": {"url": "https://coffee.example"}})),
    "the number in its wallet": page(
        head='<meta name="shopify-digital-wallet" content="/7654321/digital_wallets/dialog">'
    ),
}


def run(blogkeep: Command, folder: Path, *more: str, store: str = STORE):
    """Import a folder of saved pages into the archive beside it."""
    words = ("--store", store, "--db", str(folder.with_name("archive.db")))
    return blogkeep("import", str(folder), *words, *more, alone=True)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    return folder


def test_a_page_that_only_the_parser_finds_slow_is_rejected(blogkeep: Command, saved: Path) -> None:
    fonts = "".join(f"<font color={at}></i>word " for at in range(20_000))
    (saved / "a.html").write_text(page("slow", head=OURS, prose=fonts))
    (saved / "b.html").write_text(page("quick"))
    done = run(blogkeep, saved, "--json")
    told = json.loads(done.stdout)
    reason = "too_slow: parsing the page takes more than 1 s of CPU"
    assert [rejected["reason"] for rejected in told["rejected"]] == [reason]
    assert told["results"]["new"] == 1


def test_a_page_of_another_store_is_refused_on_any_contrary_mark(blogkeep: Command, saved: Path):
    marks = (
        OURS + shop_code("shop.myshopify.com") + jsonld({"publisher": {"url": "https://a.test"}})
    )
    (saved / "a.html").write_text(page("first", head=marks))
    for number, html in enumerate(OTHERS.values()):
        (saved / f"other-{number}.html").write_text(html)
    done = run(blogkeep, saved)
    lines = [line for line in done.stderr.splitlines() if "a post of another store" in line]
    assert (done.returncode, len(lines)) == (3, len(OTHERS)), done.stderr
    db = saved.with_name("archive.db")
    assert rows(db, "SELECT url FROM posts") == [(f"{STORE}/blogs/news/first",)]
    assert rows(db, "SELECT platform, shop_id, myshopify_domain FROM stores") == [
        ("shopify", "1234567", "shop.myshopify.com")
    ]


SPELLINGS = (
    STORE,
    "http://shop.example",
    "https://www.shop.example/",
    "HTTPS://SHOP.EXAMPLE/blogs/news",
    "shop.example",
)


def test_one_store_by_any_spelling_and_one_sight_of_one_file(blogkeep: Command, saved: Path):
    (saved / "tea.html").write_text(page())
    shutil.copy(DUMP, saved)
    for spelling in SPELLINGS:
        done = run(blogkeep, saved, store=spelling)
        assert done.returncode == 0, done.stderr
    db = saved.with_name("archive.db")
    assert rows(db, "SELECT origin FROM stores") == [(STORE,)]
    assert rows(db, "SELECT revision_count FROM posts") == [(1,), (1,)]
    # Nobody knows when the store had them: that is no sight of the store.
    assert rows(db, "SELECT count(*) FROM observations") == [(0,)]
    assert rows(db, "SELECT DISTINCT dated_by FROM captures") == [("unknown",)]
    shown = blogkeep("show", "tea", "--db", str(db)).stdout
    assert "from a file, imported" in shown
    assert "date of capture unknown" in shown
    cited = asyncio.run(make_datasette(db).client.get("/-/post/1")).text
    assert "Archived from a file, imported" in cited
    assert "seen on" not in cited
    assert blogkeep("verify", "--db", str(db)).returncode == 0


def test_a_mirrored_folder_ends_well_though_it_holds_index_pages(blogkeep: Command, saved: Path):
    (saved / "tea.html").write_text(page())
    for name in ("blogs/news", "products/cup", ""):
        file = saved / "shop.example" / name / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page(canonical=f"{STORE}/{name}"))
    done = run(blogkeep, saved)
    assert (done.returncode, done.stderr) == (0, "")
    assert "other pages of the store, left out: 3" in done.stdout


def test_an_operator_dates_a_file(blogkeep: Command, saved: Path):
    db = saved.with_name("archive.db")
    for day, prose in (
        ("2020-05-06", PROSE),
        ("2021-05-06T07:08:09Z", PROSE.replace("June", "July")),
    ):
        (saved / "tea.html").write_text(page(prose=prose))
        assert run(blogkeep, saved, "--captured-at", day).returncode == 0
    assert rows(db, "SELECT first_seen_at, last_seen_at FROM observations ORDER BY id") == [
        ("2020-05-06T23:59:59Z", "2020-05-06T23:59:59Z"),
        ("2021-05-06T07:08:09Z", "2021-05-06T07:08:09Z"),
    ]
    assert "dated by who imported it" in blogkeep("show", "tea", "--db", str(db)).stdout
    assert blogkeep("verify", "--db", str(db)).returncode == 0


@pytest.mark.parametrize("wrong", ["yesterday", "2999-01-01"])
def test_an_impossible_date_is_refused(blogkeep: Command, saved: Path, wrong: str):
    (saved / "tea.html").write_text(page())
    done = run(blogkeep, saved, "--captured-at", wrong)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


COMMENTS = {
    "a browser": (
        "<!-- saved from url=(0035)https://shop.example/blogs/news/tea -->",
        SavedFrom(f"{STORE}/blogs/news/tea", ""),
    ),
    "a browser, from the Wayback Machine": (
        "<!-- saved from url=(0085)https://web.archive.org/web/20200101123456/"
        "https://shop.example/blogs/news/tea -->",
        SavedFrom(f"{STORE}/blogs/news/tea", ""),
    ),
    "SingleFile": (
        "<!--\n Page saved with SingleFile \n url: https://shop.example/blogs/news/tea \n "
        "saved date: Sat Nov 29 2025 13:05:11 GMT+0100 (Central European Standard Time)\n-->",
        SavedFrom(f"{STORE}/blogs/news/tea", "2025-11-29T12:05:11Z"),
    ),
    "HTTrack": (
        "<!-- Mirrored from shop.example/blogs/news/tea by HTTrack Website Copier/3.x "
        "[XR&CO'2014], Thu, 07 May 2020 10:11:12 GMT -->",
        SavedFrom("http://shop.example/blogs/news/tea", "2020-05-07T10:11:12Z"),
    ),
    "the Wayback Machine": (
        "<!--\n     FILE ARCHIVED ON 12:34:56 Jan 01, 2020 AND RETRIEVED FROM THE\n     INTERNET "
        "ARCHIVE ON 01:02:03 Mar 04, 2024.\n-->",
        SavedFrom("", "2020-01-01T12:34:56Z"),
    ),
    "a file of the same machine": (
        "<!-- saved from url=(0020)file:///home/a.html -->",
        SavedFrom(),
    ),
    "an impossible date": (
        "<!-- Mirrored from a.example by HTTrack, Thu, 99 May 2020 10:11:12 GMT -->",
        SavedFrom("http://a.example", ""),
    ),
    "nothing": ("<!-- a comment -->", SavedFrom()),
}


@pytest.mark.parametrize(("comment", "expected"), COMMENTS.values(), ids=COMMENTS.keys())
def test_what_saved_a_page_says_where_and_when(comment: str, expected: SavedFrom):
    assert read_saved_from(f"<!doctype html>{comment}<p>Tea".encode()) == expected
    assert read_saved_from(b"<!doctype html>" + b" " * 20_000 + comment.encode()) == expected


WORDPRESS = """<!doctype html><html lang="en"><head><meta name="generator" content="WordPress 6.5">
<title>{title} – Tea</title><link rel="canonical" href="https://tea.example/2024/05/{slug}/">
<meta property="og:type" content="{kind}"></head><body class="{body} postid-{number}"><main>
<article id="post-{number}"><h1 class="entry-title">{title}</h1><div class="entry-content">
<p>{prose} See also <a href="/2024/04/mint/">mint</a> and <a href="/tag/tea/">all on tea</a>.</p>
<p>{prose}</p>
</div></article></main></body></html>"""


def test_posts_of_another_system_are_imported_under_their_own_addresses(
    blogkeep: Command, saved: Path
):
    for slug, number, kind, body in (
        ("chamomile", 77, "article", "single single-post"),
        ("about", 78, "website", "page-template"),
    ):
        html = WORDPRESS.format(
            slug=slug, title=slug.title(), number=number, kind=kind, body=body, prose=PROSE
        )
        (saved / f"{slug}.html").write_text(html)
    done = run(blogkeep, saved, store="https://tea.example")
    assert (done.returncode, done.stderr) == (0, "")
    db = saved.with_name("archive.db")
    assert rows(db, "SELECT url, article_id, handle, title FROM posts") == [
        ("https://tea.example/2024/05/chamomile/", "77", "chamomile", "Chamomile")
    ]
    assert rows(db, "SELECT platform FROM stores") == [("wordpress",)]
    assert rows(db, "SELECT url, kind FROM links") == [
        ("https://tea.example/2024/04/mint/", "inline")
    ]
