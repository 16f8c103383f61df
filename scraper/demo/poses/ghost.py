"""Ghost: the markup of its Casper theme, its sitemaps and its feed."""

from __future__ import annotations

from html import escape

from scraper.demo.poses.site import Pose, PosedSite, read_markup
from scraper.demo.posts import DemoPost

_PAGE = read_markup("ghost_page.html")

_ARTICLE = read_markup("ghost_post.html")


def _path(post: DemoPost) -> str:
    return f"/{post.handle}/"


def _key(post: DemoPost) -> str:
    return f"{post.article_id:024x}"


def _page(site: PosedSite, title: str, classes: str, main: str, head: str = "") -> str:
    return _PAGE.format(
        title=escape(title),
        shop=escape(site.store.shop.name),
        head=head,
        feed=site.url("/rss/"),
        home=site.url("/"),
        classes=f"{classes}-template",
        main=main,
    )


def _post_page(site: PosedSite, post: DemoPost) -> str:
    cards = "".join(
        f'<article class="post-card"><a href="{_path(other)}"><h2>{escape(other.title)}</h2></a>'
        "</article>"
        for other in site.edition.related_posts(post, 3)
    )
    main = _ARTICLE.format(
        title=escape(post.title),
        author=escape(post.author),
        date=f"{post.published:%Y-%m-%d}",
        day=f"{post.published:%b %d, %Y}",
        body=site.body(post),
        key=_key(post),
        cards=cards,
    )
    url = site.url(_path(post))
    head = (
        f'<link rel="canonical" href="{url}" /><meta property="og:type" content="article" />'
        f'<meta property="og:title" content="{escape(post.title)}" />'
        f'<meta property="article:published_time" content="{post.published.isoformat()}" />'
        f'<meta property="article:modified_time" content="{post.updated.isoformat()}" />'
    )
    return _page(site, post.title, "post", main, head)


_OTHERS = {
    "/": "Home",
    "/about/": "About",
    "/tag/herbs/": "Herbs",
    "/author/editor/": "Editor",
    "/page/2/": "Page 2",
}

POSE = Pose(
    path=_path,
    post_page=_post_page,
    page=_page,
    feed="/rss/",
    feed_posts=15,
    guid=lambda _, post: _key(post),
    others=_OTHERS,
    sitemap="/sitemap.xml",
    sitemaps=tuple(f"/sitemap-{name}.xml" for name in ("pages", "posts", "authors", "tags")),
    post_sitemap="/sitemap-posts.xml",
    forbidden="/ghost/",
    headers=(("Server", "openresty"), ("X-Ghost-Cache-Status", "From Cache")),
)
