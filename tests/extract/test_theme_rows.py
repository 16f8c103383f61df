"""Title, author and date in the markup of each theme that docs/explanation/shopify.md lists in 2.2,
written in our own words."""

from __future__ import annotations

import json

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, TITLE, URL, page

NAME = "Ann Fern"
DAY = "2026-05-04"
MINUTE = "2026-05-04T15:00:00Z"  # 10:00 in the store, whose offset is five hours
BLOG = "https://shop.example/blogs/journal"


def jsonld(**fields: object) -> str:
    data = {
        "@context": "http://schema.org",
        "@type": "Article",
        "headline": TITLE,
        "datePublished": "2026-05-04T10:00:00Z",
        **fields,
    }
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def person(name: str = NAME) -> dict[str, str]:
    return {"@type": "Person", "name": name}


# Each row: the article's markup, author, published_at.
ROWS = {
    "Palo Alto 3": (
        '<article class="article__wrapper"><header class="section-header '
        f'section-header--article"><h1 class="h1">{TITLE}</h1>'
        f'<small class="light-gray">Posted by {NAME} on <time datetime="2026-05-04">'
        "May 04, 2026</time></small></header>"
        f'<div class="rte">{BODY}</div><ul class="inline-list"><li>'
        '<a href="/blogs/journal/tagged/tea">Tea</a></li></ul>'
        f'<p class="article__nav-arrows"><a href="{BLOG}/a">← Older Post</a> <a href="{BLOG}/b">'
        "Newer Post →</a></p></article>",
        NAME,
        DAY,
    ),
    "Palo Alto 4.1": (
        f'{jsonld(author=person())}<header><h1>{TITLE}</h1><p class="article__meta">By {NAME} '
        '<time datetime="2026-05-04">May 4, 2026</time></p>'
        f'</header><div class="rte">{BODY}</div>',
        NAME,
        MINUTE,
    ),
    "Dawn 2": (
        '<article class="article-template" itemscope itemtype="http://schema.org/BlogPosting">'
        '<div class="article-template__hero-container">'
        '</div><header class="page-width"><h1 class="article-template__title" '
        f'itemprop="headline">{TITLE}</h1>'
        '<span class="circle-divider caption-with-letter-spacing" itemprop="dateCreated pubdate '
        'datePublished">'
        '<time datetime="2026-05-04T15:00:00Z">May 4, 2026</time></span>'
        '<span class="caption-with-letter-spacing" itemprop="author" itemscope>'
        f'<span itemprop="name">{NAME}</span></span></header>'
        '<div class="article-template__content page-width rte" itemprop="articleBody">'
        f"{BODY}</div></article>",
        NAME,
        MINUTE,
    ),
    "Dawn 15": (
        '<article class="article-template"><header class="page-width">'
        f'<h1 class="article-template__title">{TITLE}</h1>'
        '<span class="circle-divider caption-with-letter-spacing">'
        '<time datetime="2026-05-04T15:00:00Z">May 4, 2026</time></span>'
        f'<span>{NAME}</span></header><div class="article-template__content page-width rte '
        f'scroll-trigger">{BODY}</div></article>',
        NAME,
        MINUTE,
    ),
    "Refresh": (
        f'{jsonld()}<article class="article-template"><header><h1 class="article-template__title" '
        f'itemprop="headline">{TITLE}</h1>'
        '<span class="circle-divider"><time datetime="2026-05-04T15:00:00Z">May 4, 2026</time>'
        "</span></header>"
        f'<div class="article-template__content rte" itemprop="articleBody">{BODY}</div></article>',
        "",
        MINUTE,
    ),
    "Debut": (
        f'<article class="article"><h1 class="article__title">{TITLE}</h1>'
        f'<span class="article__author">by {NAME}</span>'
        '<span class="article__date"><time datetime="2026-05-04T15:00:00Z">May 04, 2026</time>'
        "</span>"
        f'<div class="rte">{BODY}</div></article><div class="return-link-wrapper">'
        f'<a href="{BLOG}">Back to News</a></div>',
        NAME,
        MINUTE,
    ),
    "Brooklyn": (
        f'<header class="section-header"><h1>{TITLE}</h1><p><time datetime="2026-05-04T15:00:00Z">'
        "May 04, 2026</time></p></header>"
        f'<div class="rte rte--indented-images" itemprop="articleBody">{BODY}</div>'
        '<ul class="tags tags--article inline-list"><li><span>Tags:</span></li><li>'
        '<a href="/blogs/journal/tagged/tea">Tea</a></li></ul>',
        "",
        MINUTE,
    ),
    "Minimal": (
        f'<header class="section-header"><h1 class="section-header__title">{TITLE}</h1></header>'
        '<p><time datetime="2026-05-04">May 04, 2026'
        f'</time></p><div class="rte" itemprop="articleBody">{BODY}</div><aside class="sidebar">'
        "<h3>Recent Articles</h3><ul><li>"
        f'<a href="{BLOG}/a">Another</a> <time datetime="2026-07-07">July 07, 2026</time></li>'
        "</ul></aside>",
        "",
        DAY,
    ),
    "Supply": (
        '<div class="grid"><div class="grid-item large--ten-twelfths">'
        f'<header class="section-header"><h1>{TITLE}</h1></header>'
        f'<p class="text-light">Posted by {NAME} on <time datetime="2026-05-04">'
        f'May 04, 2026</time></p><div class="rte">{BODY}'
        "</div></div></div>",
        NAME,
        DAY,
    ),
    "Simple": (
        f'<article itemscope><header><h1>{TITLE}</h1><p class="txt--minor">'
        f'Posted by {NAME} on <time datetime="2026-05-04T15:00:00Z">'
        f'May 04, 2026</time></p></header><div class="rte" itemprop="articleBody">{BODY}</div>'
        "</article>",
        NAME,
        MINUTE,
    ),
    "Venture": (
        f'<div class="content-block"><h1 class="h2">{TITLE}</h1><p class="blog__meta">'
        '<time datetime="2026-05-04T15:00:00Z">May 04, 2026</time>'
        '<span class="meta-sep">•</span><a href="/blogs/journal/tagged/green-tea">Green Tea</a>'
        "</p></div>"
        f'<div class="rte" itemprop="articleBody">{BODY}</div>',
        "",
        MINUTE,
    ),
    "Narrative": (
        f'<div class="article__header"><h1>{TITLE}</h1><time datetime="2026-05-04T15:00:00Z">'
        "May 04, 2026</time></div>"
        f'<div class="article__body rte" itemprop="articleBody">{BODY}</div>',
        "",
        MINUTE,
    ),
    "Boundless": (
        f'<header class="section-header"><h1>{TITLE}</h1></header><ul class="article-meta"><li>'
        '<time datetime="2026-05-04T15:00:00Z">'
        f'May 04, 2026</time></li><li>{NAME}</li></ul><article class="rte" itemprop="articleBody">'
        f"{BODY}</article>",
        NAME,
        MINUTE,
    ),
    "Timber": (
        f'<header><h1 class="section-header__title">{TITLE}</h1></header><p>Posted by {NAME} on '
        '<time pubdate datetime="2026-05-04">May 04, 2026'
        f'</time></p><div class="rte" itemprop="articleBody">{BODY}</div>',
        NAME,
        DAY,
    ),
    "Pipeline": (
        f"{jsonld(author=person())}<article><header><h1>{TITLE}</h1><p>Posted by {NAME} on <time>"
        "May 04, 2026</time></p></header>"
        f'<div class="blog__article__content rte">{BODY}</div>'
        '<a class="blog__tag" href="/blogs/journal/tagged/tea">Tea</a></article>',
        NAME,
        MINUTE,
    ),
    "Broadcast": (
        f'{jsonld()}<h2 class="article__title">{TITLE}</h2><p class="article__meta">By {NAME} • '
        '<time datetime="May 4, 2026">May 4, 2026</time>'
        f'</p><div class="article__content">{BODY}</div>',
        NAME,
        MINUTE,
    ),
    "Modular": (
        f'<h1 class="article__title">{TITLE}</h1><p class="article__meta">'
        '<time datetime="2026-05-04">May 4, 2026</time></p>'
        f'<div class="article__content"><div class="rte">{BODY}</div></div>',
        "",
        DAY,
    ),
    "Prestige 4": (
        '<article class="Article"><header class="Article__Header">'
        '<div class="Article__Meta Heading">'
        '<span class="Article__MetaItem">May 04, 2026'
        f'</span></div><h1 class="Article__Title Heading">{TITLE}</h1></header>'
        f'<div class="Article__Body Rte">{BODY}</div>'
        '<footer class="Article__Footer"><span class="Article__Author Heading">'
        f"Written by {NAME}</span></footer></article>",
        NAME,
        DAY,
    ),
    "Prestige 7": (
        f'{jsonld(datePublished="2026-05-04T10:00:00")}<div class="article"><h1 class="h1">'
        f'{TITLE}</h1><div class="prose">{BODY}</div>'
        f'<div class="article__footer"><span>Por {NAME}</span></div></div>',
        NAME,
        MINUTE,
    ),
    "Impulse": (
        f'<header class="section-header"><h1 class="section-header__title">{TITLE}</h1>'
        '<div class="article__date">'
        '<time datetime="2026-05-04T15:00:00Z">May 04, 2026</time>'
        f' · by {NAME} · <a href="/blogs/journal/tagged/tea">Tea</a></div>'
        "</header>"
        f'<div class="article__body rte">{BODY}</div>',
        NAME,
        MINUTE,
    ),
    "Turbo": (
        f'<header class="page_banner"><h1>{TITLE}</h1></header><div class="section">'
        '<p class="blog_meta"><span>May 04, 2026</span>'
        '<span><a href="/blogs/journal/tagged/tea">Tea</a></span></p>'
        f'<div class="article_content clearfix">{BODY}</div>'
        f'<div class="author_bio"><h6>{NAME}</h6><p>She drinks a lot of tea, and writes about it '
        "when the pot is empty.</p></div></div>",
        NAME,
        DAY,
    ),
    "Parallax": (
        f'<div class="banner"><h1>{TITLE}</h1></div><div class="section clearfix"><p class="meta">'
        f"{NAME} | 4 May, 2026</p>"
        f'<div class="article__wrap">{BODY}</div></div>',
        NAME,
        DAY,
    ),
    "Focal": (
        f'<header class="page__header"><h1>{TITLE}</h1></header><article class="article"><p>'
        f'{NAME} / <time class="article__date" '
        'datetime="2026-05-04T10:00:00">4 May 2026</time></p><div class="article__body rte" '
        f'itemprop="articleBody">{BODY}</div></article>',
        NAME,
        MINUTE,
    ),
    "Warehouse": (
        f'{jsonld(author=person(""))}<header class="page__header"><h1 class="page__title heading '
        f'h1">{TITLE}</h1><div class="page__meta">'
        '<a class="page__meta-item" href="/blogs/journal/tagged/tea">Tea</a>'
        '<time class="page__meta-item--date">May 4, 2026</time>'
        "</div></header>"
        f'<div class="article__content rte">{BODY}</div>',
        "",
        MINUTE,
    ),
    "Empire": (
        f'<article class="article"><h1 class="article--title">{TITLE}</h1>'
        f'<aside class="article--meta"><span>by {NAME}</span>'
        f'<span>May 04, 2026</span></aside><div class="article--content rte">{BODY}</div>'
        "</article>",
        NAME,
        DAY,
    ),
    "Testament": (
        f'{jsonld(author="admin", datePublished="2025-12-24")}<div id="article-body"><h1 '
        f'class="page-title">{TITLE}</h1>'
        f'<p class="posted author">{NAME}</p><p class="posted">Posted on May 04 2026</p>'
        f'<div class="rte">{BODY}</div></div>',
        NAME,
        DAY,
    ),
    "Testament, named below": (
        f'{jsonld(datePublished="2025-12-24")}<div id="article-body"><h1>{TITLE}</h1><div '
        f'class="rte">{BODY}</div>'
        f'<span class="posted article__section-author">{NAME}</span>'
        '<span class="posted article__section-date">Posted on May 04 2026</span></div>',
        NAME,
        DAY,
    ),
    "Symmetry": (
        f'<div class="article"><h1 class="majortitle">{TITLE}</h1><div class="meta">'
        f'<span class="iconmeta time">May 4, 2026 by {NAME}</span>'
        f'</div><div class="user-content">{BODY}</div></div>',
        NAME,
        DAY,
    ),
    "Alchemy": (
        f'<div class="banner"><h1>{TITLE}</h1><time datetime="2026-05-04">May 4, 2026</time>'
        f'<span class="author">Written by {NAME}'
        "</span></div>"
        f'<div class="article"><div class="rte">{BODY}</div></div>',
        NAME,
        DAY,
    ),
    "ShowTime": (
        f'{jsonld()}<h1>{TITLE}</h1><div class="tag_c">{NAME} <time datetime="May 4, 2026">May 4, '
        "2026</time></div>"
        f'<div class="blog_blk"><div class="rte">{BODY}</div></div>',
        NAME,
        MINUTE,
    ),
    "Sunrise": (
        f'<div class="blog-header"><h1>{TITLE}</h1></div><div class="article-meta">by {NAME} '
        '<time datetime="2026-05-04T15:00:00Z">May 4</time>'
        f'</div><div class="article-content rte" itemprop="articleBody">{BODY}</div>',
        NAME,
        MINUTE,
    ),
    "Emerge": (
        '<div class="article--heading"><time datetime="2026-05-04">May 4, 2026</time><h1>'
        f"{TITLE}</h1><p>Written By {NAME}</p>"
        '<time datetime="2026-05-04">May 4, 2026</time></div><div class="article--content">'
        f"{BODY}</div>",
        NAME,
        DAY,
    ),
    "Atlantic": (
        f'<header class="title"><h1>{TITLE}</h1></header><ul class="meta"><li>May 4, 2026</li><li>'
        f"Written by {NAME}</li>"
        f'<li><a href="{BLOG}/a">Previous</a></li></ul><div class="article-content">'
        f'<div class="rte">{BODY}</div></div>',
        NAME,
        DAY,
    ),
    "Blockshop": (
        f'<div class="middle-column"><h1 class="title">{TITLE}</h1><p class="mobile-meta">'
        f"Written By {NAME} - May 4, 2026</p>"
        f'<div class="rte-content">{BODY}</div></div>',
        NAME,
        DAY,
    ),
    "Gecko": (
        f'<div class="page-head"><h1>{TITLE}</h1><p>on <time class="entry-date" '
        'datetime="2026-05-04T15:00:00Z">May 4, 2026</time>'
        "</p></div>"
        f'<article class="post">{BODY}</article>',
        "",
        MINUTE,
    ),
    "Halo": (
        f'{jsonld(headline="Journal", datePublished="Nov 1, 2021")}<h1 class="article-title">'
        f"{TITLE}</h1>"
        '<div class="blog_author">Post by by '
        f'{NAME} <time datetime="2026-05-04T15:00:00Z">May 4, 2026</time></div><div '
        f'class="article-details"><div class="rte">{BODY}</div>'
        '<div class="quote-detail rte"><p>Tea is a cup of life.</p></div></div>',
        NAME,
        MINUTE,
    ),
    "Porto": (
        f'<h2 class="postTitle">{TITLE}</h2><div class="postDetails"><span>By {NAME}</span>'
        '<time datetime="2026-05-04">May 4, 2026'
        "</time></div>"
        f'<div class="postDesc">{BODY}</div><div id="comments"><h3>1 comment</h3>'
        '<p class="comment-author">Spam Sender</p></div>',
        NAME,
        DAY,
    ),
    "Basel": (
        f'{jsonld(author=person())}<h1>Journal</h1><div class="portfolio-single-content">'
        f'{BODY}<div class="social-share">'
        '<a href="https://x.example/">x'
        "</a></div></div>",
        NAME,
        MINUTE,
    ),
    "a theme of its own, two-figure year": (
        f'<h1>{TITLE}</h1><p>May 4, 26</p><div class="article__content rte">{BODY}</div>',
        "",
        DAY,
    ),
    "a theme of its own, month only": (
        (
            f'<h1>{TITLE}</h1><p class="space-x-2"><span>Posted May 2026</span></p>'
            f'<div class="rte">{BODY}</div>'
        ),
        "",
        "",
    ),
    "UIkit": (
        f'<div class="uk-container"><div><div><h1 class="uk-article-title">{TITLE}</h1>'
        '<p class="uk-article-meta">Written by '
        f'<a href="#">{NAME}'
        '</a> on 04 May 2026</p></div></div><div uk-grid><div class="uk-width-1-1">'
        '<article class="uk-article">'
        f'<div class="uk-margin-auto">{BODY}'
        "</div></article></div></div></div>",
        NAME,
        DAY,
    ),
    "a row without labels": (
        f'<div class="blog-details-content"><h3>{TITLE}</h3><div class="blog-details-meta"><ul>'
        f"<li>4 May, 2026</li><li>{NAME}</li>"
        "</ul></div></div>"
        f'<div class="rte">{BODY}</div>',
        NAME,
        DAY,
    ),
    "a span of the author's": (
        f'<h1>{TITLE}</h1><p class="article_info"><span>'
        '<time class="article_time" datetime="2026-05-04T10:00">Monday, May 4, 2026'
        "</time></span>"
        f'<span class="article_author">{NAME}</span><span class="article_comments">'
        "0 comments</span></p>"
        f'<div class="rte article_content">{BODY}</div>',
        NAME,
        MINUTE,
    ),
}


@each_row(("markup", "author", "published"), ROWS.values(), ids=ROWS)
def test_title_author_and_date_of_every_theme(markup, author, published):
    post = extract_post(page(markup), url=URL)
    assert (post.title, post.author, post.published_at) == (TITLE, author, published)
    assert TEXT.splitlines()[0] in post.text


def test_a_page_builders_post_is_recognised_by_its_title_and_tags():
    modules = "".join(
        f'<div class="module"><div class="elm text-edit">{part}</div></div>'
        for part in BODY.split("<h2>", 1)
    )
    post = extract_post(page(f'<div class="gryffeditor">{modules}</div>'), url=URL)
    assert (post.title, post.author, post.published_at) == (TITLE, "", "")
