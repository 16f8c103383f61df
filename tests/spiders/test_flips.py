"""A store that shows two faces in turn, crawl by crawl: its language, currency, theme, images' host
or locale. Nobody edited anything."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import ANEW, Command, rows
from tests.storefront import ROBOTS, post, serving, sitemap

SUBJECTS: Final = ("kettles", "curtains", "notebooks", "bicycles", "lanterns", "blankets")
PATHS: Final = [f"/blogs/news/{subject}" for subject in SUBJECTS]
WORDS: Final = {
    "en": (
        "All about {s}",
        "<p>We tried seven {s} in one week, and wrote down what each of them did.</p>"
        "<p>Nobody paid us for a word about {s}. Two of {size} cost {price} at "
        "<a href='{locale}/products/{s}'>the shop</a>.</p>"
        "<p><img src='{host}/cdn/shop/files/{s}.jpg?width={width}'></p>",
    ),
    "fr": (
        "Tout sur les {s}",
        "<p>Nous avons essayé sept {s} en une semaine et noté ce que chacun a fait.</p>"
        "<p>Personne ne nous a payés pour un mot sur les {s}. Deux coûtent {price}.</p>",
    ),
}
THEMES: Final = (
    "<main><h1>{title}</h1><div class='rte'>{body}</div></main>",
    "<article class='article-template'><h1>{title}</h1>\n<div class='article-template__content'>"
    "{body}</div></article><footer><p>Our little shop, since 1990.</p></footer>",
)
FACE: Final[dict[str, Any]] = {
    "lang": "en",
    "price": "£24.00",
    "size": "30 cm",
    "locale": "",
    "host": "{origin}",
    "width": 400,
    "theme": 0,
}
FLIPS: Final[dict[str, dict[str, Any]]] = {
    "language": {"lang": "fr", "locale": "/fr"},
    "currency": {"price": "$31.50"},
    "currency by its code": {"price": "CHF 27.90"},
    "currency by its sign behind": {"price": "290,00 kr"},
    "units of measure": {"size": "12 inches"},
    "units of measure, two sides": {"size": "12 × 8 ½ in"},
    "theme, node and locale": {
        "theme": 1,
        "host": "https://cdn.shopify.com/s/files/1/1/2/files",
        "width": 800,
        "locale": "/en-ca",
    },
}


def written(subject: str, face: dict[str, Any]) -> tuple[str, str]:
    """Title and body of a post."""
    title, body = WORDS[face["lang"]]
    values = {**face, "s": subject}
    return title.format(**values), body.format(**values)


def page(number: int, face: dict[str, Any]) -> str:
    title, body = written(SUBJECTS[number], face)
    frame = post(PATHS[number], title, "TEXT", rid=5550 + number)
    head, _, _ = frame.replace('lang="en"', f'lang="{face["lang"]}"').partition("<main>")
    return f"{head}{THEMES[face['theme']].format(title=title, body=body)}</body></html>"


def feed(face: dict[str, Any]) -> str:
    entries = "".join(
        f"<entry><id>{path}</id><published>2026-03-01T10:00:00Z</published>"
        f"<updated>2026-03-01T10:00:00Z</updated><title>{title}</title>"
        f'<link rel="alternate" href="{{origin}}{path}"/><author><name>Sam</name></author>'
        f'<content type="html">{escape(body)}</content></entry>'
        for path, subject in zip(PATHS, SUBJECTS, strict=True)
        for title, body in [written(subject, face)]
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{entries}</feed>'


def observed_changes(db: Path) -> list[tuple[object, ...]]:
    """What was reported as the store's doing: crawl, kind, witness, number of posts."""
    return rows(
        db,
        "SELECT crawl_id, kind, witness, count(*) FROM changes "
        "WHERE kind != 'created' AND origin = 'observed' GROUP BY 1, 2, 3",
    )


TURNS: Final = [
    *[(flip, 4) for flip in FLIPS],
    *[(flip, 0) for flip in FLIPS if flip.startswith(("currency", "units"))],
]


@pytest.mark.parametrize(("flip", "feed_from"), TURNS)
def test_a_store_with_two_faces_in_turn_edits_nothing(
    crawl: Command, db_path: Path, flip: str, feed_from: int
) -> None:
    """Eight crawls; from some crawl on the feed turns with the pages."""
    with serving({"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(*PATHS)}) as store:
        for number in range(8):
            face = FACE | FLIPS[flip] if number % 2 else FACE
            store.pages |= {path: page(at, face) for at, path in enumerate(PATHS)}
            store.pages["/blogs/news.atom"] = feed(face if number >= feed_from else FACE)
            crawl(store.url, db_path, *ANEW)
    assert observed_changes(db_path) == []
    assert rows(db_path, "SELECT count(*), min(state), max(state) FROM posts") == [
        (len(PATHS), "live", "live")
    ]


def test_an_edit_that_old_and_new_nodes_show_in_turn_is_reported_once(
    crawl: Command, db_path: Path
) -> None:
    """Each node has its own pages and feed; the listings have the new date from the second crawl
    on."""
    faces = FACE, FACE | {"size": "31 cm"}
    with serving({"/robots.txt": ROBOTS}) as store:
        for number in range(6):
            face = faces[number % 2]
            store.pages |= {path: page(at, face) for at, path in enumerate(PATHS)}
            store.pages["/sitemap.xml"] = sitemap(*PATHS, day=2 if number else 1)
            store.pages["/blogs/news.atom"] = feed(face)
            crawl(store.url, db_path, *ANEW)
    assert observed_changes(db_path) == [(2, "edited", "lastmod", len(PATHS))]


def test_a_measure_that_stays_edited_is_reported_though_nothing_dates_it(
    crawl: Command, db_path: Path
) -> None:
    """In pages and feed, which a visitor's units might turn."""
    with serving({"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(*PATHS)}) as store:
        for number in range(5):
            face = FACE | {"size": "31 cm"} if number else FACE
            store.pages |= {path: page(at, face) for at, path in enumerate(PATHS)}
            store.pages["/blogs/news.atom"] = feed(face)
            crawl(store.url, db_path, *ANEW)
    assert observed_changes(db_path) == [(4, "edited", "sights", len(PATHS))]
