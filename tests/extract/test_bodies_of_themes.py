"""Bodies as other themes, page builders and apps set them, each a small page in our own words."""

from __future__ import annotations

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import TITLE, URL, page

WORDS = (
    "Put the kettle on before you look at any screen, and leave the curtains open at night.",
    "None of them takes longer than the tea needs to draw, which is four minutes by our clock.",
    "The second week is harder than the first, because by then the novelty of it is gone.",
    "Write one line on paper and close the book, since nobody will ever read it, not even you.",
    "A walk around the block counts as a walk, whatever the watch on your wrist may say of it.",
    "In the end the morning belongs to whoever gets up first, and in our house that is the cat.",
)
ONE, TWO, THREE, FOUR, FIVE, SIX = (f"<p>{words}</p>" for words in WORDS)
BODY = ONE + TWO + THREE + FOUR + FIVE + SIX
TEXT = "\n\n".join(WORDS)
H1 = f"<h1>{TITLE}</h1>"
OTHER = "".join(
    f"<p>Number {n} of another post speaks of something else at some length, on and on.</p>"
    for n in range(9)
)
READERS = "".join(
    f"<div class='c-item'><b>Reader {n}</b> <span>March {n + 1}, 2026</span><p>I have tried this "
    "for weeks now, and the cat has taken over the whole of my morning, thank you.</p></div>"
    for n in range(8)
)
FORM = '<form action="/blogs/journal/q/comments"><textarea name="comment[body]"></textarea></form>'


CARDS = "".join(
    f"<div><h4><a href='/blogs/journal/{n}'>Story {n}</a></h4><p>A few words of story {n} that a "
    "theme shows on a card, so that somebody reads on.</p></div>"
    for n in range(3)
)


def box(names: str, *inside: str, tag: str = "div") -> str:
    return f'<{tag} class="{names}">{"".join(inside)}</{tag}>'


SOLD = box(
    "x1",
    "<h4>As seen here</h4>",
    *(
        box(
            "x2",
            f"<a href='/products/{name}'><img src='/{name}.jpg'>{name}</a><i class='price'>$9</i>",
            "<form action='/cart/add'><button name='add'>Add to cart</button></form>",
        )
        for name in ("cup", "pot")
    ),
)
WHOLE = {
    "sections": H1
    + box("shopify-section", box("rich-text", box("rte", ONE, TWO, THREE)))
    + box("shopify-section", box("rich-text", box("rte", FOUR, FIVE, SIX))),
    "short sections, one of a picture": H1
    + "".join(
        box("shopify-section", box("rte", words))
        for words in (ONE, TWO, "<img src='/a.jpg' alt=''>", THREE, FOUR, FIVE, SIX)
    ),
    "a sign-up and goods between": box(
        "rte",
        ONE + TWO,
        box(
            "x1",
            "<h3>Never miss a note</h3><p>One letter a month.</p>",
            "<form><input type='email'><button>Join</button></form>",
        ),
        THREE + FOUR,
        box(
            "x2",
            "<h3>Worth a look</h3>",
            box(
                "x3",
                box("related-products", "<a href='/products/a'>Cup</a>"),
                box("related-products", "<a href='/products/b'>Pot</a>"),
            ),
        ),
        FIVE + SIX,
    ),
    "two columns of rich text": H1
    + box("cols", box("col rte", ONE, TWO, THREE), box("col rte", FOUR, FIVE, SIX)),
    "a paragraph before the body": box(
        "post",
        H1,
        f'<p class="lede">{WORDS[0]}</p>',
        "<img src='/a.jpg' alt=''>",
        box("rte", TWO, THREE, FOUR, FIVE, SIX),
    ),
    "an excerpt of another post before": box(
        "x1", "<h3><a href='/blogs/journal/x'>X</a></h3>", box("excerpt rte", OTHER), tag="article"
    )
    + box("x2", H1, box("x3", BODY)),
    "short parts before the last": box("shopify-section", H1)
    + box("shopify-section", box("rte", ONE))
    + box("shopify-section", box("rte", TWO, THREE, FOUR, FIVE, SIX)),
    "what the shop sells, in mid-text": box("rte", ONE, TWO, SOLD, THREE, FOUR, FIVE, SIX),
    "a list of contents that an app made": box(
        "zz",
        H1,
        "<p>By Ann Fern, May 4, 2026</p>",
        box(
            "y1",
            "<p>In short</p><ul><li><a href='#a'>One</a></li><li><a href='#b'>Two</a></li></ul>",
        ),
        box("y2", BODY),
        box("y3", f"<h2>Read next</h2>{CARDS}"),
    ),
    "contents that a theme made, under a label": box(
        "rte",
        "<p class='toc_title'>Inhalt</p><ul class='toc_list'><li><a href='#a'>One</a></li></ul>",
        BODY,
    ),
    "a row of facts in a known body": box(
        "article-content",
        H1,
        box("flex", "<span>Ann Fern</span><i>·</i><time>May 4, 2026</time><i>·</i>4 min read"),
        BODY,
    ),
    "an advertisement of AMP": box("rte", ONE, "<amp-ad>Advert</amp-ad>", BODY[len(ONE) :]),
    "a button that nobody ended": box("rte", ONE, box("cta", "<button>", BODY[len(ONE) :])),
    "a label around the post": f"{H1}<label>{BODY}</label>",
    "a wrapper with the number of readers' words": f'{H1}<div id="comment-wrap"><p>{BODY}</div>',
    "cards under a heading in German": box(
        "x1", H1, BODY, box("x2", "<h2>Das könnte dir auch gefallen</h2>", CARDS)
    ),
    "an author's card behind a short post": box(
        "x1",
        H1,
        BODY,
        box("author-card", "<p>Ann Fern</p><p>Ann keeps the kettle of this shop.</p>"),
    ),
    "cards of no heading": box("x1", H1, BODY, box("related", CARDS), tag="section"),
    "whose words they are, before the first": box("x1", H1, "<p>Words by Ann Fern</p>", BODY),
    "an article of cookies before the title": box("x3", f"<p>{OTHER[:270]}</p>", tag="article")
    + f"{H1}{box('x1', BODY)}",
    "whole posts under their linked titles": box("x1", H1, box("x2", BODY))
    + "".join(
        box(
            "x3",
            f"<h2><a href='/blogs/journal/{name}'>Post {name}</a></h2>",
            box("rte", OTHER, OTHER),
            tag=tag,
        )
        for name, tag in (("b", "article"), ("c", "article"), ("d", "div"))
    ),
    "a pager of one linked heading before": H1
    + box("x1", "<a href='/blogs/journal/b'><h4>B</h4></a>")
    + box("rte", BODY)
    + box("x2", f"<p>{WORDS[0]} {WORDS[1]}</p>"),
    "PageFly": box(
        "__pf",
        box("pf-section", box("pf-row", box("pf-c", H1))),
        box("pf-section", box("pf-row", box("pf-c", box("pf-text", ONE, TWO)))),
        box(
            "pf-section",
            box(
                "pf-row",
                box("pf-c", box("pf-text", THREE, FOUR)),
                box("pf-c", box("pf-text", FIVE, SIX)),
            ),
        ),
    ),
    "GemPages": box(
        "gryffeditor",
        box("gf_row", box("gf_column", H1)),
        box("gf_row", box("gf_column", box("elm text-edit", ONE, TWO, THREE))),
        box("gf_row", box("gf_column", box("elm text-edit", FOUR, FIVE, SIX))),
    ),
    "Shogun": box(
        "shogun-root",
        box("shg-c", box("shogun-heading-component", H1)),
        box("shg-box", box("shg-rich-text", ONE, TWO)),
        box("shg-row", box("shg-c-lg-6", box("shg-rich-text", THREE, FOUR))),
        box("shg-row", box("shg-c-lg-6", box("shg-rich-text", FIVE, SIX))),
    ),
    "columns": H1
    + box("grid", box("grid__item", ONE, TWO, THREE), box("grid__item", FOUR, FIVE, SIX)),
    "an introduction": box(
        "post", H1, box("article__intro", ONE), box("rte", TWO, THREE, FOUR, FIVE, SIX)
    ),
    "a standfirst": box("post", H1, box("standfirst", ONE), box("article__body", BODY[len(ONE) :])),
    "an excerpt of the body": box("post", H1, box("article__excerpt", ONE), box("rte", BODY)),
    "an article below": box("one", H1, box("rte", BODY), tag="article")
    + box("two", "<h1><a href='/blogs/journal/b'>B</a></h1>", box("rte", OTHER), tag="article"),
    "a post below": box("post", H1, box("post__content", BODY))
    + box("post", "<h1>Other things</h1>", box("post__content", OTHER)),
    "a post below, in one flow": f"{H1}{box('rte', BODY)}<h1>Other things</h1>{box('rte', OTHER)}",
    "the next article": box("post", H1, box("article__content", BODY))
    + box("next-article-wrap", "<h2>Other things</h2>", box("article__content", OTHER)),
    "a whole post on a card before": box(
        "featured",
        box("card", "<h3><a href='/blogs/journal/x'>X</a></h3>", box("rte", OTHER)),
        tag="section",
    )
    + box("one", H1, box("rte", BODY), tag="article"),
    "more comments than post": f"{H1}{box('x1', BODY)}"
    + box("x2", "<h3>Comments</h3>", READERS, FORM),
    "comments under another name": f"{H1}{box('x1', BODY)}{box('responses-list', READERS)}{FORM}",
    "teasers": H1
    + box("rte", BODY)
    + box(
        "blog-list",
        box("article__content", "<h3><a href='/blogs/journal/a'>A</a></h3>", OTHER[:90]),
        box("article__content", "<h3><a href='/blogs/journal/b'>B</a></h3>", OTHER[:90]),
    ),
    "a pop-up": box("promo", "<h2>Join</h2><p>Ten percent off your first order.</p>", tag="article")
    + f"{H1}{box('zz', BODY)}",
}


@each_row("markup", WHOLE.values(), ids=list(WHOLE))
def test_the_post_is_read_whole_and_no_other(markup):
    assert extract_post(page(markup), url=URL).text == TEXT


def test_an_item_of_a_list_is_not_the_body():
    readers = f"<ul><li class='rte'>{OTHER}</li><li class='rte'>{OTHER}</li></ul>"
    post = extract_post(page(box("x1", H1, box("x2", ONE, TWO), readers)), url=URL)
    assert post.text.startswith(f"{WORDS[0]}\n\n{WORDS[1]}")


def test_a_recipe_behind_the_body_is_the_authors():
    recipe = box(
        "recipe-card",
        "<h2>Ingredients</h2><ul><li>Two cups of oats</li></ul><h2>Method</h2>"
        "<ol><li>Stir the oats into the milk and wait.</li></ol>",
    )
    post = extract_post(page(box("post", H1, box("rte", ONE, TWO), recipe)), url=URL)
    assert post.text.startswith(WORDS[0])
    assert "Two cups of oats" in post.text
    assert post.text.endswith("Stir the oats into the milk and wait.")


WRAPPERS = [
    "share-float",
    "sidebar-container",
    "widget",
    "comment-note",
    "social-media",
    "newsletter-post",
    "popup-content",
    "related-content",
    "menu-page",
    "cart-page",
    "footer-article",
    "modal-content",
    "author-page",
    "tags-page",
    "toc-wrapper",
    "cookie-article",
    "product-card",
]


@each_row("names", WRAPPERS)
def test_no_name_takes_what_holds_the_prose(names):
    assert extract_post(page(f"{H1}{box(names, box('x1', BODY))}"), url=URL).text == TEXT
    around = box(names, f"<main>{H1}{box('x1', BODY)}</main>")
    assert extract_post(
        page("").replace('<main id="MainContent"></main>', around), url=URL
    ).text == (TEXT)


NOTES = [
    "comment",
    "comment-1",
    "comments-on-method",
    "widget",
    "sidebar-note",
    "share-tip",
    "menu",
    "newsletter-quote",
    "related",
    "tags",
    "pager",
    "author-note",
    "author-box",
    "author_bio",
    "promo",
    "hidden-gem",
    "meta",
]


@each_row("names", NOTES)
def test_a_note_of_the_author_stays_whatever_its_name(names):
    for note in (box(names, TWO), f'<div id="{names}">{TWO}</div>'):
        markup = f"{H1}{box('rte', ONE, note, THREE, FOUR, FIVE, SIX)}"
        assert extract_post(page(markup), url=URL).text == TEXT


MAIL_FORM = "<form action='/contact'><input type='email'><button>Join</button></form>"
PRICED = "<a href='/products/cup'><img src='/cup.jpg' alt=''>Cup</a><i class='price'>$9</i>"
SAID_OF_CUP = "I drink from this <a href='/products/cup'>cup</a> every morning, and keep it."
NOTES_BY_NUMBER = "<sup><a href='#fn1'>1</a>, <a href='#fn2'>2</a></sup>"
RELATED = box("related-posts", "<a href='/blogs/journal/x'>X</a>")
STAY = {
    "notes by their number": ("x-7", f"<p>{WORDS[1]}{NOTES_BY_NUMBER}</p>", ("#fn1", "#fn2")),
    "sentences before a mail form": ("rte", box("x1", TWO, MAIL_FORM), (WORDS[1],)),
    "a picture before a mail form": (
        "rte",
        box("x1", "<h3>News</h3>", "<img src='/a.jpg' alt=''>", MAIL_FORM),
        ("/a.jpg", "News"),
    ),
    "a picture, and what announces it": (
        "rte",
        box("x1", "<h3>Our cat</h3>", box("x2", "<img src='/a.jpg' alt=''>", MAIL_FORM)),
        ("/a.jpg", "Our cat"),
    ),
    "a line before related posts": ("rte", box("x1", "<p>She slept</p>", RELATED), ("She slept",)),
    "a text about a product": ("rte", box("x1", PRICED, TWO), (WORDS[1], "/cup.jpg")),
    "a sentence that links a product": (
        "rte",
        box("x1", f"<a href='/products/cup'><img src='/c.jpg'>{TWO}</a><i class='price'>$9</i>"),
        (WORDS[1], "/c.jpg"),
    ),
    "a sentence in no paragraph": (
        "rte",
        box("x1", "<img src='/c.jpg'>", f"<div>{SAID_OF_CUP}</div><i class='price'>$9</i>"),
        ("every morning", "/c.jpg"),
    ),
    "a product in a row of a table": (
        "rte",
        f"<table><tr><td>{PRICED}</td><td>Holds a pint</td></tr></table>",
        ("Holds a pint", "/cup.jpg"),
    ),
}


@each_row(("names", "part", "words"), STAY.values(), ids=list(STAY))
def test_an_authors_part_stays(names, part, words):
    html = extract_post(page(f"{H1}{box(names, ONE, part, THREE, FOUR, FIVE, SIX)}"), url=URL).html
    assert [one for one in words if one not in html] == []


SHORT = {
    "and a picture": f"{box('x1', ONE, '<img src=/a.jpg>', MAIL_FORM)}",
    "under a heading": box("x1", "<h3>Closed</h3>", "<p>See you on Tuesday.</p>", MAIL_FORM),
}


@each_row("part", SHORT.values(), ids=list(SHORT))
def test_a_short_post_does_not_go_with_a_mail_form(part):
    text = extract_post(page(f"{H1}{box('rte', part)}"), url=URL).text
    assert text.startswith((WORDS[0], "Closed\n\nSee you"))


def test_an_introduction_with_a_linked_heading_before_the_title_is_no_card():
    linked = "<h3><a href='/blogs/journal/x'>X</a></h3>"
    text = extract_post(
        page(box("x1", box("x2", linked, ONE, TWO, THREE), H1, FOUR, FIVE)), url=URL
    )
    assert WORDS[0] in text.text


HIDDEN = {
    "aria-hidden": f"<button aria-expanded='false'>W?</button><div aria-hidden='true'>{TWO}</div>",
    "a style": f"<h3 class='toggle'>Why?</h3><div style='display: none;'>{TWO}</div>",
    "hidden": f"<h3>Why?</h3><div hidden>{TWO}</div>",
    "until-found": f"<h3>Why?</h3><div hidden='until-found'>{TWO}</div>",
    "visibility": f"<h3>Why?</h3><div style='visibility:hidden;height:0'>{TWO}</div>",
    "a tab": "<ul class='tabs'><li><a href='#t1'>One</a></li></ul>"
    f"<div id='t1' class='tab-content' style='display:none'>{TWO}</div>",
    "collapse": "<div class='card'><button data-bs-toggle='collapse'>Why?</button></div>"
    f"<div class='collapse'>{TWO}</div>",
    "a class": f"<h3>Why?</h3><div class='hidden'>{TWO}</div>",
    "at a width": f"<div class='hidden md:block'>{TWO}</div>",
    "one for each width": f"<div class='md:hidden'>{TWO}</div>"
    f"<div class='hidden md:block'>{TWO}</div>",
    "details": f"<details><summary>Why?</summary>{TWO}</details>",
    "a label": f"<input type='checkbox' id='q'><label for='q'>Why?</label><div>{TWO}</div>",
    "an answer": f"<div class='faq__answer' aria-hidden='true' inert>{TWO}</div>",
    "a script's": f"<div x-data='{{}}'><button>Why?</button><div x-cloak style='display:none'>{TWO}"
    "</div></div>",
}


@each_row("names", ["rte", "x-7"])
@each_row("hidden", HIDDEN.values(), ids=list(HIDDEN))
def test_what_opens_in_the_body_is_read_once(hidden, names):
    text = extract_post(page(f"{H1}{box(names, ONE, hidden, THREE, FOUR)}"), url=URL).text
    assert [text.count(words) for words in WORDS[:4]] == [1, 1, 1, 1]
