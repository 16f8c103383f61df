"""WARC and WACZ import: answers of the past become the history that they are."""

from __future__ import annotations

import gzip
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.extract import CUT
from scraper.imports.records import read_answers
from tests.conftest import Command, ThreeDays, rows
from tests.imports.test_file_evidence import PROSE, page
from tests.imports.test_file_evidence import STORE as SHOP
from tests.imports.warcs import Answer, packed

STORE = "http://hollow-fern.example"
XML = (("Content-Type", "application/xml"),)
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>'
    f"<loc>{SHOP}/blogs/news/tea</loc><lastmod>{{date}}</lastmod></url></urlset>"
)
REVISIONS = """
    SELECT posts.url, revisions.number, contents.hash, fields_hash, revisions.title,
        revisions.first_seen_at, revisions.last_seen_at
    FROM revisions JOIN posts ON posts.id = post_id JOIN contents ON contents.id = content_id
    ORDER BY posts.url, number
"""
CHANGES = """
    SELECT posts.url, kind, severity, old.number, new.number, not_before, not_after,
        changes.lastmod, witness, standing, words_added, words_removed
    FROM changes JOIN posts ON posts.id = changes.post_id
    LEFT JOIN revisions AS old ON old.id = from_revision_id
    LEFT JOIN revisions AS new ON new.id = to_revision_id
    ORDER BY posts.url, not_after, kind
"""
OBSERVATIONS = """
    SELECT posts.url, revisions.number, verdict, observations.first_seen_at,
        observations.last_seen_at, count
    FROM observations JOIN posts ON posts.id = observations.post_id
    LEFT JOIN revisions ON revisions.id = observations.revision_id
    ORDER BY posts.url, observations.id
"""
STATES = "SELECT url, state, title, author, published_at, last_seen_at FROM posts ORDER BY url"
LINKS = """
    SELECT posts.url, links.url, kind, links.first_seen_at, links.last_seen_at, gone_at
    FROM links JOIN posts ON posts.id = from_post_id WHERE kind NOT IN ('similar', 'copy')
    ORDER BY 1, 3, 2, 4
"""


@pytest.fixture(scope="module")
def exported(blogkeep: Command, three_days: ThreeDays, tmp_path_factory: pytest.TempPathFactory):
    """All answers of the demo store's three days, as our own export writes them."""
    path = tmp_path_factory.mktemp("warc") / "three-days.warc.gz"
    done = blogkeep("export", "--format", "warc", str(path), "--db", str(three_days.db))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def imported(blogkeep: Command, exported: Path, tmp_path_factory: pytest.TempPathFactory):
    """An empty archive into which that file was imported."""
    db = tmp_path_factory.mktemp("imported") / "archive.db"
    done = blogkeep("import", str(exported), "--store", STORE, "--db", str(db), alone=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return db


@pytest.mark.parametrize(
    "sql",
    [REVISIONS, CHANGES, OBSERVATIONS, STATES, LINKS],
    ids=["revisions", "changes", "observations", "states", "links"],
)
def test_our_own_export_gives_the_same_history(imported: Path, three_days: ThreeDays, sql: str):
    assert rows(imported, sql) == rows(three_days.db, sql)


STANDING = """
    SELECT posts.url, posts.first_seen_at || text FROM posts
    JOIN revisions ON revisions.id = revision_id JOIN contents ON contents.id = content_id
    WHERE state = 'live'
"""
DAYS = ("2026-03-11", "2026-04-11", "2026-05-11")
BY_MONTH = """
    SELECT substr(posts.url, instr(posts.url, '/blogs/')), kind, old.number, new.number,
        substr(not_before, 1, 7), substr(not_after, 1, 7)
    FROM changes JOIN posts ON posts.id = changes.post_id
    LEFT JOIN revisions AS old ON old.id = from_revision_id
    LEFT JOIN revisions AS new ON new.id = to_revision_id ORDER BY 1, 6, 2
"""
TEXTS = """
    SELECT substr(url, instr(url, '/blogs/')), number, text FROM revisions
    JOIN posts ON posts.id = post_id JOIN contents ON contents.id = content_id ORDER BY 1, 2
"""


def as_others_write(path: Path) -> Iterator[Answer]:
    """The answers of an export as another crawler has them: at another spelling of the address, a
    month apart, packed, with repeated bodies left out, images between them, in no order."""
    first: dict[tuple[str, bytes], str] = {}
    found, crawls = [], []
    for number, answer in enumerate(read_answers(path)):
        if answer.crawl.name not in crawls:
            crawls.append(answer.crawl.name)
        day = DAYS[crawls.index(answer.crawl.name)]
        at = f"{day}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        url = answer.url.replace(STORE, "https://www.hollow-fern.example")
        headers = tuple(
            (name, value.replace(STORE, "https://www.hollow-fern.example"))
            for name, value in answer.headers
            if name.lower() != "content-length"
        )
        body = answer.body.replace(STORE.encode(), b"https://www.hollow-fern.example")
        same_as = first.get((url, body), "") if body else ""
        first.setdefault((url, body), at)
        body = body if number % 3 else gzip.compress(body)
        coding = () if number % 3 else (("Content-Encoding", "gzip"),)
        status = f"{answer.http_status} Any"
        found.append(Answer(url, at, body, status, (*headers, *coding), same_as))
        found.append(
            Answer(f"{url}.jpg", at, b"\xff\xd8", headers=(("Content-Type", "image/jpeg"),))
        )
    random.Random(7).shuffle(found)
    yield from found


@pytest.fixture(scope="module")
def foreign(blogkeep: Command, exported: Path, tmp_path_factory: pytest.TempPathFactory):
    """An archive made from a WACZ package of those answers, imported twice; what was printed."""
    folder = tmp_path_factory.mktemp("foreign")
    with zipfile.ZipFile(folder / "old.wacz", "w") as package:
        package.writestr("archive/old.warc.gz", packed(as_others_write(exported)))
        package.writestr("datapackage.json", "{}")
    words = ("import", str(folder / "old.wacz"), "--store", "HTTPS://hollow-fern.example/blogs/")
    done = [blogkeep(*words, "--db", str(folder / "archive.db"), alone=True) for _ in range(2)]
    assert [each.returncode for each in done] == [0, 0], done[0].stderr + done[1].stderr
    return folder / "archive.db", [each.stdout for each in done]


def test_an_old_archive_becomes_months_of_history(foreign, imported: Path):
    db, _ = foreign
    assert rows(db, TEXTS) == rows(imported, TEXTS)
    ours, theirs = ([str(row[:4]) for row in rows(each, BY_MONTH)] for each in (imported, db))
    assert sorted(theirs) == sorted(ours)
    assert {row[4:] for row in rows(db, BY_MONTH)} == {
        (None, "2026-03"),
        ("2026-03", "2026-04"),
        ("2026-04", "2026-05"),
        ("2026-03", "2026-05"),
    }


def test_a_file_that_is_imported_again_says_nothing_new(foreign):
    db, printed = foreign
    assert "nothing new" in printed[1]
    assert rows(db, "SELECT count(*), max(id) FROM crawls") == [(3, 3)]


def test_one_store_by_any_spelling(foreign):
    db, _ = foreign
    assert rows(db, "SELECT origin FROM stores") == [("https://hollow-fern.example",)]
    assert rows(
        db, "SELECT count(*) FROM posts WHERE url NOT LIKE 'https://hollow-fern.example/%'"
    ) == [(0,)]


def test_a_file_is_refused_whole(blogkeep: Command, exported: Path, tmp_path: Path):
    """Damaged, without a post of the store, or with an answer of a time that is to come."""
    cut, later = tmp_path / "cut.warc.gz", tmp_path / "later.warc"
    cut.write_bytes(exported.read_bytes()[:-500])
    later.write_bytes(packed([Answer(f"{SHOP}/", "2999-01-01T00:00:00Z", b"")]))
    for file, store, reason in (
        (cut, STORE, "cut.warc.gz"),
        (exported, "https://other.example", "none to a post of https://other.example; nothing"),
        (later, SHOP, f"answer of {SHOP}/ is dated 2999-01-01T00:00:00Z, but it"),
    ):
        words = ("--store", store, "--db", str(tmp_path / "a.db"))
        done = blogkeep("import", str(file), *words)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
        assert reason in done.stderr
        assert not (tmp_path / "a.db").exists()


def test_a_page_that_was_cut_is_no_edit_though_its_date_moved(blogkeep: Command, tmp_path: Path):
    whole = page().replace("</main>", "</main><footer>Tea from nine gardens</footer>")
    cut = whole[: whole.index(PROSE) + len(PROSE) // 2] + "</p></div></body></html>"
    found = [
        answer
        for at, html in (("2026-05-11T06:00:00Z", whole), ("2026-05-13T06:00:00Z", cut))
        for answer in (
            Answer(f"{SHOP}/sitemap.xml", at, SITEMAP.format(date=at).encode(), headers=XML),
            Answer(f"{SHOP}/blogs/news/tea", at, html.encode()),
        )
    ]
    (tmp_path / "two.warc.gz").write_bytes(packed(found))
    words = ("import", str(tmp_path / "two.warc.gz"), "--store", SHOP)
    done = blogkeep(*words, "--db", str(tmp_path / "a.db"), alone=True)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "a.db", "SELECT kind FROM changes") == [("created",)]
    assert rows(tmp_path / "a.db", "SELECT crawl_id FROM captures WHERE detail = ?", CUT) == [(2,)]


def test_an_old_archive_enters_before_a_crawl(
    blogkeep: Command, exported: Path, three_days: ThreeDays, tmp_path: Path
):
    """The third day first, then all three: the days before take their places, and the store
    stands as it stood."""
    words = ("--store", STORE, "--db", str(tmp_path / "a.db"))
    for chosen in (("--crawl", "3"), ()):
        out = tmp_path / f"{len(chosen)}.warc.gz"
        blogkeep("export", "--format", "warc", *chosen, str(out), "--db", str(three_days.db))
        done = blogkeep("import", str(out), *words, alone=True)
        assert done.returncode == 0, done.stderr
    done = blogkeep("verify", "--db", str(tmp_path / "a.db"))
    assert done.returncode == 0, done.stdout
    found, whole = (dict(rows(path, STANDING)) for path in (tmp_path / "a.db", three_days.db))
    # Of posts that were gone by the third day no later file says so: the next crawl will.
    assert {url: text for url, text in found.items() if url in whole} == whole
    assert {url.rpartition("/")[2] for url in found.keys() - whole.keys()} == {
        "lemon-verbena-slush",
        "mint-cucumber-fizz",
    }


def test_a_saved_page_of_unknown_date_is_in_nobodys_way(
    blogkeep: Command, exported: Path, imported: Path, tmp_path: Path
):
    """Its import was today; the web archive's crawls are assessed all the same."""
    (tmp_path / "mint.html").write_text(page("mint"))
    for file in (tmp_path / "mint.html", exported):
        done = blogkeep("import", str(file), "--store", STORE, "--db", str(tmp_path / "a.db"))
        assert done.returncode == 0, done.stderr
    kinds = "SELECT kind, count(*) FROM changes GROUP BY 1 ORDER BY 1"
    found, expected = dict(rows(tmp_path / "a.db", kinds)), dict(rows(imported, kinds))
    assert found == {**expected, "created": int(str(expected["created"])) + 1}
    detail = "SELECT detail FROM captures WHERE verdict = 'ok' AND dated_by = 'web_archive' LIMIT 1"
    ((source,),) = rows(tmp_path / "a.db", detail)
    assert str(source).startswith("from three-days.warc.gz, imported 2")
