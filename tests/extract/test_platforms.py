"""Posts in the markup of other systems, each a small page in our own words."""

from __future__ import annotations

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract import pages
from tests.extract.pages import TITLE, URL, article
from tests.extract.test_bodies_of_themes import (
    BODY,
    FOUR,
    ONE,
    SIX,
    TEXT,
    THREE,
    TWO,
    WORDS,
    box,
)

AUTHOR, DAY = "Sam Fern", "2026-03-04"
H1 = f"<h1>{TITLE}</h1>"
STAMP = '<time datetime="2026-03-04T09:30:00+01:00">March 4, 2026</time>'
MASTHEAD = box(
    "site-header", '<nav class="main-navigation"><a href="/about">About</a></nav>', tag="header"
)
COLOPHON = box(
    "site-footer",
    box("widget", "<h2>About us</h2><p>We write from a small house by the sea, every week.</p>"),
    "<p>Proudly powered by something</p>",
    tag="footer",
)
COMMENTS = (
    '<div id="comments" class="comments-area"><h2>2 thoughts on this</h2><ol class="comment-list">'
    '<li class="comment"><b class="fn">Ann</b> <time datetime="2026-05-01">May 1</time><p>I have '
    'tried this for weeks now, thank you very much.</p></li></ol><form id="commentform">'
    '<textarea name="comment"></textarea></form></div>'
)


def widget(kind: str, inside: str) -> str:
    return box(f"elementor-widget-{kind}", box("elementor-widget-container", inside))


POSTS = {
    "WordPress": box(
        "post hentry",
        box(
            "entry-header",
            f'<h1 class="entry-title">{TITLE}</h1><span class="posted-on">Posted on {STAMP}</span>'
            '<span class="byline"> by <a href="/author/sam/">Sam Fern</a></span>',
            tag="header",
        ),
        box("entry-content", BODY, box("jp-relatedposts", '<h3>Related</h3><a href="/x">X</a>')),
        tag="article",
    )
    + COMMENTS,
    "WordPress blocks": f'<main><h1 class="wp-block-post-title">{TITLE}</h1>'
    + box("wp-block-post-date", STAMP)
    + box("wp-block-post-author", '<p class="wp-block-post-author__name">Sam Fern</p>')
    + box("entry-content wp-block-post-content", BODY)
    + box("wp-block-post-terms", '<a href="/tag/tea" rel="tag">tea</a>')
    + "</main>",
    "Elementor": box(
        "elementor",
        widget("theme-post-title", H1),
        widget(
            "post-info",
            '<ul><li><span class="elementor-post-info__item--type-author">Sam Fern</span></li>'
            f"<li>{STAMP}</li></ul>",
        ),
        widget("theme-post-content", BODY),
        widget("share-buttons", "<div>Facebook</div>"),
        widget("post-comments", COMMENTS),
    ),
    "Divi": f'<article class="et_pb_post">{H1}<p class="post-meta"> by <span class="author vcard">'
    '<a rel="author" href="/author/sam">Sam Fern</a></span> | <span class="published">Mar 4, 2026'
    "</span> | 0 comments</p>"
    + box(
        "entry-content",
        box("et_pb_section", box("et_pb_text_inner", ONE, TWO, THREE)),
        box("et_pb_section", box("et_pb_text_inner", FOUR, BODY[BODY.index(FOUR) + len(FOUR) :])),
    )
    + "</article>",
    "Ghost": '<main><article class="article post"><header class="article-header">'
    f'<h1 class="article-title">{TITLE}</h1><ul class="author-list"><li><a href="/author/sam">'
    '<img src="s.jpg" alt="Sam Fern"></a></li></ul><h4 class="author-name"><a href="/author/sam">'
    f'Sam Fern</a></h4>{STAMP}<span>5 min read</span></header><section class="gh-content">{BODY}'
    "</section></article></main>"
    + box(
        "read-more-wrap",
        '<article class="post-card"><a href="/o"><h2>Other</h2></a></article>',
        tag="aside",
    ),
    "Squarespace": box(
        "blog-item-wrapper",
        f'<article class="hentry"><h1 class="entry-title p-name">{TITLE}</h1>'
        '<span class="blog-author-name">Sam Fern</span>'
        f'<time class="dt-published" datetime="Mar 4">Mar 4, 2026</time>',
        box(
            "blog-item-content e-content",
            box("sqs-block", box("sqs-html-content", BODY[: -len(SIX)])),
            box("sqs-block accordion-block", box("accordion-item__dropdown", SIX)),
        ),
        "</article>",
    ),
    "Wix": '<main><article><div data-hook="post"><ul data-hook="post-metadata"><li>'
    '<span data-hook="user-name">Sam Fern</span></li><li><span data-hook="time-ago">Mar 4, 2026'
    f'</span></li><li>2 min read</li></ul><h1 data-hook="post-title">{TITLE}</h1>'
    f'<section data-hook="post-description"><div>{BODY}</div></section></div></article>'
    '<section><h2>Recent Posts</h2><a href="/post/o"><h2>Other</h2></a></section>'
    "</main>",
    "Webflow": box(
        "section",
        H1,
        box("post-info", "<div>Sam Fern</div><div>March 4, 2026</div>"),
        box("rich-text-block w-richtext", BODY),
    ),
    "Substack": box(
        "single-post",
        f'<article><h1 class="post-title">{TITLE}</h1><h3 class="subtitle">On getting up</h3>',
        box("byline-wrapper", '<a href="/@sam">Sam Fern</a><div>Mar 04, 2026</div>'),
        box(
            "body markup",
            ONE,
            TWO,
            box(
                "subscription-widget-wrap",
                "<p>To receive new posts, become a subscriber of ours.</p><form><input></form>",
            ),
            BODY[BODY.index(THREE) :],
        ),
        "</article>",
        box("comments-page", box("comment", "<p>I have tried this for weeks now.</p>")),
    ),
    "HubSpot": box(
        "blog-post",
        H1,
        box(
            "blog-post__meta",
            '<a href="/blog/author/sam" rel="author">Sam Fern</a>'
            '<div class="blog-post__timestamp">Mar 4, 2026 9:30:00 AM</div>',
        ),
        box("blog-post__body", f'<span class="hs_cos_wrapper">{BODY}</span>'),
    ),
    "Drupal": f'<main>{H1}<article class="node"><footer class="node__meta">By <span class='
    '"field--name-uid"><a href="/user/1" class="username">Sam Fern</a></span>, 4 March, 2026'
    "</footer>"
    + box("node__content", box("field field--name-body field__item", BODY))
    + "</article></main>",
    "BigCommerce": f'<main class="page"><article class="blog"><h1 class="blog-title">{TITLE}</h1>'
    '<p class="blog-date">Posted by Sam Fern on 4th Mar 2026</p>'
    + box("blog-post", BODY)
    + '<ul class="tags"><li><a href="/blog/tag/tea">#tea</a></li></ul></article></main>',
    "Hugo": f'<main><article><header><h1>{TITLE}</h1><div class="post-meta"><span>March 4, 2026'
    "</span>&nbsp;·&nbsp;3 min&nbsp;·&nbsp;Sam Fern</div></header>"
    + box("post-content", BODY)
    + "</article></main>",
    "a static site with microdata": f'<main><article itemscope>{H1}<time itemprop="datePublished" '
    'datetime="2026-03-04">March 4</time><div itemprop="author" itemscope><span itemprop="name">'
    f'Sam Fern</span><small>Keeper of kettles</small></div><div itemprop="articleBody">{BODY}</div>'
    "</article></main>",
    "a script's page": f'<div id="__next"><main><article>{H1}<div><div><a href="/@sam">Sam Fern</a>'
    f'</div><div><a href="/quiet"><span>·</span>{STAMP}</a></div></div>'
    + box("prose", BODY)
    + "</article></main></div>",
}


def page_of(markup: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>{TITLE} - Fern Blog</title><meta property='
        f'"og:site_name" content="Fern Blog"><meta property="og:title" content="{TITLE}"></head>'
        f"<body>{MASTHEAD}{markup}{COLOPHON}</body></html>"
    )


@each_row("markup", POSTS.values(), ids=list(POSTS))
def test_posts_of_other_systems_are_read_whole(markup):
    post = extract_post(page_of(markup), url="https://blog.example/2026/03/quiet-mornings/")
    assert (post.title, post.author, post.published_at[:10]) == (TITLE, AUTHOR, DAY)
    assert post.text == TEXT


TAGS = {
    "beside a link to a thread": "<p>Tag: <a href='/tag/tea/'>tea</a></p>"
    "<p><a href='https://help.example/topic/77-kettles'>kettles</a></p>"
    "<p><a href='https://help.example/forums/topic/kettles'>kettles</a></p>"
    "<p><a href='https://help.example/forum/topic/kettles'>kettles</a></p>",
    "in an article's foot": "<footer><a href='/tag/tea/'>tea</a></footer>",
    "beside categories": "<p><a rel='category tag' href='/category/x/'>X</a></p>"
    "<aside><a rel='tag' href='/etiquette/tea'>tea</a></aside>",
    "topics": "<p>Topics: <a href='/topic/tea'>tea</a></p>",
}


@each_row("markup", TAGS.values(), ids=TAGS)
def test_tags_of_other_systems(markup):
    html = article(after=markup).replace("/blogs/", "/")
    assert extract_post(html, url=URL.replace("/blogs/", "/")).tags == ("tea",)


def test_an_author_in_the_head_is_no_picture_for_a_post():
    head = f"<header><h1>{TITLE}</h1><img src='/n.jpg' alt=''></header>"
    html = pages.page(f"<article>{head}<section class='x'>{pages.BODY}</section></article>")
    assert extract_post(html, url=URL).text == pages.TEXT


def test_an_advertisement_between_paragraphs_is_not_the_authors():
    markup = f"{H1}{box('article__content', ONE, box('ad-slot', 'Advertisement'), TWO, THREE)}"
    post = extract_post(page_of(markup), url="https://blog.example/q")
    assert post.text == "\n\n".join(WORDS[:3])
