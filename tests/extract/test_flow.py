"""Words stay apart, numbers stay true, pictures have their real address."""

from __future__ import annotations

import pytest

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import BODY, URL, article

LEAD = "<p>Put the kettle on before you look at any screen, and leave the curtains open.</p>"


def read(markup: str, url: str = URL):
    return extract_post(article(LEAD + markup + LEAD), url=url)


SCRIPTS = {
    "power": ("10<sup>6</sup> tons", "10⁶ tons"),
    "negative power": ("10<sup>-3</sup> grams", "10⁻³ grams"),
    "letters in a power": ("2<sup>n</sup> cups", "2ⁿ cups"),
    "sum in a power": ("2<sup>k+1</sup> cups", "2^(k+1) cups"),
    "unit": ("5 m<sup>2</sup> of tiles", "5 m² of tiles"),
    "unit in words": ("20 feet<sup>2</sup> of tiles", "20 feet² of tiles"),
    "formula of a substance": ("H<sub>2</sub>O and CO<sub>2</sub>", "H2O and CO2"),
    "lowered behind a digit": ("10<sub>2</sub> is two", "10₂ is two"),
    "lowered before a digit": ("log<sub>2</sub>8 is three", "log₂8 is three"),
    "power by a style": ('10<span style="vertical-align:super">6</span> tons', "10⁶ tons"),
    "power by a class": ('10<span class="superscript">6</span> tons', "10⁶ tons"),
    "power by a style in small": (
        '10<small style="font-size: 60%; vertical-align: super">6</small> tons',
        "10⁶ tons",
    ),
    "power by a place": ('10<span style="position:relative; top:-.5em">6</span> t', "10⁶ t"),
    "power by a length": ('10<span style="vertical-align: 0.5em">6</span> tons', "10⁶ tons"),
    "lowered by a length": (
        'log<span style="vertical-align:-4px">2</span>8 is three',
        "log₂8 is three",
    ),
    "note by its place": ('tea<a href="#n1">1</a> helps', "tea[1] helps"),
    "link to a place": ('see <a href="#n1">1</a> and a<a href="#b">bc</a>', "see 1 and abc"),
    "note that is no raised sign": (
        'tea<a class="footnote-ref" href="#fn1" role="doc-noteref">1</a> helps',
        "tea[1] helps",
    ),
    "formula for a script": ('so <script type="math/tex">a=42</script> tons', "so a=42 tons"),
    "formula that a script showed": (
        'so <span class="MathJax">a=42</span><script type="math/tex">a=42</script> tons',
        "so a=42 tons",
    ),
    "formula before it is shown": (
        'so <span class="MathJax_Preview"></span><script type="math/tex">a=42</script> tons',
        "so a=42 tons",
    ),
    "formula beside a hidden sketch": (
        'so <i class="MathJax_Preview" hidden>a</i><script type="math/tex">a=42</script> tons',
        "so a=42 tons",
    ),
    "ordinal": ("the 1<sup>st</sup> and 3<sup>rd</sup> cup", "the 1st and 3rd cup"),
    "trade mark": ("Fern<sup>TM</sup> tea", "FernTM tea"),
    "note that links": ('tea<sup><a href="#fn-1">1</a></sup> helps', "tea[1] helps"),
    "note within a link": ('tea<a href="#n2"><sup>2</sup></a> helps', "tea[2] helps"),
    "note that links behind a word": ('tea.<a href="#n2">2</a> helps', "tea.[2] helps"),
    "note that links behind a share": ('of 40%<a href="#n2">2</a> helps', "of 40%[2] helps"),
    "note that links behind a vowel sign": ('चाय की<a href="#n2">2</a> है', "चाय की[2] है"),
    "number that links behind a sign": ('tea №<a href="#n2">2</a> helps', "tea №2 helps"),
    "number that links in brackets": ('tea (<a href="#n2">2</a>) helps', "tea (2) helps"),
    "note behind a word": ("tea leaves<sup>3</sup> help", "tea leaves[3] help"),
    "note behind a sentence": ("It helps.<sup>12</sup> Often.", "It helps.[12] Often."),
    "note in brackets": ("tea<sup>[4]</sup> helps", "tea[4] helps"),
    "note by a sign": ("tea<sup>*</sup> helps", "tea[*] helps"),
    "notes beside each other": (
        'tea<sup><a href="#n1">1</a></sup><sup><a href="#n2">2</a></sup> helps',
        "tea[1][2] helps",
    ),
    "notes in one raised sign": (
        'tea<sup><a href="#n12">12</a><a href="#n13">13</a></sup> helps',
        "tea[12][13] helps",
    ),
    "notes behind one": (
        'tea<sup><a href="#n1">1</a><a href="#n2">2</a><a href="#n3">*</a></sup> helps',
        "tea[1][2][*] helps",
    ),
    "figures that link elsewhere": (
        'tea<sup><a href="/a">1</a><a href="/b">2</a></sup> helps',
        "tea¹² helps",
    ),
    "note behind a power": ('10<sup>6</sup><a href="#n1">1</a> cells', "10⁶1 cells"),
    "powers beside each other": ("kg m<sup>2</sup><sup>-1</sup> of it", "kg m²-1 of it"),
    "fraction": ("1<sup>1</sup>/<sub>2</sub> cups", "1 1/2 cups"),
    "fraction with its own stroke": ("<sup>3</sup>⁄<sub>4</sub> cup", "3/4 cup"),
}


@each_row(("markup", "words"), SCRIPTS.values(), ids=SCRIPTS)
def test_raised_and_lowered_signs_part_from_what_stands_before(markup, words):
    post = read(f"<p>{markup}</p>")
    assert words in post.text
    plain = post.markdown.replace("\\", "")
    assert words in plain or "](" in plain


def test_the_html_keeps_raised_signs():
    assert "10<sup>6</sup>" in read("<p>10<sup>6</sup> tons</p>").html


@each_row("style", ["vertical-align: baseline", "display:inline", "text-align:start"])
def test_a_short_link_is_no_raised_sign(style):
    assert "<sup" not in read(f'<p>Our <a href="/faq" style="{style}">FAQ</a> helps.</p>').html


WORDS = {
    "spans shown as blocks": '<h3><span style="display:block">One</span>'
    '<span style="display: block">Two</span></h3>',
    "links shown as a grid": '<p><a style="display:inline-block" href="/a">One</a>'
    '<b style="display:grid">Two</b></p>',
    "spans of a class": '<h3><span class="d-block">One</span><span class="d-block">Two</span></h3>',
    "spans of a class among others": '<h3><span class="big block mt-4">One</span>'
    '<span class="big block mt-4">Two</span></h3>',
    "spans of two classes": '<b class="block d-block">One</b><b class="block d-block">Two</b>',
    "spans in a row": '<h3 style="display:flex"><span>One</span><span>Two</span></h3>',
    "links in a grid of a class": '<div class="md:grid"><a href="/a">One</a><b>Two</b></div>',
    "spans at both sides": '<p><i style="float:left">One</i><i style="float:right">Two</i></p>',
    "custom elements": "<fern-step>One</fern-step><fern-step>Two</fern-step>",
    "custom elements on lines": "<x-a>One</x-a>\n<x-b>Two</x-b>",
    "a custom element before a word": "<p><x-a>One</x-a>Two</p>",
    "a custom element behind a word": "<p>One<x-a>Two</x-a></p>",
}


@each_row("markup", WORDS.values(), ids=WORDS)
def test_what_stands_apart_on_the_page_stands_apart_in_the_text(markup):
    post = read(markup)
    for text in (post.text, post.markdown):
        assert "OneTwo" not in text
        assert "One" in text
        assert "Two" in text


def test_a_words_first_letter_is_no_word():
    post = read('<p><span style="float:left">O</span>nce <b style="display:block">T</b>wo</p>')
    assert "Once" in post.text
    assert "Two" in post.text


FORMULAS = {
    "row": ("<mrow><mi>m</mi><mo>=</mo><mn>42</mn><mi>kg</mi></mrow>", "m = 42 kg"),
    "power": ("<msup><mn>10</mn><mn>6</mn></msup>", "10^6"),
    "fraction": (
        "<mfrac><mn>1</mn><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mfrac>",
        "1/( a + b )",
    ),
    "annotated": (
        "<semantics><mi>x</mi><annotation encoding='x-tex'>\\xi</annotation></semantics>",
        "x",
    ),
}


@each_row(("markup", "words"), FORMULAS.values(), ids=FORMULAS)
def test_formulas_are_words(markup, words):
    post = read(f"<p>The load is <math>{markup}</math> at most.</p>")
    assert f"The load is {words} at most." in " ".join(post.text.split())
    assert words in " ".join(post.markdown.replace("\\", "").split())


def test_formulas_in_tables_and_words_in_drawings_stay():
    post = read(
        "<table><tr><td>Load</td><td><math><mn>42</mn></math></td></tr></table>"
        "<svg><title>icon</title><g><text x='1'>Kettle</text><text>Cup</text></g></svg>"
    )
    assert "Load | 42" in post.text
    assert "Kettle Cup" in post.text
    assert "icon" not in post.text


CDN = "https://cdn.shopify.com/s/files/1/0077"
BIG = f"{CDN}/kiln_900x.jpg"
PICTURES = {
    "amp": f'<amp-img src="{BIG}" alt="A kiln" width="4" height="3"></amp-img>',
    "noscript beside": f'<img class="lazy" alt="A kiln"><noscript><img src="{BIG}" alt="A kiln">'
    "</noscript>",
    "noscript alone": f'<noscript><img src="{BIG}" alt="A kiln"></noscript>',
    "noscript behind a placeholder": '<span><img src="data:image/gif;base64,R0l" alt="A kiln">'
    f'<noscript><img src="{BIG}" alt="A kiln"></noscript></span>',
    "sources alone": f'<picture aria-label="A kiln"><source srcset="{CDN}/k.jpg 300w, {BIG} '
    '900w"></picture>',
    "sources and a placeholder": f'<picture><source data-srcset="{BIG} 900w"><img alt="A kiln" '
    'src="/blank.gif"></picture>',
    "an attribute of some script": f'<img src="" data-hires-src="{BIG}" alt="A kiln">',
    "commas, sizes in no order": '<img src="data:image/gif;base64,R0l" alt="A kiln" '
    f'srcset="{BIG} 900w, {CDN}/w_3,h_2/kiln.jpg 300w">',
    "noscript with a film": '<noscript><iframe src="https://f.example/v"></iframe>'
    f'<img src="{BIG}" alt="A kiln"></noscript>',
    "background": f'<div class="hero" role="img" aria-label="A kiln" style="height:9em;'
    f"background-image: url('{BIG}')\"></div>",
    "background of a builder": f'<p title="A kiln" data-bgset="{CDN}/k.jpg 300w, {BIG} 900w"></p>',
    "background by a script, as of a style": f'<p title="A kiln" data-bg="url({BIG})"></p>',
    "background by a property": f'<p aria-label="A kiln" style="--bg:url({BIG});--h:2"></p>',
    "background by a script, later": f'<p title="A kiln" data-lazy-background="{BIG}"></p>',
    "background by a class": f"<p title='A kiln' class=\"h-9 bg-[url('{BIG}')]\"></p>",
    "an element of a theme's own": f'<lazy-image src="{BIG}" alt="A kiln"></lazy-image>',
    "one with an image": f'<fern-img src="/a"><img src="{BIG}" alt="A kiln"></fern-img>',
    "background by a script": f'<section aria-label="A kiln" data-bg="{BIG}"></section>',
}


@each_row("markup", PICTURES.values(), ids=PICTURES)
def test_pictures_have_their_real_address_and_their_words(markup):
    html = read(f"<div>{markup}</div>").html
    assert html.count("<img") == 1
    assert f'src="{BIG}"' in html
    assert 'alt="A kiln"' in html


FILMS = (
    '<lite-youtube videoid="abcdefghijk"></lite-youtube>',
    '<amp-youtube data-videoid="abcdefghijk" layout="responsive"></amp-youtube>',
    '<iframe src="about:blank" data-lazy-src="https://www.youtube.com/embed/abcdefghijk"></iframe>',
    '<amp-iframe src="https://www.youtube.com/embed/abcdefghijk"></amp-iframe>',
    '<x-media><template><iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe></template>'
    "</x-media>",
    '<p><noscript><iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe></noscript></p>',
)


def test_films_have_their_address_and_counters_none():
    for film in FILMS:
        assert 'href="https://www.youtube.com/embed/abcdefghijk"' in read(film).html, film
        shown = film.replace("<iframe ", "<iframe style='background:url(/thumb.jpg)' ")
        assert "<img" not in read(shown).html, film
    counter = '<noscript><iframe src="https://count.example/ns" height="0"></iframe></noscript>'
    assert "count.example" not in read(counter).html
    wistia = '<div class="wistia_embed wistia_async_abcdefghijk"></div>'
    instagram = '<blockquote data-instgrm-permalink="https://i.example/p/abcdefghijk"></blockquote>'
    tiktok = '<blockquote class="tiktok-embed" cite="https://t.example/v/abcdefghijk"></blockquote>'
    for film in (FILMS[0], wistia, instagram, tiktok):
        assert "abcdefghijk" in extract_post(article(film), url=URL).html


def test_an_address_with_commas_stays_whole():
    low, high = "https://img.example/w_3,h_2,c_fill/a.jpg", "https://img.example/w_6,h_4/a.jpg"
    html = read(f'<img src="data:," srcset="{low} 300w,{high} 600w" alt="A jug">').html
    assert f'src="{high}"' in html
    assert f'srcset="{low} 300w, {high} 600w"' in html


@pytest.mark.parametrize("style", ["background: none", "background:url(data:image/png;base64,xy)"])
def test_a_background_without_an_address_is_no_picture(style):
    assert "<img" not in read(f'<div style="{style}"><p>Words.</p></div>').html


def test_links_of_a_saved_page_are_relative_to_its_own_address():
    links = (
        '<p><a href="#fn1">a</a><a href="tea">b</a><a href="../notes/c">c</a><a href="?p=2">d</a>'
    )
    html = extract_post(article(BODY + links), url="https://shop.example/").html
    blog = "https://shop.example/blogs/journal"
    for address in (
        f"{URL}#fn1",
        f"{blog}/tea",
        "https://shop.example/blogs/notes/c",
        f"{URL}?p=2",
    ):
        assert f'href="{address}"' in html
