"""Posts, comments and blogs of the demo store, and the file format of a post."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FENCE = "+++"
_ID_FLOOR = 560_000_000_000


class ContentProblem(Exception):
    """Raised by the loader for an invalid post or day; correct the file that the message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBlog:
    """A blog of the demo store; `blog_id` is derived from its handle."""

    handle: str
    title: str

    @property
    def blog_id(self) -> int:
        return stable_id(f"blog:{self.handle}")


@dataclass(frozen=True, slots=True)
class DemoComment:
    """A reader's comment under a post."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPost:
    """A post on one day.

    `article_id` is derived from the first blog and handle of the post, so it survives a rename.
    `published` and `updated` have an offset; `updated` is the sitemap's lastmod. `image` is a path
    of the store or empty. `topic` is for tests, never served.
    """

    article_id: int
    blog: str
    handle: str
    title: str
    author: str
    published: datetime
    updated: datetime
    body_html: str
    tags: tuple[str, ...] = ()
    topic: str = ""
    excerpt: str = ""
    image: str = ""
    image_alt: str = ""
    comments: tuple[DemoComment, ...] = ()
    from_day: int = 1

    @property
    def path(self) -> str:
        return f"/blogs/{self.blog}/{self.handle}"

    @property
    def name(self) -> str:
        """The post as `days.toml` names it: ``blog/handle``."""
        return f"{self.blog}/{self.handle}"


def stable_id(key: str) -> int:
    """A number of twelve digits, like Shopify's ids, that depends only on the key."""
    return _ID_FLOOR + int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")


def read_post(path: Path) -> DemoPost:
    """The post in a content file; blog and handle are the folder's and the file's name. Raises
    ContentProblem."""
    head, body = _split_file(path)
    try:
        return _post_from(head, body, blog=path.parent.name, handle=path.stem)
    except (KeyError, TypeError, ValueError) as problem:
        raise ContentProblem(
            f"{path.parent.name}/{path.name}: {type(problem).__name__} {problem}"
        ) from problem


def _split_file(path: Path) -> tuple[dict[str, Any], str]:
    parts = path.read_text(encoding="utf-8").split(f"{FENCE}\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ContentProblem(f"{path.name}: a post begins with a head between two lines of {FENCE}")
    try:
        return tomllib.loads(parts[1]), parts[2].strip()
    except tomllib.TOMLDecodeError as problem:
        raise ContentProblem(f"{path.name}: {problem}") from problem


def _post_from(head: dict[str, Any], body: str, *, blog: str, handle: str) -> DemoPost:
    published: datetime = head["published"]
    if published.tzinfo is None:
        raise ValueError("published needs an offset")
    return DemoPost(
        article_id=stable_id(f"{blog}/{handle}"),
        blog=blog,
        handle=handle,
        title=head["title"],
        author=head["author"],
        published=published,
        # Shopify stamps an untouched post one second after it was published
        # (docs/explanation/shopify.md, 3.3).
        updated=published + timedelta(seconds=1),
        body_html=body,
        tags=tuple(head.get("tags", ())),
        topic=head.get("topic", ""),
        excerpt=head.get("excerpt", ""),
        image=head.get("image", ""),
        image_alt=head.get("image_alt", ""),
        comments=tuple(_comment(line) for line in head.get("comments", ())),
        from_day=head.get("from_day", 1),
    )


def _comment(line: str) -> DemoComment:
    name, _, text = line.partition(": ")
    if not text:
        return DemoComment("Anonymous", name)
    return DemoComment(name, text)
