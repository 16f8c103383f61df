"""Wrong addresses and failures: one page in our own look, one line in the log."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils.asgi import Request

from scraper.middlewares.rate_budget import parse_budget
from scraper.timestamps import parse_timestamp
from scraper.web import plugin
from scraper.web.config import PLUGIN_NAME
from scraper.web.server import make_datasette
from scraper.web.views import errors
from tests.conftest import ENDS_S, ROOT, ThreeDays, rows
from tests.web.test_pages import visible_text
from tests.web.test_security import PASSWORD, ask

WRONG = {
    "/-/post/45/compare/1": 404,
    "/-/post/abc": 404,
    "/-/post/99999": 404,
    "/-/post/1/compare/1/99": 404,
    "/-/evidence/x": 404,
    "/-/nothing": 404,
    "/compare/a/b": 404,
    "/nothing": 404,
    "/archive/nothing": 404,
    "/archive/posts/99999": 404,
    "/archive/posts?_sort=nothing": 400,
    "/archive?sql=selec": 400,
}
ODD_WORDS = [
    *("_where=%00", "_facet=%00", "_facet_array=%00", "_facet_date=%00", "%00=1", "_through=%00"),
    *("_through=%5B%5D", "_through=%7B%22table%22%3A1%7D", "_timelimit=x", "_next=x", "_next=%00"),
    *("id__in=%5B", "id__in=%5B%7B%7D%5D", "id__gt=9223372036854775808", "_sort=%00", "_col=%00"),
    *("_shape=array&_nl=on", f"_facet_size={'9' * 30}", f"_size={'9' * 5000}", "_where=%ED%A0%80"),
    *("sql=select%001", f"_search={'a+' * 5000}", "_searchmode=raw&_search=%22", "_shape=x"),
    *("_json=%00", "_extra=%00", "_ttl=x", f"id={'9' * 5000}", "_labels=%00", "_nocol=id&_col=id"),
]
NOT_OFFERED = [
    *("databases.json", "threads", "tasks", "config.json", "permissions", "allowed.json", "rules"),
    *("check", "messages", "allow-debug", "patterns", "debug/autocomplete", "api", "logout"),
    *("create-token", "auth-token", "actions"),
]
"""Datasette's own for debugging and for writing, some of it from 1.0 on."""


@pytest.mark.parametrize(("path", "status"), WRONG.items())
def test_a_wrong_address_is_one_page_and_one_line(
    three_days: ThreeDays,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    path: str,
    status: int,
):
    with caplog.at_level(logging.WARNING):
        # From Datasette 1.0 on, SQL has an address of its own, to which the old one leads.
        answer = ask(three_days.db, path, follow_redirects=True)
    assert answer.status_code == status
    assert '<header class="top">' in answer.text
    assert "Front page" in answer.text
    assert "Traceback" not in answer.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("scraper")]
    assert len(ours) == 1
    assert ours[0].startswith(f"{status} {answer.url.path}: ")
    assert "\n" not in ours[0]
    assert "Traceback" not in capfd.readouterr().err


def test_pages_for_debugging_and_writing_are_not_there(three_days: ThreeDays):
    async def statuses() -> dict[str, int]:
        client = make_datasette(three_days.db).client
        return {name: (await client.get(f"/-/{name}")).status_code for name in NOT_OFFERED}

    assert asyncio.run(statuses()) == dict.fromkeys(NOT_OFFERED, 404)
    (plain,) = _plain(three_days.db, "/-/permissions")
    assert plain.status_code == 403  # it is the operator's who started Datasette


def test_an_error_of_json_is_json(three_days: ThreeDays):
    answer = ask(three_days.db, "/archive/nothing.json")
    assert answer.status_code == 404
    assert answer.json()["ok"] is False


def test_a_failure_shows_nothing_of_our_own(
    three_days: ThreeDays, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*args: object, **options: object) -> None:
        raise RuntimeError("secret\nsecond line")

    monkeypatch.setattr("scraper.web.views.front.read_front_page", fail)
    answer = ask(three_days.db, "/")
    assert answer.status_code == 500
    assert "This page failed" in answer.text
    assert "secret" not in answer.text
    assert caplog.messages == ["500 /: RuntimeError: secret second line"]


def test_a_probe_needs_no_password(three_days: ThreeDays, tmp_path: Path):
    answer = ask(three_days.db, "/-/healthz", password=PASSWORD)
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert ask(three_days.db, "/", password=PASSWORD).status_code == 401
    broken = tmp_path / "archive.db"
    broken.write_bytes(b"not a database" * 1000)
    assert _answered(broken, "/-/healthz").status_code in {500, 503}


def _answered(archive: Path, path: str) -> httpx.Response:
    """What a server answers, which makes a response of every exception: from 1.0 on, Datasette
    reads all databases before its first answer."""

    async def answer() -> httpx.Response:
        app = make_datasette(archive).app()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    return asyncio.run(answer())


def _plain(path: Path, *addresses: str) -> list[httpx.Response]:
    """What a Datasette answers that was not started by us."""

    async def answers() -> list[httpx.Response]:
        datasette = Datasette([str(path)])
        return [await datasette.client.get(address) for address in addresses]

    if not pm.is_registered(plugin):
        pm.register(plugin, name=PLUGIN_NAME)
    return asyncio.run(answers())


def test_a_plain_datasette_shows_the_pages(three_days: ThreeDays):
    front, css, query, table, wrong = _plain(
        three_days.db,
        "/",
        "/-/blogkeep/blogkeep.css",
        "/archive/silent-edits",
        "/archive/posts",
        "/nothing",
    )
    assert "hollow-fern.example" in visible_text(front.text)
    assert "default-src 'none'" in front.headers["content-security-policy"]
    assert css.headers["content-type"].startswith("text/css")
    assert "Silent edits" in query.text
    assert (table.status_code, wrong.status_code) == (200, 404)
    assert "Page not found" in wrong.text


def test_another_database_is_left_alone(tmp_path: Path):
    import sqlite3  # noqa: PLC0415

    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE teas (name TEXT)")
    front, wrong = _plain(path, "/", "/nothing")
    assert "teas" in front.text
    assert "content-security-policy" not in front.headers
    assert "Blogkeep" not in wrong.text


def test_datasette_finds_the_plugin_by_its_entry_point(integration: None, tmp_path: Path):
    """With the entry points of pyproject.toml as an installation has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    info = tmp_path / "blogkeep_installed-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: blogkeep-installed\nVersion: 1\n")
    lines = [f"{name} = {place}" for name, place in project["entry-points"]["datasette"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[datasette]", *lines, ""]))
    done = subprocess.run(
        [sys.executable, "-m", "datasette", "plugins"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=True,
    )
    assert '"register_routes"' in done.stdout
    assert "blogkeep" in done.stdout


def test_a_json_feed_has_the_same_changes(three_days: ThreeDays):
    answer = ask(three_days.db, "/-/changes/feed.json?kind=edited")
    assert answer.headers["content-type"].startswith("application/feed+json")
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    latest = "SELECT id FROM changes WHERE kind = 'edited' ORDER BY not_after DESC, id DESC"
    stored = rows(three_days.db, latest)
    assert [int(item["id"].rpartition("-")[2]) for item in feed["items"]] == [
        number for (number,) in stored
    ]
    assert all(
        {"id", "url", "title", "content_text", "date_published"} <= set(item)
        for item in feed["items"]
    )


@pytest.mark.integration
def test_odd_words_in_an_address_are_no_failure_of_the_page(
    three_days: ThreeDays,
):
    places = [".json", "/posts", "/current_posts.json", "/latest-changes"]
    paths = [f"/archive{place}" for place in places]

    async def statuses() -> dict[str, int]:
        client = make_datasette(three_days.db).client
        found = {}
        for path in (f"{path}?{words}" for path in paths for words in ODD_WORDS):
            answer = await client.get(path, follow_redirects=True)
            found[path] = answer.status_code
        return found

    failed = {path: status for path, status in asyncio.run(statuses()).items() if status >= 500}
    assert failed == {}


@pytest.mark.parametrize(
    ("fail", "expected"), [(parse_timestamp, False), (parse_budget, False), (json.loads, True)]
)
def test_a_fault_of_ours_is_no_fault_of_the_words(fail: Callable[[str], object], expected: bool):
    request = Request.fake("/archive/posts?_size=5", url_vars={"database": "archive"})
    with pytest.raises(ValueError, match="value") as raised:
        fail("no value")
    assert errors._is_for_words(request, raised.value) == expected
