"""Which posts a crawl requests where only the feed says otherwise."""

from __future__ import annotations

from scraper.crawl_evidence import KnownPost
from scraper.extract import feed_claims
from scraper.items import FeedEntry
from scraper.spiders.candidates import FetchCandidate
from scraper.spiders.fetch_tasks import FetchPlan, plan_fetches

NOW, DAY = "2026-05-04T10:00:00Z", "2026-05-01T10:00:00Z"
URLS = [f"https://shop.example/blogs/news/p{number:02}" for number in range(12)]


def entry(url: str, text: str) -> FeedEntry:
    return FeedEntry(
        url=url,
        title="Tea",
        author="",
        published_at="",
        published_raw="",
        updated_at=DAY,
        updated_raw=DAY,
        summary_html="",
        content_html=f"<p>{text}</p>",
    )


def plan(edited: list[str], known: list[str] | None = None, *, sweep_days: float = 0) -> FetchPlan:
    """The plan where the feed holds only the beginnings of some posts, of which the archive knows
    some already."""
    bodies = {url: "Tea." if url in edited else "Tea, and its end." for url in URLS}
    before = {url: "Tea." if url in (known or ()) else "Tea, and its end." for url in URLS}
    return plan_fetches(
        {url: FetchCandidate(url, entry(url, bodies[url]), lastmod=DAY) for url in URLS},
        {
            url: KnownPost(
                url=url,
                article_id="1",
                state="live",
                last_seen_at=DAY,
                lastmod=DAY,
                feed_claims=feed_claims(entry(url, before[url])),
            )
            for url in URLS
        },
        now=NOW,
        sweep_days=sweep_days,
    )


def test_a_feed_that_changes_for_some_posts_has_them_fetched():
    assert [task.url for task in plan(URLS[:5]).tasks] == URLS[:5]


def test_a_feed_whose_entries_all_lose_their_ending_costs_a_few_fetches_a_crawl():
    fetched: list[str] = []
    costs = []
    for _ in range(5):
        tasks = plan(URLS, fetched).tasks
        costs.append(len(tasks))
        fetched += [task.url for task in tasks]
    assert costs == [5, 5, 2, 0, 0]
    assert fetched == URLS


def test_a_post_that_is_due_is_fetched_though_the_whole_feed_has_another_form():
    found = plan(URLS, sweep_days=1)
    assert [task.url for task in found.tasks] == URLS
    assert found.reasons == {"feed": 5, "sweep": 7}
