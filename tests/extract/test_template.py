"""What a store's pages share: learned from some of them, and used on the others."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.demo import THEMES
from scraper.extract import SavedPage, extract_post, settle_template
from scraper.extract.template.dom_path import block_step
from scraper.items import Template
from tests.conftest import Sample
from tests.demo.authored import reading_text
from tests.each_row import each_row
from tests.extract.pages import demo_pages, entry_of, page

SUBJECTS = ("kettles", "curtains", "notebooks", "bicycles", "lanterns", "blankets")


def body_of(subject: str) -> str:
    """An author's body, every paragraph of which names its subject; all end with the same words of
    his."""
    return (
        f"<p>We tried seven {subject} in one week, and wrote down what each of them did for a "
        "slow morning at home.</p>\n"
        f"<h2>Which {subject} stay</h2>\n<ul>\n<li>The heavy {subject}</li>\n"
        f"<li>The blue {subject}</li>\n</ul>\n"
        f'<p class="p1">Nobody paid us for a word about {subject}, and nobody ever will.</p>\n'
        '<p class="p1">Ask your doctor before you change your habits.</p>\n'
    )


@each_row(
    ("name", "step"),
    [
        ("block_Header", "div#block_Header"),
        ("block_Slider", "div#block_Slider"),
        ("block_hQMrdW", "div#block_#"),
        ("block_8fmrdk", "div#block_#"),
        ("block-faded", "div#block-faded"),
        ("block-facade", "div#block-facade"),
        ("block-fab3e", "div#block-#"),
        ("block-beefacde", "div#block-#"),
    ],
)
def test_a_words_name_is_no_random_one(name, step):
    node = LexborHTMLParser(f"<div id={name}></div>").css_first("div")
    assert block_step(node) == step


def saved(subject: str, *, told: bool = False, wrap: str = "{body}") -> SavedPage:
    """A page of a theme whose names say nothing; `told` says that the feed holds the post."""
    body = body_of(subject)
    url = f"https://shop.example/blogs/journal/{subject}"
    article = (
        f'<div class="x-17"><h1>All about {subject}</h1>\n    <div class="x-18">\n'
        + wrap.format(body=body, subject=subject)
        + (
            '\n    </div>\n<div class="x-19"><p>More of our stories about the house, picked for '
            f"readers of {subject}.</p></div></div>"
        )
    )
    return SavedPage(
        page(article, title=f"All about {subject}"), url, entry_of(url, body) if told else None
    )


def words_of(saved_page: SavedPage, template: Template | None) -> list[str]:
    return (
        extract_post(saved_page.html, url=saved_page.url, template=template)
        .text.replace("•", " ")
        .split()
    )


def author_words(subject: str) -> list[str]:
    return (
        extract_post(
            page(f'<div class="rte">{body_of(subject)}</div>'), url="https://shop.example/"
        )
        .text.replace("•", " ")
        .split()
    )


NOTE = (
    '    <div class="x-boxed"><p>Delivered free within the city on all orders above forty.</p>'
    "</div>"
)


def test_what_the_feed_shows_of_some_posts_holds_for_all():
    template = settle_template(
        [saved(subject, told=subject in SUBJECTS[:3], wrap="{body}" + NOTE) for subject in SUBJECTS]
    )
    assert template is not None
    assert template.bodies[0].learned_from == "feed"
    assert [(block.path, block.learned_from) for block in template.blocks][:1] == [
        ("div.x-boxed", "feed")
    ]
    for subject in SUBJECTS[3:]:
        assert words_of(saved(subject, wrap="{body}" + NOTE), template) == author_words(subject)


def test_a_block_of_the_theme_goes_after_the_post_has_left_the_feed():
    template = settle_template(
        [saved(subject, told=True, wrap="{body}" + NOTE) for subject in SUBJECTS[:3]]
    )
    gone = saved(SUBJECTS[0], wrap="{body}" + NOTE)
    assert words_of(gone, template) == author_words(SUBJECTS[0])
    post = extract_post(gone.html, url=gone.url, template=template)
    assert [block.rule for block in post.blocks if "Delivered free" in block.text] == [
        "learned_feed"
    ]


def test_a_block_inside_the_body_goes_where_the_feed_shows_it():
    wrap = (
        '{body}<div class="buy-now"><p>Two for one today.</p></div><p>And that is all about '
        "{subject}.</p>"
    )
    pages = [saved(subject, wrap=wrap) for subject in SUBJECTS]
    told = [
        replace_entry(saved_page, body_of(subject) + f"<p>And that is all about {subject}.</p>")
        for saved_page, subject in zip(pages, SUBJECTS, strict=True)
    ]
    template = settle_template(told[:3])
    for saved_page, subject in zip(pages[3:], SUBJECTS[3:], strict=True):
        assert words_of(saved_page, template) == [
            *author_words(subject),
            *f"And that is all about {subject}.".split(),
        ]


RANDOM = ("3fa9c1e2", "50b7d84f", "c3d21e9a", "9e0f6b17", "7d41a0c8", "1b9e3f25")


@pytest.mark.parametrize(
    "name",
    ["id='block-{}'", "class='x-{:.6}'", "id='p-{:.5}'", "id='{0}-{0:.4}-{0:.4}-{0:.4}-{0}{0:.4}'"],
)
def test_a_block_of_the_theme_goes_under_whatever_random_name(name):
    def shown(number: int, subject: str, *, told: bool) -> SavedPage:
        block = f"<div {name.format(RANDOM[number])}><p>We like {subject} most.</p></div>"
        return saved(subject, told=told, wrap="{body}" + block)

    template = settle_template(
        [shown(number, subject, told=True) for number, subject in enumerate(SUBJECTS[:3])]
    )
    for number, subject in enumerate(SUBJECTS):
        assert words_of(shown(number, subject, told=False), template) == author_words(subject)


@each_row(
    ("theirs", "ours"),
    [
        ("col-a1", "col-a2"),
        ("section-2b", "section-2c"),
        ("block_Header", "block_Slider"),
        ("box-7d41a0c8", "box-50b7d84f"),
    ],
)
def test_other_names_part_a_theme_from_its_author(theirs, ours):
    def in_feed(subject: str) -> SavedPage:
        body = f"{body_of(subject)}<div class='{ours}'><p>These {subject} are old.</p></div>"
        block = f"<div class='{theirs}'><p>We like {subject} most.</p></div>"
        return replace_entry(
            saved(subject, wrap="{body}" + body[len(body_of(subject)) :] + block), body
        )

    template = settle_template([in_feed(subject) for subject in SUBJECTS[:3]])
    for subject in SUBJECTS:
        words = words_of(in_feed(subject)._replace(entry=None), template)
        assert words[: len(author_words(subject)) + 4] == [
            *author_words(subject),
            *f"These {subject} are old.".split(),
        ]
        # Beside the author's, a theme's block goes by names that are not random.
        assert ("most." in words) == (theirs[:3] == "box")


MID = '<div class="live-17"><p>{number} people read this now.</p></div>'


def in_the_middle(subject: str, number: int) -> SavedPage:
    """A page with an app's block between the author's paragraphs, and its entry of the feed."""
    html = saved(subject).html.replace("</ul>", "</ul>" + MID.format(number=number))
    return replace_entry(saved(subject)._replace(html=html), body_of(subject))


def test_a_block_between_the_authors_paragraphs_goes_in_and_out_of_the_feed():
    pages = [in_the_middle(subject, number) for number, subject in enumerate(SUBJECTS)]
    template = settle_template(pages)
    for saved_page, subject in zip(pages, SUBJECTS, strict=True):
        with_entry = extract_post(
            saved_page.html, url=saved_page.url, feed_entry=saved_page.entry, template=template
        )
        without = extract_post(saved_page.html, url=saved_page.url, template=template)
        assert with_entry.html == without.html
        assert without.text.replace("•", " ").split() == author_words(subject)
        assert with_entry.feed_check == "equal"


@pytest.mark.parametrize(
    "stale",
    [
        lambda body: body.replace("seven", "six"),
        lambda body: body + "<p>A sentence that the page has lost again, by a careful editor.</p>",
    ],
    ids=["a word", "more"],
)
def test_a_feed_that_lags_behind_the_page_brings_no_block_of_the_theme(stale):
    pages = [in_the_middle(subject, number) for number, subject in enumerate(SUBJECTS)]
    template = settle_template(pages)
    lagging = replace_entry(pages[0], stale(body_of(SUBJECTS[0])))
    post = extract_post(lagging.html, url=lagging.url, feed_entry=lagging.entry, template=template)
    assert post.text.replace("•", " ").split() == author_words(SUBJECTS[0])


def test_the_feed_outvotes_a_template_that_leads_elsewhere():
    template = settle_template([saved(subject) for subject in SUBJECTS])
    notice = "<p>One line of a notice.</p>"
    html = page(
        f'<div class="x-17"><div class="x-18">{notice}</div></div><div>{body_of("maps")}</div>'
    )
    entry = entry_of("https://shop.example/blogs/journal/maps", body_of("maps"))
    post = extract_post(html, url=entry.url, feed_entry=entry, template=template)
    assert post.text.replace("•", " ").split() == author_words("maps")


def replace_entry(saved_page: SavedPage, content_html: str) -> SavedPage:
    return saved_page._replace(entry=entry_of(saved_page.url, content_html))


def test_what_stands_indented_with_the_same_words_on_all_pages_is_the_themes():
    template = settle_template([saved(subject, wrap="{body}" + NOTE) for subject in SUBJECTS])
    assert template is not None
    assert [block.learned_from for block in template.blocks] == ["pages"]
    assert words_of(saved("teapots", wrap="{body}" + NOTE), template) == author_words("teapots")


SHOP = "<h3>Ready for tea?</h3><p>Our cups wait for you.</p><a href='/collections/cups'>Shop</a>"
ADVICE = "<p>Ask your doctor first, and <a href='/pages/terms'>read our terms</a>, please.</p>"


def built(subject: str, last: str) -> SavedPage:
    """A post in the rows of a page builder, the last of which is `last`."""
    text = body_of(subject).replace('class="p1"', "")
    row = '<div class="b-row"><div class="b-col">{}</div></div>'
    rows = "".join(map(row.format, (text, text.replace("seven", "eight"), last)))
    markup = f"<h1>All about {subject}</h1><div class='b-root'>{rows}</div>"
    return saved(subject)._replace(html=page(markup, title=f"All about {subject}"))


def test_the_row_of_goods_that_ends_every_post_is_the_themes():
    pages = [built(subject, SHOP) for subject in SUBJECTS]
    post = extract_post(pages[0].html, url=pages[0].url, template=settle_template(pages))
    assert post.text.endswith("Ask your doctor before you change your habits.")


@each_row("last", [ADVICE, "{} wait <a href='/collections/all'>here</a>."])
def test_a_closing_row_of_the_author_stays(last):
    pages = [built(subject, f"<p>{last.format(subject)}</p>") for subject in SUBJECTS]
    post = extract_post(pages[0].html, url=pages[0].url, template=settle_template(pages))
    assert post.text.endswith(("read our terms, please.", "kettles wait here."))


def test_words_that_an_author_repeats_in_every_post_stay():
    template = settle_template([saved(subject, told=True) for subject in SUBJECTS])
    without_feed = settle_template([saved(subject) for subject in SUBJECTS])
    for learned in (template, without_feed):
        assert learned is not None
        assert learned.blocks == ()
        assert (
            "Ask your doctor before you change your habits."
            in extract_post(saved("maps").html, url="", template=learned).text
        )


def test_a_thin_post_is_taken_from_where_the_others_stand():
    template = settle_template([saved(subject) for subject in SUBJECTS])
    thin = SavedPage(
        saved("maps").html.replace(
            body_of("maps"), '<p>Closed <a href="/pages/hours">today</a>.</p>'
        ),
        "",
    )
    assert words_of(thin, template) == ["Closed", "today."]


def test_a_page_built_otherwise_is_read_as_if_it_stood_alone():
    template = settle_template([saved(subject) for subject in SUBJECTS])
    other = page(
        '<section class="landing"><div class="rte"><p>'
        "One page of another make, and a sentence about nothing.</p></div></section>"
    )
    assert extract_post(other, url="", template=template) == replace(
        extract_post(other, url=""), template=template.version
    )


def test_of_two_elements_in_one_place_the_posts_own_is_taken():
    cards = "".join(
        f'<div><a href="/blogs/journal/{n}"><img src="{n}.jpg" alt=""></a><p>'
        f"{'A teaser. ' * 40}</p></div>"
        for n in "abc"
    )
    twins = '{body}</div><div class="x-18"><h3>Also in Journal</h3>' + cards
    pages = [saved(subject, wrap=twins) for subject in SUBJECTS]
    template = settle_template(pages)
    assert words_of(pages[0], template) == author_words(SUBJECTS[0])


def test_where_the_bodys_place_among_its_twins_changes_the_fullest_is_taken():
    notes = [
        '<p>Hello.</p></div><div class="x-18">{body}',
        '{body}</div><div class="x-18"><p>Hello.</p>',
    ]
    pages = [saved(subject, wrap=notes[number % 2]) for number, subject in enumerate(SUBJECTS)]
    template = settle_template(pages)
    assert [words_of(one, template) for one in pages] == [
        author_words(subject) for subject in SUBJECTS
    ]


def test_two_kinds_of_pages_are_learned_side_by_side():
    builder = [
        saved(subject)._replace(
            html=page(f'<section class="gp"><div class="gp-7">{body_of(subject)}</div></section>')
        )
        for subject in SUBJECTS[:3]
    ]
    template = settle_template([*builder, *(saved(subject) for subject in SUBJECTS[3:])])
    assert template is not None
    assert len(template.bodies) == 2


def test_posts_of_one_section_are_learned_beside_posts_of_several():
    def built(subject: str, number: int) -> SavedPage:
        parts = body_of(subject).split("<h2>") if number % 2 else [body_of(subject)]
        sections = "".join(
            f"<div id='shopify-section-template--1709{number}__text_q{number}WXz{at}'>"
            f"<div class='rte'>{part}</div></div>"
            for at, part in enumerate(parts)
        )
        cards = "" if number % 2 else "<div><p>Stories</p><p>Picked for you, or not.</p></div>"
        markup = f"<h1>{subject}</h1>{sections}{cards}"
        return saved(subject)._replace(html=page(markup, title=subject))

    pages = [built(subject, number) for number, subject in enumerate(SUBJECTS)]
    template = settle_template(pages)
    for subject, saved_page in zip(SUBJECTS, pages, strict=True):
        assert words_of(saved_page, template) == author_words(subject), subject


@pytest.mark.parametrize("pages", [[], [saved("kettles")]], ids=["none", "one"])
def test_too_few_pages_teach_nothing(pages):
    assert settle_template(pages) is None


@each_row("theme", list(THEMES))
def test_the_same_theme_has_the_same_fingerprint_and_another_theme_another(theme):
    first, second = (learned(theme, start, start + 10) for start in (0, 10))
    assert first.fingerprint == second.fingerprint
    assert {learned(other, 0, 10).fingerprint for other in THEMES if other != theme}.isdisjoint(
        {first.fingerprint}
    )


@pytest.mark.parametrize("theme", list(THEMES))
def test_every_post_of_the_demo_store_reads_the_same_with_its_template(theme, sample: Sample):
    template = learned(theme, 0, 20)
    for demo_page in sample(demo_pages(theme), 7, list(THEMES).index(theme)):
        found = extract_post(demo_page.html, url=demo_page.url, template=template)
        assert found.method == "template"
        assert (
            found.text.replace("•", " ").replace(" | ", " ").split()
            == reading_text(demo_page.post).replace("•", " ").replace(" | ", " ").split()
        )


@cache
def learned(theme: str, start: int, end: int) -> Template:
    """What some pages of the demo store teach."""
    template = settle_template(
        [SavedPage(demo_page.html, demo_page.url) for demo_page in demo_pages(theme)[start:end]]
    )
    assert template is not None
    return template
