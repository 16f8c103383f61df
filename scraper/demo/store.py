"""The demo store: its posts on each day, the changes between days, and the theme of each post."""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import NamedTuple

from scraper.demo.days import Day, DemoChange, State, apply_day, compare_days, read_days
from scraper.demo.posts import ContentProblem, DemoBlog, DemoPost, read_post
from scraper.demo.themes import THEMES

CONTENT = Path(__file__).parent / "content"
MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The shop's own data; `utc_offset_s` is its offset from UTC in seconds."""

    name: str
    host: str
    myshopify_domain: str
    shop_id: int
    blogs: tuple[DemoBlog, ...]
    utc_offset_s: int = 0
    currency: str = "GBP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A shop, the first version of all its posts, and its days."""

    shop: Shop
    posts: tuple[DemoPost, ...]
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The store on one day, indexed for serving. `blogs` holds each blog's posts, newest first."""

    day: Day
    posts: tuple[DemoPost, ...]
    redirects: Mapping[str, str]
    by_path: Mapping[str, DemoPost] = field(repr=False)
    blogs: Mapping[str, tuple[DemoPost, ...]] = field(repr=False)

    def neighbours(self, post: DemoPost) -> tuple[DemoPost | None, DemoPost | None]:
        """The next older and the next newer post of the same blog."""
        row = self.blogs[post.blog]
        at = bisect_left(row, _newest_first(post), key=_newest_first)
        return (row[at + 1] if at + 1 < len(row) else None), (row[at - 1] if at else None)

    def related_posts(self, post: DemoPost, count: int) -> tuple[DemoPost, ...]:
        """Up to `count` other posts, those of the same topic and date first: the content of a
        related-posts widget."""
        row = self.blogs[post.blog]
        at = bisect_left(row, _newest_first(post), key=_newest_first)
        near = sorted(
            row[max(0, at - 60) : at + 60],
            key=lambda other: (other.topic != post.topic, abs(other.published - post.published)),
        )
        return tuple(other for other in near if other.article_id != post.article_id)[:count]


class Filling(NamedTuple):
    """Markup without words of the author's, for the head and the menu of a page."""

    head: str = ""
    menu: str = ""


class DemoStore:
    """A store with two or three days; later days equal the last.

    `theme` names one theme for every page, or is ``mixed``: each post has one of the themes, all
    other pages have the first.
    `platform` is the system that the store poses as (see `poses`).
    """

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        *,
        theme: str = MIXED,
        platform: str = "shopify",
    ) -> None:
        if theme != MIXED and theme not in THEMES:
            raise ValueError(f"no theme is called {theme}; there are {', '.join([MIXED, *THEMES])}")
        self.catalogue = catalogue or load_store(CONTENT)
        self.shop = self.catalogue.shop
        self.theme = theme
        self.platform = platform
        self._editions = _editions(self.catalogue)
        names = list(THEMES)
        births = sorted(post.article_id for post in self.catalogue.posts)
        self._theme_of = {key: names[turn % len(names)] for turn, key in enumerate(births)}

    @property
    def last_day(self) -> int:
        return len(self._editions)

    @property
    def house_theme(self) -> str:
        """The theme of all pages except posts."""
        if self.theme == MIXED:
            return next(iter(THEMES))
        return self.theme

    def theme_of(self, post: DemoPost) -> str:
        """The name of the theme that shows `post`."""
        if self.theme == MIXED:
            return self._theme_of[post.article_id]
        return self.theme

    def filling(self, path: str) -> Filling:
        """What makes the page at a path as large as a real one: nothing here, for tests to say."""
        return Filling()

    def edition(self, day: int) -> Edition:
        """The store on `day`, counted from 1."""
        if day < 1:
            raise ValueError(f"days count from 1, not {day}")
        return self._editions[min(day, self.last_day) - 1]

    def posts(self, day: int = 1) -> tuple[DemoPost, ...]:
        """Every post of the store on `day`, ordered by path."""
        return self.edition(day).posts

    def redirects(self, day: int = 1) -> Mapping[str, str]:
        """Old path -> new path of every rename up to `day`; two renames form a chain."""
        return self.edition(day).redirects

    def changes(self, day: int) -> tuple[DemoChange, ...]:
        """The changes that a crawl on `day` must report after a crawl on the day before; on day 1
        every post is created."""
        if day > self.last_day:
            return ()
        states: list[State] = [
            {post.article_id: post for post in self.posts(number)} for number in range(1, day + 1)
        ]
        return compare_days(self.edition(day).day, states)


@cache
def load_store(folder: Path) -> Catalogue:
    """The catalogue in a content folder: `store.toml`, `days.toml` and a folder of posts for each
    blog. Raises ContentProblem."""
    shop = _read_shop(folder / "store.toml")
    files = (path for blog in shop.blogs for path in sorted((folder / blog.handle).glob("*.html")))
    posts = tuple(read_post(path) for path in files)
    if not posts:
        raise ContentProblem(f"{folder.name}: there is no post")
    return Catalogue(shop=shop, posts=posts, days=read_days(folder / "days.toml"))


def _read_shop(path: Path) -> Shop:
    try:
        row = tomllib.loads(path.read_text(encoding="utf-8"))
        return Shop(**{**row, "blogs": tuple(DemoBlog(**blog) for blog in row["blogs"])})
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as problem:
        raise ContentProblem(f"{path.name}: {type(problem).__name__} {problem}") from problem


def _editions(catalogue: Catalogue) -> tuple[Edition, ...]:
    born = {post.article_id: post for post in catalogue.posts}
    states: list[State] = []
    redirects: dict[str, str] = {}
    editions = []
    for day in catalogue.days:
        posts, renamed = apply_day(day, states, born)
        states.append(posts)
        redirects = {**redirects, **renamed}
        editions.append(_edition(day, posts.values(), redirects, catalogue.shop))
    return tuple(editions)


def _edition(
    day: Day, posts: Iterable[DemoPost], redirects: Mapping[str, str], shop: Shop
) -> Edition:
    ordered = tuple(sorted(posts, key=lambda post: post.path))
    rows: defaultdict[str, list[DemoPost]] = defaultdict(
        list, {blog.handle: [] for blog in shop.blogs}
    )
    for post in ordered:
        rows[post.blog].append(post)
    blogs = {handle: tuple(sorted(row, key=_newest_first)) for handle, row in rows.items()}
    return Edition(
        day=day,
        posts=ordered,
        redirects=redirects,
        by_path={post.path: post for post in ordered},
        blogs=blogs,
    )


def _newest_first(post: DemoPost) -> tuple[float, int]:
    return -post.published.timestamp(), post.article_id


def local_time(shop: Shop, at: datetime) -> datetime:
    """`at` in the store's time zone."""
    return at.astimezone(timezone(timedelta(seconds=shop.utc_offset_s)))
