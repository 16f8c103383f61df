"""Stores that do what the demo store has no reason to do: after some crawls the history reads as a
careful person would tell it."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ANEW, Command, rows
from tests.storefront import ROBOTS, Page, index, post, serving, sitemap

NUMBER = 9
WORDS = (
    "tea",
    "sleep",
    "garden",
    "winter",
    "skin",
    "lemon",
    "oats",
    "kettle",
    "honey",
    "ginger",
    "walks",
    "rain",
)
PATHS = [f"/blogs/news/p{number:02}" for number in range(NUMBER)]
NOTICE = """<!doctype html><html><head><title>Our shop</title></head>\
<body><main><h1>We are back soon</h1>
<p>Our shop is being looked after, come back in a little while please and thank you.</p>\
</main></body></html>"""


def words(number: int) -> str:
    """Words of a post that no other post says."""
    chosen = [
        (WORDS[(number + turn) % 12], WORDS[(number * turn + 3) % 12], number * turn)
        for turn in range(6)
    ]
    return " ".join(
        f"The {first} of shelf {number} goes with {second} in week {week}."
        for first, second, week in chosen
    )


def shop(*, blog: str = "news", number: int = NUMBER) -> dict[str, Page]:
    """A store of nine posts."""
    paths = [f"/blogs/{blog}/p{turn:02}" for turn in range(number)]
    posts = {path: page(path, turn) for turn, path in enumerate(paths)}
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap(*paths),
        f"/blogs/{blog}": index(*paths),
        **posts,
    }


def page(path: str, number: int) -> str:
    """The page of the post of that number, at this address."""
    return post(
        path, title=f"Post {number} on {WORDS[number]}", text=words(number), rid=700_000 + number
    )


def recorded_changes(db: Path) -> list[tuple[object, ...]]:
    """Every change but the first sights: crawl, kind, origin, number of posts."""
    sql = (
        "SELECT crawl_id, kind, origin, count(*) FROM changes WHERE kind != 'created' "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    return rows(db, sql)


def test_a_notice_at_every_address_teaches_no_template(crawl: Command, db_path: Path):
    with serving(shop()) as store:
        assert crawl(store.url, db_path).returncode == 0
        store.pages.update(dict.fromkeys(PATHS, NOTICE))
        assert [crawl(store.url, db_path, *ANEW).returncode for _ in range(2)] == [3, 3]
        store.pages.update(shop())
        done = crawl(store.url, db_path, *ANEW)
    assert done.returncode == 0, done.stdout
    assert recorded_changes(db_path) == []
    assert rows(db_path, "SELECT kind, closed_at IS NULL FROM incidents") == [("outage", 0)]


def test_two_addresses_of_one_post_are_no_rename(crawl: Command, db_path: Path):
    twin = "/blogs/news/a-twin"
    with serving(shop(number=3)) as store:
        store.pages.update({twin: page(twin, 0), "/sitemap.xml": sitemap(*PATHS[:3], twin)})
        for listed in ((*PATHS[:3], twin), (twin, *PATHS[:3]), (*PATHS[:3], twin)):
            store.pages["/sitemap.xml"] = sitemap(*listed)
            assert (
                crawl(
                    store.url, db_path, *ANEW, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1"
                ).returncode
                == 0
            )
        assert recorded_changes(db_path) == []
        assert rows(
            db_path,
            "SELECT substr(url, ?), kind FROM post_urls WHERE post_id = 1 ORDER BY id",
            len(store.url) + 1,
        ) == [
            (PATHS[0], "canonical"),
            (twin, "alias"),
        ]
        store.pages.update(
            {
                PATHS[0]: (301, "{origin}" + twin),
                "/sitemap.xml": sitemap(twin, *PATHS[1:3]),
                "/blogs/news": index(*PATHS[1:3]),
            }
        )
        assert crawl(store.url, db_path, *ANEW).returncode == 0
    assert recorded_changes(db_path) == [(4, "renamed", "observed", 1)]
    assert rows(db_path, "SELECT kind FROM post_urls WHERE post_id = 1 ORDER BY id") == [
        ("former",),
        ("canonical",),
    ]


def test_pages_of_another_store_make_no_posts_and_take_none_away(
    crawl: Command, db_path: Path
) -> None:
    paths = [f"/blogs/news/p{n}" for n in range(4)]
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap(*paths),
        "/blogs/news": post("/blogs/news").replace('"article"', '"blog"'),
        **{path: post(path, title=path, rid=5550001 + n) for n, path in enumerate(paths)},
    }
    with serving(pages) as store:
        crawl(store.url, db_path)
        known = rows(db_path, "SELECT shop_id FROM stores")
        ours = store.pages[paths[0]]
        store.pages[paths[0]] = post(
            paths[0],
            title="Somebody else's",
            text="Words of another store, and many of them.",
            rid=99,
        ).replace("77777777", "88888888")
        # Known since the crawl before, it makes no crawl incomplete any more.
        codes = [crawl(store.url, db_path, *ANEW).returncode for _ in range(2)]
        store.pages[paths[0]] = ours
        crawl(store.url, db_path, *ANEW)
    assert (known, codes) == ([("77777777",)], [3, 0])
    assert rows(
        db_path, "SELECT verdict, detail FROM captures WHERE crawl_id = 2 AND url LIKE '%/p0'"
    ) == [("unreadable", "a page of another store")]
    assert rows(db_path, "SELECT DISTINCT kind FROM changes") == [("created",)]
    assert rows(db_path, "SELECT count(*), min(state) FROM posts") == [(4, "live")]


def test_posts_that_are_listed_and_lead_home_make_a_crawl_suspicious(
    crawl: Command, db_path: Path
) -> None:
    paths = [f"/blogs/news/p{n}" for n in range(12)]
    pages: dict[str, str | tuple[int, str]] = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap(*paths),
        **{path: post(path, title=path, rid=5550001 + n) for n, path in enumerate(paths)},
    }
    with serving(pages) as store:
        assert crawl(store.url, db_path).returncode == 0
        store.pages |= dict.fromkeys(paths, (302, "/"))
        assert crawl(store.url, db_path, *ANEW).returncode == 3
    assert rows(db_path, "SELECT health, reason FROM crawls WHERE id = 2") == [
        ("suspicious", "12 of 12 posts are listed and not found")
    ]
    assert rows(db_path, "SELECT DISTINCT state FROM posts") == [("live",)]


def test_two_posts_that_swap_their_addresses_swap_the_links_to_themselves(
    crawl: Command, blogkeep: Command, db_path: Path
):
    """Each links to both addresses: to its own before, to the other's after."""
    both = [
        f'<a href="{path}">{anchor}</a>' for path, anchor in zip(PATHS, WORDS[:NUMBER], strict=True)
    ]

    def text(number: int) -> str:
        return f"{words(number)} See {both[0]}, {both[1]} and <a href='{PATHS[2]}'>more</a>."

    with serving(shop(number=3)) as store:
        for at in ((0, 1), (1, 0), (1, 0), (0, 1)):
            for number, path in zip(at, PATHS[:2], strict=True):
                title, rid = f"Post {number}", 700_000 + number
                store.pages[path] = post(path, title=title, text=text(number), rid=rid)
            crawl(store.url, db_path, *ANEW)
    assert recorded_changes(db_path) == [
        (2, "renamed", "observed", 2),
        (4, "renamed", "observed", 2),
    ]
    assert rows(
        db_path,
        "SELECT posts.title, anchor, position, count(*), sum(gone_at IS NULL) FROM links "
        "JOIN posts ON posts.id = from_post_id WHERE kind = 'inline' AND anchor != 'more' "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2",
    ) == [
        ("Post 0", "sleep", 1, 2, 1),
        ("Post 0", "tea", 0, 1, 0),
        ("Post 1", "sleep", 1, 1, 0),
        ("Post 1", "tea", 0, 2, 1),
    ]
    done = blogkeep("verify", "--db", str(db_path))
    assert done.returncode == 0, done.stdout
