"""Secret headers: on every request to their host and on no other, and nowhere else."""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest

from scraper.demo import DemoServer, Fault
from scraper.middlewares.credentials import SecretsFilter
from scraper.middlewares.redaction import secret_forms
from tests.conftest import Command, rows
from tests.storefront import ROBOTS, Page, Raw, index, post, serving, sitemap

SECRET = "sig1=:dGhlLW1lcmNoYW50cy1vd24tc2VjcmV0LXNpZ25hdHVyZQ==:"
INNER = "dGhlLW1lcmNoYW50cy1vd24tc2VjcmV0LXNpZ25hdHVyZQ=="
KEY = "another-secret-of-this-store"


def write(path: Path, host: str, *, days: float = 60) -> list[str]:
    """A file of credentials for a host, and the words that name it to a crawl."""
    ends = int((datetime.now(UTC) + timedelta(days=days)).timestamp())
    path.write_text(
        f'''["{host}".headers]
Signature-Input = 'sig1=("@authority");created=1;expires={ends};keyid="x"'
Signature = '{SECRET}'
Signature-Agent = '"https://shopify.com"'
X-Key = '{KEY}'
'''
    )
    path.chmod(0o600)
    return ["-s", f"ARCHIVE_CREDENTIALS={path}", "-L", "DEBUG"]


def assert_nowhere(folder: Path, *told: str) -> None:
    """No secret stands in any byte of a folder, or in what was printed."""
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert kept
    for secret in (INNER, KEY):
        assert not [text for text in kept if secret.encode() in text]
        assert not [text for text in told if secret in text]


def small() -> dict[str, Page]:
    """A store of one post."""
    path = "/blogs/news/one"
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", path),
        "/blogs/news": index(path),
        path: post(path),
    }


def test_they_go_with_every_request_and_are_saved_nowhere(
    demo: DemoServer, crawl: Command, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    paths = [post.path for post in demo.store.posts(1)]
    demo.fault(Fault(kind="rate_limited", path=paths[0], times=1))
    demo.fault(Fault(kind="server_error", path=paths[1]))
    demo.fault(Fault(kind="drop", path=paths[2]))
    demo.fault(Fault(kind="redirect_home", path=paths[3]))
    done = crawl(
        demo.url,
        data / "archive.db",
        *write(tmp_path / "secrets.toml", f"127.0.0.1:{demo.port}"),
    )
    read = rows(data / "archive.db", "SELECT count(*) FROM posts")
    assert read == [(len(paths) - 3,)], done.stderr[-2000:]
    assert len(demo.requests) > len(paths)
    for request in demo.requests:
        assert request.headers["signature"] == SECRET, request.path
        assert request.headers["x-key"] == KEY
        assert request.headers["signature-agent"] == '"https://shopify.com"'
    assert_nowhere(data, done.stdout, done.stderr)
    assert "others on this machine" not in done.stderr


def test_through_a_proxy_they_go_to_their_host_alone(
    demo: DemoServer, crawl: Command, tmp_path: Path
) -> None:
    host = demo.store.shop.host
    words = [
        *write(tmp_path / "secrets.toml", host),
        "-s",
        f"ARCHIVE_PROXY={demo.url}",
        "-s",
        "ARCHIVE_RATE=0",
    ]
    assert crawl(f"http://www.{host}", tmp_path / "archive.db", *words).returncode == 0
    signed = {request.authority for request in demo.requests if "signature" in request.headers}
    bare = {request.authority for request in demo.requests if "signature" not in request.headers}
    assert (signed, bare) == ({host}, {f"www.{host}"})


def test_credentials_of_another_store_stay_at_home(
    demo: DemoServer, crawl: Command, tmp_path: Path
) -> None:
    assert (
        crawl(
            demo.url, tmp_path / "archive.db", *write(tmp_path / "secrets.toml", "shop.example")
        ).returncode
        == 0
    )
    assert not [request for request in demo.requests if "signature" in request.headers]


def test_a_store_that_prints_them_back_is_heard_without_them(
    crawl: Command, tmp_path: Path
) -> None:
    data, path = tmp_path / "data", "/blogs/news/one"
    data.mkdir()
    echo = (
        f'You sent {SECRET} and {KEY}, and this is a post of a "https://shopify.com" blog, with '
        "enough words in it to be one."
    )
    body = post(path, text=echo).encode()
    pages = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", path),
        "/blogs/news": index(path),
    }
    with serving(pages) as store:
        store.pages[path] = Raw(body, 200, (("Content-Type", "text/html"), ("ETag", f'"{KEY}"')))
        done = crawl(
            store.url,
            data / "archive.db",
            *write(tmp_path / "secrets.toml", store.url.removeprefix("http://")),
        )
    assert done.returncode == 0, done.stdout + done.stderr
    ((text,),) = rows(data / "archive.db", "SELECT text FROM contents")
    assert (
        'You sent [redacted] and [redacted], and this is a post of a "https://shopify.com" blog'
        in str(text)
    )
    assert rows(data / "archive.db", "SELECT etag FROM captures WHERE url LIKE '%/one'") == [
        ('"[redacted]"',)
    ]
    assert_nowhere(data, done.stdout, done.stderr)


def test_a_store_that_encodes_them_is_heard_without_them(crawl: Command, tmp_path: Path) -> None:
    """In bodies, headers and addresses, and in the log at DEBUG."""
    data, path = tmp_path / "data", "/blogs/news/one"
    data.mkdir()
    spelled = {
        "URL": quote(SECRET, safe=""),
        "URL, all": "".join(f"%{ord(char):02x}" for char in KEY),
        "base64": base64.b64encode(f"X-Key: {KEY}".encode()).decode(),
        "URL-safe base64": base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        "JSON": "".join(f"\\u{ord(char):04x}" for char in KEY),
        "HTML": "".join(f"&#{ord(char)};" for char in KEY),
    }
    echo = " and ".join(f"{name} {text}" for name, text in spelled.items())
    target = f"/blogs/news/two?k={spelled['URL, all']}&amp;b={spelled['URL-safe base64']}"
    pages: dict[str, Page] = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", path, "/blogs/news/two"),
        "/blogs/news": index(path),
    }
    with serving(pages) as store:
        body = post(path, text=f"{echo}, and words enough for a post of a blog.")
        body += f"<a href='{target}'>older</a>"
        fields = (("Content-Type", "text/html"), ("X-Echo", spelled["URL"]))
        store.pages[path] = Raw(body.encode(), 200, fields)
        location = (("Location", f"{path}?k={spelled['URL, all']}"),)
        store.pages["/blogs/news/two"] = Raw(b"", 302, location)
        words = write(tmp_path / "secrets.toml", store.url.removeprefix("http://"))
        done = crawl(store.url, data / "archive.db", *words)
        asked = " ".join(where for where, _ in store.asked)
    ((text,),) = rows(data / "archive.db", "SELECT text FROM contents")
    assert str(text).count("[redacted]") == len(spelled)
    assert "DEBUG" in done.stderr
    assert_nowhere(data, done.stdout, done.stderr)
    for part in spelled.values():
        for told in (str(text), done.stdout, done.stderr, asked):
            assert part[8:-8] not in told


def test_the_log_at_debug_holds_no_secret() -> None:
    secrets = secret_forms([KEY])
    handler = logging.StreamHandler(out := StringIO())
    handler.addFilter(SecretsFilter(secrets))
    logger = logging.Logger("scrapy.core.engine", logging.DEBUG)
    logger.addHandler(handler)
    logger.debug("Crawled (200) <GET %s> %r", f"http://shop.example/?k={KEY}", {"k": KEY})
    try:
        raise ValueError(quote(f"k={KEY}", safe=""))
    except ValueError:
        logger.debug("failed with %s", KEY, exc_info=True, stack_info=True)
    assert KEY not in out.getvalue()
    assert out.getvalue().count("[redacted]") >= 4
    assert "Crawled (200) <GET http://shop.example/?k=[redacted]>" in out.getvalue()


def test_over_plain_http_beyond_this_machine_they_are_not_sent(
    crawl: Command, tmp_path: Path
) -> None:
    # Nothing leaves this machine: the name does not resolve. What would be sent is what the crawl
    # says of it.
    words = write(tmp_path / "secrets.toml", "shop.invalid")
    done = crawl("http://shop.invalid", tmp_path / "archive.db", *words, "-s", "ARCHIVE_RATE=0")
    assert done.stderr.count("not sending the credentials for shop.invalid over plain http") == 1


@pytest.mark.parametrize("days", [9.5, -1.0])
def test_their_end_is_an_incident_until_they_are_renewed(
    crawl: Command, tmp_path: Path, days: float
) -> None:
    db = tmp_path / "archive.db"
    with serving(small()) as store:
        host = store.url.removeprefix("http://")
        for _ in range(2):
            done = crawl(store.url, db, *write(tmp_path / "secrets.toml", host, days=days))
            assert done.returncode == 0
            told = f"the credentials for {host} end"
            assert told in done.stdout.splitlines()[-1]
            assert told in done.stderr
        assert rows(db, "SELECT kind, closed_at IS NULL FROM incidents") == [
            ("credentials_ending", 1)
        ]
        assert any("Signature" in headers for _, headers in store.asked) == (days > 0)
        assert crawl(store.url, db, *write(tmp_path / "secrets.toml", host)).returncode == 0
        assert any("Signature" in headers for _, headers in store.asked)
    assert rows(db, "SELECT kind, closed_at IS NULL FROM incidents") == [("credentials_ending", 0)]


def test_a_mistake_in_the_file_ends_it_before_anything_is_asked(
    demo: DemoServer, crawl: Command, blogkeep: Command, tmp_path: Path
) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(f'["shop.example".headers]\nX-Key = "{KEY}\\n"\n')
    words = ["-s", f"ARCHIVE_CREDENTIALS={path}"]
    for done in (
        crawl(demo.url, tmp_path / "archive.db", *words),
        blogkeep("explain", demo.url + "/blogs/a/b", *words, alone=True),
    ):
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(
            f"blogkeep: the credentials in {path} cannot be read: shop.example: the value of X-Key"
        )
        assert KEY not in line
    gone = crawl(
        demo.url, tmp_path / "archive.db", "-s", f"ARCHIVE_CREDENTIALS={tmp_path / 'none.toml'}"
    )
    assert gone.returncode == 1
    assert "No such file" in gone.stderr
    assert not demo.requests


def test_a_file_that_others_may_read_is_reported_once(crawl: Command, tmp_path: Path) -> None:
    with serving(small()) as store:
        words = write(tmp_path / "secrets.toml", store.url.removeprefix("http://"))
        (tmp_path / "secrets.toml").chmod(0o644)
        assert (
            crawl(store.url, tmp_path / "archive.db", *words).stderr.count(
                "others on this machine may read"
            )
            == 1
        )
