"""Quotations planted in two stores over ten days: what every crawl could read, and so what must be
known of each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from sqlite_utils import Database

from scraper.items import Post, Verdict, Visit
from tests.archive.shop import Shop
from tests.factories import answered, at, make_post, seen

STORES: Final = ("https://shop.example", "https://fern.example")
POSTS: Final = 10  # of each store
DAYS: Final = range(1, 11)
PLANTED: Final = 100

_VOCABULARY: Final = """
    amber basil cedar clover copper cotton daisy fennel flax ginger honey indigo jasmine juniper
    kelp lavender lemon linen maple marble mint moss nettle nutmeg oat olive orchid paper parsley
    pepper pine plum poppy quartz rhubarb rose saffron sage salt sandal sesame silk slate spruce
    sugar tansy thyme tulip vanilla violet walnut willow yarrow zinc brew carry dry fold gather
    grind heat keep lift measure mix peel pour press rinse roast soak stir strain warm weigh
"""
_WORDS: Final = _VOCABULARY.split()
_MARKED: Final = ("café", "won’t", "100 %", "Dr. Fern’s", "“slow”", "half-dry", "naïve", "3.5 mg")
_KINDS: Final = ("edit", "move", "copy", "remove")
_FAILURES: Final[tuple[Verdict, ...]] = ("server_error", "challenge", "unreadable", "truncated")

Key = tuple[str, str]
"""A post: the origin of its store, and its handle."""

Fate = Verdict
"""What the address of a post answers on a day."""


class Period(NamedTuple):
    """When a post held a sentence: the brackets of its beginning and its end (UTC)."""

    not_before: str
    first_seen_at: str
    last_seen_at: str
    gone_at: str


@dataclass(frozen=True)
class Planted:
    """A quotation: the forms in which it ever stood, first its own, and what a letter makes of
    it."""

    forms: list[str]
    quoted: str


@dataclass
class Garden:
    """Two stores and their posts, changed day by day by `random`, crawled into `db`.

    `fetches` are what the crawls met at each post in order: a time, an answer, and the sentences of
    the post if it was read; `healthy` are the days of the healthy crawls of each store, `left` the
    post from which a sentence was taken last.
    """

    db: Database
    random: Random
    posts: dict[Key, list[str]] = field(default_factory=dict)
    fates: dict[tuple[Key, int], Fate] = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)
    left: dict[str, Key] = field(default_factory=dict)
    fetches: dict[Key, list[tuple[str, Fate, tuple[str, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    healthy: set[tuple[str, int]] = field(default_factory=set)

    def grow(self) -> None:
        """Plant, then change and crawl on every day."""
        self.posts = {(store, f"p{n}"): [] for store in STORES for n in range(POSTS)}
        self._choose_fates()
        for text in self.posts.values():
            text.extend(self.sentence() for _ in range(2))
        begins = [self.random.choice(DAYS[:6]) for _ in range(PLANTED)]
        quotations = [[self.sentence()] for _ in range(PLANTED)]
        for day in DAYS:
            for first, forms in zip(begins, quotations, strict=True):
                if day == first:
                    self._insert(forms[0], self._any_post())
                elif day > first and self.random.random() < 0.3:
                    self._change(forms)
            for store in STORES:
                self._crawl(store, day)
        self.planted = [Planted(forms, self._quote(forms[0])) for forms in quotations]

    def sentence(self) -> str:
        """A sentence that no other is like."""
        words = self.random.sample(_WORDS, self.random.randint(7, 12))
        if self.random.random() < 0.4:
            words.insert(3, self.random.choice(_MARKED))
        return f"{' '.join(words).capitalize()}."

    def holders(self, phrase: str) -> dict[Key, tuple[Period, ...]]:
        """The posts that were ever seen with words of a sentence, with the periods."""
        found = {key: tuple(self._periods(key, phrase)) for key in self.posts}
        return {key: periods for key, periods in found.items() if periods}

    def healthy_fetches(self) -> list[str]:
        """The times at which a healthy crawl read a post."""
        return [
            time
            for (store, _), fetches in self.fetches.items()
            for day, (time, fate, _) in enumerate(fetches, start=1)
            if fate == "ok" and (store, day) in self.healthy
        ]

    def _periods(self, key: Key, phrase: str) -> Iterator[Period]:
        before = first = last = ""
        for time, has in self._shown(key, phrase):
            if has:
                first, last = first or time, time
                continue
            if first:
                yield Period(before, first, last, time)
            before, first = time, ""
        if first:
            yield Period(before, first, last, "")

    def _shown(self, key: Key, phrase: str) -> Iterator[tuple[str, bool]]:
        """The times at which a post surely held the words, or surely did not: a page that was not
        there shows that only where a second crawl did not find it either."""
        absent: list[str] = []
        for time, fate, text in self.fetches[key]:
            if fate == "ok":
                absent = []
                yield time, any(_holds(sentence, phrase) for sentence in text)
            elif fate == "not_found":
                absent.append(time)
                if len(absent) == 2:
                    yield absent[0], False
                if len(absent) >= 2:
                    yield time, False

    def _choose_fates(self) -> None:
        """Of each store two posts are removed for good, two for some days, one is not there for one
        day, and some cannot be read on a day."""
        for store in STORES:
            handles = self.random.sample(range(POSTS), 7)
            removed = {0: (7, 11), 1: (8, 11), 2: (3, 6), 3: (5, 9), 4: (4, 5)}
            for place, days in removed.items():
                for day in range(*days):
                    self.fates[(store, f"p{handles[place]}"), day] = "not_found"
            for handle in handles[5:]:
                day = self.random.choice(DAYS[1:])
                self.fates[(store, f"p{handle}"), day] = self.random.choice(_FAILURES)

    def _any_post(self) -> Key:
        return self.random.choice(list(self.posts))

    def _insert(self, sentence: str, key: Key) -> None:
        text = self.posts[key]
        if sentence not in text:
            text.insert(self.random.randint(0, len(text)), sentence)

    def _change(self, forms: list[str]) -> None:
        """Edit, move, copy, remove or put back a quotation, in the form that it had last."""
        holders = [key for key, text in self.posts.items() if forms[-1] in text]
        if not holders:
            self._insert(forms[-1], self.left[forms[-1]])
            return
        key, kind = self.random.choice(holders), self.random.choice(_KINDS)
        text = self.posts[key]
        if kind == "edit":
            words = forms[-1].split()
            words[self.random.randint(1, 4)] = self.random.choice(_WORDS)
            forms.append(" ".join(words))
            text[text.index(forms[-2])] = forms[-1]
        if kind in {"move", "remove"}:
            text.remove(forms[-1])
            self.left[forms[-1]] = key
        if kind in {"move", "copy"}:
            self._insert(forms[-1], self._any_post())

    def _crawl(self, store: str, day: int) -> None:
        found: list[Visit] = []
        listed: list[str] = []
        for number, key in enumerate(key for key in self.posts if key[0] == store):
            post = self._post(key, number)
            fate, time = self.fates.get((key, day), "ok"), at(day, number + 1)
            text = tuple(self.posts[key]) if fate == "ok" else ()
            self.fetches[key].append((time, fate, text))
            if fate != "not_found":
                listed.append(post.url)
            lastmod = time if self.random.random() < 0.7 else ""
            is_read = fate == "ok"
            found.append(
                seen(post, time, lastmod=lastmod) if is_read else answered(post.url, time, fate)
            )
        if Shop(self.db, store).crawl(day, *found, listed=listed).health == "healthy":
            self.healthy.add((store, day))

    def _post(self, key: Key, number: int) -> Post:
        store, handle = key
        text = self.posts[key]
        paragraphs = [" ".join(text[first : first + 2]) for first in range(0, len(text), 2)]
        return make_post(
            handle,
            url=f"{store}/blogs/news/{handle}",
            article_id=str(100 * STORES.index(store) + number + 1),
            title=f"Journal {handle}",
            text="\n".join(paragraphs),
        )

    def _quote(self, sentence: str) -> str:
        """What the letter makes of a sentence: itself, without its end, or with a word left out."""
        words = sentence.rstrip(".").split(" ")
        kind = self.random.randint(0, 2)
        if kind == 0:
            return sentence
        if kind == 1:
            return " ".join(words[1:])
        return " ".join(words[:-2] + words[-1:])


def _holds(sentence: str, phrase: str) -> bool:
    phrase = phrase.strip(" .")
    return f" {phrase.casefold()} " in f" {sentence.casefold().rstrip('.')} "
