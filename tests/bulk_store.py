"""A synthetic store of any size, made from the demo content's sentences; the same numbers give the
same store.

`python -m tests.bulk_store POSTS PAGE_BYTES` serves one until it is ended, and prints its address.
"""

from __future__ import annotations

import random
import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import escape

from scraper.demo import DemoServer
from scraper.demo.days import FIRST_DAY_AT, Day, Operation
from scraper.demo.plain_text import plain_text
from scraper.demo.posts import DemoPost
from scraper.demo.store import CONTENT, MIXED, Catalogue, DemoStore, Filling, load_store
from tests.padding import padding

WORDS_A_POST = (600, 900)
EDITED_SENTENCE = "We wrote this sentence again on the second day."
FIRST_SENTENCE = "This post is one of many in a long row."

_SENTENCE = re.compile(r"[^.!?\n]{30,240}+[.!?](?=\s|$)")
_AUTHORS = ("Maren Oakley", "Tobias Fenn", "Ines Calder", "Ruth Amory")
_TOPICS = ("sleep", "tea", "joints", "breath", "skin", "winter", "garden", "kitchen")
_FIRST_ID = 600_000_000_000
_OLDEST = datetime(2012, 1, 1, 8, 0, tzinfo=UTC)


_UNPADDED_BYTES = 16_000
"""Size of a page without padding, measured."""


class PaddedStore(DemoStore):
    """The demo store, or another catalogue, with pages of about `page_bytes`."""

    def __init__(
        self, catalogue: Catalogue | None = None, *, theme: str = MIXED, page_bytes: int
    ) -> None:
        super().__init__(catalogue, theme=theme)
        self.page_bytes = page_bytes

    def filling(self, path: str) -> Filling:
        """Padding in a menu and scripts, a small part of it by the page's path."""
        return padding(self.page_bytes - _UNPADDED_BYTES, path)


class BulkStore(PaddedStore):
    """`posts` posts in one blog, pages of about `page_bytes`, two days: on the second,
    `edited_share` of the posts are edited.

    One theme for all, like real stores; ``mixed`` is possible.
    """

    def __init__(
        self,
        posts: int,
        *,
        page_bytes: int = 100_000,
        edited_share: float = 0.02,
        theme: str = "dawn",
        seed: int = 1,
    ) -> None:
        super().__init__(
            bulk_catalogue(posts, edited_share=edited_share, seed=seed),
            theme=theme,
            page_bytes=page_bytes,
        )


def bulk_catalogue(posts: int, *, edited_share: float = 0.02, seed: int = 1) -> Catalogue:
    """The catalogue behind a BulkStore: `posts` posts, and a second day with edits spread evenly
    over them. Raises ValueError for less than one post or a share outside 0 to 1."""
    if posts < 1 or not 0 <= edited_share <= 1:
        raise ValueError(
            "a bulk store has at least one post, and a share between 0 and 1 is edited"
        )
    shop = load_store(CONTENT).shop
    blog = shop.blogs[0]
    made = tuple(
        _post(turn, posts, blog.handle, random.Random(f"{seed}:{turn}")) for turn in range(posts)
    )
    count = round(posts * edited_share)
    edited = {turn * posts // count for turn in range(count)}
    operations = tuple(
        Operation(
            kind="edit",
            post=made[turn].name,
            what="sentence",
            old=FIRST_SENTENCE,
            new=EDITED_SENTENCE,
        )
        for turn in sorted(edited)
    )
    days = (
        Day(number=1, at=FIRST_DAY_AT),
        Day(number=2, at=FIRST_DAY_AT + timedelta(days=1), operations=operations),
    )
    return Catalogue(shop=replace(shop, blogs=(blog,)), posts=made, days=days)


def _post(turn: int, count: int, blog: str, chance: random.Random) -> DemoPost:
    handle = f"note-{turn:06d}"
    topic = chance.choice(_TOPICS)
    published = _OLDEST + (FIRST_DAY_AT - timedelta(days=2) - _OLDEST) * (turn / count)
    published = published.replace(microsecond=0)
    return DemoPost(
        article_id=_FIRST_ID + turn,
        blog=blog,
        handle=handle,
        title=f"Note {turn} on {topic}: {_title_words(chance)}",
        author=chance.choice(_AUTHORS),
        published=published,
        updated=published + timedelta(seconds=1),
        body_html=_body(turn, count, blog, chance),
        tags=(topic.capitalize(), f"Shelf {turn % 40}"),
        topic=topic,
        image=f"/cdn/shop/articles/note-{turn}.jpg?v={1_500_000_000 + turn}",
        image_alt=f"Picture of note {turn}",
    )


def _title_words(chance: random.Random) -> str:
    return " ".join(chance.choice(_sentences()).rstrip(".!?").split()[:5])


def _body(turn: int, count: int, blog: str, chance: random.Random) -> str:
    """Paragraphs with links to other posts, a heading every few, a list, a table in one post of
    four, a typed related list at the end."""
    target = chance.randint(*WORDS_A_POST)
    parts, words = [f"<p>{FIRST_SENTENCE}</p>"], 9
    while words < target:
        chosen = chance.sample(_sentences(), chance.randint(2, 5))
        text = " ".join(escape(sentence, quote=False) for sentence in chosen)
        words += len(text.split())
        if len(parts) % 5 == 2:
            url = f"/blogs/{blog}/note-{chance.randrange(count):06d}"
            text += f' <a href="{url}">Read the note on this</a>.'
        parts.append(f"<p>{text}</p>")
        if len(parts) % 4 == 3:
            parts.append(f"<h2>{escape(_title_words(chance), quote=False)}</h2>")
    parts.insert(4, _list(chance))
    if turn % 4 == 0:
        parts.insert(6, _table(chance))
    if turn % 3 == 0:
        code, share = f"NOTE{turn % 50 + 10}", turn % 4 * 5 + 5
        parts.append(f"<p>Please use code {code} at checkout to claim {share}% off your order.</p>")
    return "\n".join((*parts, _related(turn, count, blog, chance)))


def _list(chance: random.Random) -> str:
    items = "".join(
        f"<li>{escape(sentence, quote=False)}</li>" for sentence in chance.sample(_sentences(), 4)
    )
    return f"<ul>{items}</ul>"


def _table(chance: random.Random) -> str:
    rows = "".join(
        f"<tr><td>{escape(_title_words(chance), quote=False)}</td>"
        f"<td>£{chance.randint(3, 60)}.50</td></tr>"
        for _ in range(4)
    )
    return f"<table><tbody><tr><th>What</th><th>Price</th></tr>{rows}</tbody></table>"


def _related(turn: int, count: int, blog: str, chance: random.Random) -> str:
    others = sorted({chance.randrange(count) for _ in range(3)} - {turn})
    items = "".join(
        f'<li><a href="/blogs/{blog}/note-{other:06d}">Note {other}</a></li>' for other in others
    )
    if not items:
        return ""
    return f"<p>Related articles:</p><ul>{items}</ul>"


@lru_cache(maxsize=1)
def _sentences() -> Sequence[str]:
    posts = load_store(CONTENT).posts
    found = {
        sentence.strip()
        for post in posts
        for sentence in _SENTENCE.findall(plain_text(post.body_html))
    }
    # A sentence about codes or related articles would add codes and lists to the counts.
    return sorted(
        sentence
        for sentence in found
        if not re.search(r"\bcode\b|related", sentence, re.IGNORECASE)
    )


def main(arguments: Sequence[str]) -> None:
    """Serve a store of so many posts, with pages of so many bytes."""
    posts, page_bytes = map(int, arguments)
    with DemoServer(BulkStore(posts, page_bytes=page_bytes)) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
