"""Pages made to be slow: each is read, or refused by name, in a time that grows with its size and
no faster."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable

import pytest

from scraper.documents.markup_limits import limit_markup
from scraper.exceptions import ExtractionError
from scraper.extract import extract_post
from scraper.extract.body.render.sanitize import sanitise
from scraper.extract.page.parsed_page import parse_page
from scraper.items import FeedEntry
from tests.conftest import FURTHER, Sample
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, URL, article, entry_of

ALLOWED_S = 6.0
"""CPU seconds; each page takes at most a third of it on a quiet machine, and took minutes before it
was bounded."""


@pytest.fixture(scope="session")
def shorter(sample: Sample) -> int:
    """How many times smaller a page is, and how many times less it may take, in a short run."""
    return 10 if len(sample((1, 2), 2)) == 1 else 1


def _post(html: str, entry: FeedEntry | None = None, allowed_s: float = ALLOWED_S):
    started = time.process_time()
    try:
        return extract_post(html, url=URL, feed_entry=entry)
    finally:
        assert time.process_time() - started < allowed_s


def _names(count: int) -> str:
    return " ".join(map('a%d="v"'.__mod__, range(count)))


UNDERSCORES = "_" * 40
TEASER = f"<h3><a href='/blogs/journal/b'>B</a></h3><p>{'word ' * 9}</p>"

READ: dict[str, tuple[int, Callable[[int], str]]] = {
    "a million tags deep": (1_000_000, lambda n: f"{'<div>' * 50}words" * (n // 50)),
    "attributes of one element": (1_000_000, lambda n: f"<div {_names(n)}></div>"),
    "attributes whose values look like tags": (
        60_000,
        lambda n: "<div " + " ".join(map('a%d="<b>"'.__mod__, range(n))) + "></div>",
    ),
    "attributes of an image": (100_000, lambda n: f"<img src=a.jpg {_names(n)}>"),
    "a picture of 10 MB": (
        10_000_000,
        lambda n: f'<img src="data:image/png;base64,{"A" * n}">',
    ),
    "a placeholder's words": (200_000, lambda n: f'<img data-src="a.jpg" src="{"blank" * n}">'),
    "sizes of an image": (
        200_000,
        lambda n: f'<img src="a.jpg" srcset="{"a.jpg 1x, " * n}">',
    ),
    "boxes in boxes of the theme": (5_000, lambda n: '<div class="share">word ' * n),
    "items of a list behind a long link": (
        6_000,
        lambda n: (
            f"<a href='/blogs/journal/b'>{'<b></b>' * n}</a><ul>"
            f"{'<li><div class=rte>x</div></li>' * n}</ul>"
        ),
    ),
    "teasers in a row": (5_000, lambda n: f"<div>{f'<div>{TEASER}</div>' * n}</div>"),
    "headings of other posts in a row": (
        12_000,
        lambda n: f"<h2>B</h2><time>May 4</time><p>{'word ' * 9}</p>" * n,
    ),
    "teasers in teasers": (3_000, lambda n: f"<div>{TEASER}" * n),
    "dates in dates": (1_000, lambda n: '<time datetime="2026-01-01">' * n),
    "dates that say nothing": (7_000, lambda n: f"<p>{'<time></time>' * n}</p>"),
    "links to tags": (
        10_000,
        lambda n: "".join(
            f'<a href="/blogs/journal/tagged/{number}">Tag</a> word ' for number in range(n)
        ),
    ),
    "goods and advertisements in a row": (
        8_000,
        lambda n: f"<div>{'<a href=/products/a></a><i class=ad-slot></i><p>word</p>' * n}</div>",
    ),
    "currency signs": (100_000, lambda n: f"<p>{'over £1 save ' * n}</p>"),
    "references": (300_000, lambda n: f"<p>{'&nbsp;' * n}</p>"),
    "a code in each sentence": (
        20_000,
        lambda n: "".join(f"<p>Use code TEA{number} for 10% off.</p>" for number in range(n)),
    ),
    "codes and no full stop": (
        50_000,
        lambda n: f"<p>{' '.join(f'use code TEA{number}' for number in range(n))}</p>",
    ),
    "sums and no full stop": (
        50_000,
        lambda n: f"<p>ABC10 is the code, {'over £1 save ' * n} off</p>",
    ),
    "names of underscores": (
        2_000,
        lambda n: "".join(f"<b class='{number}{UNDERSCORES}'>word</b> " for number in range(n)),
    ),
    "a list of twenty thousand": (
        20_000,
        lambda n: (
            "<p>Related articles:</p><p>" + '<a href="/blogs/journal/x">x</a><br>' * n + "</p>"
        ),
    ),
}


@pytest.mark.parametrize(("size", "build"), READ.values(), ids=READ)
def test_a_page_that_is_large_in_one_way_is_read(size, build, shorter):
    post = _post(article(BODY + build(size // shorter)), allowed_s=ALLOWED_S / shorter)
    assert post.text.startswith(TEXT[:90])


def test_no_page_of_many_tags_is_nested_deeper_than_browsers_show():
    limited = limit_markup(article(BODY + "<div>word" * 6_000).encode())
    assert limited.count(b"<div>") < 256
    assert limited.count(b"word") == 6_000


def test_drawings_of_many_parts_leave_the_post_behind_them_as_it_is():
    icons = ("<svg>" + '<path d="M0"/>' * 9 + "</svg>") * 600
    page = article(BODY + icons + f"<p>{'a <b>word</b> ' * 9}</p>").encode()
    assert limit_markup(page) == page


REFUSED = {
    "too_many_tags": lambda: "<p></p>" * 1_000_000,
    "too_many_tags: the page has 20049 tags, and next": lambda: "<ul><li>" * 10_000,
    "too_many_tags: the page has 1": lambda: "<!-- x -->" * 1_000_000,
    "too_many_names": lambda: "".join(
        f"<b x='>' a{number} b{number}></b>" for number in range(10_000)
    ),
    "too_long": lambda: f"<p>{'word ' * 1_000_000}</p>",
}


@each_row(("reason", "build"), REFUSED.items(), ids=REFUSED)
def test_what_no_page_of_words_is_is_refused_by_name(reason, build):
    with pytest.raises(ExtractionError, match=f"^{reason}"):
        _post(article(BODY + build()))


NAMES: dict[str, Callable[[int], str]] = {
    "title": lambda n: article().replace("<title>", f"<title>{'word – ' * n}"),
    "title to share": lambda n: article(
        head=f'<meta property="og:title" content="{"word – " * n}">'
    ).replace('"og:title" content="Quiet', '"og" content="Quiet'),
    "heading": lambda n: article().replace("<h1>", f"<h1>{'word – ' * n}"),
    "description": lambda n: article(
        head=f'<meta name="description" content="{"word &amp; " * n}">'
    ),
}


@pytest.mark.parametrize("build", NAMES.values(), ids=NAMES)
def test_a_name_of_megabytes_is_no_trap(build, shorter):
    assert _post(build(1_000_000 // shorter), allowed_s=ALLOWED_S / shorter).text == TEXT


def test_a_description_with_unescaped_quotes_leaves_a_hundred_attributes():
    words = " ".join(f"word{number}" for number in range(3_000))
    broken = parse_page(
        article(head=f'<meta name="description" content="They said "{words}" again">'), url=URL
    )
    assert broken.tree.head is not None
    meta = broken.tree.head.css_first("meta[name=description]")
    assert meta is not None
    assert len(meta.attributes) == 100


def test_a_long_value_is_no_sign_of_many_attributes():
    path = "M10 10 " * 1_000
    many = " ".join(f"a{number}" for number in range(150))
    page = parse_page(
        article(BODY + f'<svg><path d="{path}"></path></svg><div id="many" {many}></div>'), url=URL
    )
    found = page.tree.css_first("#many")
    assert found is not None
    assert len(found.attributes) == 151


def test_a_tag_in_the_text_of_a_script_loses_nothing():
    crowd = f"<i {' '.join(f'word{number}' for number in range(3_000))}"
    script = f"<script>const tag = '{crowd}';</script>"
    limited = limit_markup(f"{article()}{script}<p>Tea</p>{crowd}></i>{script}".encode())
    assert limited.count(script.encode()) == 2
    assert limited.count(b"word2999") == 2


@FURTHER
def test_second_bodies_leave_no_attribute_each():
    assert (
        _post(article(BODY + "".join(f"<body a{number}=1>" for number in range(14_000)))).text
        == TEXT
    )


HEADS = {
    "lists in lists": "[" * 100_000 + "]" * 100_000,
    "lists in lists within what is read": '{"@type":"Article","headline":'
    + "[" * 900
    + "]" * 900
    + ',"mainEntityOfPage":'
    + "[" * 900
    + "]" * 900
    + "}",
    "10 MB": f'{{"@type":"Article","articleBody":"{"word " * 2_000_000}"}}',
    "a long list": f"[{'1,' * 500_000}1]",
    "an object for a type": '{"@type":[{},[],"Article"]}',
    "an endless number": f'{{"@type":"Article","commentCount":{"9" * 5000}}}',
    "an endless number in quotes": f'{{"@type":"Article","commentCount":"{"9" * 5000}"}}',
    "an image's address of 1 MB": f'{{"@type":"Article","image":"a{"_100x_crop_1" * 80_000}.jpg"}}',
    "a date of 1 MB": f'{{"@type":"Article","datePublished":"{"May 1 " * 200_000}"}}',
    "years that are none": (
        '{"@type":"Article","datePublished":"99999-01-01T00:00:00Z",'
        '"dateModified":"9999-12-31T23:59:59-23:59"}'
    ),
}


@each_row("told", HEADS.values(), ids=HEADS)
def test_structured_data_that_means_harm_is_passed_over(told):
    post = _post(article(head=f'<script type="application/ld+json">{told}</script>'))
    assert (post.text, post.published_at, post.comment_count) == (TEXT, "", 0)


def test_ten_thousand_blocks_of_structured_data_are_not_all_read():
    block = '<script type="application/ld+json">{"@type":"Article","author":"Ann Fern"}</script>'
    assert _post(article(head=block * 10_000)).author == "Ann Fern"


@each_row(
    "head",
    ["__st={" * 200_000, "__st" + " " * 1_000_000, 'resourceType" ' * 100_000],
    ids=["opened", "spaced", "named"],
)
def test_shopifys_line_begun_again_and_again_is_no_trap(head):
    assert _post(article(head=f"<script>{head}</script>")).article_id == "471100"


@each_row("charset", ["idna", "punycode", "unicode_escape", "hex", "undefined", "a\0b", "utf-16"])
def test_an_encoding_that_is_none_of_the_web_is_not_tried(charset):
    assert extract_post(article().encode() + b"\xff", url=URL, charset=charset).text == TEXT


@each_row("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_pages_in_wide_encodings_are_read(encoding):
    html = article(BODY.replace("kettle", "kettle 茶 é 😀"))
    assert extract_post(html.encode(encoding), url=URL).text == TEXT.replace(
        "kettle", "kettle 茶 é 😀"
    )


def test_a_page_in_utf_16_that_was_cut_within_a_character_is_read():
    assert extract_post(article().encode("utf-16")[:-1], url=URL).text == TEXT


CROWDS: dict[str, Callable[[int], str]] = {
    "each value holds an end": lambda at: f'a{at}=">"',
    "a value now and then": lambda at: f"a{at}" + ' b=">"' * (at % 200 == 9),
    "single marks, far apart": lambda at: f"a{at}" + " b = '>'" * (at % 600 == 9),
    "a tag in the value": lambda at: f"a{at}" + ' b="<b>"' * (at % 200 == 9),
    "a script in the value": lambda at: f"a{at}" if at else 'title="<script">tea</p><p',
}


@each_row("attribute", CROWDS.values(), ids=CROWDS)
def test_values_that_hold_an_end_hide_no_crowd_of_attributes(attribute):
    crowd = f"<p {' '.join(map(attribute, range(8000)))}>"
    limited = limit_markup(article(BODY + crowd).encode())
    assert b"a7999" not in limited
    assert limited.startswith(article(BODY).encode().partition(TEXT[:40].encode())[0])


def test_runs_of_text_just_below_a_window_are_gone_through_once():
    runs = f"<p>{'word ' * 3000}</p>" + f"<p>{'word ' * 790}</p>" * 200
    started = time.process_time()
    assert sanitise(runs).count("word ") == runs.count("word ")
    assert time.process_time() - started < 0.3


def test_words_in_an_attribute_are_no_script():
    html = article(BODY.replace("<p>", '<p title="<script">', 1) + "<script>var tea = 1;</script>")
    assert _post(html, entry_of(URL, BODY)).feed_check == "equal"


def test_structured_data_within_structured_data_is_not_followed_for_ever():
    deep = '{"@graph":' * 900 + '{"@type":"Article","author":"Ann Fern"}' + "}" * 900
    blocks = "".join(
        f'<script type="application/ld+json">[{number},{deep}]</script>' for number in range(150)
    )
    assert _post(article(head=blocks)).author == ""


def test_caches_keep_no_long_texts():
    text = "tea+" * 10_000
    row = """<div><a href='/blogs/journal/{0}'>{0} {1}</a><b>By {0} {1}</b><p>{1} {0}</p>
        <p><a href='/blogs/journal/{0}{1}'>{0}</a><img src='data:image/png;{0}{1}'></p>
        <time datetime='2026-01-0{0} {1}'>3 May 2026 {0} {1}</time></div>"""
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(10):
            odd = row.format(number, text)
            extract_post(article(before=odd, after=odd, body=BODY + odd), url=URL)
        del odd
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 5 * len(text)
