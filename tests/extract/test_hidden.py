"""What a page hides until a reader opens it is the author's, and what a theme hides is not."""

from __future__ import annotations

import pytest

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import BODY, TITLE, URL, article, page

WORDS = "Only over a low flame."
SAID = f"<p>{WORDS}</p>"
ASK = "Can it boil?"
PANELS = {
    "style": f'<h3>{ASK}</h3><div style="display:none">{SAID}</div>',
    "visibility": f'<dl><dt>{ASK}</dt><dd style="visibility: hidden">{WORDS}</dd></dl>',
    "attribute": f"<h4>{ASK}</h4><section hidden>{SAID}</section>",
    "until found": f'<h4>{ASK}</h4><div hidden="until-found">{WORDS}</div>',
    "aria": f'<div class="faq"><b>{ASK}</b><div aria-hidden="true">{SAID}</div></div>',
    "class": f'<h4>{ASK}</h4><div class="hidden">{SAID}</div>',
    "read more": f'<p>{ASK}<span id="dots">…</span><span style="display:none"> {WORDS}</span></p>',
    "button": f'<button class="accordion">{ASK}</button><div class="panel">{SAID}</div>',
    "button in a heading": f"<h3><button aria-expanded='false'>{ASK}</button></h3>{SAID}",
    "button in another language": f"<button>هل يغلي؟</button><p>{ASK} {WORDS}</p>",
    "button around a heading": f'<button class="accordion"><h3>{ASK}</h3><i></i></button>{SAID}',
    "button around a layout": f'<button class="faq"><div>{ASK}</div><i></i></button>{SAID}',
    "label around a heading": f'<label for="q" class="tab-label"><h4>{ASK}</h4></label>'
    f'<input type="checkbox" id="q">{SAID}',
    "label of a box": f'<input type="checkbox" id="q"><label for="q">{ASK}</label>{SAID}',
    "details": f"<details><summary>{ASK}</summary>{SAID}</details>",
    "tabs": f'<div role="tablist"><button role="tab">{ASK}</button><button role="tab">Can it '
    f'freeze?</button></div><div role="tabpanel" hidden>{SAID}</div>',
    "wide screens": f'<p>{ASK}</p><p class="hidden md:block">{WORDS}</p>',
    "shown for all": f'<p>{ASK}</p><p class="not-sr-only">{WORDS}</p>',
    "else for listeners": f'<p>{ASK}</p><p class="sr-only sm:not-sr-only">{WORDS}</p>',
    "wide screens, in a row": f'<p>{ASK}</p><div class="hidden lg:inline-flex">{WORDS}</div>',
    "all of the post": f'<div id="app" style="display: none;"><p>{ASK}</p>{SAID}</div>',
    "a note with the class of comments": f'<div class="comment"><p>{ASK} {WORDS}</p></div>',
    "a frame": f"<fieldset><legend>{ASK}</legend>{SAID}</fieldset>",
}


@each_row("markup", PANELS.values(), ids=PANELS)
def test_what_a_reader_opens_is_the_authors(markup):
    post = extract_post(article(BODY + markup), url=URL)
    for text in (post.text, post.markdown, post.html):
        assert "boil?" in text or "يغلي؟" in text
        assert WORDS in text


def test_a_link_of_the_authors_that_invites_to_read_stays():
    links = '<p><a href="/blogs/journal/tea">Read more</a> <a href="#">Show less</a> '
    links += '<a class="read-more" href="#recipe">Read more</a></p>'
    text = extract_post(article(BODY + links), url=URL).text
    assert text.endswith("Read more Show less Read more")


def test_a_post_that_a_script_shows_is_not_empty():
    hidden = f'<div class="recipe" style="display:none"><h2>Tea</h2>{SAID}</div>'
    assert extract_post(article(hidden), url=URL).text == f"Tea\n\n{WORDS}"


def test_declared_shadow_roots_are_shown_and_other_templates_are_not():
    body = BODY + "<template><p>Fill me in.</p></template>"
    html = f"<h1>{TITLE}</h1><post-body><template ShadowRootMode=open>{body}</template></post-body>"
    text = extract_post(page(html), url=URL).text
    assert text.startswith("Put the kettle on")
    assert text.endswith("four minutes by our clock.")


THEMES = {
    "a link that opens": '<p id="x" hidden>Tea.</p><a href="#" onclick="x()">Read more</a>',
    "a link of a script": '<p>Tea.<a href="javascript:void(0)">Weiterlesen…</a></p>',
    "a link to skip": '<a class="sr-only focus:not-sr-only" href="#main">Opens in view</a>',
    "for listeners": '<span class="sr-only">Opens in a new window</span>',
    "a button that opens": '<button aria-expanded="false">Read more</button><p>Tea.</p>',
    "a link that opens a part": '<a href="#part" data-toggle="collapse">Read more</a>',
    "said twice": '<p class="only-phone" hidden>None of them takes longer than tea.</p>'
    "<p>None of them takes longer than tea.</p>",
    "an unfilled template": '<div style="display:none"><p>{{ product.title }} for you</p></div>',
    "data of a script": '<span hidden>{"product.title": "Tea", "hue": 50}</span>',
    "a tooltip": '<div class="tooltip" aria-hidden="true">Copied to the board</div>',
    "an ornament": '<span aria-hidden="true">→</span>',
    "buttons of a shop": "<button>Add to cart</button><button type='submit'>Subscribe now</button>",
    "a form": "<form><label>Your mail</label><input type='email'><button>Join us?</button></form>",
    "readers": '<div class="comments"><h3>2 comments</h3><div class="comment"><time>4 May</time>'
    "<p>A reader says so.</p></div></div>",
    "a formula for listeners": '<span class="katex"><math><mi>m</mi></math>'
    '<span class="katex-html" aria-hidden="true">mmm</span></span>',
}
NOT_THE_AUTHORS = (
    "Opens in",
    "Read more",
    "Weiterlesen",
    "product.title",
    "Copied",
    "→",
    "cart",
    "Subscribe",
    "mail",
    "Join us",
)


@each_row("markup", THEMES.values(), ids=THEMES)
def test_what_a_theme_hides_goes(markup):
    text = extract_post(article(BODY + markup), url=URL).text
    assert not [words for words in (*NOT_THE_AUTHORS, "A reader says", "mmm") if words in text]
    assert text.count("takes longer than tea.") <= 1


FRAMED = {
    "a menu": '<button aria-expanded="false">Menu</button><ul hidden>'
    '<li><a href="/">Home page</a></li></ul>',
    "a note that nothing opens": "<p>Tea.</p><div hidden><p>We moved house.</p></div>",
    "a note before a link elsewhere": "<p>Tea.</p><div hidden><p>We moved house.</p></div>"
    '<p><a href="/pages/house">Read more</a></p>',
    "a reader between paragraphs": "<p>{0}</p><div class='comment'><p>We moved house, with our "
    "kettle.</p></div><p>{0}</p>".format("The kettle stands by the window until it boils. " * 2),
    "a note beside Read more": "<p>Tea. <a href='javascript:void(0)'>Read more</a></p>"
    "<div hidden><p>We moved house.</p></div>",
    "a reader below a heading": "<h3>1 comment</h3><div class='comment'><p>We moved house, with "
    "our kettle.</p></div><p>Nobody can write a comment below this post any more.</p>",
}


@pytest.mark.parametrize("markup", FRAMED.values(), ids=FRAMED)
def test_what_a_theme_hides_beside_the_text_goes(markup):
    html = page(f"<div><div><h1>{TITLE}</h1>{BODY}{markup}</div></div>")
    post = extract_post(html, url=URL)
    assert post.method == "density"
    assert "Home page" not in post.text
    assert "We moved" not in post.text


def test_panels_in_a_page_without_known_markup_stay():
    panel = f'<h3>Can it boil?</h3><div style="display:none">{SAID}</div>'
    panel += '<pre><code><span class="hljs-comment"># Fill it.</span></code></pre>'
    post = extract_post(page(f"<div><div><h1>{TITLE}</h1>{BODY}{panel}</div></div>"), url=URL)
    assert post.method == "density"
    assert WORDS in post.text
    assert post.text.endswith("# Fill it.")


def test_the_sign_of_a_button_is_no_text():
    button = f"<button class='accordion'>{ASK}<div class='icon'>+</div></button>{SAID}"
    text = extract_post(article(body=BODY + button), url=URL).text
    assert ASK in text
    assert "+" not in text
