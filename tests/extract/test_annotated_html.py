"""The coloured page: what is green is what the archive keeps, and nothing of a hostile page comes
along but its text."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.demo import THEMES
from scraper.exceptions import ExtractionError
from scraper.extract import extract_post, extract_text_dump
from scraper.extract.body.removal_rules import RULES
from scraper.extract.page.annotated_html import SIGNATURE, annotate_dump, annotate_page
from scraper.extract.page.rule_sources import METHODS
from scraper.extract.page.text import letters_only
from scraper.items import Post
from tests.conftest import FURTHER, Sample
from tests.each_row import each_row
from tests.extract.pages import BODY, URL, article, demo_pages, extracted

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
DUMP = Path(__file__).resolve().parents[1] / "demo" / "data" / "lookalike.txt"
OURS = re.compile(r"</?(?:div|span|main)\b|<br>")


def green(html: str) -> str:
    """The letters whose nearest block is kept, pictures left out."""
    tree = LexborHTMLParser(html)
    for node in tree.css(".x"):
        node.decompose()
    main = tree.css_first("main")
    texts = [node for node in main.traverse(include_text=True) if node.is_text_node]
    return letters_only("".join(node.text() for node in texts if is_green(node)))


def is_green(node: LexborNode) -> bool:
    while (node := node.parent) is not None:
        classes = (node.attributes.get("class") or "").split()
        if "k" in classes or "r" in classes:
            return "k" in classes
    return False


def body_letters(post: Post) -> str:
    return letters_only(LexborHTMLParser(post.html).body.text(separator=" "))


def explained(html: str | bytes) -> tuple[Post, str]:
    post = extract_post(html, url=URL, explain=True)
    return post, annotate_page(html, post)


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_green_is_what_the_archive_keeps(theme, sample: Sample):
    wrong = []
    for demo_page in sample(demo_pages(theme), 7, list(THEMES).index(theme)):
        post = extracted(demo_page)
        if green(annotate_page(demo_page.html, post)) != body_letters(post):
            wrong.append(demo_page.post.path)
    assert wrong == []


@pytest.mark.skipif(
    not (SHARED / "pages" / "manifest.json").is_file(),
    reason="the shared pages are not beside the checkout",
)
def test_real_pages_are_coloured_whole_and_in_our_own_elements_only(sample: Sample):
    manifest = json.loads((SHARED / "pages" / "manifest.json").read_text(encoding="utf-8"))
    pages = [entry for entry in manifest if entry["kind"] == "article"][::6]
    for entry in sample(pages, 5):
        post, html = explained(gzip.decompress((SHARED / "pages" / entry["file"]).read_bytes()))
        body = html.partition("<main>")[2]
        assert post.method in METHODS
        assert {block.rule for block in post.blocks} <= set(RULES)
        assert (
            body.count(' style="--h:')
            == len({block.place for block in post.blocks})
            == len(post.blocks)
        ), entry["file"]
        assert green(html) == body_letters(post), entry["file"]
        assert re.findall(
            r"<[^>]*", OURS.sub("", re.sub(r'(?:title|class|style|id|data-rule)="[^"]*"', "", body))
        ) == ["</body", "</html"]


HOSTILE = {
    "script": "<script>document.title='HIT'</script>",
    "handler": '<p onclick="HIT" onmouseover=HIT>A line of text.</p>',
    "link": '<a href="javascript:HIT">Read on</a>',
    "image": (
        '<img src="https://evil.example/HIT.gif?x" alt="&quot;><script>x</script>" onerror="HIT">'
    ),
    "frame": '<iframe src="https://evil.example/HIT" srcdoc="<script>HIT</script>"></iframe>',
    "base": (
        '<base href="https://evil.example/"><meta http-equiv="refresh" '
        'content="0;url=//evil.example">'
    ),
    "style": (
        '<p style="background:url(//evil.example)">Styled.</p><style>'
        '@import "//evil.example";</style>'
    ),
    "names": """<p class='"><script>HIT</script>' id='"><img/src=x>'>Named.</p>""",
    "foreign": (
        "<svg><style><img src=x onerror=HIT></style></svg><math><mtext><table><mglyph><style>"
        "<img src=x></style></table></math>"
    ),
    "form": (
        '<form action="//evil.example"><input autofocus onfocus=HIT>'
        '<button formaction="//evil.example">Go</button></form>'
    ),
    "plaintext": (
        "<xmp><script>HIT</script></xmp><noscript><p title='</noscript><script>HIT</script>'>"
        "</noscript>"
    ),
    "text": "<p>&lt;script&gt;HIT&lt;/script&gt;</p>",
    "ours": '<div class="k r z" data-rule="body" id="kept" style="--h:1">A forged block.</div>',
    "end": "</main></body></html><script>HIT</script>",
}


@each_row("hostile", HOSTILE.values(), ids=HOSTILE)
@each_row("place", ["inside", "outside"])
def test_nothing_of_a_page_comes_along_but_its_text(hostile, place):
    _, html = explained(
        article(BODY + hostile) if place == "inside" else article(BODY, after=hostile)
    )
    assert html.startswith(SIGNATURE)
    assert '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'' in html
    tree = LexborHTMLParser(html)
    main = tree.css_first("main")
    assert {node.tag for node in main.traverse(include_text=False) if node.is_element_node} <= {
        "main",
        "div",
        "span",
        "br",
    }
    assert {name for node in main.css("*") for name in node.attributes} <= {
        "class",
        "style",
        "title",
        "id",
        "data-rule",
    }
    assert all(
        re.fullmatch(r"--h:\d+;--s:\d+%", node.attributes["style"]) for node in main.css("[style]")
    )
    assert len(tree.css("script,img,iframe,base,link,object,embed,svg,form,main ~ *")) == 0
    assert {node.attributes.get("href") for node in tree.css("a")} == {"#kept"}
    assert len(tree.css("#kept")) == 1


@settings(max_examples=60)
@given(junk=st.text(alphabet="<>/\"'=& abdiv script\x00\ud83d", max_size=60))
def test_any_page_is_coloured(junk):
    with suppress(ExtractionError):
        post, html = explained(article(BODY + junk))
        assert html.count(' style="--h:') >= len(post.blocks)
        assert "<script" not in html


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param("div", marks=FURTHER),
        "b",
        "theme-box",
        pytest.param("table><tr><td", marks=FURTHER),
    ],
)
def test_markup_nested_deeper_than_any_stack_is_coloured(tag):
    words = "<p>A sentence at the very bottom of it all.</p>" * 50  # fewer were next to no text
    _, html = explained(article(BODY + f"<{tag}>" * 9_000 + words))
    assert "at the very bottom" in html


def test_a_dump_is_coloured_line_by_line():
    text = DUMP.read_text(encoding="utf-8")
    post = extract_text_dump(text)
    html = annotate_dump(text, post)
    assert green(html) == letters_only(
        "".join(text.splitlines()[block.place] for block in post.blocks if block.kept)
    )
    assert html.count('data-rule="pager"') == 1


def test_every_rule_names_its_reason_and_evidence():
    post, html = explained(article(BODY))
    for rule in {block.rule for block in post.blocks}:
        assert RULES[rule].replace("'", "&#x27;") in html
    assert "learned from: markup" in html
