from __future__ import annotations

import pytest

from scraper.exceptions import ExtractionError
from scraper.extract import extract_post
from scraper.extract.page.blocks import css_path, list_elements
from scraper.extract.page.parsed_page import parse_page
from scraper.items import FeedEntry
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, TITLE, URL, article, page

HEADING = f"<h1>{TITLE}</h1>"

CONTAINERS = {
    "microdata": f'{HEADING}<div itemprop="articleBody">{BODY}</div>',
    "rich text": f'{HEADING}<div class="rte">{BODY}</div>',
    "capital class": f'{HEADING}<div class="Article__Body Rte">{BODY}</div>',
    "bem class": f'{HEADING}<div class="article-template__content">{BODY}</div>',
    "wrapper of a wrapper": f'<div class="article-content">{HEADING}'
    f'<p class="author">Post by Ann</p><div class="rte">{BODY}</div>'
    '<div class="quote-detail rte"><p>Our house motto is a long sentence that nobody wrote for '
    "this post at all.</p></div></div>",
    "no class at all": f"<div><div>{HEADING}<div>By Ann Fern</div><div>{BODY}</div></div></div>",
    "layout class on the column": (
        f'<div class="blog-post sidebar-left no-comment">{HEADING}<div class="rte">{BODY}</div>'
        "</div>"
    ),
    "a rarer element": f'{HEADING}<reader-view class="article-content">{BODY}</reader-view>',
    "several rich texts": f'{HEADING}<div class="rte">{BODY}</div>'
    f'<div class="product-card"><div class="rte">{"A tea that smells of hay. " * 30}</div></div>',
    "hidden rich text": f'<div hidden><div class="rte">{"A quick look at the product. " * 30}'
    "</div></div>"
    f'{HEADING}<div class="rte">{BODY}</div>',
    "pasted rich text inside": f'{HEADING}<div class="article_content">'
    f"{BODY.replace('<h2>', '<div class=rte><h2>').replace('</ul>', '</ul></div>')}</div>",
}


@each_row("markup", CONTAINERS.values(), ids=CONTAINERS)
def test_the_body_is_found(markup):
    assert extract_post(page(markup), url=URL).text == TEXT


def test_a_short_block_of_a_builder_belongs_to_the_body():
    blocks = f"<div><div>{BODY}</div></div><div><details><p>Four minutes.</p></details></div>"
    body = f'{HEADING}<div class="blog-item-content e-content">{blocks}</div>'
    assert extract_post(page(body), url=URL).text == f"{TEXT}\n\nFour minutes."


@each_row(
    ("markup", "method"),
    [
        ("microdata", "microdata"),
        ("rich text", "rich_text"),
        ("bem class", "known_container"),
        ("no class at all", "density"),
    ],
)
def test_the_method_says_how_the_body_was_found(markup, method):
    post = extract_post(page(CONTAINERS[markup]), url=URL)
    assert post.method == method
    assert 0 < post.confidence < 1


def feed_entry(content: str, **fields: str) -> FeedEntry:
    known = dict.fromkeys(
        (
            "title",
            "author",
            "published_at",
            "published_raw",
            "updated_at",
            "updated_raw",
            "summary_html",
        ),
        "",
    )
    return FeedEntry(**{"url": URL, **known, "content_html": content, **fields})


def test_the_feed_shows_which_element_is_the_body():
    decoy = f'<div class="rte"><p>{"A long text of the theme about its tea. " * 20}</p></div>'
    post = extract_post(
        page(f"<h1>{TITLE}</h1>{decoy}<section><div>{BODY}</div></section>"),
        url=URL,
        feed_entry=feed_entry(BODY),
    )
    assert (post.text, post.method, post.confidence) == (TEXT, "feed", 0.97)


def test_a_rich_text_box_that_the_author_pasted_is_not_the_whole_body():
    lead = (
        "<p>A customer asked us how we begin the day, and the honest answer took us rather longer "
        "than the tea.</p>"
    )
    rest = (
        "<p>That is all there is to it, and nobody at the shop has missed the six o'clock news "
        "since then, not even Sam.</p>"
    )
    pasted = f'<div class="markdown prose w-full">{BODY}</div>'
    post = extract_post(
        page(f'<h1>{TITLE}</h1><div class="user-content">{lead}{pasted}{rest}</div>'), url=URL
    )
    assert post.text.startswith("A customer asked us")
    assert post.text.endswith("not even Sam.")


def test_what_the_feed_does_not_hold_is_not_body():
    extra = (
        '<div class="rte">' + BODY + "<div>Tell a friend about the club of the shop.</div></div>"
    )
    post = extract_post(page(extra), url=URL, feed_entry=feed_entry(BODY))
    assert post.text == TEXT
    assert "not_in_feed" in {block.rule for block in post.blocks}


def test_an_outdated_feed_does_not_change_the_body():
    post = extract_post(
        article(), url=URL, feed_entry=feed_entry("<p>Quite another text, of long ago.</p>")
    )
    assert (post.text, post.method) == (TEXT, "rich_text")


JUNK = {
    "share": '<div class="social-sharing"><a href="https://f.example">Tell a friend</a></div>',
    "pager": (
        '<p class="clearfix"><a href="/blogs/journal/a">← Older Post</a>'
        ' <a href="/blogs/journal/b">Newer Post →</a></p>'
    ),
    "tags": (
        '<p>Filed under <a href="/blogs/journal/tagged/tea">Tea</a>'
        ', <a href="/blogs/journal/tagged/calm">Calm</a></p>'
    ),
    "comments": '<div id="comments"><h3>2 comments</h3><p>Lovely.</p></div>',
    "form": "<form><p>Your name</p><button>Send</button></form>",
    "related_widget": (
        '<div class="related-posts"><a href="/blogs/journal/c">Cold mornings</a></div>'
    ),
    "newsletter": '<div class="newsletter">Join our letters</div>',
    "hidden": '<p class="visually-hidden">Now reading</p>',
    "code": "<template><p>Quick view</p></template>",
    "overlay": '<div class="cookie-banner">We keep cookies</div>',
    "expander": '<p><a class="read-more" href="#">Read more</a></p>',
    "browser_warning": '<div class="ie11-error-message"><p>Your browser is old</p></div>',
    "quote_box": '<div class="quote-detail"><p>Our motto</p></div>',
    "navigation": '<p class="return-link-wrapper"><a href="/blogs/journal">Back</a></p>',
}


@each_row("rule", JUNK)
def test_theme_blocks_inside_the_body_go_by_a_named_rule(rule):
    post = extract_post(article(BODY + JUNK[rule]), url=URL)
    assert post.text == TEXT
    assert rule in {block.rule for block in post.blocks if not block.kept}


WRITTEN = {
    "short paragraph": "<p>Why?</p>",
    "table": (
        "<table><tr><td>Tea</td><td>4 min</td></tr><tr><td>Oats</td><td>9 min</td></tr></table>"
    ),
    "heading": "<h3>Share</h3>",
    "list of links": (
        '<ul><li><a href="/products/a">A kettle</a></li><li><a href="/products/b">A cup</a></li>'
        "</ul>"
    ),
    "sentence on tags": (
        '<p>See <a href="/blogs/journal/tagged/tea">our tea posts</a> for more.</p>'
    ),
    "timeshare class": '<p class="timeshare-note">A note on shares.</p>',
    "quotation": "<blockquote><p>Rest is work.</p></blockquote>",
}


def test_a_dialog_without_a_name_is_no_body():
    dialog = '<div role="{}"><p>Choose the country to which we send.</p></div>'
    boxes = dialog.format("dialog") + dialog.format("alertdialog")
    assert extract_post(article(BODY + boxes), url=URL).text == TEXT


@each_row("written", WRITTEN.values(), ids=WRITTEN)
def test_what_an_author_wrote_stays(written):
    post = extract_post(article(BODY + written), url=URL)
    assert len(post.text) > len(TEXT)
    assert post.text.startswith(TEXT)


def test_the_themes_title_inside_the_container_is_no_body():
    post = extract_post(page(f'<div class="article-content"><h1>{TITLE}</h1>{BODY}</div>'), url=URL)
    assert TITLE not in post.html
    assert post.title == TITLE


def test_the_authors_own_title_stays_in_html_and_leaves_the_text():
    post = extract_post(article(f"<h2>{TITLE}</h2>{BODY}"), url=URL)
    assert post.html.startswith(f"<h2>{TITLE}</h2>")
    assert post.text == TEXT


def test_a_title_in_the_middle_of_the_text_stays():
    assert (
        f"\n\n{TITLE}\n\n"
        in extract_post(article(f"{BODY}<h2>{TITLE}</h2><p>It ends here.</p>"), url=URL).text
    )


@each_row(
    ("html", "reason"),
    [
        ("", "no_"),
        ("<html><body><nav>Menu</nav></body></html>", "no_prose"),
        (article("<p> </p>"), "empty_body"),
    ],
    ids=["nothing", "menu only", "empty container"],
)
def test_a_page_without_a_body_is_refused_by_name(html, reason):
    with pytest.raises(ExtractionError, match=f"^{reason}"):
        extract_post(html, url=URL)


def test_explain_lists_every_block_with_its_rule():
    blocks = extract_post(article(BODY + JUNK["share"]), url=URL, explain=True).blocks
    told = {block.text: (block.kept, block.rule) for block in blocks}
    assert told["Write a line"] == (True, "body")
    assert told["Tell a friend"] == (False, "share")
    assert told["Journal Featured"] == (False, "header")
    assert told["Delivery desk and refunds, open from nine to five."] == (False, "footer")


def explained(html):
    return [
        (block.kept, block.rule, block.text)
        for block in extract_post(html, url=URL, explain=True).blocks
    ]


def test_explain_sees_through_elements_with_names_of_their_own():
    told = explained(
        page(
            f"<theme-article><reading-time><div class='rte'>{BODY}</div></reading-time>"
            "</theme-article>"
        )
    )
    assert (True, "body", "Three small habits") in told
    assert not any("kettle" in text for kept, _, text in told if not kept)


def test_explain_parts_an_elements_own_words_from_the_blocks_within():
    told = explained(
        article(
            f"Before it all, <b>a word</b> of our own about mornings.{BODY}<p>Tea <button>"
            "Copy</button> again</p>"
        )
    )
    assert (True, "body", "Before it all, a word of our own about mornings.") in told
    assert (True, "body", "Write a line") in told
    assert told[told.index((True, "body", "Tea again")) + 1] == (False, "form", "Copy")


def test_explain_shows_pictures_and_embeds_by_name():
    told = explained(
        article(
            f'<figure><img src="/a.jpg" alt="A kettle"></figure>{BODY}<p>'
            '<img data-src="//cdn.example/files/cup.jpg?v=1"></p>'
        )
    )
    assert [text for kept, _, text in told if kept and text.startswith("[")] == [
        "[image: A kettle]",
        "[image: cup.jpg]",
    ]


@pytest.mark.parametrize(
    "html", [article(BODY), article(BODY + JUNK["share"]).encode()], ids=["text", "bytes"]
)
def test_the_place_of_a_block_is_that_of_its_element(html):
    elements = list_elements(parse_page(html, url=URL).tree.body)
    blocks = extract_post(html, url=URL, explain=True).blocks
    assert [css_path(elements[block.place]) for block in blocks] == [block.path for block in blocks]
