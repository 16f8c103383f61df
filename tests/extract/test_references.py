"""Twenty-five real pages, read by hand: each alone, and with the blog's own feed where that is
saved and still holds the post."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from scraper.extract import extract_post
from scraper.extract.fields.dates import parse_written_date
from scraper.items import PAGERS, FeedEntry, Post
from scraper.shopify.feeds import parse_feed
from scraper.shopify.urls import canonical_post_url
from tests.each_row import each_row

PAGES = Path(__file__).resolve().parents[2] / ".." / "shared" / "pages"
pytestmark = pytest.mark.skipif(
    not PAGES.is_dir(), reason="the shared pages are not beside the checkout"
)

# Where page and reference disagree, by store and question; each stays so until somebody looks at it
# again.
_FALSE_ZULU = (
    "its time element marks the store's time with a Z, and nothing else on the page says so"
)
_SUMMER_TIME = (
    "the page tells the offset of the day of its download, which summer time moved by an hour"
)
_OWN_TAGS = "the reference has no tags"
UNEQUAL = {
    ("free-healthy-hobbies.myshopify.com", "moment"): _FALSE_ZULU,
    ("toplcup.com", "moment"): _SUMMER_TIME,
    ("www.thecollagen.co", "moment"): _SUMMER_TIME,
    (
        "justfunky.com",
        "tags",
    ): f"{_OWN_TAGS}; the page lists 28 under Categories, others on each post",
    ("moddys-watches.com", "tags"): f"{_OWN_TAGS}; the header links one",
    ("toplcup.com", "tags"): f"{_OWN_TAGS}; structured data has two",
    ("www.thecollagen.co", "tags"): "the reference has those of the cards below the post too",
}


def references() -> list[Path]:
    return sorted(PAGES.glob("*/*.ref.json"))


def cases(question: str, files: list[Path]) -> list[object]:
    """The references as parameters, those that are known to disagree marked so."""
    found = []
    for file in files:
        reason = UNEQUAL.get((file.parent.name, question), "")
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        found.append(pytest.param(file, id=file.parent.name, marks=marks))
    return found


@cache
def reference_of(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


@cache
def post_of(file: Path, entry: FeedEntry | None = None) -> Post:
    reference = reference_of(file)
    return extract_post(
        gzip.decompress((PAGES / f"{reference['file']}.gz").read_bytes()),
        url=reference["url"],
        feed_entry=entry,
    )


@cache
def entry_of(file: Path) -> FeedEntry | None:
    """Return the post's entry of the saved feeds of its store."""
    address = canonical_post_url(reference_of(file)["url"], "")
    for page in json.loads((PAGES / "manifest.json").read_text(encoding="utf-8")):
        if page["kind"] == "atom" and page["store"] == file.parent.name:
            for entry in parse_feed(
                gzip.decompress((PAGES / page["file"]).read_bytes()), page["url"]
            ).entries:
                if canonical_post_url(entry.url, "") == address:
                    return entry
    return None


def in_feeds() -> list[Path]:
    return [file for file in references() if entry_of(file) is not None]


def in_utc(stamp: str) -> str:
    return (
        datetime.fromisoformat(stamp)
        .astimezone(UTC)
        .replace(tzinfo=None)
        .isoformat(timespec="minutes")
    )


def addresses(post: Post, *kinds: str) -> set[str]:
    return {link.url for link in post.links if link.kind in kinds}


def raws(post: Post, field: str, *sources: str) -> set[str]:
    return {
        reading.raw
        for reading in post.readings
        if reading.field == field and reading.source in sources
    }


@each_row("file", cases("title", references()))
def test_title(file):
    assert post_of(file).title == reference_of(file)["title"]


@each_row("file", cases("author", references()))
def test_author_as_shown(file):
    """Where no author is shown, structured data may still name the one of the feed."""
    shown, in_feed = reference_of(file)["author"], reference_of(file)["atom_author"]
    author = post_of(file).author
    assert author == shown if shown else author in ("", in_feed)


@each_row("file", cases("sources", references()))
def test_dates_by_source(file):
    """What each source says stands among the readings, as it was written."""
    reference, post = reference_of(file), post_of(file)
    spoken = {reading.value for reading in post.readings if reading.field == "published_at"}
    if reference["time_datetime"]:
        assert reference["time_datetime"] in raws(post, "published_at", "time")
    assert set(reference["jsonld_datePublished"]) <= raws(
        post, "published_at", "jsonld", "jsonld_local"
    )
    shown = parse_written_date(reference["published_shown"] or "").value
    assert not shown or shown in spoken


@each_row("file", cases("day", references()))
def test_day(file):
    """The day in the store or in UTC; none where no source on the page has one."""
    reference, post = reference_of(file), post_of(file)
    days = {reference["published"][:10], in_utc(reference["published"])[:10]}
    dated = (
        reference["published_shown"]
        or reference["time_datetime"]
        or reference["jsonld_datePublished"]
    )
    assert post.published_at[:10] in days if dated else post.published_at[:10] in {"", *days}


@pytest.mark.parametrize("file", cases("moment", references()))
def test_moment(file):
    """To the minute, where the page has a time of day."""
    moment = post_of(file).published_at
    assert len(moment) <= len("2026-05-04") or moment[:16] == in_utc(
        reference_of(file)["published"]
    )


@pytest.mark.parametrize("file", cases("tags", references()))
def test_tags(file):
    assert set(post_of(file).tags) == set(reference_of(file)["tags"])


@each_row("file", cases("links", references()))
def test_links_in_the_body(file):
    assert addresses(post_of(file), "inline") == {
        link["url"].rstrip("/") for link in reference_of(file)["body_links_to_posts"]
    }


@each_row("file", cases("pagers", references()))
def test_older_and_newer(file):
    """Return the links to the posts before and after; where only the words Older and Newer tell,
    with the right direction."""
    reference, post = reference_of(file), post_of(file)
    named = {link["url"] for link in reference["nav_links"]}
    assert addresses(post, *PAGERS) == named or not named
    assert addresses(post, "older") <= {reference["older_url"]}
    assert addresses(post, "newer") <= {reference["newer_url"]}


@each_row("file", cases("related", references()))
def test_related_posts(file):
    assert set(reference_of(file)["related_post_urls"]) <= addresses(
        post_of(file), "related_widget", "related_list"
    )


@each_row("file", cases("forbidden", references()))
def test_no_forbidden_string(file):
    post = post_of(file)
    assert [
        string
        for string in reference_of(file)["must_not_appear"]
        if string in post.text or string in post.markdown
    ] == []


@each_row("file", cases("feed", in_feeds()))
def test_with_the_feed(file):
    """The feed's author and times are taken, and what the page shows stays a reading; the body does
    not change."""
    reference, alone, post = reference_of(file), post_of(file), post_of(file, entry_of(file))
    assert (post.title, post.author) == (
        reference["atom_check"]["atom_title"] or reference["title"],
        reference["atom_author"],
    )
    assert (post.published_at[:16], post.modified_at[:16]) == (
        in_utc(reference["published"]),
        in_utc(reference["atom_updated"]),
    )
    assert {reading for reading in alone.readings if reading.value} <= set(post.readings)
    assert (post.text, post.tags, post.links) == (alone.text, alone.tags, alone.links)
