"""A store that means harm: it leads elsewhere, answers with bombs, or never comes to an end. Each
against the real spider, measured."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import brotli
import pytest
from backports import zstd

from tests.conftest import ENDS_S, ROOT, Command, crawl_words, quiet_environment, rows
from tests.storefront import ROBOTS, Page, Raw, index, post, serving, sitemap
from tests.warm import Warm

HTML = ("Content-Type", "text/html; charset=utf-8")
GOOD, BAD = "/blogs/news/good", "/blogs/news/bad"
MOST_MB = 400
"""Memory of a crawl, whatever a store answers: 90 MB for the program, and a few times the 32 MiB of
one answer."""
MOST_LISTED_MB = 150
"""Memory of a crawl to which 10,000 posts are listed: 136 MB were measured, 119 where ten are."""


@dataclass(frozen=True)
class Crawled:
    code: int
    told: str
    peak_mb: float


Attack = Callable[..., Crawled]


@pytest.fixture(scope="module")
def attacked(integration: None) -> Iterator[Attack]:
    """Crawl, and say how much memory it took: ``attacked(url, db, *more)``.

    Forked from a process that ran nothing before: one that has served would weigh more.
    """

    def run(url: str, db: Path, *more: str) -> Crawled:
        words = crawl_words(url, db, *more)
        done = warm.run(words, folder=ROOT, environment=quiet_environment(), timeout_s=ENDS_S)
        return Crawled(done.code, done.out + done.err, done.peak_kb / 1024)

    with closing(Warm(ROOT)) as warm:
        yield run


def store_of(*paths: str) -> dict[str, Page]:
    """A store whose sitemap and index name these posts, the good one whole."""
    named = (GOOD, *paths)
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *named),
        "/blogs/news": index(*named),
        GOOD: post(GOOD),
    }


def verdicts(db: Path, path: str) -> list[tuple[object, ...]]:
    return rows(db, "SELECT verdict FROM captures WHERE url LIKE '%' || ?", path)


LEADS_AWAY = [
    "{there}/blogs/news/stolen",
    "//{there_host}/blogs/news/stolen",
    "http://{here_host}@{there_host}/blogs/news/stolen",
    "http://{there_host}\\@{here_host}/blogs/news/stolen",
    "http:\\\\{there_host}\\blogs\\news\\stolen",
    "/\\{there_host}/blogs/news/stolen",
    "\t{there}/blogs/news/stolen",
    "http://user:secret@{here_host}/blogs/news/stolen",
    "http://{here_host}.{there_host}/blogs/news/stolen",
    "https://127.0.0.1:1/blogs/news/stolen",
    "file:///etc/passwd",
    "data:text/html,<h1>A post</h1>",
    "gopher://{there_host}/1/blogs/news/stolen",
    "javascript:alert(1)",
    "ftp://{there_host}/blogs/news/stolen",
    "http://[::1]/blogs/news/stolen",
    "http://{here_host}%0d%0aHost:%20{there_host}/blogs/news/stolen",
]


def test_nothing_that_a_store_names_leads_out_of_it(attacked: Attack, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with serving({}) as there, serving({}) as here:
        hosts = {"there": there.url, "there_host": there.url[7:], "here_host": here.url[7:]}
        away = [target.format(**hosts) for target in LEADS_AWAY]
        hops = {
            f"/blogs/news/hop-{at}": (302, target.replace("\t", " "))
            for at, target in enumerate(away)
        }
        chain = {
            "/blogs/news/chain": (301, "/blogs/news/chain-2"),
            "/blogs/news/chain-2": (301, f"{there.url}/blogs/news/stolen"),
        }
        escaped = [target.replace("&", "&amp;").replace("<", "&lt;") for target in away]
        entries = "".join(
            f"<entry><link rel='alternate' href=\"{target}\"/><title>x</title></entry>"
            for target in escaped
        )
        links = "".join(
            f'<article><h2><a href="{target}">A post</a></h2></article>' for target in escaped
        )
        canonical = post(GOOD).replace("{origin}" + GOOD, f"{there.url}/blogs/news/stolen")
        older = "".join(
            f'<a href="{target}">Older post</a><a rel="next" href="{target}">Next</a>'
            for target in escaped
        )
        here.pages = {
            "/robots.txt": "User-agent: *\n"
            + "".join(f"Sitemap: {target}\n" for target in away)
            + "Sitemap: {origin}/sitemap.xml\n",
            "/sitemap.xml": sitemap("/sitemap_blogs_1.xml", *escaped)
            .replace("urlset", "sitemapindex")
            .replace("<url>", "<sitemap>")
            .replace("</url>", "</sitemap>"),
            "/sitemap_blogs_1.xml": sitemap(
                "/blogs/news", GOOD, "/blogs/news/chain", *hops, *escaped
            ),
            "/blogs/news": index(GOOD).replace("</main>", links + older + "</main>"),
            "/blogs/news.atom": (
                '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>'
                f"{entries}</feed>"
            ),
            GOOD: canonical.replace("</main>", older + "</main>"),
            **chain,
            **hops,
        }
        done = attacked(here.url, db)
        assert not there.asked
        assert len(here.paths) > len(away)
    assert "Traceback" not in done.told
    assert rows(db, "SELECT url FROM posts") == [(here.url + GOOD,)]
    assert rows(
        db, "SELECT count(*) FROM captures WHERE url LIKE 'file:%' OR url LIKE '%passwd%'"
    ) == [(0,)]


ZEROS = bytes(1024 * 1024)
BOMB_MB = 512


def gzipped(mb: int) -> bytes:
    """One stream. Each block refers to none before it, so that one is packed and stands for all: to
    pack half a gigabyte takes seconds."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = reduce(lambda sum_so_far, _: zlib.crc32(ZEROS, sum_so_far), range(mb), 0)
    return (
        b"\x1f\x8b\x08"
        + bytes(5)
        + b"\x02\xff"
        + block * mb
        + packer.flush()
        + struct.pack("<II", checksum, mb * len(ZEROS))
    )


def brotlied(mb: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    return b"".join([*(packer.process(ZEROS) for _ in range(mb)), packer.finish()])


def zstandard(mb: int) -> bytes:
    packer = zstd.ZstdCompressor(level=3)
    return b"".join([*(packer.compress(ZEROS) for _ in range(mb)), packer.flush()])


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzipped), ("br", brotlied), ("zstd", zstandard)],
    ids=["gzip", "br", "zstd"],
)
def test_a_small_answer_that_unpacks_to_half_a_gigabyte_is_left_packed(
    attacked: Attack, tmp_path: Path, coding: str, pack: Callable[[int], bytes]
) -> None:
    db, bomb = tmp_path / "archive.db", pack(BOMB_MB)
    with serving(
        {**store_of(BAD), BAD: Raw(bomb, 200, (HTML, ("Content-Encoding", coding)))}
    ) as store:
        done = attacked(store.url, db)
    assert done.peak_mb < MOST_MB, f"{done.peak_mb:.0f} MB for {len(bomb)} bytes"
    assert done.code == 3, done.told
    assert verdicts(db, BAD) == [("too_large",)]
    assert verdicts(db, GOOD) == [("ok",)]


def test_a_packed_sitemap_that_unpacks_to_half_a_gigabyte_is_no_sitemap(
    attacked: Attack, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    bomb = Raw(gzipped(BOMB_MB), 200, (("Content-Type", "application/xml"),))
    pages = {
        **store_of(),
        "/robots.txt": ROBOTS + "Sitemap: {origin}/sitemap_blogs_2.xml.gz\n",
        "/sitemap_blogs_2.xml.gz": bomb,
    }
    with serving(pages) as store:
        done = attacked(store.url, db)
    assert done.peak_mb < MOST_MB, f"{done.peak_mb:.0f} MB"
    assert (done.code, verdicts(db, GOOD)) == (3, [("ok",)])
    assert "the sitemap is larger than" in done.told or "not XML" in done.told


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + at)} "{("&" + chr(97 + at) + ";") * 10}">' for at in range(9))
    + "]>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY j SYSTEM "file:///etc/passwd">'
    '<!ENTITY % r SYSTEM "{there}/dtd"> %r;]>'
)


@pytest.mark.parametrize(
    "doctype", [LAUGHS, OUTSIDE], ids=["entities in entities", "entities outside"]
)
@pytest.mark.parametrize("where", ["/sitemap_2.xml", "/blogs/news.atom"])
def test_entities_are_not_expanded(
    attacked: Attack, tmp_path: Path, where: str, doctype: str
) -> None:
    db = tmp_path / "archive.db"
    with serving({}) as there, serving(store_of()) as store:
        body = (
            doctype.replace("{there}", there.url)
            + f"<urlset><url><loc>{{origin}}{BAD}&j;</loc></url></urlset>"
        )
        store.pages["/robots.txt"] = ROBOTS + "Sitemap: {origin}/sitemap_2.xml\n"
        store.pages["/sitemap_2.xml"] = sitemap(GOOD)
        store.pages[where] = body
        done = attacked(store.url, db)
        assert not there.asked
    assert done.peak_mb < MOST_MB
    assert "declares a document type" in done.told
    assert "root:" not in done.told
    assert (done.code, verdicts(db, GOOD)) == (3, [("ok",)])


def test_a_sitemap_as_deep_as_it_is_long_is_no_sitemap(attacked: Attack, tmp_path: Path) -> None:
    db, deep = (
        tmp_path / "archive.db",
        "<urlset>" + "<url>" * 200_000 + "</url>" * 200_000 + "</urlset>",
    )
    pages = {
        **store_of(),
        "/robots.txt": ROBOTS + "Sitemap: {origin}/sitemap_2.xml\n",
        "/sitemap_2.xml": deep,
    }
    with serving(pages) as store:
        done = attacked(store.url, db)
    assert (done.code, verdicts(db, GOOD)) == (3, [("ok",)])
    assert done.peak_mb < MOST_MB


def index_of_sitemaps(*paths: str) -> str:
    return (
        sitemap(*paths)
        .replace("urlset", "sitemapindex")
        .replace("<url>", "<sitemap>")
        .replace("</url>", "</sitemap>")
    )


def test_an_index_of_twenty_thousand_sitemaps_is_read_so_far(
    attacked: Attack, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    first = "/sitemap_blogs_0.xml"
    pages = {
        **store_of(),
        "/sitemap.xml": index_of_sitemaps(*(f"/sitemap_blogs_{at}.xml" for at in range(20_000))),
        first: sitemap("/blogs/news", GOOD),
    }
    with serving(pages) as store:
        done = attacked(store.url, db)
        assert len([path for path in store.paths if "sitemap" in path]) == 50
    assert (done.code, verdicts(db, GOOD)) == (3, [("ok",)])
    assert "sitemaps beyond the 50 that ARCHIVE_MAX_POSTS allows" in done.told
    assert done.peak_mb < MOST_MB


def test_a_ring_of_sitemaps_is_walked_once(attacked: Attack, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    ring = {
        f"/sitemap_blogs_{at}.xml": index_of_sitemaps(
            f"/sitemap_blogs_{(at + 1) % 3}.xml", "/sitemap.xml"
        )
        for at in range(3)
    }
    with serving(
        {**store_of(), "/sitemap.xml": index_of_sitemaps(*ring), **ring, "/": index(GOOD)}
    ) as store:
        attacked(store.url, db)
        assert len([path for path in store.paths if "sitemap" in path]) == 4


class Endless(dict[str, Page]):
    """A store whose index pages never end, each with a post of its own."""

    def get(self, path: str, default: Page = "") -> Page:  # type: ignore[override]
        if path.startswith("/blogs/news?page="):
            number = int(path.rpartition("=")[2])
            return index(f"/blogs/news/of-{number}").replace(
                "</main>", f'<a rel="next" href="/blogs/news?page={number + 1}">Next</a></main>'
            )
        return post(path) if path.startswith("/blogs/news/of-") else super().get(path, default)


def test_an_index_without_an_end_is_read_so_far(attacked: Attack, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    with serving({}) as store:
        store.pages = Endless(
            {
                **store_of(),
                "/blogs/news": index(GOOD).replace(
                    "</main>", '<a rel="next" href="/blogs/news?page=2">Next</a></main>'
                ),
            }
        )
        done = attacked(store.url, db, "-s", "ARCHIVE_MAX_POSTS=600")
        assert len([path for path in store.paths if "page=" in path]) == 29
    assert done.code == 3, done.told
    assert "index pages" in done.told


def test_ten_thousand_listed_posts_are_asked_for_so_far(attacked: Attack, tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    pages: dict[str, Page] = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": index_of_sitemaps("/sitemap_blogs_1.xml", "/sitemap_blogs_2.xml"),
        "/blogs/news": index(GOOD),
    }
    for half in (1, 2):
        pages[f"/sitemap_blogs_{half}.xml"] = sitemap(
            *(f"/blogs/news/of-{half}-{at}" for at in range(5_000))
        )
    with serving({}) as store:
        store.pages = Endless(pages)
        done = attacked(store.url, db, "-s", "ARCHIVE_MAX_POSTS=40")
        assert 0 < len([path for path in store.paths if "/of-" in path]) <= 40
    assert done.code == 3, done.told[-2000:]
    assert "ARCHIVE_MAX_POSTS" in done.told
    assert done.peak_mb < MOST_LISTED_MB, f"{done.peak_mb:.0f} MB"


def test_a_store_that_answers_a_byte_at_a_time_is_not_waited_for(
    attacked: Attack, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    drip = Raw(b"<html><body><h1>Slow</h1>", 200, (HTML,), drip_s=0.2)
    with serving({**store_of(BAD), BAD: drip}) as store:
        done = attacked(store.url, db, "-s", "DOWNLOAD_TIMEOUT=2")
    assert (done.code, verdicts(db, BAD), verdicts(db, GOOD)) == (
        3,
        [("network_error",)],
        [("ok",)],
    )


def test_a_crawl_has_an_end_however_slowly_a_store_answers(
    attacked: Attack, tmp_path: Path
) -> None:
    db = tmp_path / "archive.db"
    drip = Raw(b"<html><body><h1>Slow</h1>", 200, (HTML,), drip_s=0.2)
    slow = [f"/blogs/news/slow-{at}" for at in range(200)]
    with serving({**store_of(*slow), **dict.fromkeys(slow, drip)}) as store:
        done = attacked(
            store.url,
            db,
            "-s",
            "ARCHIVE_MAX_HOURS=0.001",
            "-s",
            "ARCHIVE_HEARTBEAT=0.5",
            "-s",
            "DOWNLOAD_TIMEOUT=2",
        )
    assert done.code == 3, done.told
    assert "ARCHIVE_MAX_HOURS" in done.told
    ((outcome, reason),) = rows(db, "SELECT outcome, reason FROM crawls")
    assert (outcome, "interrupted" in str(reason)) == ("incomplete", True)


@pytest.mark.parametrize(
    ("number", "length"),
    [
        pytest.param(100_000, 1000, id="a hundred thousand headers"),
        pytest.param(1, 100_000_000, id="one header of 100 MB"),
    ],
)
def test_a_flood_of_headers_is_no_answer(
    attacked: Attack, tmp_path: Path, number: int, length: int
) -> None:
    headers = ((f"X-Flood-{at}", "x" * length) for at in range(number))
    db = tmp_path / "archive.db"
    with serving({**store_of(BAD), BAD: Raw(post(BAD).encode(), 200, (HTML, *headers))}) as store:
        done = attacked(store.url, db)
    assert done.peak_mb < 150, f"{done.peak_mb:.0f} MB"
    assert (done.code, verdicts(db, BAD), verdicts(db, GOOD)) == (
        3,
        [("network_error",)],
        [("ok",)],
    )


@pytest.mark.parametrize("status", [-200, 20_000, 10**30])
def test_a_status_that_is_no_number_of_three_digits_is_no_answer(
    crawl: Command, db_path: Path, status: int
) -> None:
    bad = Raw(post(BAD).encode(), status, (HTML,))
    with serving({**store_of(BAD), BAD: bad}) as store:
        done = crawl(store.url, db_path)
    assert "Traceback" not in done.stderr
    found = (done.returncode, verdicts(db_path, BAD), verdicts(db_path, GOOD))
    assert found == (3, [("network_error",)], [("ok",)])


def test_an_answer_whose_length_only_its_end_shows_is_whole_by_its_own(
    crawl: Command, db_path: Path
) -> None:
    """RFC 9112, 6.3: so servers of HTTP/1.0 answer."""
    page, robots = post(GOOD).replace("{origin}", ""), "User-agent: *\n"
    whole = {
        path: Raw(text.encode(), 200, (("Content-Type", kind),), has_length=False)
        for path, text, kind in (
            ("/robots.txt", robots, "text/plain"),
            ("/blogs/news", index(GOOD, BAD), "text/html"),
            (GOOD, page, "text/html"),
            (BAD, page[:-40], "text/html"),
        )
    }
    with serving({**store_of(BAD), **whole}) as store:
        done = crawl(store.url, db_path)
    found = (done.returncode, verdicts(db_path, BAD), verdicts(db_path, GOOD))
    assert found == (3, [("truncated",)], [("ok",)])


def test_gzip_in_gzip_is_bounded_too(attacked: Attack, tmp_path: Path) -> None:
    db, bomb = tmp_path / "archive.db", gzip.compress(gzipped(BOMB_MB))
    with serving(
        {**store_of(BAD), BAD: Raw(bomb, 200, (HTML, ("Content-Encoding", "gzip, gzip")))}
    ) as store:
        done = attacked(store.url, db)
    assert done.peak_mb < MOST_MB
    assert (done.code, verdicts(db, BAD)) == (3, [("too_large",)])


SKIPPABLE = b"\x50\x2a\x4d\x18" + bytes(4)
"""A frame of Zstandard that holds nothing (RFC 8878, 3.1.2)."""


@pytest.mark.parametrize(
    ("codings", "packed"),
    [
        ("gzip", gzip.compress(b"") * 2000 + gzip.compress(post(BAD).encode())),
        ("zstd", SKIPPABLE * 2000 + zstd.compress(post(BAD).encode())),
        ("zstd, gzip", gzip.compress(SKIPPABLE * 2000 + zstd.compress(post(BAD).encode()))),
    ],
    ids=["gzip", "zstd", "zstd in gzip"],
)
def test_an_answer_in_very_many_frames_is_left_packed(
    crawl: Command, db_path: Path, codings: str, packed: bytes
) -> None:
    """Each frame costs 8 µs, whatever it holds, and a million of them a few bytes."""
    with serving(
        {**store_of(BAD), BAD: Raw(packed, 200, (HTML, ("Content-Encoding", codings)))}
    ) as store:
        done = crawl(store.url, db_path)
    assert (done.returncode, verdicts(db_path, BAD)) == (3, [("too_large",)])
    assert verdicts(db_path, GOOD) == [("ok",)]
