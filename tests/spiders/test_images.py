"""Images of posts in a crawl: after the posts, each once, by the same manners, within bounds."""

from __future__ import annotations

import json
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from scraper.demo.pictures import draw_png, draw_svg
from tests.conftest import ANEW, Command, rows
from tests.storefront import ROBOTS, Page, Raw, post, serving, sitemap

A, B = "/blogs/news/a", "/blogs/news/b"
IMAGES = ("-s", "ARCHIVE_IMAGES=1")
PNG = ("Content-Type", "image/png")
BODY = (
    'Enough words that this reads like a post of a store.</p><p><img src="{}" alt="A pot"></p>'
    "<p>And some more words after the picture, so that it stands in the middle."
)
POT, LID, BIG = "/uploads/pot.png", "/uploads/lid.png", "/uploads/big.png"


def picture(seed: str, etag: str = "") -> Raw:
    validators = (("ETag", etag),) if etag else ()
    return Raw(draw_png(seed), 200, (PNG, *validators))


def store(**more: Page) -> dict[str, Page]:
    """Two posts with an image each."""
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap(A, B),
        A: post(A, title="Pots", text=BODY.format(POT)),
        B: post(B, title="Lids", text=BODY.format(LID), rid=5550002),
        POT: picture("pot", '"1"'),
        LID: picture("lid"),
        **more,
    }


def with_images(*paths: str) -> str:
    images = "".join(f'</p><p><img src="{path}" alt="A pot"> and a word' for path in paths)
    return post(A, title="Pots", text=BODY.format(paths[0]) + images)


HISTORY = """
    SELECT place, hash, uploaded_at, post_images.standing, post_images.first_seen_at,
        post_images.last_seen_at, count, kind, not_before, not_after, old_value, new_value
    FROM post_images JOIN images ON images.id = image_id
    LEFT JOIN changes ON changes.post_id = post_images.post_id AND changes.kind = 'image'
    LEFT JOIN change_fields ON change_id = changes.id ORDER BY 1, 5, 2
"""


def stored(db: Path) -> list[tuple[object, ...]]:
    return rows(
        db,
        "SELECT url, verdict, body_id IS NOT NULL FROM captures WHERE resource_type = 'image' "
        "ORDER BY url, id",
    )


def health(db: Path) -> list[tuple[object, ...]]:
    return rows(db, "SELECT outcome, health FROM crawls ORDER BY id DESC LIMIT 1")


def test_images_are_asked_for_where_that_is_set_and_then_once(
    crawl: Command, blogkeep: Command, db_path: Path
) -> None:
    with serving(store()) as shop:
        assert crawl(shop.url, db_path).returncode == 0
        assert POT not in shop.paths
        assert crawl(shop.url, db_path, *IMAGES, *ANEW).returncode == 0
        assert set(shop.paths[-2:]) == {POT, LID}  # after the posts
        accept = shop.asked[-1][1]["Accept"]
        assert "webp" not in accept
        assert "avif" not in accept
        assert stored(db_path) == [(shop.url + LID, "ok", 1), (shop.url + POT, "ok", 1)]
        assert health(db_path) == [("complete", "healthy")]

        shop.asked.clear()
        assert crawl(shop.url, db_path, *IMAGES).returncode == 0
        assert not {POT, LID} & set(shop.paths)

        # Its author puts another lid under the address; the pot stays what it was.
        shop.pages |= {"/sitemap.xml": sitemap(A, B, day=9), LID: picture("another lid")}
        shop.pages[POT] = lambda n: Raw(status=304, headers=(("ETag", '"1"'),))
        assert crawl(shop.url, db_path, *IMAGES).returncode == 0
        asked = dict(shop.asked)
        assert asked[POT]["If-None-Match"] == '"1"'
    assert rows(
        db_path,
        "SELECT posts.title, kind, witness FROM changes JOIN posts ON posts.id = post_id "
        "WHERE kind != 'created'",
    ) == [("Lids", "image", "lastmod")]
    assert blogkeep("verify", "--db", str(db_path)).returncode == 0
    told = json.loads(blogkeep("changes", "--json", "--db", str(db_path)).stdout)
    assert [change["kind"] for change in told["changes"]] == ["image"]
    _import_again(blogkeep, shop.url, db_path)


def _import_again(blogkeep: Command, url: str, db_path: Path) -> None:
    """Our own export has the images, and gives the same history of them."""
    file, again = db_path.with_name("all.warc.gz"), db_path.with_name("again.db")
    assert blogkeep("export", "--format", "warc", str(file), "--db", str(db_path)).returncode == 0
    for _ in range(2):
        done = blogkeep("import", str(file), "--store", url, "--db", str(again))
        assert done.returncode == 0, done.stderr
        assert rows(again, HISTORY) == rows(db_path, HISTORY)
    assert blogkeep("verify", "--db", str(again)).returncode == 0


def test_what_the_bounds_leave_waits_or_is_left_out(crawl: Command, db_path: Path) -> None:
    pages = store(
        **{A: with_images(POT, BIG), BIG: Raw(draw_png("big") + b"\0" * 40_000, 200, (PNG,))}
    )
    few = ("-s", "ARCHIVE_MAX_IMAGE_MB=0.02", "-s", "ARCHIVE_MAX_IMAGES_MB=0.000001")
    asked = []
    with serving(pages) as shop:
        for _ in range(3):
            shop.asked.clear()
            assert crawl(shop.url, db_path, *IMAGES, *few).returncode == 0
            asked.append([path for path in shop.paths if path.endswith(".png")])
    assert sorted(asked) == [[BIG], [LID], [POT]]
    assert sorted((url, verdict) for url, verdict, _ in stored(db_path)) == [
        (shop.url + BIG, "too_large"),
        (shop.url + LID, "ok"),
        (shop.url + POT, "ok"),
    ]
    assert rows(db_path, "SELECT count(*) FROM image_queue") == [(0,)]
    assert health(db_path) == [("complete", "healthy")]


ODD: dict[str, tuple[Page, str]] = {
    "/uploads/gone.png": ((404, "gone"), "not_found"),
    "/uploads/shut.png": ((403, "no"), "forbidden"),
    "/uploads/away.png": ((301, "http://192.0.2.1/pot.png"), "redirected_off"),
    "/uploads/page.png": (
        "<html><body><h1>A page instead</h1></body></html>",
        "unreadable",
    ),
    "/uploads/file.png": (Raw(b"%PDF-1.4", 200, (PNG,)), "unreadable"),
    "/uploads/ring.png": ((301, "/uploads/ring.png"), "unreadable"),
    "/uploads/none.png": (Raw(b"", 200, (PNG,)), "empty"),
    "/uploads/drawing.png": ((301, "/uploads/drawing.svg"), "ok"),
}
"""Images that do not come, or not as their address says, and the verdict of each."""


def test_an_image_that_does_not_come_says_nothing_of_the_crawl(
    crawl: Command, db_path: Path
) -> None:
    pages = store(
        **{
            "/robots.txt": f"{ROBOTS}\nDisallow: {POT}\n",
            A: with_images(POT, *ODD),
            "/uploads/drawing.svg": Raw(draw_svg("pot"), 200, (("Content-Type", "image/svg+xml"),)),
            **{path: page for path, (page, _) in ODD.items()},
        }
    )
    with serving(pages) as shop:
        assert crawl(shop.url, db_path, *IMAGES).returncode == 0
        assert POT not in shop.paths
    expected = {shop.url + path: verdict for path, (_, verdict) in ODD.items()}
    assert {url: verdict for url, verdict, _ in stored(db_path)} == {
        **expected,
        shop.url + LID: "ok",
    }
    assert health(db_path) == [("complete", "healthy")]
    assert rows(db_path, "SELECT media_type FROM images ORDER BY 1") == [
        ("image/png",),
        ("image/svg+xml",),
    ]
    assert rows(db_path, "SELECT count(*) FROM incidents") == [(0,)]


def test_an_export_has_each_image_once(crawl: Command, blogkeep: Command, db_path: Path) -> None:
    same = {LID: picture("pot"), POT: picture("pot")}
    with serving(store(**same)) as shop:
        assert crawl(shop.url, db_path, *IMAGES).returncode == 0
    out = db_path.with_name("all.warc.gz")
    done = blogkeep("export", "--format", "warc", str(out), "--db", str(db_path))
    assert done.returncode == 0, done.stderr
    with out.open("rb") as file:
        bodies = [record.content_stream().read() for record in ArchiveIterator(file)]
    assert bodies.count(draw_png("pot")) == 1
    out = db_path.with_name("lids.warc.gz")
    one = ("--post", B, "--db", str(db_path))
    assert blogkeep("export", "--format", "warc", *one, str(out)).returncode == 0
    with out.open("rb") as file:
        records = [
            (
                record.rec_headers["WARC-Target-URI"],
                record.rec_headers["WARC-Refers-To-Target-URI"],
                record.content_stream().read() == draw_png("pot"),
            )
            for record in ArchiveIterator(file)
            if (record.rec_headers["WARC-Target-URI"] or "").endswith(".png")
        ]
    # The image of the other post came first; this one's address repeats it.
    assert sorted(records) in (
        [(shop.url + LID, shop.url + POT, False), (shop.url + POT, None, True)],
        [(shop.url + LID, None, True)],
    )
