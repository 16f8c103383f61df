"""Archives whose posts are compared, and posts to compare."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.archive.similarity.update import update_similarity
from scraper.items import Post
from tests.archive.shop import Shop
from tests.factories import at, make_post

Edges = list[tuple[str, str, str, float, str]]

TOPICS = 9
COPIES = 17  # more than `REPRESENTATIVES`


def make_posts() -> list[Post]:
    """Posts of nine topics, some of them near copies, whose terms are rare, common and between.

    Most have more similar posts than the index keeps (`DEPTH`)."""
    chance = random.Random(3)
    posts = []
    for number in range(30):
        topic = number % TOPICS
        words = [f"all{chance.randrange(12)}" for _ in range(30)]
        words += [f"some{int(250 * chance.random() ** 1.5)}" for _ in range(70)]
        words += [f"topic{topic}x{chance.randrange(20)}" for _ in range(15)]
        chance.shuffle(words)
        posts.append(similar_post(number, " ".join(words), topic))
    notice = " ".join(f"notice{number}" for number in range(80))
    copies = (f"{notice} copy{number}" for number in range(COPIES))
    return posts + [similar_post(100 + number, text, 0) for number, text in enumerate(copies)]


def similar_post(number: int, text: str, topic: int) -> Post:
    """A post with tags of its topic."""
    tags = (f"Topic {topic}", "All", f"Half {topic % 2}")
    return make_post(
        f"post-{number}", article_id=str(number + 1), text=text, tags=tags, feed_check="equal"
    )


def edited(posts: Sequence[Post], chance: random.Random) -> list[Post]:
    """The posts with the texts of others, cut short, and other tags."""
    texts = [post.text for post in posts]
    chance.shuffle(texts)
    return [
        # Many posts that change to one text are a notice, unless the feed has that text too.
        make_post(
            post.handle,
            article_id=post.article_id,
            text=text[40:],
            tags=("All",),
            feed_check="equal",
        )
        for post, text in zip(posts, texts, strict=True)
    ]


@dataclass(frozen=True)
class Copy:
    """An archive and its index as they were."""

    archive: bytes
    index: bytes
    day: int
    urls: frozenset[str]


class ComparedArchive:
    """An archive in memory with an index on the disk, crawled day by day."""

    def __init__(self, index: Path, copy: Copy | None = None) -> None:
        self.shop = Shop(Database(memory=True))
        if copy:
            self.shop.db.conn.deserialize(copy.archive)
            index.write_bytes(copy.index)
        prepare(self.shop.db)
        self.index = index
        self._day = copy.day if copy else 0
        self._urls = set(copy.urls) if copy else set()

    def copy(self) -> Copy:
        return Copy(
            self.shop.db.conn.serialize(),
            self.index.read_bytes(),
            self._day,
            frozenset(self._urls),
        )

    def crawl(self, posts: Sequence[Post], gone: Sequence[str] = ()) -> None:
        self._day += 1
        self._urls |= {post.url for post in posts}
        self.shop.crawl(self._day, *posts, gone=gone, listed=sorted(self._urls - set(gone)))

    def update(self) -> int:
        return update_similarity(self.shop.db.conn, self.index, at(self._day, 59))

    def edges(self) -> Edges:
        return sorted(
            self.shop.rows(
                """
                SELECT posts.url, target.url, kind, weight, anchor FROM links
                JOIN posts ON posts.id = from_post_id
                JOIN posts AS target ON target.id = to_post_id
                WHERE gone_at IS NULL AND kind IN ('similar', 'copy')
                """
            )
        )


def pair_posts(number: int) -> list[Post]:
    """Posts of which every two share one word that no third has: all are equally similar, so their
    addresses decide which are the nearest."""
    return [
        make_post(
            f"post-{one:02}",
            article_id=str(one + 1),
            title="",
            text=" ".join(
                f"pair{min(one, other):02}x{max(one, other):02}"
                for other in range(number)
                if other != one
            ),
            tags=(),
        )
        for one in range(number)
    ]
