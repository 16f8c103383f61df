"""`blogkeep import --wayback`: what another archive has becomes history at its own times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.exceptions import WaybackUnavailable
from scraper.wayback import cdx, download
from scraper.wayback.client import Client, Manners
from scraper.wayback.download import read_rows
from tests.conftest import Command, rows
from tests.each_row import each_row
from tests.imports.warcs import Answer
from tests.storefront import index, post
from tests.wayback.double import Wayback, serving_captures

SHOP = "http://old-shop.example"
KETTLE, TEA = "/blogs/news/the-kettle", "/blogs/news/the-tea"
CURES = "Our tea cures a cold in two days, as every regular of the shop will tell you at length."
HELPS = "Our tea may help with a cold, as every regular of the shop will tell you at length."


def capture(path: str, at: str, body: str = "", status: str = "200 OK", **more: object) -> Answer:
    page = body.replace("{origin}", SHOP).encode()
    return Answer(SHOP + path, f"{at}T08:00:00Z", page, status, **more)  # type: ignore[arg-type]


KETTLE_PAGE = post(KETTLE, title="The kettle", rid=4401)
CAPTURES = [
    capture("/blogs/news", "2015-03-01", index(KETTLE, TEA)),
    capture(KETTLE, "2015-03-02", KETTLE_PAGE),
    capture(KETTLE, "2018-03-02", KETTLE_PAGE),
    capture(TEA, "2015-03-02", post(TEA, title="The tea", text=CURES, rid=4402)),
    *(
        capture(TEA, day, post(TEA, title="The tea", text=HELPS, rid=4402))
        for day in ("2017-06-01", "2017-09-01", "2018-01-01")
    ),
    capture(TEA, "2019-01-01", status="404 Not Found"),
    capture(
        "/blogs/news/tea",
        "2014-01-01",
        status="301 Moved Permanently",
        headers=(("Location", SHOP + TEA),),
    ),
    capture("/products/tea", "2015-03-02", "<html>a product</html>"),
    capture("/blogs/news/tagged/tea", "2015-03-02", "<html>a list</html>"),
]
PERIODS = """
    SELECT posts.handle, revisions.number, observations.first_seen_at, observations.last_seen_at
    FROM observations JOIN posts ON posts.id = observations.post_id
    LEFT JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.verdict = 'ok' ORDER BY 1, 3
"""


@pytest.fixture
def wayback(integration: None) -> Iterator[Wayback]:
    """The captures of a store that is gone."""
    with serving_captures(CAPTURES) as server:
        yield server


@pytest.fixture
def words(wayback: Wayback, db_path: Path) -> list[str]:
    """The command that imports them, with quick refusals."""
    options = {
        "ARCHIVE_WAYBACK_URL": wayback.url,
        "ARCHIVE_BACKOFF_FIRST": "0.01",
        "ARCHIVE_BACKOFF_TRIES": "1",
    }
    settings = [word for name, value in options.items() for word in ("-s", f"{name}={value}")]
    return ["import", "--wayback", SHOP, "--db", str(db_path), *settings]


def test_captures_become_history_at_their_own_times(
    blogkeep: Command, wayback: Wayback, words: list[str], db_path: Path
):
    done = blogkeep(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(db_path, PERIODS) == [
        ("the-kettle", 1, "2015-03-02T08:00:00Z", "2018-03-02T08:00:00Z"),
        ("the-tea", 1, "2015-03-02T08:00:00Z", "2015-03-02T08:00:00Z"),
        ("the-tea", 2, "2017-06-01T08:00:00Z", "2018-01-01T08:00:00Z"),
    ]
    assert rows(
        db_path, "SELECT kind, not_before, not_after, origin FROM changes WHERE kind = 'edited'"
    ) == [("edited", "2015-03-02T08:00:00Z", "2017-06-01T08:00:00Z", "imported")]
    assert blogkeep("verify", "--db", str(db_path)).returncode == 0
    # Neither a product, nor a body that an earlier capture had, is asked for.
    assert not [path for path in wayback.fetched if "products" in path]
    assert [path for path in wayback.fetched if path.endswith(KETTLE)] == [
        f"/web/20150302080000id_/{SHOP}{KETTLE}"
    ]


def test_a_second_import_asks_for_the_index_alone(
    blogkeep: Command, wayback: Wayback, words: list[str], db_path: Path
):
    blogkeep(*words)
    before, asked = rows(db_path, PERIODS), len(wayback.fetched)
    done = blogkeep(*words)
    assert (done.returncode, len(wayback.fetched)) == (0, asked)
    assert "0 downloaded now" in done.stdout
    assert rows(db_path, PERIODS) == before


def test_a_download_that_breaks_off_goes_on_where_it_was(
    blogkeep: Command, wayback: Wayback, words: list[str], db_path: Path
):
    wayback.busy_from = 3
    done = blogkeep(*words)
    assert (done.returncode, done.stderr.count("\n"), db_path.exists()) == (3, 1, False)
    assert "does not answer: status 503" in done.stderr
    (file,) = (db_path.parent / "wayback").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 3])  # as a killed run leaves a record
    had, wayback.busy_from = set(wayback.fetched[:2]), None
    wayback.paths.clear()
    assert blogkeep(*words).returncode == 0
    assert not had & set(wayback.fetched)
    assert len(rows(db_path, PERIODS)) == 3


def test_a_capture_that_only_the_index_has_holds_up_no_other(
    blogkeep: Command, wayback: Wayback, words: list[str], db_path: Path
):
    wayback.lost = {SHOP + KETTLE}
    done = blogkeep(*words)
    assert done.returncode == 3
    assert "7 of 9 captures" in done.stdout
    assert [row[0] for row in rows(db_path, PERIODS)] == ["the-tea", "the-tea"]


def test_a_longer_wait_than_ours_is_not_cut_short(
    blogkeep: Command, wayback: Wayback, words: list[str]
):
    wayback.busy_from, wayback.retry_after = 0, "3600"
    done = blogkeep(*words)
    assert (done.returncode, len(wayback.paths)) == (3, 1)
    assert "asks to wait 3600 s" in done.stderr


def test_days_and_a_path_narrow_it_down(blogkeep: Command, wayback: Wayback, words: list[str]):
    words[2] = SHOP + "/blogs/news/the"
    assert blogkeep(*words, "--from", "2016-01-01", "--to", "2017-12-31").returncode == 0
    assert wayback.fetched == [f"/web/20170601080000id_/{SHOP}{TEA}"]


def test_a_body_that_was_captured_before_the_days_asked_for_is_fetched(
    blogkeep: Command, wayback: Wayback, words: list[str], db_path: Path
):
    assert blogkeep(*words, "--from", "2018-01-01", "--to", "2018-12-31").returncode == 0
    assert [row[0] for row in rows(db_path, PERIODS)] == ["the-kettle", "the-tea"]


def test_days_go_with_the_wayback_machine_alone(blogkeep: Command, words: list[str]):
    done = blogkeep("import", __file__, "--store", SHOP, "--from", "2018-01-01", *words[3:])
    assert (done.returncode, "--from and --to go with --wayback" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(("--from", "soon"), "--from: 'soon'", id="no day"),
        pytest.param(("--from", "2030-01-01"), "the Wayback Machine has no page", id="nothing"),
    ],
)
def test_what_cannot_be_imported_is_one_line(
    blogkeep: Command, words: list[str], more: tuple[str, ...], message: str
):
    done = blogkeep(*words, *more)
    assert (done.returncode > 0, done.stderr.count("\n")) == (True, 1)
    assert message in done.stderr


def test_an_index_is_read_page_after_page(wayback: Wayback, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cdx, "ROWS_AT_ONCE", 2)
    manners = Manners(user_agent="test", interval_s=0, first_s=0, longest_s=0, tries=0)
    prefix = "old-shop.example/blogs/"
    with Client(wayback.url, manners) as client:
        found = list(read_rows(client, prefix, since="", until=""))
        assert len(found) == len(CAPTURES) - 1
        assert len(wayback.paths) == 5
        monkeypatch.setattr(download, "MOST_PAGES", 4)
        with pytest.raises(WaybackUnavailable, match="no end after 4 answers"):
            list(read_rows(client, prefix, since="", until=""))


HEADER = ["timestamp", "original", "mimetype", "statuscode", "digest"]
ROW = ["20150302080000", f"{SHOP}{TEA}", "text/html", "200", "SHA"]


@each_row(
    "body",
    [
        b"<html>",
        b"{}",
        b'[["timestamp"], ["2015"]]',
        b'[["a"], 3]',
        b"[" * 100_000,
        b"[[" + b"9" * 5000 + b"]]",
        json.dumps([HEADER, *[ROW] * (cdx.ROWS_AT_ONCE + 1)]).encode(),
    ],
    ids=range(7),
)
def test_an_answer_that_is_no_index_is_named(body: bytes):
    with pytest.raises(WaybackUnavailable, match="index"):
        cdx.read_index(body)


def test_a_row_is_left_out_that_no_record_can_hold():
    """Its fields become headers of a WARC file, where a line break begins another."""
    wrong = {
        "timestamp": ["20150631080000", "2015", 2015, "²" * 14],
        "original": [f"{SHOP}/\r\nWARC-Date: 2001", f"{SHOP}/\0", "ftp://a/", f"{SHOP}/\ud800", []],
        "mimetype": ["text/html\nX: y", "x" * 300],
        "statuscode": ["503", "9" * 20],
        "digest": ["a\r\nX: y", "", "sha1 of it", ["x", "y"]],
    }
    rows = [
        [value if name == field else was for name, was in zip(HEADER, ROW, strict=True)]
        for field, values in wrong.items()
        for value in values
    ]
    odd = [*ROW[:2], None, "-", "SHA"]
    found, key = cdx.read_index(json.dumps([HEADER, *rows, ROW, odd, [], ["next"]]).encode())
    assert [(row.url, row.http_status) for row in found] == [(ROW[1], 200), (ROW[1], 0)]
    assert (len(set(found)), key) == (2, "next")
