from __future__ import annotations

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import BODY, URL, article


def html_of(body: str) -> str:
    return extract_post(article(BODY + body), url=URL).html.removeprefix(
        extract_post(article(), url=URL).html
    )


@each_row(
    ("body", "kept"),
    [
        ('<p class="x" style="color:red" onclick="go()">Tea</p>', "<p>Tea</p>"),
        (
            '<p><a href="/products/tea">Tea</a></p>',
            '<p><a href="https://shop.example/products/tea">Tea</a></p>',
        ),
        (
            '<p><a href="  //cdn.example/a.pdf">Leaflet</a></p>',
            '<p><a href="https://cdn.example/a.pdf">Leaflet</a></p>',
        ),
        ('<p><a href="javascript:go()">Tea</a></p>', "<p><a>Tea</a></p>"),
        (
            (
                '<img src="data:image/gif;base64,R0" data-src="//cdn.example/a_{width}x.jpg" '
                'alt="A cup">'
            ),
            '<img src="https://cdn.example/a_1024x.jpg" alt="A cup">',
        ),
        (
            (
                '<figure><img src="/a.jpg" srcset="/a.jpg 1x, /b.jpg 2x" loading="lazy">'
                "<figcaption>A cup</figcaption></figure>"
            ),
            '<figure><img src="https://shop.example/a.jpg" srcset="https://shop.example/a.jpg 1x, '
            'https://shop.example/b.jpg 2x"'
            ' loading="lazy">'
            "<figcaption>A cup</figcaption></figure>",
        ),
        (
            '<iframe src="//video.example/embed/1"></iframe>',
            '<a href="https://video.example/embed/1" data-embed="iframe"></a>',
        ),
        (
            '<table><tr><td colspan="2">Tea</td></tr></table>',
            '<table><tbody><tr><td colspan="2">Tea</td></tr></tbody></table>',
        ),
        ("<custom-box><p>Tea</p></custom-box>", "<p>Tea</p>"),
    ],
    ids=[
        "no classes",
        "relative link",
        "link without scheme",
        "script link",
        "lazy image",
        "figure",
        "embed",
        "table",
        "unknown element",
    ],
)
def test_sanitised_html_keeps_what_the_author_made(body, kept):
    assert html_of(body) == kept


def test_a_picture_of_megabytes_changes_nothing_around_it():
    body = (
        '<p title="A pot">Tea <img src="data:image/png;base64,{0}" alt="A cup"> and'
        ' <img src="data:,{0}" data-src="/b.jpg" data-{0}> <a href="/a">a link</a></p>'
    )
    small, large = (
        extract_post(article(BODY + body.format("A" * size)), url=URL) for size in (9, 1_500_000)
    )
    assert 'alt="A cup"' in small.html
    assert large == small


def test_scripts_and_styles_leave_nothing():
    assert html_of("<script>steal()</script><style>p{}</style>") == ""


def test_an_embed_is_a_link_in_markdown_and_silent_in_text():
    post = extract_post(
        article(BODY + '<iframe src="https://video.example/embed/1"></iframe>'), url=URL
    )
    assert "https://video.example/embed/1" in post.markdown
    assert "video.example" not in post.text


def test_markdown_keeps_headings_lists_and_links():
    markdown = extract_post(
        article(BODY + '<p><a href="/products/tea">Tea</a></p>'), url=URL
    ).markdown
    assert "## Three small habits" in markdown
    assert "- Stretch\n- Write a line" in markdown
    assert "[Tea](https://shop.example/products/tea)" in markdown
