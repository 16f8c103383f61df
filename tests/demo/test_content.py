"""The demo store's texts keep the promises that the server, the crawl and the extraction tests
build on."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scraper.demo.plain_text import plain_text
from scraper.demo.store import CONTENT, DemoStore
from tests.each_row import each_row

FILES = sorted(CONTENT.glob("*/*.html"))
SEED = Path(__file__).resolve().parents[2] / ".." / "shared" / "seed"
HEAD_KEYS = {
    "title",
    "author",
    "published",
    "tags",
    "topic",
    "excerpt",
    "image",
    "image_alt",
    "comments",
    "from_day",
}
VOID = {"br", "hr", "img", "meta"}
LONG = {"journal/magnesium-forms-compared", "journal/chamomile-field-visit"}
SHORT = {"journal/walk-before-you-answer"}
DEAD_LINKS = {
    1: set(),
    2: {"/blogs/journal/lavender-oil-skin"},
    3: {"/blogs/recipes/mint-cucumber-fizz"},
}
"""Addresses of posts that others still link to after the store removed them, by day."""


@dataclass(frozen=True, slots=True)
class PostFile:
    name: str
    head: dict[str, Any]
    body: str

    @property
    def hrefs(self) -> list[str]:
        return re.findall(r'href="([^"]*)"', self.body)

    @property
    def post_paths(self) -> list[str]:
        """Paths of the posts that it links to, in order, without query and fragment."""
        return [
            urlsplit(href.strip()).path
            for href in self.hrefs
            if re.match(r"\s*/blogs/[^/]+/[^/]", href)
        ]

    @property
    def typed_list(self) -> str:
        """The HTML of the related list that the author typed at the end, or nothing."""
        found = re.search(
            r"<(?:p|h3)>(?:<(?:strong|b)>)?Related (?:[^<:]+ )?[aA]rticles:.*\Z",
            self.body,
            re.DOTALL,
        )
        return found[0] if found else ""

    @property
    def typed_items(self) -> list[tuple[str, str]]:
        """Title and path (empty where it is only text) of each item of the typed list."""
        items = re.findall(r"<li>(.*?)</li>|• (.*?)(?:<br>|</p>)", self.typed_list, re.DOTALL)
        return [
            (plain_text(a or b), (re.findall(r'href="([^"]+)"', a or b) or [""])[0])
            for a, b in items
        ]

    @property
    def prose(self) -> str:
        return plain_text(self.body.removesuffix(self.typed_list))


def read(path: Path) -> PostFile:
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    return PostFile(f"{path.parent.name}/{path.stem}", tomllib.loads(head), body.strip())


POSTS = {post.name: post for post in map(read, FILES)}
CODES = tomllib.loads((CONTENT / "codes.toml").read_text(encoding="utf-8"))["code"]
DAYS = {
    day["number"]: day
    for day in tomllib.loads((CONTENT / "days.toml").read_text(encoding="utf-8"))["day"]
}
NO_CODES = {"VITAMIN", "GABA", "L4B2", "INCI", "AQUA", "GLYCERIN", "ARGANIA", "SPINOSA", "KERNEL"}
"""Every other word of four or more capitals in the posts: substances, a batch number, the name of a
nomenclature."""
TRAPS = (
    "REM",
    "ISO 22000",
    "code of practice",
    "dress code",
    "QR code",
    "postcode",
    "colour code",
    "code word",
    "no code needed",
)


def each_post(check: Callable[[PostFile], None]) -> Callable[[], None]:
    """One test of all posts, which names each post that fails: a test for each would cost more than
    the check."""

    def check_all() -> None:
        failed = []
        for name, post in POSTS.items():
            try:
                check(post)
            except AssertionError as error:
                error.add_note(name)
                failed.append(error)
        if failed:
            raise ExceptionGroup(check.__name__, failed)

    return check_all


@pytest.fixture(scope="module")
def store() -> DemoStore:
    return DemoStore()


@pytest.mark.parametrize(("blog", "least"), [("journal", 44), ("recipes", 20)])
def test_blog_is_large_enough_from_the_first_day(blog: str, least: int) -> None:
    assert (
        sum(
            post.name.startswith(f"{blog}/") and "from_day" not in post.head
            for post in POSTS.values()
        )
        >= least
    )


def test_store_holds_66_posts_on_the_first_day(store: DemoStore) -> None:
    assert len(store.posts(1)) >= 66


def test_titles_are_distinct() -> None:
    assert len({post.head["title"] for post in POSTS.values()}) == len(POSTS)


def test_dates_are_distinct() -> None:
    assert len({post.head["published"] for post in POSTS.values()}) == len(POSTS)


def test_dates_of_the_first_day_span_two_years() -> None:
    months = {
        post.head["published"].strftime("%Y-%m")
        for post in POSTS.values()
        if "from_day" not in post.head
    }
    assert (min(months), max(months), len(months)) == ("2024-03", "2026-02", 24)


def test_dates_bear_two_offsets() -> None:
    assert {post.head["published"].utcoffset().total_seconds() for post in POSTS.values()} == {
        0,
        3600,
    }


@pytest.mark.parametrize("number", DAYS)
def test_added_posts_are_younger_than_the_day_before(number: int) -> None:
    before = DAYS[number - 1]["at"] if number - 1 in DAYS else datetime(2026, 3, 2, tzinfo=UTC)
    added = [
        post.head["published"] for post in POSTS.values() if post.head.get("from_day") == number
    ]
    assert added
    assert all(before < published < DAYS[number]["at"] for published in added)


def test_topics_are_ten_or_eleven_of_six_posts_or_more() -> None:
    topics = Counter(post.head["topic"] for post in POSTS.values())
    assert len(topics) in (10, 11)
    assert min(topics.values()) >= 6


@each_post
def test_head_is_whole(post: PostFile) -> None:
    head = post.head
    assert set(head) <= HEAD_KEYS
    assert all(head[key] for key in ("title", "author", "published", "tags", "topic"))
    assert ("image" in head) == ("image_alt" in head)
    assert all(re.match(r"[^:]+: \S", comment) for comment in head.get("comments", ()))


def test_optional_parts_of_the_head_occur_often_enough() -> None:
    heads = [post.head for post in POSTS.values()]
    assert 20 <= sum("excerpt" in head for head in heads) <= len(heads) / 2
    assert sum("image" in head for head in heads) > len(heads) / 2
    assert max(len(head.get("comments", ())) for head in heads) == 7


class Balance(HTMLParser):
    """Raises AssertionError for a tag that is closed out of order, and keeps those still open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


@each_post
def test_html_is_balanced(post: PostFile) -> None:
    balance = Balance()
    balance.feed(post.body)
    balance.close()
    assert balance.open == []


@each_post
def test_length(post: PostFile) -> None:
    words = len(post.prose.split())
    low, high = (900, 1300) if post.name in LONG else (35, 50) if post.name in SHORT else (180, 450)
    assert low <= words <= high


@each_post
def test_links_to_the_store_are_relative(post: PostFile) -> None:
    for href in map(str.strip, post.hrefs):
        assert href.startswith(
            ("/blogs/", "/products/", "/collections/", "https://www.example.org/", "mailto:")
        )


@each_row("day", DEAD_LINKS)
def test_links_to_posts_resolve_but_for_the_allowed(store: DemoStore, day: int) -> None:
    live = {post.path for post in store.posts(day)}
    linked = {
        path
        for post in store.posts(day)
        for path in PostFile(post.name, {}, post.body_html).post_paths
    }
    assert {
        path for path in linked if store.redirects(day).get(path, path) not in live
    } == DEAD_LINKS[day]


def test_most_posts_link_to_other_posts_in_their_text() -> None:
    counts = [
        len(PostFile(post.name, {}, post.body.removesuffix(post.typed_list)).post_paths)
        for post in POSTS.values()
    ]
    assert max(counts) <= 6
    assert sum(count > 0 for count in counts) >= len(POSTS) * 0.75


def test_posts_of_one_blog_cite_the_other() -> None:
    assert (
        sum(
            any(path.split("/")[2] != post.name.split("/")[0] for path in post.post_paths)
            for post in POSTS.values()
        )
        >= 5
    )


def test_forty_posts_end_with_a_typed_list_of_two_to_five_items() -> None:
    lengths = [len(post.typed_items) for post in POSTS.values() if post.typed_list]
    assert len(lengths) >= 40
    assert min(lengths) >= 2
    assert max(lengths) <= 5


@each_row(
    "heading",
    [
        r"<p>Related Sleep articles:</p>\n<ul>",
        r"<p><strong>Related Tea Articles:</strong></p>\n<ul>",
        r"<p><b>Related Skin articles:</b>&nbsp;</p>\n<ul>",
        r"<h3>Related articles:</h3>\n<ul>",
        r"<p>Related Sleep articles:<br>\n• <a ",
    ],
    ids=["paragraph", "strong", "bold", "heading", "line breaks"],
)
def test_typed_list_heading_varies(heading: str) -> None:
    assert any(re.match(heading, post.typed_list) for post in POSTS.values())


@each_post
def test_typed_list_names_posts_by_their_titles(post: PostFile) -> None:
    title_at = {f"/blogs/{other.name}": other.head["title"] for other in POSTS.values()}
    for title, path in post.typed_items:
        assert title == title_at[path] if path else title in title_at.values()


def test_three_typed_lists_hold_the_post_itself() -> None:
    assert (
        sum(
            f"/blogs/{post.name}" in {path for _, path in post.typed_items}
            for post in POSTS.values()
        )
        == 3
    )


def test_two_typed_lists_hold_an_item_without_a_link() -> None:
    assert sum(any(not path for _, path in post.typed_items) for post in POSTS.values()) == 2


@each_row("row", CODES, ids=lambda row: f"{row['post']} {row['code']}")
def test_code_stands_in_its_post_beside_its_value(row: dict[str, Any]) -> None:
    prose = POSTS[row["post"]].prose
    at = prose.index(row["code"])
    around = prose[max(0, at - 130) : at + 130]
    sign = {
        "percent": "%",
        "amount": {"GBP": "£", "EUR": "€"}.get(row["currency"], "?"),
        "free_shipping": "",
        "unknown": "",
    }[row["kind"]]
    assert sign in around
    assert f"{row['value']:g}" in around or not row["value"]


def test_codes_stand_in_at_least_fourteen_posts() -> None:
    assert len({row["post"] for row in CODES}) >= 14


def test_one_code_has_no_value() -> None:
    assert any(row["kind"] == "unknown" and not row["value"] for row in CODES)


def test_no_code_is_missing_from_the_list_of_codes() -> None:
    known = {(row["post"], row["code"]) for row in CODES}
    shouted = {
        (post.name, word)
        for post in POSTS.values()
        for word in re.findall(r"\b[A-Z][A-Z0-9]{3,}(?:-\d+)?\b", post.prose)
    }
    assert {word for _, word in shouted - known} == NO_CODES


@each_row("trap", [*TRAPS, *sorted(NO_CODES)])
def test_words_that_only_look_like_codes_occur(trap: str) -> None:
    assert any(trap in post.prose for post in POSTS.values())
    assert not any(row["code"] in trap for row in CODES)


PECULIAR = {
    "a video": ("journal/evening-restorative-sequence", r"<iframe [^>]*youtube\.com/embed/"),
    "a lazy image": ("journal/bolsters-blocks-straps", r"<img [^>]*data-src="),
    "a figure": ("journal/chamomile-field-visit", r"<figure>\s*<img [^>]*alt=.*?<figcaption>"),
    "paste soup": (
        "journal/when-to-take-magnesium",
        r'<meta charset="utf-8">.*style="font-weight: 400;".*data-testid=',
    ),
    "double line breaks in a div": ("journal/gardeners-knees", r"\A<div>.*<br><br>"),
    "a nested list": ("journal/worry-window", r"<li>[^<]+<ul>\s*<li>"),
    "a leading blank in a link": ("journal/worry-window", r'href=" /blogs/journal/'),
    "code": ("recipes/seeded-oat-loaf", r"<pre><code>.*\n.*</code></pre>"),
    "a literal no-break space": ("recipes/roast-squash-soup", "\u00a0"),
    "entities": ("journal/cleaning-a-cork-mat", r"&pound;5 and"),
    "French": ("journal/tisane-du-soir", r"ce n’est pas seulement la plante"),
    "a first heading that repeats the title": (
        "journal/patch-testing",
        r"\A<h1>How to patch test a new balm</h1>",
    ),
    "words of a share block": ("journal/gratitude-lists-that-work", r"“Share this”"),
    "words of a related block": (
        "journal/reading-an-ingredient-label",
        r"under the words Related Posts,",
    ),
    "nothing but a list": (
        "journal/prompts-for-hard-days",
        r"\A<ul>(?:\s*<li>.*?</li>)+\s*</ul>\Z",
    ),
    "a link to the blog": ("journal/caffeine-free-shelf", r'href="/blogs/journal"'),
    "a link to itself": (
        "journal/shift-work-sleep",
        r'href="/blogs/journal/shift-work-sleep#dark"',
    ),
    "a target for fragments": ("journal/sleep-diary-two-weeks", r'<h2 id="four-numbers">'),
    "tracking parameters": (
        "journal/cooler-bedroom-better-sleep",
        r'href="/blogs/journal/[^"]*\?utm_source=newsletter"',
    ),
    "a mail address": ("journal/napping-without-regret", r'href="mailto:'),
    "an outside site": ("journal/shift-work-sleep", r'href="https://www\.example\.org/'),
}


@each_row(("name", "pattern"), PECULIAR.values(), ids=PECULIAR.keys())
def test_peculiar_markup_is_there(name: str, pattern: str) -> None:
    assert re.search(pattern, POSTS[name].body, re.DOTALL)


def test_tables_stand_in_five_posts_or_more() -> None:
    assert sum("<table" in post.body for post in POSTS.values()) >= 5


def test_one_sign_off_closes_several_posts() -> None:
    assert (
        sum("Sleep well, and let the kettle cool. — Maren" in post.prose for post in POSTS.values())
        >= 5
    )


class TestLookalike:
    """The post that is built like the page which the project began from."""

    post = POSTS["journal/morning-stiffness-survey"]

    def test_begins_with_the_line_on_the_code(self) -> None:
        assert self.post.prose.startswith(
            "*Scroll to the end of the article for your discount code"
        )

    def test_ends_with_the_code_and_a_pointer_to_the_chat(self) -> None:
        last = self.post.prose.split("\n\n")[-1]
        assert "Please use code FERN15 at checkout to claim 15% off" in last
        assert last.endswith("right of your screen.")

    def test_typed_list_holds_itself_between_two_others(self) -> None:
        assert self.post.typed_list.startswith("<p>Related Joint Comfort articles:</p>")
        assert [path == f"/blogs/{self.post.name}" for _, path in self.post.typed_items] == [
            False,
            True,
            False,
        ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            2,
            {
                "edit": 5,
                "retitle": 2,
                "rename": 2,
                "remove": 2,
                "touch": 1,
                "author": 1,
                "tags": 1,
                "redate": 1,
            },
        ),
        (3, {"put_back": 1, "restore": 1, "edit": 2, "upload": 1, "remove": 1}),
    ],
)
def test_day_does_what_it_promises(number: int, expected: dict[str, int]) -> None:
    assert Counter(op["kind"] for op in DAYS[number]["op"]) == expected


@pytest.mark.parametrize(
    ("number", "blogs"), [(2, ["journal", "journal", "recipes"]), (3, ["journal"])]
)
def test_posts_added_on_a_day(number: int, blogs: list[str]) -> None:
    assert [
        post.name.split("/")[0] for post in POSTS.values() if post.head.get("from_day") == number
    ] == blogs


@each_row(
    ("number", "op"),
    [(n, op) for n, day in DAYS.items() for op in day["op"] if op["kind"] == "edit"],
)
def test_snippet_to_edit_occurs_once_on_the_day_before(
    store: DemoStore, number: int, op: dict[str, Any]
) -> None:
    body = next(post.body_html for post in store.posts(number - 1) if post.name == op["post"])
    assert body.count(op["old"]) == 1
    assert op["new"] not in body


def test_second_day_edits_a_claim_a_price_a_link_and_a_list_item() -> None:
    assert {op["what"] for op in DAYS[2]["op"] if op["kind"] == "edit"} == {
        "claim",
        "price",
        "link",
        "list_item",
        "text",
    }


def test_one_post_is_renamed_and_edited_on_the_same_day(store: DemoStore) -> None:
    assert [
        change.post.name
        for change in store.changes(2)
        if {"renamed", "edited"} <= set(change.kinds)
    ] == ["journal/winter-hand-rescue"]


def test_one_post_removed_on_the_second_day_is_linked_to_and_one_is_not(store: DemoStore) -> None:
    linked = {
        path
        for post in store.posts(1)
        for path in PostFile(post.name, {}, post.body_html).post_paths
    }
    removed = {
        op["post"]: f"/blogs/{op['post']}" in linked
        for op in DAYS[2]["op"]
        if op["kind"] == "remove"
    }
    assert removed == {"journal/lavender-oil-skin": True, "recipes/lemon-verbena-slush": False}


def test_touched_post_is_no_change(store: DemoStore) -> None:
    touched = {op["post"] for op in DAYS[2]["op"] if op["kind"] == "touch"}
    assert touched
    assert touched.isdisjoint(change.post.name for change in store.changes(2))


@pytest.mark.parametrize(
    "name",
    ["journal/magnesium-and-muscle-cramps", "journal/lavender-oil-skin"],
    ids=["put back", "restored"],
)
def test_post_is_again_on_the_third_day_as_on_the_first(store: DemoStore, name: str) -> None:
    first, second, third = (
        {post.name: post.body_html for post in store.posts(day)}.get(name) for day in (1, 2, 3)
    )
    assert first == third
    assert second != first


def test_dates_stay_distinct_on_every_day(store: DemoStore) -> None:
    for day in (1, 2, 3):
        posts = store.posts(day)
        assert len({post.published for post in posts}) == len(posts)


@pytest.mark.skipif(
    not SEED.is_dir(),
    reason=(
        "needs the folder `shared` beside the checkout, which holds the page the project began from"
    ),
)
def test_nothing_is_taken_from_the_seed() -> None:
    seed = _runs_of_words(" ".join(path.read_text(encoding="utf-8") for path in SEED.glob("*.txt")))
    assert seed
    assert {
        name: shared
        for name, post in POSTS.items()
        if (shared := seed & _runs_of_words(post.prose))
    } == {}


def _runs_of_words(text: str, length: int = 10) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}
