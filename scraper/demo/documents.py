"""robots.txt, sitemaps and feeds of the demo store, in Shopify's form
(docs/explanation/shopify.md, 3.1 to 3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from scraper.demo.pages import COLLECTIONS, LOCALES
from scraper.demo.posts import DemoBlog, DemoPost
from scraper.demo.store import local_time
from scraper.demo.views import Site, tagged

FEED_CAP = 30
PRODUCTS = tuple(
    (7_100_000_000_000 + turn, handle)
    for turn, handle in enumerate(
        ("calm-evening-tea", "magnesium-flakes", "joint-balm", "cork-yoga-block")
    )
)
SHOP_PAGES = ("about", "delivery")

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP_NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_IMAGE_NS = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
_FEED_NS = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:s="http://jadedpixel.com/-/spec/shopify"'
)

_EVERYBODY = """\
Disallow: /a/downloads/-/*
Disallow: /admin
Disallow: /cart
Disallow: /orders
Disallow: /checkouts/
Disallow: /checkout
Disallow: /{shop_id}/checkouts
Disallow: /{shop_id}/orders
Disallow: /carts
Disallow: /account
Disallow: /collections/*sort_by*
Disallow: /*/collections/*sort_by*
Disallow: /collections/*+*
Disallow: /collections/*%2B*
Disallow: /collections/*%2b*
Disallow: /blogs/*+*
Disallow: /blogs/*%2B*
Disallow: /blogs/*%2b*
Disallow: /*/blogs/*+*
Disallow: /*/blogs/*%2B*
Disallow: /*/blogs/*%2b*
Disallow: /*?*oseid=*
Disallow: /*preview_theme_id*
Disallow: /*preview_script_id*
Disallow: /policies/
Disallow: /*/policies/
Disallow: /*/*?*ls=*&ls=*
Disallow: /search
Disallow: /sf_private_access_tokens
Disallow: /apple-app-site-association
Disallow: /cdn/wpm/*.js
Disallow: /recommendations/products
Sitemap: {origin}/sitemap.xml
"""


def robots_txt(site: Site) -> str:
    """Shopify's default rules since 2021; only named robots get a delay."""
    rules = _EVERYBODY.format(shop_id=site.store.shop.shop_id, origin=site.origin)
    return (
        f"# we use Shopify as our ecommerce platform\n\nUser-agent: *\n{rules}\n"
        f"User-agent: Nutch\nDisallow: /\n\n"
        f"User-agent: AhrefsBot\nCrawl-delay: 10\n{rules}\n"
        f"User-agent: Pinterest\nCrawl-delay: 1\n"
    )


def sitemap_index(site: Site) -> str:
    """The index: a set of sitemaps for the store, and one for each locale."""
    first, last = PRODUCTS[0][0], PRODUCTS[-1][0]
    names = (
        f"sitemap_products_1.xml?from={first}&to={last}",
        "sitemap_pages_1.xml",
        "sitemap_collections_1.xml",
        "sitemap_blogs_1.xml",
    )
    roots = ("", *(f"/{locale}" for locale in LOCALES))
    rows = (
        f"  <sitemap>\n    <loc>{escape(f'{site.origin}{root}/{name}')}</loc>\n  </sitemap>\n"
        for root in roots
        for name in names
    )
    return f"{_XML}<sitemapindex {_SITEMAP_NS}>\n{''.join(rows)}</sitemapindex>\n"


def blog_sitemap(site: Site) -> str:
    """The blogs, then every post of every blog: no cap, and not sorted by date. `lastmod` is the
    post's `updated`."""
    blogs = (
        _url(site, f"/blogs/{blog.handle}", _blog_updated(site, blog))
        for blog in site.store.shop.blogs
    )
    posts = (_url(site, post.path, post.updated, _image(site, post)) for post in site.edition.posts)
    return _urlset((*blogs, *posts))


def plain_sitemap(site: Site, kind: str) -> str:
    """The sitemap of the products, the pages or the collections."""
    names = {
        "products": [handle for _, handle in PRODUCTS],
        "collections": [handle for handle, _ in COLLECTIONS],
        "pages": SHOP_PAGES,
    }[kind]
    return _urlset(_url(site, f"/{kind}/{name}", site.edition.day.at) for name in names)


def blog_feed(site: Site, blog: DemoBlog, tags: Sequence[str] = ()) -> str:
    """The Atom feed: the 30 newest posts (of the tags, as handles), with the author's complete
    body, without their tags."""
    path = f"/blogs/{blog.handle}" + (f"/tagged/{'+'.join(tags)}" if tags else "")
    posts = tagged(site, blog, tags)[:FEED_CAP]
    updated = ""
    if posts:
        stamp = _stamp(site, max(post.updated for post in posts))
        updated = f"  <updated>{stamp}</updated>\n"
    shop = escape(site.store.shop.name)
    return (
        f'{_XML}<feed xml:lang="{site.locale or "en"}" {_FEED_NS}>\n'
        f"  <id>{escape(site.url(path))}.atom</id>\n"
        f'  <link rel="alternate" type="text/html" href="{escape(site.url(path))}"/>\n'
        f'  <link rel="self" type="application/atom+xml" href="{escape(site.url(path))}.atom"/>\n'
        f"  <title>{shop} - {escape(blog.title)}</title>\n{updated}"
        f"  <author>\n    <name>{shop}</name>\n  </author>\n"
        f"{''.join(_entry(site, post) for post in posts)}</feed>\n"
    )


def _entry(site: Site, post: DemoPost) -> str:
    url = escape(site.url(post.path))
    more = f'<p><a class="read-more" href="{url}">More</a></p>'
    summary = f"    {_html_element('summary', post.excerpt + more)}\n" if post.excerpt else ""
    return (
        f"  <entry>\n    <id>{url}</id>\n"
        f"    <published>{_stamp(site, post.published)}</published>\n"
        f"    <updated>{_stamp(site, post.updated)}</updated>\n"
        f'    <link rel="alternate" type="text/html" href="{url}"/>\n'
        f"    <title>{escape(post.title)}</title>\n"
        f"    <author>\n      <name>{escape(post.author)}</name>\n    </author>\n{summary}"
        f"    {_html_element('content', post.body_html)}\n  </entry>\n"
    )


def _html_element(name: str, html: str) -> str:
    escaped = html.replace("]]>", "]]]]><![CDATA[>")
    return f'<{name} type="html">\n      <![CDATA[{escaped}]]>\n    </{name}>'


def _blog_updated(site: Site, blog: DemoBlog) -> datetime:
    return max(
        (post.updated for post in site.edition.blogs[blog.handle]), default=site.edition.day.at
    )


def _stamp(site: Site, at: datetime) -> str:
    return local_time(site.store.shop, at).isoformat(timespec="seconds")


def _urlset(rows: Iterable[str]) -> str:
    return f"{_XML}<urlset {_SITEMAP_NS} {_IMAGE_NS}>\n{''.join(rows)}</urlset>\n"


def _url(site: Site, path: str, lastmod: datetime, image: str = "") -> str:
    return (
        f"  <url>\n    <loc>{escape(site.url(path))}</loc>\n"
        f"    <lastmod>{_stamp(site, lastmod)}</lastmod>\n"
        f"    <changefreq>weekly</changefreq>\n{image}  </url>\n"
    )


def _image(site: Site, post: DemoPost) -> str:
    if not post.image:
        return ""
    title = escape(post.image_alt or post.title)
    location = escape(site.origin + post.image)
    return (
        f"    <image:image>\n      <image:loc>{location}</image:loc>\n"
        f"      <image:title>{title}</image:title>\n    </image:image>\n"
    )
