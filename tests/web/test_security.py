"""Permissions, the password, and the headers of every response."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm
from sqlite_utils import Database

from scraper.archive.database import open_for_writing
from scraper.archive.schema import APPLICATION_ID, MIGRATIONS
from scraper.web.config import is_described_at_startup
from scraper.web.server import make_datasette
from tests.archive.shop import Shop
from tests.conftest import Command, ThreeDays
from tests.each_row import each_row
from tests.factories import make_post
from tests.warm import Warm
from tests.web.serving import get, served

PAGES = [
    "/",
    "/-/post/1",
    "/-/post/1/compare/1/1",
    "/-/changes",
    "/-/changes.atom",
    "/-/changes.json",
]
PAGES += ["/-/search?q=tea", "/-/phrase?q=tea", "/-/store/1", "/-/changes/feed.json"]
PAGES += ["/-/evidence/1", "/-/capture/2", "/-/capture/2/frame", "/-/capture/2/body"]
PAGES += ["/-/capture/2/warc", "/-/changes/new.json", "/-/stores", "/-/advice", "/-/audit"]
PASSWORD = "eleven blue kettles"


def ask(
    archive: Path, path: str, *, password: str = "", allow: Any = None, **more: Any
) -> httpx.Response:
    """Ask Datasette's own application, without a socket between."""

    async def answer() -> httpx.Response:
        datasette = make_datasette(archive, password=password)
        if allow is not None:
            # From 1.0 on, permissions belong to the configuration.
            is_new = is_described_at_startup(datasette)
            described = datasette.config if is_new else datasette._metadata_local
            database = described.setdefault("databases", {}).setdefault("archive", {})
            tables = database.setdefault("tables", {})
            tables.setdefault("contents", {})["allow"] = allow
        return await datasette.client.get(path, **more)

    return asyncio.run(answer())


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_permission_for_their_tables(three_days: ThreeDays, path: str):
    assert ask(three_days.db, path).status_code == 200
    assert ask(three_days.db, path, allow={"id": "nobody"}).status_code == 403


class Gate:
    """A plugin that knows who a visitor is."""

    @hookimpl
    def actor_from_request(self, request: Any) -> dict[str, str] | None:
        name = request.args.get("name")
        return {"id": name} if name else None


class ClosedGate(Gate):
    """One that shows no table to anybody else."""

    @hookimpl
    def permission_allowed(self, actor: Any, action: str) -> bool | None:
        return None if actor or action != "view-table" else False


@pytest.mark.skipif(is_described_at_startup(Datasette), reason="it looks in its database each time")
def test_anybody_is_checked_once_and_each_actor_every_time(three_days: ThreeDays) -> None:
    """A plugin that has a word in it counts from when it is there."""

    async def look(gate: Gate, *paths: str) -> list[tuple[int, bool]]:
        found = []
        pm.register(gate, name="gate")
        try:
            for path in paths:
                checks = len(datasette._permission_checks)
                status = (await datasette.client.get(path)).status_code
                found.append((status, len(datasette._permission_checks) > checks))
        finally:
            pm.unregister(name="gate")
        return found

    async def look_twice() -> list[tuple[int, bool]]:
        before = await look(Gate(), "/", "/-/changes", "/?name=ann", "/?name=ann", "/")
        return before + await look(ClosedGate(), "/", "/?name=ann", "/?name=ann")

    datasette = make_datasette(three_days.db)
    checked, trusted = (200, True), (200, False)
    before = [checked, trusted, checked, checked]
    assert asyncio.run(look_twice()) == [*before, trusted, (403, True), checked, checked]


PROTECTED = [*PAGES, "/archive/posts", "/archive.json", "/robots.txt"]
PROTECTED += ["/-/blogkeep/blogkeep.css", "/-/versions.json"]


def authorization(scheme: str, name_and_password: str) -> dict[str, str]:
    return {"authorization": f"{scheme} {base64.b64encode(name_and_password.encode()).decode()}"}


def test_every_response_requires_the_password(three_days: ThreeDays):
    right = authorization("basic", f"anybody:{PASSWORD}")

    async def answers() -> dict[str, list[httpx.Response]]:
        client = make_datasette(three_days.db, password=PASSWORD).client
        return {
            path: [await client.get(path), await client.get(path, headers=right)]
            for path in PROTECTED
        }

    found = asyncio.run(answers())
    assert {
        path: (without.status_code, answer.status_code, PASSWORD in answer.text)
        for path, (without, answer) in found.items()
    } == dict.fromkeys(PROTECTED, (401, 200, False))
    assert {without.headers["www-authenticate"][:6] for without, _ in found.values()} == {"Basic "}


@pytest.mark.parametrize(
    "wrong",
    [
        authorization("Basic", "me:pot"),
        authorization("Bearer", f"me:{PASSWORD}"),
        {"authorization": "Basic %%%"},
        authorization("Basic", PASSWORD),
    ],
)
def test_a_wrong_password_opens_nothing(three_days: ThreeDays, wrong: dict[str, str]):
    assert ask(three_days.db, "/", password=PASSWORD, headers=wrong).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        "/archive",
        "/archive/posts",
        "/-/post/999",
        "/nowhere",
        "/-/blogkeep/blogkeep.css",
        "/-/timemap/link/http://nowhere.example/",
        "/-/timegate/http://nowhere.example/",
        "/web/2021/http://nowhere.example/",
    ],
)
def test_every_response_has_security_headers(three_days: ThreeDays, path: str):
    headers = ask(three_days.db, path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    embedded_by = "self" if path.endswith("/frame") else "none"
    assert f"frame-ancestors '{embedded_by}'" in policy
    assert "http" not in policy
    assert ("unsafe-inline" in policy) == path.startswith(("/archive", "/nowhere"))
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["x-content-type-options"] == "nosniff"


WRITING = [
    *(f"/archive/-/{name}" for name in ("create", "execute-write", "queries/store")),
    *(f"/archive/-/{name}/analyze" for name in ("queries", "execute-write")),
    *(f"/archive/posts/-/{name}" for name in ("insert", "upsert", "alter", "drop")),
    "/archive/posts/-/set-column-type",
    *(f"/archive/posts/1/-/{name}" for name in ("update", "delete")),
    *(f"/archive/silent-edits/-/{name}" for name in ("edit", "update", "delete")),
    *(f"/-/{name}" for name in ("create-token", "permissions", "messages", "logout")),
    "/archive/silent-edits",
    "/-/post/1",
]
"""What Datasette 1.0 has for writing; 0.65 has a few of them."""


def test_nothing_is_written(three_days: ThreeDays):
    before = hashlib.sha256(three_days.db.read_bytes()).hexdigest()
    fields = {"sql": "DELETE FROM posts", "row": {"title": "x"}, "update": {"title": "x"}}

    async def statuses() -> dict[str, int]:
        datasette = make_datasette(three_days.db)
        datasette.root_enabled = True
        cookies = {"ds_actor": datasette.sign({"a": {"id": "root"}}, "actor")}
        return {
            f"{method} {path}": (
                await datasette.client.request(method, path, json=fields, cookies=cookies)
            ).status_code
            for method in ("POST", "PUT", "PATCH", "DELETE")
            for path in WRITING
        }

    assert {key: status for key, status in asyncio.run(statuses()).items() if status != 405} == {}
    assert hashlib.sha256(three_days.db.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    "sql", ["DELETE FROM posts", "CREATE TABLE mine (a)", "PRAGMA user_version=9"]
)
def test_datasette_itself_cannot_write(three_days: ThreeDays, sql: str):
    """Where an operator starts it plainly, as root: the file is open for reading."""

    async def write() -> None:
        await make_datasette(three_days.db).get_database("archive").execute_write(sql)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        asyncio.run(write())


@each_row("page", ["search", "phrase", "related", "changes", "plots"])
def test_long_queries_are_refused(three_days: ThreeDays, page: str):
    answer = ask(three_days.db, f"/-/{page}?q={'+'.join(['tea'] * 4000)}")
    assert answer.status_code == 400
    assert "The query is too long" in answer.text


@each_row("cookie", [b"\x80", b"ds_csrftoken=\xff", b"\xed\xa0\x80=1"])
def test_a_cookie_that_is_no_text_is_refused(three_days: ThreeDays, cookie: bytes):
    headers = [(b"cookie", b"a=b"), (b"cookie", cookie)]
    assert ask(three_days.db, "/archive/posts", headers=headers).status_code == 400


def test_robots_are_disallowed(three_days: ThreeDays):
    assert ask(three_days.db, "/robots.txt").text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_other_hosts_need_a_password(blogkeep: Command, three_days: ThreeDays, host: str):
    done = blogkeep("serve", "--db", str(three_days.db), "--host", host)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--password-file" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("content", "code"), [(None, 1), ("", 2), ("\nlate", 2)])
def test_an_invalid_password_file_is_refused(
    blogkeep: Command, three_days: ThreeDays, tmp_path: Path, content: str | None, code: int
):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    done = blogkeep("serve", "--db", str(three_days.db), "--password-file", str(file))
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == 1


def test_the_server_checks_the_password_of_a_file(
    warm: Warm, three_days: ThreeDays, tmp_path: Path
):
    file = tmp_path / "password"
    file.write_text("a long one\n")
    with served(three_days.db, "--password-file", str(file), warm=warm) as url:
        assert get(url).status_code == 401
        assert get(url, auth=("me", "a long one")).status_code == 200


def test_an_empty_archive_has_every_page(tmp_path: Path):
    archive = tmp_path / "archive.db"
    open_for_writing(archive).close()
    for path in ("/", "/-/changes", "/-/changes.atom", "/-/search?q=tea", "/-/phrase?q=tea"):
        assert ask(archive, path).status_code == 200, path
    assert "Nothing is archived yet" in ask(archive, "/").text


def test_an_archive_with_pending_migrations_is_migrated_only_when_asked(
    warm: Warm, blogkeep: Command, tmp_path: Path
):
    archive = tmp_path / "archive.db"
    # As a process leaves it that is killed between the header and the first migration.
    db = Database(str(archive))
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    MIGRATIONS.ensure_migrations_table(db)
    db.close()
    before = archive.read_bytes()
    done = blogkeep("serve", "--db", str(archive))
    assert done.returncode == 1
    assert "older version" in done.stderr
    assert "--migrate" in done.stderr
    assert archive.read_bytes() == before
    with served(archive, "--migrate", warm=warm) as url:
        assert "Nothing is archived yet" in get(url).text


def test_pages_are_served_while_a_crawl_writes(warm: Warm, tmp_path: Path):
    archive = tmp_path / "archive.db"
    shop = Shop(open_for_writing(archive))
    shop.crawl(1, make_post())
    with served(archive, warm=warm) as url:
        writer = Database(str(archive))
        writer.conn.isolation_level = None
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE posts SET title = 'half a write'")
        page = get(f"{url}/-/post/1")
        writer.execute("ROLLBACK")
        shop.crawl(2, make_post(text="Other words."))
        later = get(f"{url}/-/post/1")
        writer.close()
    assert (page.status_code, "half a write" in page.text) == (200, False)
    assert "Other words." in later.text


def test_a_broken_archive_is_an_error_page_and_no_crash(
    warm: Warm, tmp_path: Path, three_days: ThreeDays
):
    archive = tmp_path / "archive.db"
    shutil.copy(three_days.db, archive)
    with served(archive, warm=warm) as url:
        archive.write_bytes(b"not a database" * 1000)
        answer = get(f"{url}/-/changes")
        assert answer.status_code in {500, 503}
        assert get(f"{url}/robots.txt").status_code == 200
