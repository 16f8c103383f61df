"""Small sites of systems that the demo store does not pose as, crawled end to end: posts are found
where each system names them, or where its pages announce them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import FURTHER, Command, rows
from tests.platforms.test_platforms import HEADS, IDS
from tests.spiders.test_odd_stores import words
from tests.storefront import Page, serving, sitemap

NAMES = ("quiet-mornings", "loud-evenings", "tea-at-noon")
ARTICLE = '<meta property="og:type" content="article">'


@dataclass(frozen=True)
class Site:
    """How a site shows its posts: their path, the listing that names them, the home page's body."""

    path: str
    listing: str = ""
    home: str = ""
    lists: dict[str, str] = field(default_factory=dict)


def links(path: str, *names: str) -> str:
    return "".join(f'<h2><a href="{path.format(name)}">{name}</a></h2>' for name in names)


def rss(paths: Sequence[str], guid: str = "") -> str:
    """A feed of the posts at some addresses; `guid` makes an entry's own name of its number."""
    own = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    items = "".join(
        f"<item><title>{name}</title><link>{{origin}}{path}</link>{own.format(number)}</item>"
        for number, (name, path) in enumerate(zip(NAMES, paths, strict=True))
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


DATA = {
    "@type": "Blog",
    "blogPost": [{"@type": "BlogPosting", "url": f"/read/{name}"} for name in NAMES],
}
SITES = {
    "squarespace": Site("/blog/{}", "/blog?format=rss"),
    "wix": Site("/post/{}", "/sitemap.xml"),
    "hubspot": Site("/blog/{}", "/blog/rss.xml"),
    "bigcommerce": Site("/blog/{}/", "/xmlsitemap.php"),
    "hugo": Site("/posts/{}/", "/index.xml"),
    "unknown": Site(
        "/read/{}",
        home=f'<script type="application/ld+json">{json.dumps(DATA)}</script>',
    ),
    "unknown, by links": Site(
        "/journal/{}",
        home='<link rel="alternate" type="application/rss+xml" href="/closed/feed.xml">'
        '<a href="/journal">Our journal</a><a href="/about">About</a>',
        lists={
            "/journal": links("/journal/{}", *NAMES[:2]) + '<a rel="next" href="/journal/page/2">',
            "/journal/page/2": links("/journal/{}", NAMES[2]) + '<a href="/cart">Cart</a>',
        },
    ),
}


def page_of(system: str, body: str, *, number: int = 9, title: str = "Tea") -> str:
    """A page with the system's marks; the post's id, where pages have one, ends in a number."""
    mark, own = HEADS.get(system, ""), IDS.get(system, "")
    mark = mark.replace(own, f"{own[:-1]}{number}") if own else mark
    end = "</script>" if "<script" in mark else ""
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title>{mark}{end}{ARTICLE}</head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )


def pages_of(system: str, site: Site) -> dict[str, Page]:
    about = f"<p>{words(11)}</p>"
    found: dict[str, Page] = {
        "/robots.txt": "User-agent: *\nDisallow: /closed/\n",
        "/": page_of(system, about + site.home),
        "/about": page_of(system, about),
    }
    for number, name in enumerate(NAMES):
        text = f"<article><div><p>{words(number)}</p></div></article>"
        found[site.path.format(name)] = page_of(system, text, number=number, title=name)
    for path, body in site.lists.items():
        found[path] = page_of(system, about + body)
    if site.listing:
        is_feed = "sitemap" not in site.listing
        paths = [site.path.format(name) for name in NAMES]
        found[site.listing] = rss(paths) if is_feed else sitemap(*paths)
    return found


@pytest.mark.parametrize(
    "system",
    [
        system if system in ("hugo", "unknown, by links") else pytest.param(system, marks=FURTHER)
        for system in SITES
    ],
)
def test_posts_of_a_small_site_are_found(crawl: Command, db_path: Path, system: str):
    site = SITES[system]
    with serving(pages_of(system, site)) as server:
        done = crawl(server.url, db_path)
        assert done.returncode == 0, done.stdout + done.stderr
        expected = [(server.url + site.path.format(name),) for name in NAMES]
    assert rows(db_path, "SELECT url FROM posts ORDER BY url") == sorted(expected)
    texts = sorted(str(text) for (text,) in rows(db_path, "SELECT text FROM contents"))
    assert texts == sorted(words(number) for number in range(len(NAMES)))
    assert rows(db_path, "SELECT platform FROM stores") == [(system.partition(",")[0],)]


@dataclass(frozen=True)
class Renaming:
    """A system's mark, the name of a post's entry in its feed, and what its page says of its id."""

    mark: str
    guid: str
    on_page: str = ""


RENAMINGS = {
    # No id on the page, as in some themes.
    "wordpress": Renaming('<meta name="generator" content="WordPress 6.5">', "{{origin}}/?p={}"),
    "ghost": Renaming(
        '<meta name="generator" content="Ghost 5.82">',
        "5f3c1a2b4d5e6f7a8b9c0d{:02}",
        "<i data-post-id='5f3c1a2b4d5e6f7a8b9c0d{:02}'></i>",
    ),
}


def blog_with_feed(renaming: Renaming, paths: list[str]) -> dict[str, Page]:
    """A blog whose feed holds all posts; each keeps its number, whatever its address."""
    pages, feed = {}, rss(paths, renaming.guid)
    for number, path in enumerate(paths):
        pages[path] = (
            f"<!doctype html><html lang='en'><head><title>{NAMES[number]}</title>{renaming.mark}"
            f"<link rel='canonical' href='{{origin}}{path}'>{ARTICLE}</head><body><main>"
            f"<h1>{NAMES[number]}</h1><article><div><p>{words(number)}</p></div></article>"
            f"{renaming.on_page.format(number)}</main></body></html>"
        )
    return {
        "/robots.txt": "User-agent: *\n",
        "/": f"<!doctype html><head>{renaming.mark}</head><body><p>{words(9)}</p></body>",
        "/feed/": feed,
        "/rss/": feed,
        **pages,
    }


@pytest.mark.parametrize("system", RENAMINGS)
def test_a_post_whose_address_changes_under_its_own_name_is_renamed(
    crawl: Command, db_path: Path, system: str
):
    before = [f"/{name}/" for name in NAMES]
    after = ["/quieter-mornings/", *before[1:]]
    with serving(blog_with_feed(RENAMINGS[system], before)) as server:
        assert crawl(server.url, db_path).returncode == 0
        server.pages = blog_with_feed(RENAMINGS[system], after)
        assert crawl(server.url, db_path).returncode == 0
        expected = sorted((server.url + path, "live") for path in after)
    assert rows(db_path, "SELECT url, state FROM posts ORDER BY url") == expected
    assert rows(db_path, "SELECT kind FROM changes WHERE crawl_id = 2") == [("renamed",)]
