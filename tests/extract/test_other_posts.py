"""Posts that a page shows below its own, whole or as teasers, and what only looks like them."""

from __future__ import annotations

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import TITLE, URL, page, words_of
from tests.extract.test_bodies_of_themes import H1, box
from tests.extract.test_find_body import said, sentences

OWN = said(1, 2, 3)
IN = f"<div>{H1}<div>{OWN}</div></div>"


def other(number: int, fact: str = "", *, name: str = "rte", inside: str = "<h2>Post {}</h2>"):
    """Heading, facts and text of another post."""
    text = f"<div class='{name}'>{said(number, number + 1, number + 2)}</div>"
    return inside.format(number) + fact + text


def dated(number: int) -> str:
    return f"<p>By Bo Moss on May {number - 40}, 2026</p>"


LINKED = "<h2><a href='/blogs/journal/p5'>Post {}</a></h2>"
WHOLE = {
    "in elements named as the own": box("post", H1, box("x2", OWN))
    + "".join(box("post", other(n, name="x2")) for n in (50, 60)),
    "likewise, in rich text": box("blog-post", H1, box("rte", OWN)) + box("blog-post", other(50)),
    "in articles": box("x3", IN, tag="article")
    + "".join(box("x3", other(n), tag="article") for n in (50, 60, 70)),
    "each linked, with the line of its date": IN
    + "".join(
        box("x3", other(n, f"<p class='date'>May {n - 40}, 2026</p>", name="x2", inside=LINKED))
        for n in (50, 60)
    ),
    "each with the date that a theme names": f"<div>{H1}<p class='x7'>May 4, 2026 by Ann Fern</p>"
    f"<div>{OWN}</div></div>"
    + "".join(
        box("x3", other(n, f"<p class='x7'>May {n - 40}, 2026 by Bo Moss</p>")) for n in (50, 60)
    ),
    "with its address for a script": f"<div>{H1}<div class='rte'>{OWN}</div></div>"
    + f"<section data-url='/blogs/journal/loud-evenings'>{other(50)}</section>",
    "under a title of the same name": f"<div><h1 class='entry-title'>{TITLE}</h1><div>{OWN}</div>"
    + other(50, name="x2", inside=LINKED.replace("h2>", "h2 class='entry-title'>", 1))
    + "</div>",
    "with a time, as the own has one": box(
        "x1", box("x8", H1, "<time>May 4</time>"), box("article__content", OWN)
    )
    + box(
        "x1",
        other(50, name="article__content", inside="<div><h2>Post {}</h2><time>May 3</time></div>"),
    ),
}


@each_row("markup", WHOLE.values(), ids=WHOLE)
def test_no_other_post_under_a_heading_without_a_link_is_read(markup):
    assert sentences(extract_post(page(markup), url=URL).text) == [1, 2, 3]


def parts(*numbers: int, fact: str = "", names: str = "", tag: str = "div") -> str:
    """Parts of the author's own text, each under a heading in an element of its own."""
    return "".join(
        f"<{tag}><h2{names}>Part {n}</h2>{fact.format(n)}<div>{said(n)}</div></{tag}>"
        for n in numbers
    )


FLAT = f"{H1}<div>{OWN}</div>"
OWN_WORDS = {
    **{
        f"markets with their days, in {fact[:15]}": FLAT + parts(4, 5, fact=fact)
        for fact in (
            "<time>June {}, 2026</time>",
            "<p class='date'>June {}, 2026</p>",
            "<p class='event-date'>{}. Juni 2026</p>",
            "<p><time>{} juin 2026</time></p>",
        )
    },
    "letters of guests": FLAT + parts(4, 5, fact="<p>By Bo Moss, June {}, 2026</p>"),
    "an update, below a dated title": f"<div>{H1}<time>June 4, 2026</time></div><div>{OWN}</div>"
    f"<div><h2>Update</h2><time>June 8, 2026</time><div>{said(4, 5)}</div></div>",
    "what follows another post": f"<div>{H1}<div>{OWN}</div><div data-url='/blogs/journal/old'>"
    f"<h2>Old</h2><div>{said(9)}</div></div><div>{said(4, 5)}</div></div>",
    "sections with the title's name": f"<h1 class='blog-title'>{TITLE}</h1><div>{OWN}</div>"
    + parts(4, 5, names=" class='blog-title'"),
    "a part with an address of another shop": FLAT
    + "<section data-url='https://b.example/blogs/journal/old'>"
    + f"<h2>Part</h2><div>{said(4, 5)}</div></section>",
    "a part with a script's path": FLAT
    + f"<section data-p='/blogs/journal/feed'><h2>Part</h2><div>{said(4, 5)}</div></section>",
    "a part with what is no address": FLAT
    + f"<section data-link='//[a'><h2>Part</h2><div>{said(4, 5)}</div></section>",
    "a heading with what is no address": FLAT
    + f"<section><h2><a href='//[a'>Part</a></h2><div>{said(4, 5)}</div></section>",
    "rows of a builder": box("row", H1, box("prose", OWN))
    + "".join(box("row", f"<h2>Part {n}</h2>", box("prose", said(n) * 2)) for n in (4, 5)),
    "markets with their days": f"{H1}<div>{OWN}</div>"
    + "".join(
        f"<div><h2>Market {n}</h2><p>June {n + 8}, 2026</p><div>{said(n)}</div></div>"
        for n in (4, 5)
    ),
    "articles in the text": H1
    + box("rte", OWN, *(box("x3", f"<h2>{n}.</h2>{said(n) * 2}", tag="article") for n in (4, 5))),
    "a list of articles": IN
    + "".join(
        box("zone", box("tile", f"<h3>{n}.</h3><div>{said(n)}</div>", tag="article"))
        for n in (4, 4, 4, 4, 5, 5, 5, 5)
    ),
    "articles in the title's own": "<article>"
    + f"{H1}<div>{OWN}</div>"
    + "".join(f"<article><h2>{n}.</h2><div>{said(n)}</div></article>" for n in (4, 5))
    + "</article>",
    "an article below the title's head": f"<header>{H1}</header><div>{OWN}</div><article>"
    + "".join(f"<section><h2>Part {n}</h2><div>{said(n)}</div></section>" for n in (4, 5))
    + "</article>",
    "blocks of a builder, named as a post": box("post-item", H1)
    + box("post-item", OWN)
    + "".join(box("post-item", f"<h2>Part {n}</h2><div>{said(n)}</div>") for n in (4, 5)),
    "sections of a theme": H1
    + box("rte", OWN)
    + "".join(
        box("x4", f"<h2 class='section-title'>Part {n}</h2>", box("rte", said(n) * 2))
        for n in (4, 5)
    ),
    "tastings with their days": f"{H1}<div>{OWN}"
    + "".join(f"<h3>Tea {n}</h3><p>Tasted on May {n}, 2026</p>{said(n)}" for n in (4, 5))
    + "</div>",
    "guests by their names": f"{H1}<div>{OWN}"
    + "".join(f"<div><h2>Guest {n}</h2>{dated(n + 40)}{said(n)}</div>" for n in (4, 5))
    + "</div>",
    "a body under a subtitle with the date": f"<div>{H1}<div>{OWN}</div></div>"
    "<div><h2>More</h2><p class='meta'>By Ann Fern on May 4, 2026</p>"
    f"<div>{said(4, 5) * 2}</div></div>",
    "linked headings in boxes of rich text": H1
    + box(
        "rte",
        f"<div>{OWN}</div>",
        *(box("x5", f"<h3><a href='/blogs/journal/{n}'>{n}</a></h3>{said(n)}") for n in (4, 5)),
    ),
    "linked headings in rows of a builder": box("row", H1, box("x6", OWN))
    + "".join(
        box("row", f"<h2><a href='/blogs/journal/{n}'>{n}</a></h2>", box("x6", said(n) * 2))
        for n in (4, 5)
    ),
}


@each_row("markup", OWN_WORDS.values(), ids=OWN_WORDS)
def test_what_looks_like_another_post_is_the_authors(markup):
    text = extract_post(page(markup), url=URL).text
    assert [n for n in dict.fromkeys(sentences(text)) if n != 9] == [1, 2, 3, 4, 5]


SHORT = "<p>We are closed on Monday. See you on Tuesday!</p>"
LINK = "<h3><a href='/blogs/journal/p{}'>Post {}</a></h3>"


def teasers(names: str, tag: str = "div") -> str:
    """Cards of other posts, each longer than the post."""
    return "".join(
        box(
            "x9",
            LINK.format(n, n),
            f"<div class='{names}'>{said(n, n + 1)}</div>",
            f"<a href='/blogs/journal/p{n}'>Read more</a>",
            tag=tag,
        )
        for n in (50, 60, 70)
    )


TEASERS = {
    "in no known container": f"<div>{H1}<div>{SHORT}</div></div><div>{teasers('x2')}</div>",
    "in known ones": f"<div>{H1}<div>{SHORT}</div></div><div>{teasers('rte')}</div>",
    "both": f"<div>{H1}<div class='rte'>{SHORT}</div></div><div>{teasers('rte')}</div>",
    "in one element with the post": f"<div>{H1}<div>{SHORT}</div><div>{teasers('x2')}</div></div>",
    "as articles": f"<article>{H1}{SHORT}</article><div>{teasers('x2', 'article')}</div>",
    "before the shop's words": f"<div>{H1}<div>{SHORT}</div></div><div>{teasers('x2')}</div>"
    "<div class='newsletter'><p>Our letter comes with the new moon, and with news of the harvest."
    "</p></div>",
    "under a heading": f"<div>{H1}<p>{SHORT[3:]}</div><h2>Latest</h2><div>{teasers('x2')}</div>",
}


@each_row("markup", TEASERS.values(), ids=TEASERS)
def test_teasers_that_are_longer_than_the_post_are_not_it(markup):
    text = extract_post(page(markup), url=URL).text
    assert text == "We are closed on Monday. See you on Tuesday!"


def test_the_heading_of_teasers_goes_with_them():
    text = f"{box('s', box('rte', said(1, 2)))}{box('s', box('rte', said(3, 4)))}"
    markup = f"{H1}{text}{box('s', '<h2>Also</h2>', teasers('x2'))}"
    assert extract_post(page(markup), url=URL).text.endswith("winter4.")


CLOSING = f"<p>{'So much for the year. ' * 5}</p>"


@each_row("closing", ["{}</div>", "</div>{}", "</div><div>{}</div>"])
def test_a_row_of_posts_in_mid_text_stays(closing):
    rows = "".join(box("x5", LINK.format(n, n), f"<div>{said(n)}</div>") for n in (4, 5))
    html = page(f"<div>{H1}<div>{OWN}</div><div>{rows}{closing.format(CLOSING)}</div>")
    text = extract_post(html, url=URL).text
    assert sentences(text) == [1, 2, 3, 4, 5]
    assert "for the year" in text


@each_row("names", ["x2", "rte"])
def test_a_short_posts_round_up_of_others_stays(names):
    posts = "".join(f"{LINK.format(n, n)}{said(n)}" for n in (4, 5, 6))
    text = extract_post(page(f"<div>{H1}{box(names, SHORT, posts)}</div>"), url=URL).text
    assert text.startswith("We are closed")
    assert sentences(text) == [4, 5, 6]


BIO = "<p>Ann Fern has poured tea in this shop since 1990, and writes when it rains outside.</p>"
BYLINE = "<p>By Ann Fern</p>"
BOXES = {
    "under a heading": f"<div><img src='/ann.jpg'><h4>About the author</h4>{BIO}</div>",
    "under a heading in German": f"<section><h4>Über die Autorin</h4>{BIO}</section>",
    "under the name": f"<div><i><img src='/ann.jpg'></i><div><h4>Ann Fern</h4>{BIO}</div></div>",
    "before a row to share": f"<div><b><a href='/authors/ann'>Ann Fern</a></b>{BIO}</div>"
    "<i class='social-sharing'>Share</i>",
}


@each_row("about", BOXES.values(), ids=BOXES)
def test_a_box_about_the_author_goes_whatever_its_name(about):
    post = extract_post(page(f"<div>{H1}{BYLINE}<div>{OWN}</div>{about}</div>"), url=URL)
    assert (sentences(post.text), post.author) == ([1, 2, 3], "Ann Fern")
    assert post.text.endswith("winter3.")


KEPT = {
    "in rich text": f"<div class='rte'>{OWN}<div><h3>About the author</h3>{BIO}</div></div>",
    "about the author of a book": f"<div>{OWN}</div><section><h2>About the author</h2>"
    f"{BIO.replace('Ann Fern', 'Bo Moss')}</section>",
    "his last word": f"<div>{OWN}</div><div><p>Ann Fern</p>{BIO}</div>",
    "his answer in a talk": f"<div>{OWN}</div><div class='guest'><img src='/b.jpg'><b>Bo Moss</b>"
    f"{said(4)}</div><div class='host'><img src='/a.jpg'><b>Ann Fern</b>{BIO}</div>",
    "about another person": f"<div>{OWN}<div><h3>Bo Moss</h3>{BIO}</div></div>",
    "in mid-text": f"<div>{OWN}<div><h2>About the author</h2>{BIO}</div>{said(4)}</div>",
    "one of the rows of a talk": f"<div>{OWN}<div><b>Bo</b>{said(4)}</div><div><b>Ann Fern</b>{BIO}"
    "</div></div>",
    "a paragraph": f"<div>{OWN}<p><b>About the author</b></p>{BIO}</div>",
}


@each_row("text", KEPT.values(), ids=KEPT)
def test_what_an_author_says_of_people_stays(text):
    post = extract_post(page(f"<div>{H1}{BYLINE}{text}</div>"), url=URL)
    assert words_of(post.text) == words_of(text)


COOKIES = f"<p>{'We use cookies to count our visitors and to keep the basket. ' * 12}</p>"


@each_row(
    "before", [f"<article>{COOKIES}</article>", f"<article><h3>Cookies</h3>{COOKIES}</article>"]
)
def test_an_article_of_the_shop_before_the_title_may_be_longer_than_the_post(before):
    for markup in (f"{before}{H1}<div>{OWN}</div>", f"<div>{before}<div>{H1}</div>{OWN}</div>"):
        assert extract_post(page(markup), url=URL).text.startswith("Sentence 1")


def test_an_authors_article_before_the_title_stays():
    train = f"<p>{'I write this on a train, with wet shoes and a warm cup in hand. ' * 8}</p>"
    for first in (train, f"<h2>Before</h2>{train}"):
        html = page(f"<div><article>{first}</article>{H1}{OWN}</div>")
        assert "wet shoes" in extract_post(html, url=URL).text
