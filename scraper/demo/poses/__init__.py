"""The demo store as a blog of another system: its addresses, markup, sitemaps and feeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scraper.demo.answers import HTML, TEXT, XML, DemoResponse, PageRequest, redirect
from scraper.demo.poses import ghost, wordpress
from scraper.demo.poses.site import Pose, PosedSite
from scraper.demo.store import DemoStore

__all__ = ["POSES", "answer_as", "headers_as"]

POSES: Final[Mapping[str, Pose]] = {"wordpress": wordpress.POSE, "ghost": ghost.POSE}


def answer_as(store: DemoStore, day: int, request: PageRequest, *, token: str = "") -> DemoResponse:
    """The answer of the store on `day`, as the system of `store.platform` gives it."""
    pose = POSES[store.platform]
    site = PosedSite(pose=pose, store=store, edition=store.edition(day), host=request.authority)
    path = request.target.partition("?")[0]
    if path == "/robots.txt":
        text = f"User-agent: *\nDisallow: {pose.forbidden}\n\nSitemap: {site.url(pose.sitemap)}\n"
        return DemoResponse(status=200, body=text.encode(), content_type=TEXT)
    document = site.document(path)
    if document is not None:
        return DemoResponse(status=200, body=document.encode(), content_type=XML)
    page = _page(site, path)
    if page is not None:
        return DemoResponse(status=200, body=page.encode(), content_type=HTML)
    if moved := site.moved_to(path):
        return redirect(site.url(moved), 301)
    return DemoResponse(status=404, body=pose.page(site, "Page not found", "error404", "").encode())


def _page(site: PosedSite, path: str) -> str | None:
    post = site.by_path.get(path)
    if post is not None:
        return site.pose.post_page(site, post)
    title = site.pose.others.get(path)
    if title is None:
        return None
    cards = "".join(
        f'<article class="card"><h2><a href="{site.pose.path(post)}">{post.title}</a></h2>'
        f"<p>{post.excerpt}</p></article>"
        for post in site.newest[:10]
    )
    return site.pose.page(site, title, "home" if path == "/" else "archive", cards)


def headers_as(
    store: DemoStore, day: int, request: PageRequest, answered: DemoResponse
) -> tuple[tuple[str, str], ...]:
    """The headers of such a site."""
    own = POSES[store.platform].headers
    return (("Content-Type", answered.content_type), *own, *answered.headers)
