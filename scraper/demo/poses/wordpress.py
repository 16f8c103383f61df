"""WordPress: the markup of its default themes, core and Yoast sitemaps, its feed."""

from __future__ import annotations

from html import escape

from scraper.demo.poses.site import Pose, PosedSite, read_markup
from scraper.demo.posts import DemoPost

_PAGE = read_markup("wordpress_page.html")

_ARTICLE = read_markup("wordpress_post.html")


def _path(post: DemoPost) -> str:
    return f"/{post.published:%Y/%m}/{post.handle}/"


def _page(site: PosedSite, title: str, classes: str, main: str, head: str = "") -> str:
    recent = "".join(
        f'<li><a href="{_path(post)}">{escape(post.title)}</a></li>' for post in site.newest[:5]
    )
    return _PAGE.format(
        title=escape(title),
        shop=escape(site.store.shop.name),
        head=head,
        feed=site.url("/feed/"),
        api=site.url("/wp-json/"),
        classes=classes,
        main=main,
        recent=recent,
    )


def _post_page(site: PosedSite, post: DemoPost) -> str:
    older, newer = site.edition.neighbours(post)
    pagers = "".join(
        f'<div class="nav-{name}"><a href="{_path(other)}" rel="{rel}">{escape(other.title)}</a>'
        "</div>"
        for name, rel, other in (("previous", "prev", older), ("next", "next", newer))
        if other
    )
    main = _ARTICLE.format(
        number=post.article_id,
        title=escape(post.title),
        body=site.body(post),
        published=post.published.isoformat(),
        day=f"{post.published:%d %B %Y}",
        author=escape(post.author),
        tags=", ".join(f'<a href="/tag/{tag}/" rel="tag">{escape(tag)}</a>' for tag in post.tags),
        pagers=pagers,
    )
    url = site.url(_path(post))
    head = (
        f'<link rel="canonical" href="{url}" /><meta property="og:type" content="article" />'
        f'<meta property="og:title" content="{escape(post.title)}" />'
        f'<meta property="og:url" content="{url}" />'
        f'<meta property="article:published_time" content="{post.published.isoformat()}" />'
        f"<link rel='shortlink' href='{site.url(f'/?p={post.article_id}')}' />"
    )
    classes = f"post-template-default single single-post postid-{post.article_id}"
    return _page(site, post.title, classes, main, head)


_OTHERS = {
    "/": "Home",
    "/about/": "About",
    "/category/herbs/": "Category: Herbs",
    "/author/editor/": "Author: editor",
    "/page/2/": "Page 2",
}

POSE = Pose(
    path=_path,
    post_page=_post_page,
    page=_page,
    feed="/feed/",
    feed_posts=10,
    guid=lambda site, post: site.url(f"/?p={post.article_id}"),
    others=_OTHERS,
    sitemap="/wp-sitemap.xml",
    sitemaps=tuple(
        f"/wp-sitemap-{name}.xml"
        for name in ("posts-post-1", "posts-page-1", "taxonomies-category-1", "users-1")
    ),
    post_sitemap="/wp-sitemap-posts-post-1.xml",
    forbidden="/wp-admin/",
    headers=(("Server", "nginx"), ("Link", '</wp-json/>; rel="https://api.w.org/"')),
)
