"""`blogkeep explain`: saved pages, addresses and posts, what is told of them, and that nothing is
archived."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from scraper.commands import explain
from scraper.demo import DemoServer, DemoStore, Fault
from scraper.demo.pages import article_page
from scraper.demo.views import Site
from scraper.extract.page.annotated_html import SIGNATURE
from tests.conftest import QUICK, Command, ThreeDays, rows
from tests.extract.pages import BODY, URL, article
from tests.storefront import ROBOTS, post, serving

TEAPOT = "/blogs/journal/teapot-care"
DUMP = Path(__file__).resolve().parents[1] / "demo" / "data" / "lookalike.txt"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(DemoStore()) as running:
        yield running


@pytest.fixture
def saved(server: DemoServer, tmp_path: Path) -> Path:
    """A page of the demo store as somebody saved it."""
    path = tmp_path / "teapot.html.gz"
    with urlopen(server.url + TEAPOT) as answer:
        path.write_bytes(gzip.compress(answer.read()))
    return path


def blocks(printed: str) -> list[tuple[str, str]]:
    """The marks and rules of the lines of blocks."""
    return re.findall(r"^ ([+-])  (\w+)", printed, re.M)


def test_a_saved_page_is_explained_block_by_block(blogkeep: Command, saved: Path) -> None:
    done = blogkeep("explain", str(saved))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Looking after a cast-iron teapot\n")
    assert re.search(
        r"author +Tobias Finch +jsonld.*\n +Tobias Finch +byline +Published by Tobias Finch",
        done.stdout,
    )
    assert re.search(
        r"published_at +2025-09-23T10:50:00Z +jsonld_local +2025-09-23T11:50:00Z", done.stdout
    )
    assert "(rich_text), 90% sure" in done.stdout
    told = blocks(done.stdout)
    assert [rule for _, rule in told if rule in ("body", "tags", "share", "pager")] == [
        "body"
    ] * 11 + ["tags", "share", "pager"]
    assert {rule for mark, rule in told if mark == "+"} == {"body"}


def test_runs_of_the_frame_are_joined_unless_all_are_asked_for(
    blogkeep: Command, saved: Path
) -> None:
    joined, every = (
        blogkeep("explain", str(saved)).stdout,
        blogkeep("explain", str(saved), "--all").stdout,
    )
    assert " ×" not in every.partition("blocks:")[2]
    runs = re.findall(r"^ [+-]  \w+(?: × (\d+))?", joined, re.M)
    count = int(re.findall(r"^(\d+) blocks", every, re.M)[0])
    assert sum(int(run or 1) for run in runs) == len(blocks(every)) == count > len(runs)


def test_json_holds_every_block_with_reason_and_evidence(blogkeep: Command, saved: Path) -> None:
    told = json.loads(blogkeep("explain", str(saved), "--json").stdout)
    assert (told["title"], told["method"], told["confidence"]) == (
        "Looking after a cast-iron teapot",
        "rich_text",
        0.9,
    )
    assert {reading["field"] for reading in told["readings"]} >= {"title", "author", "published_at"}
    assert {
        (block["rule"], block["reason"], block["learned_from"]) for block in told["blocks"]
    } >= {
        ("body", "what the author wrote", "markup"),
        ("share", "buttons to share the page", "rules"),
    }


def test_a_text_dump_is_explained_line_by_line(blogkeep: Command, tmp_path: Path) -> None:
    done = blogkeep("explain", str(DUMP), "--html", str(tmp_path / "out.html"))
    assert done.returncode == 0, done.stderr
    assert re.search(r"^ \+  body +lines +line 21 ", done.stdout, re.M)
    assert re.search(r"^ -  pager +rules +line 47 ", done.stdout, re.M)
    assert "FERN15" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_what_the_archive_learned_of_a_store_is_used_and_shown(
    blogkeep: Command, tmp_path: Path
) -> None:
    store = DemoStore(theme="dawn")
    site = Site(store=store, day=1, authority="hollow-fern.example")
    pages = [tmp_path / f"{number}.html" for number in range(6)]
    for page, demo_post in zip(pages, store.posts(1), strict=False):
        page.write_text(article_page(site, demo_post), encoding="utf-8")
    db = tmp_path / "archive.db"
    assert (
        blogkeep(
            "import", *map(str, pages), "--store", "http://hollow-fern.example", "--db", str(db)
        ).returncode
        == 0
    )
    told = json.loads(blogkeep("explain", str(pages[0]), "--json", "--db", str(db)).stdout)
    alone = json.loads(
        blogkeep("explain", str(pages[0]), "--json", "--db", str(tmp_path / "none.db")).stdout
    )
    assert (told["method"], alone["method"], alone["template"]) == ("template", "microdata", "")
    assert {
        block["learned_from"].partition(",")[0] for block in told["blocks"] if block["kept"]
    } == {"template"}
    assert [block["text"] for block in told["blocks"] if block["kept"]] == [
        block["text"] for block in alone["blocks"] if block["kept"]
    ]
    assert (
        "read with what the archive has learned"
        in blogkeep("explain", str(pages[0]), "--db", str(db)).stdout
    )


def test_an_address_is_asked_for_once_and_politely(
    blogkeep: Command, server: DemoServer, tmp_path: Path
) -> None:
    server.requests.clear()
    done = blogkeep("explain", server.url + TEAPOT, "--db", str(tmp_path / "none.db"), alone=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1] == f"{server.url}{TEAPOT}  (fetched now)"
    assert [request.path for request in server.requests] == ["/robots.txt", TEAPOT]
    assert all(request.headers["user-agent"].startswith("Blogkeep/") for request in server.requests)
    assert list(tmp_path.iterdir()) == []


def test_a_post_is_read_as_it_was_captured_last_without_a_network(
    blogkeep: Command, server: DemoServer, three_days: ThreeDays
) -> None:
    before = three_days.db.read_bytes()
    ((seen,),) = rows(three_days.db, "SELECT last_seen_at FROM posts WHERE handle = 'teapot-care'")
    # Whoever asked would ask the demo store, which notes it.
    server.requests.clear()
    words = [
        "explain",
        "journal/teapot-care",
        "--db",
        str(three_days.db),
        "-s",
        f"ARCHIVE_PROXY={server.url}",
    ]
    done = blogkeep(*words, alone=True)
    assert (done.returncode, done.stderr) == (0, "")
    told = (
        f"http://hollow-fern.example{TEAPOT}  (hollow-fern.example: journal/teapot-care, as "
        f"captured {seen}"
    )
    assert done.stdout.splitlines()[1].startswith(told)
    assert ("+", "body") in blocks(done.stdout)
    # As the store had it on its last day, and not as it has it now.
    assert re.search(r"author +Gwen Ashdown", done.stdout)
    assert list(server.requests) == []
    assert three_days.db.read_bytes() == before


def test_an_imported_dump_is_read_as_it_was_handed_over(blogkeep: Command, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    assert (
        blogkeep(
            "import", str(DUMP), "--store", "http://hollow-fern.example", "--db", str(db)
        ).returncode
        == 0
    )
    ((number,),) = rows(db, "SELECT id FROM posts")
    done = blogkeep("explain", str(number), "--db", str(db))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^ \+  body +lines +line 21 ", done.stdout, re.M)


def test_a_post_whose_captures_are_not_at_hand_is_fetched_anew(
    blogkeep: Command, server: DemoServer, three_days: ThreeDays, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    shutil.copy(three_days.db, db)
    before = db.read_bytes()
    words = [
        "explain",
        "journal/teapot-care",
        "--db",
        str(db),
        "-s",
        f"ARCHIVE_PROXY={server.url}",
        "-s",
        "ARCHIVE_RATE=0",
    ]
    done = blogkeep(*words, alone=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "http://hollow-fern.example/blogs/journal/teapot-care  (hollow-fern.example: "
        "journal/teapot-care, fetched now" in done.stdout
    )
    assert ("+", "body") in blocks(done.stdout)
    assert db.read_bytes() == before


FAULTS = [
    pytest.param(
        Fault(kind="challenge"), 3, "asks for proof of being human (challenge, ", id="challenge"
    ),
    pytest.param(
        Fault(kind="rate_limited", retry_after="1"),
        3,
        "is refused for now (rate_limited, HTTP 429",
        id="rate limited",
    ),
    pytest.param(
        Fault(kind="password"),
        1,
        "is behind the store's password (password_page, ",
        id="password",
    ),
    pytest.param(Fault(kind="gone"), 1, "is gone (gone, HTTP 410)", id="gone"),
    pytest.param(
        Fault(kind="redirect_off"),
        1,
        "redirects to another site (redirected_off, http://elsewhere.example/",
        id="off the store",
    ),
    pytest.param(Fault(kind="truncated"), 1, "arrived incomplete (truncated, ", id="truncated"),
    pytest.param(Fault(kind="drop"), 1, "did not answer (network_error, ", id="dropped"),
]


@pytest.mark.parametrize(("fault", "exit_code", "message"), FAULTS)
def test_what_is_no_page_is_reported_in_one_line(
    blogkeep: Command, demo: DemoServer, fault: Fault, exit_code: int, message: str
) -> None:
    demo.fault(
        Fault(**{name: getattr(fault, name) for name in fault.__slots__} | {"path": "/blogs/*"})
    )
    done = blogkeep("explain", demo.url + TEAPOT, *QUICK, alone=True)
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert done.stderr.startswith(f"blogkeep: {demo.url}{TEAPOT} {message}")
    assert done.stderr.count("\n") == 1
    if exit_code == 3:
        assert [request.path for request in demo.requests] == ["/robots.txt", TEAPOT]


def test_robots_txt_is_obeyed(blogkeep: Command) -> None:
    with serving(
        {
            "/robots.txt": "User-agent: *\nDisallow: /blogs/secret/\n",
            "/blogs/secret/a": post("/blogs/secret/a"),
        }
    ) as store:
        done = blogkeep("explain", f"{store.url}/blogs/secret/a", alone=True)
        assert store.paths == ["/robots.txt"]
    assert (done.returncode, done.stderr) == (
        1,
        f"blogkeep: {store.url}/blogs/secret/a: robots.txt forbids it\n",
    )


def test_nothing_is_asked_for_where_robots_txt_cannot_be_had(blogkeep: Command) -> None:
    with serving({"/robots.txt": (500, "sorry"), "/blogs/news/a": post("/blogs/news/a")}) as store:
        done = blogkeep("explain", f"{store.url}/blogs/news/a", *QUICK, alone=True)
        assert set(store.paths) == {"/robots.txt"}
    assert (done.returncode, done.stderr) == (
        1,
        (
            f"blogkeep: {store.url}/robots.txt fails on the store's server (server_error, HTTP "
            "500)\n"
        ),
    )


def test_redirects_within_the_store_are_followed(blogkeep: Command) -> None:
    pages = {
        "/robots.txt": ROBOTS,
        "/blogs/news/old": (301, "/blogs/news/new"),
        "/blogs/news/new": post("/blogs/news/new"),
    }
    with serving(pages) as store:
        done = blogkeep("explain", f"{store.url}/blogs/news/old", "--json", alone=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["url"] == f"{store.url}/blogs/news/new"


def test_the_coloured_page_replaces_its_like_and_nothing_else(
    blogkeep: Command, saved: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.html"
    out.write_text(SIGNATURE)
    earlier = out.stat().st_ino
    done = blogkeep("explain", str(saved), "--html", str(out))
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout
    assert out.stat().st_ino != earlier  # written beside it, so that a full disk leaves it whole
    assert out.read_text(encoding="utf-8").startswith(SIGNATURE)
    out.write_text("a page of somebody else")
    done = blogkeep("explain", str(saved), "--html", str(out))
    assert (done.returncode, done.stdout) == (1, "")
    assert "was not written by explain" in done.stderr
    assert out.read_text() == "a page of somebody else"


def test_what_a_store_wrote_cannot_run_in_a_terminal(blogkeep: Command, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        post(
            "/blogs/news/a",
            title="A \x1b[31mred\u202e title",
            text="Words enough for a post, \x1b]0;and\x07 then a few more of them.",
        )
    )
    done = blogkeep("explain", str(path))
    assert done.returncode == 0, done.stderr
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", done.stdout)


def test_a_page_whose_own_address_is_none_is_explained_beside_an_archive_too(
    blogkeep: Command, three_days: ThreeDays, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        post("/blogs/news/a", text="Words enough for a post, and then a few more of them.")
    )
    assert "{origin}" in path.read_text()
    for db in (tmp_path / "none.db", three_days.db):
        done = blogkeep("explain", str(path), "--db", str(db))
        assert (done.returncode, done.stderr) == (0, "")


BAD = [
    pytest.param([], 2, "give one address, saved page, text dump or post", id="nothing"),
    pytest.param(["a", "b"], 2, "give one address", id="two"),
    pytest.param(["ftp://shop.example/a"], 2, "is not the address of a store", id="no web address"),
    pytest.param(["{tmp}/none.html"], 1, "no such file", id="no such file"),
    pytest.param(["{tmp}/empty.html"], 1, "is empty", id="empty file"),
    pytest.param(["{tmp}/data.html"], 1, "is no HTML page", id="no HTML"),
    pytest.param(["{tmp}/silent.html"], 1, "shows no words", id="no words"),
    pytest.param(["{tmp}/menu.html"], 1, "no post could be extracted: no_prose", id="no post"),
    pytest.param(["{tmp}/broken.html.gz"], 1, "cannot be read", id="broken archive"),
    pytest.param(["{tmp}/binary.txt"], 1, "is no plain text", id="no text"),
    pytest.param(["{tmp}/notes.md"], 1, "neither a saved page", id="another kind of file"),
    pytest.param(["{tmp}"], 1, "is a folder", id="folder"),
    pytest.param(["teapot-care", "--db", "{tmp}/none.db"], 1, "no archive at", id="no archive"),
    pytest.param(["nothing-like-it", "--db", "{db}"], 1, "no post matches", id="no such post"),
    pytest.param(
        ["{tmp}/menu.html", "--html", "{tmp}"],
        1,
        "was not written by explain",
        id="output is a folder",
    ),
    pytest.param(
        [str(DUMP), "--html", "{tmp}/none/out.html"], 1, "cannot be written", id="output nowhere"
    ),
]


@pytest.mark.parametrize(("words", "exit_code", "message"), BAD)
def test_bad_input_is_one_clear_line(
    blogkeep: Command,
    tmp_path: Path,
    three_days: ThreeDays,
    words: list[str],
    exit_code: int,
    message: str,
) -> None:
    files = {
        "empty.html": b" \n",
        "data.html": b'{"a": 1}',
        "silent.html": b"<html><body><script>fill()</script></body></html>",
        "menu.html": b"<html><body><nav>Home, shop and journal of the store</nav></body></html>",
        "broken.html.gz": b"not packed",
        "binary.txt": b"a\0b",
        "notes.md": b"# Notes",
    }
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    done = blogkeep(
        "explain",
        *(
            word.replace("{tmp}", str(tmp_path)).replace("{db}", str(three_days.db))
            for word in words
        ),
    )
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert message in done.stderr
    assert done.stderr.startswith("blogkeep: ")
    assert done.stderr.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == set(files)


def test_the_coloured_page_is_read_in_the_charset_of_its_header() -> None:
    text = "Ромашка и мята: чай на вечер, от которого легче уснуть."
    page = article(f"<p>{text}</p>" + BODY).replace('<meta charset="utf-8">', "")
    body = page.encode("windows-1251", "xmlcharrefreplace")
    source = explain.Source(name="a page", note="", body=body, url=URL, charset="windows-1251")
    post = explain._extract(source, None)
    assert text in post.text
    assert text in explain._annotated(source, post)
