"""The commands as a person types them: what they print, what they exit with, and what they leave
alone."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from scraper.demo import DemoStore
from scraper.demo.posts import DemoPost
from tests.conftest import ROOT, SHARED, Command, ThreeDays, rows
from tests.demo.authored import reading_text, related_items
from tests.storefront import post, serving

COMMANDS = ["crawl", "import", "changes", "diff", "related", "explain", "serve"]
LOOKALIKE = ROOT / "tests" / "demo" / "data" / "lookalike.txt"
SEED = SHARED / "seed" / "000_9c4856af5a8d1947.txt"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(blogkeep: Command, command: str) -> None:
    done = blogkeep(command, "--help")
    assert done.returncode == 0
    assert f"example: blogkeep {command}" in done.stdout


def test_the_second_crawl_prints_the_days_changes(three_days: ThreeDays) -> None:
    printed = three_days.printed[1]
    for change in DemoStore().changes(2):
        after = change.after or change.before
        assert after is not None
        assert after.title in printed
    assert "[-£64.00-] {+£69.00+}" in printed
    assert "missing: removed unless a later crawl" in printed


def test_a_claim_put_back_is_reported_as_a_revert(three_days: ThreeDays) -> None:
    reverts = rows(three_days.db, "SELECT crawl_id, kind FROM changes WHERE is_revert")
    assert reverts == [(3, "edited")]
    assert "reverted to an earlier revision" in three_days.printed[2]


def test_a_post_gone_on_two_crawls_is_removed_with_its_bracket(three_days: ThreeDays) -> None:
    sql = """
        SELECT handle,
            not_before = (SELECT max(last_seen_at) FROM observations
                WHERE verdict = 'ok' AND post_id = posts.id),
            not_after = (SELECT min(first_seen_at) FROM observations
                WHERE verdict = 'not_found' AND post_id = posts.id)
        FROM changes JOIN posts ON posts.id = post_id WHERE kind = 'removed'
    """
    assert rows(three_days.db, sql) == [("lemon-verbena-slush", 1, 1)]


def test_changes_prints_what_the_crawl_printed(blogkeep: Command, three_days: ThreeDays) -> None:
    done = blogkeep("changes", "--crawl", "2", "--db", str(three_days.db))
    assert done.returncode == 0
    told = done.stdout.split("\n", 1)[1]
    assert told.strip() in three_days.printed[1]


def test_changes_as_json_are_the_changes(blogkeep: Command, three_days: ThreeDays) -> None:
    done = blogkeep("changes", "--json", "--db", str(three_days.db))
    told = json.loads(done.stdout)
    assert told["crawl"]["id"] == 3
    assert (
        len(told["changes"])
        == rows(three_days.db, "SELECT count(*) FROM changes WHERE crawl_id = 3")[0][0]
    )
    assert [missing["url"].rpartition("/")[2] for missing in told["missing"]] == [
        "mint-cucumber-fizz"
    ]


def test_changes_of_a_span(blogkeep: Command, three_days: ThreeDays) -> None:
    words = ("--since", "2000-01-01", "--until", "9999-12-31")
    done = blogkeep("changes", *words, "--json", "--db", str(three_days.db))
    assert (
        len(json.loads(done.stdout)["changes"])
        == rows(three_days.db, "SELECT count(*) FROM changes WHERE crawl_id > 1")[0][0]
    )
    done = blogkeep("changes", "--until", "2000-01-01", "--json", "--db", str(three_days.db))
    assert json.loads(done.stdout)["changes"] == []


def test_diff_shows_the_words(blogkeep: Command, three_days: ThreeDays) -> None:
    done = blogkeep(
        "diff", "journal/magnesium-and-muscle-cramps", "1", "2", "--db", str(three_days.db)
    )
    assert "[-stops-] {+may ease+} night cramps" in done.stdout
    assert "\nsoftened: stops → may ease night cramps\n" in done.stdout


def test_diff_without_numbers_compares_the_last_two_states(
    blogkeep: Command, three_days: ThreeDays
) -> None:
    done = blogkeep("diff", "magnesium-and-muscle-cramps", "--json", "--db", str(three_days.db))
    told = json.loads(done.stdout)
    assert (told["old"]["number"], told["new"]["number"]) == (2, 1)


def test_related_shows_the_typed_list_in_its_order(
    blogkeep: Command, three_days: ThreeDays
) -> None:
    (teapot,) = [post for post in DemoStore().posts(3) if post.path == "/blogs/journal/teapot-care"]
    done = blogkeep(
        "related",
        "journal/teapot-care",
        "--kind",
        "related_list",
        "--json",
        "--db",
        str(three_days.db),
    )
    out = [edge for edge in json.loads(done.stdout)["edges"] if edge["direction"] == "out"]
    assert [edge["anchor"] for edge in out] == [item.title for item in related_items(teapot)]
    assert all(edge["resolved"] for edge in out)


BAD = [
    pytest.param(["changes", "--db", "{tmp}/none.db"], 1, "no archive at", id="no archive"),
    pytest.param(
        ["changes", "--db", "{tmp}/notes.txt"], 1, "is not an SQLite database", id="not a database"
    ),
    pytest.param(
        ["changes", "--db", "{tmp}/other.db"],
        1,
        "a database of something else",
        id="another database",
    ),
    pytest.param(
        ["changes", "--db", "{tmp}/newer.db"],
        1,
        "written by a newer Blogkeep",
        id="a newer archive",
    ),
    pytest.param(
        ["changes", "--since", "yesterday", "--db", "{tmp}/good.db"],
        2,
        "is not a day",
        id="no date",
    ),
    pytest.param(
        ["changes", "--crawl", "99", "--db", "{tmp}/good.db"], 1, "no crawl 99", id="no such crawl"
    ),
    pytest.param(
        ["changes", "--store", "nobody", "--db", "{tmp}/good.db"],
        1,
        "no store 'nobody'",
        id="no such store",
    ),
    pytest.param(
        ["diff", "nothing-like-it", "--db", "{tmp}/good.db"],
        1,
        "no post matches",
        id="no such post",
    ),
    pytest.param(
        ["diff", "teapot-care", "1", "9", "--db", "{tmp}/good.db"],
        1,
        "has no revision 9",
        id="no such revision",
    ),
    pytest.param(
        ["diff", "bolsters-blocks-straps", "--db", "{tmp}/good.db"],
        1,
        "one revision only",
        id="nothing to compare",
    ),
    pytest.param(["diff", "--db", "{tmp}/good.db"], 2, "give a post", id="diff of nothing"),
    pytest.param(["related", "--db", "{tmp}/good.db"], 2, "give one post", id="related to nothing"),
    pytest.param(
        ["import", "{tmp}/none.html", "--store", "https://shop.example", "--db", "{tmp}/new.db"],
        1,
        "no such file",
        id="no such file",
    ),
    pytest.param(
        ["import", "{tmp}/notes.txt", "--db", "{tmp}/new.db"],
        2,
        "--store",
        id="import for no store",
    ),
    pytest.param(
        ["import", "{tmp}/notes.txt", "--store", "not a url", "--db", "{tmp}/new.db"],
        2,
        "not the address of a store",
        id="import for nonsense",
    ),
    pytest.param(
        ["import", "{tmp}/page.html", "--store", "https://shop.example", "--db", "{tmp}/new.db"],
        1,
        "nothing was imported",
        id="no post in it",
    ),
    pytest.param(
        ["crawl", "blog", "-a", "store=nonsense", "--db", "{tmp}/new.db"],
        2,
        "not the address of a store",
        id="crawl of nonsense",
    ),
    pytest.param(
        ["crawl", "blog", "--db", "{tmp}/new.db"], 2, "no address given", id="crawl of nothing"
    ),
    pytest.param(
        ["crawl", "--db", "{tmp}/new.db"], 2, "give one store, such as", id="crawl without a spider"
    ),
    pytest.param(
        ["crawl", "blog", "-a", "store=demo", "--db", "{tmp}/other.db"],
        1,
        "a database of something else",
        id="crawl into another database",
    ),
    pytest.param(
        [
            "crawl",
            "blog",
            "-a",
            "store=http://127.0.0.1:9",
            "-s",
            "RETRY_TIMES=0",
            "--db",
            "{tmp}/new.db",
        ],
        1,
        "nothing was archived",
        id="crawl of nobody",
    ),
    pytest.param(["serve", "--db", "{tmp}/none.db"], 1, "no archive at", id="serve nothing"),
    pytest.param(["changes", "--crawl", str(2**63)], 2, "is not a number", id="crawl beyond any"),
    pytest.param(["diff", "1", "1", str(2**63)], 2, "two numbers", id="revision beyond any"),
    pytest.param(["diff", "1", "1", "²"], 2, "two numbers", id="no number of a revision"),
]


@pytest.fixture
def files(tmp_path: Path, three_days: ThreeDays) -> Path:
    shutil.copy(three_days.db, tmp_path / "good.db")
    shutil.copy(three_days.db, tmp_path / "newer.db")
    with sqlite3.connect(tmp_path / "newer.db") as newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('blogkeep', 'm999_future', '')"
        )
    newer.close()
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE recipes (id INTEGER)")
    other.close()
    (tmp_path / "notes.txt").write_text(
        "Some notes of mine, which are no database and no post.\n" * 3
    )
    (tmp_path / "page.html").write_text(
        "<html><body><p>A page of something else altogether.</p></body></html>"
    )
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the two that SQLite keeps beside a good archive while it is read."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name not in {"good.db-shm", "good.db-wal"}
    }


@pytest.mark.parametrize(("words", "exit_code", "message"), BAD)
def test_bad_input_is_one_clear_line_and_nothing_written(
    blogkeep: Command, files: Path, words: list[str], exit_code: int, message: str
) -> None:
    before = contents(files)
    done = blogkeep(*(word.replace("{tmp}", str(files)) for word in words))
    assert done.returncode == exit_code
    assert message in done.stderr
    told = [line for line in done.stderr.splitlines() if "] INFO:" not in line]
    assert len(told) == (2 if "page.html" in str(words) else 1), done.stderr
    assert "Traceback" not in done.stderr
    assert contents(files) == before


def test_a_site_without_a_blog_is_no_store_and_leaves_nothing(
    crawl: Command, db_path: Path
) -> None:
    home = (
        "<html><body><h1>A site of quite another kind</h1><p>It has words but no blog.</p></body>"
        "</html>"
    )
    with serving({"/robots.txt": "User-agent: *\n", "/": home}) as store:
        done = crawl(store.url, db_path)
    assert done.returncode == 1
    assert "is it a store with a blog?" in done.stderr
    assert not db_path.exists()


def dumped_post() -> DemoPost:
    """The demo post that `lookalike.txt` is a dump of."""
    return next(
        post
        for post in DemoStore().posts(1)
        if post.path == "/blogs/journal/morning-stiffness-survey"
    )


def test_a_text_dump_gives_its_post(blogkeep: Command, db_path: Path) -> None:
    done = blogkeep(
        "import", str(LOOKALIKE), "--store", "https://hollow-fern.example", "--db", str(db_path)
    )
    assert done.returncode == 0, done.stderr
    post_of_demo = dumped_post()
    assert rows(db_path, "SELECT title, author, published_at, url FROM posts") == [
        (post_of_demo.title, post_of_demo.author, "", "")
    ]
    ((text,),) = rows(db_path, "SELECT text FROM contents")
    assert re.findall(r"\w+", str(text)) == re.findall(r"\w+", reading_text(post_of_demo))
    assert rows(db_path, "SELECT code, kind, value FROM discount_codes") == [
        ("FERN15", "percent", 15.0)
    ]
    listed = [
        item.title for item in related_items(post_of_demo) if item.title != post_of_demo.title
    ]
    assert [
        anchor
        for (anchor,) in rows(
            db_path, "SELECT anchor FROM links WHERE kind = 'related_list' ORDER BY position"
        )
    ] == listed
    ((selves,),) = rows(db_path, "SELECT self_links FROM revisions")
    assert [link["anchor"] for link in json.loads(str(selves))] == [post_of_demo.title]
    assert rows(db_path, "SELECT origin FROM revisions") == [("imported",)]


@pytest.mark.skipif(
    not SEED.exists(), reason="the seed page is not beside the checkout (../shared/seed)"
)
def test_the_seed_gives_its_post(blogkeep: Command, db_path: Path) -> None:
    done = blogkeep("import", str(SEED), "--store", "https://seed.example", "--db", str(db_path))
    assert done.returncode == 0, done.stderr
    ((title, author, published),) = rows(db_path, "SELECT title, author, published_at FROM posts")
    assert (str(title)[:36], author, published) == (
        "Study Reveals That Fibromyalgia is P",
        "Lewis Olden",
        "",
    )
    ((text,),) = rows(db_path, "SELECT text FROM contents")
    assert str(text).startswith("*Scroll down to the bottom")
    assert str(text).endswith("left hand side of your screen.")
    assert str(title) not in str(text)
    boilerplate = {
        "Product Title",
        "Go to product",
        "Select variant",
        "Select size",
        "Related Posts",
    }
    assert not boilerplate & {line.strip() for line in str(text).splitlines()}
    for phrase in (
        "limited support for your browser",
        "place where the product description",
        "Posted by",
        "Older Post",
        "Newer Post",
    ):
        assert phrase not in str(text)
    assert rows(db_path, "SELECT code, kind, value FROM discount_codes") == [
        ("BLOG15", "percent", 15.0)
    ]
    anchors = [
        str(anchor)[:20]
        for (anchor,) in rows(db_path, "SELECT anchor FROM links ORDER BY position")
    ]
    assert anchors == ["Fibromyalgia: Gettin", "Alta Flora & Cannaca"]
    ((selves,),) = rows(db_path, "SELECT self_links FROM revisions")
    assert [link["anchor"] for link in json.loads(str(selves))] == [title]


def test_a_dumped_post_learns_its_address_and_its_list_resolves_by_title(
    blogkeep: Command, db_path: Path
) -> None:
    blogkeep(
        "import", str(LOOKALIKE), "--store", "http://hollow-fern.example", "--db", str(db_path)
    )
    assert rows(db_path, "SELECT count(*) FROM links WHERE to_post_id IS NOT NULL") == [(0,)]
    assert blogkeep("crawl", "blog", "-a", "store=demo", "--db", str(db_path)).returncode == 0
    title = dumped_post().title
    of_post = "FROM posts JOIN blogs ON blogs.id = blog_id WHERE posts.title = ?"
    assert rows(db_path, f"SELECT posts.handle, blogs.handle {of_post}", title) == [
        ("morning-stiffness-survey", "journal")
    ]
    unresolved = (
        "FROM links JOIN posts ON posts.id = from_post_id "
        "WHERE posts.title = ? AND to_post_id IS NULL AND kind = 'related_list'"
    )
    assert rows(db_path, f"SELECT anchor {unresolved}", title) == []


def test_saved_pages_are_imported_from_a_folder(
    blogkeep: Command, tmp_path: Path, db_path: Path
) -> None:
    import gzip  # noqa: PLC0415

    folder = tmp_path / "saved" / "deeper"
    folder.mkdir(parents=True)
    for number in (1, 2):
        page = post(f"/blogs/news/p{number}", title=f"Post {number}", rid=5550000 + number).replace(
            "{origin}", "https://shop.example"
        )
        (folder / f"{number}.html.gz").write_bytes(gzip.compress(page.encode()))
    done = blogkeep(
        "import",
        str(tmp_path / "saved"),
        "--store",
        "https://shop.example",
        "--db",
        str(db_path),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"] == {"new": 2}
    assert rows(db_path, "SELECT url, article_id FROM posts ORDER BY id") == [
        ("https://shop.example/blogs/news/p1", "5550001"),
        ("https://shop.example/blogs/news/p2", "5550002"),
    ]
    blogkeep(
        "import", str(tmp_path / "saved"), "--store", "https://shop.example", "--db", str(db_path)
    )
    assert rows(db_path, "SELECT count(*) FROM revisions") == [(2,)]


def test_a_page_of_another_store_is_refused_and_reported(
    blogkeep: Command, tmp_path: Path, db_path: Path
) -> None:
    for number, origin in ((1, "https://shop.example"), (2, "https://other.example")):
        page = post(f"/blogs/news/p{number}", rid=5550000 + number).replace("{origin}", origin)
        (tmp_path / f"{number}.html").write_text(page)
    done = blogkeep(
        "import",
        str(tmp_path / "1.html"),
        str(tmp_path / "2.html"),
        "--store",
        "https://shop.example",
        "--db",
        str(db_path),
    )
    assert done.returncode == 3
    assert "a post of another store" in done.stderr
    assert rows(db_path, "SELECT url FROM posts") == [("https://shop.example/blogs/news/p1",)]


@pytest.mark.skipif(
    not (SHARED / "pages").exists(),
    reason="the real pages are not beside the checkout (../shared/pages)",
)
def test_every_saved_page_of_real_stores_is_a_post_of_its_own(
    blogkeep: Command, tmp_path: Path
) -> None:
    manifest = json.loads((SHARED / "pages" / "manifest.json").read_text(encoding="utf-8"))
    stores = sorted({entry["store"] for entry in manifest if entry["kind"] == "article"})[::4]
    for store in stores:
        pages = [
            entry for entry in manifest if entry["kind"] == "article" and entry["store"] == store
        ]
        files = [str(SHARED / "pages" / page["file"]) for page in pages]
        db = tmp_path / f"{store}.db"
        done = blogkeep("import", *files, "--store", f"https://{store}", "--db", str(db))
        assert done.returncode == 0, done.stderr
        urls = {page["url"].rstrip("/") for page in pages}  # among them a translation
        assert len(rows(db, "SELECT id FROM posts")) == len(urls), store
