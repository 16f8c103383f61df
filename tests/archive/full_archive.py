"""An archive with something of everything, for tests that spoil it."""

from __future__ import annotations

from dataclasses import replace

from sqlite_utils import Database

from scraper.alerts.notices import Alert, Message
from scraper.alerts.outbox import OutboxMessage
from scraper.archive.queries.notices import notices_of_crawl
from scraper.archive.statements import to_json
from scraper.archive.verify import Problem, verify
from scraper.archive.write.outbox import record_processed_crawl
from tests.archive.shop import Shop
from tests.factories import TEXT, at, make_code, make_link, make_post, make_template, url_of

BLOG = [
    make_post(
        f"p{n}", article_id=str(n), text=f"{TEXT}\nNumber {n}.", links=(make_link(f"p{n % 5 + 1}"),)
    )
    for n in range(1, 6)
]
LABEL = "shop.example: news/p1"
TIMELINE = "timelines follow from the sights"


def fill(db: Database) -> Shop:
    """Five posts, one edited and put back, one removed and restored, all reworded as one group, one
    renamed at last."""
    shop = Shop(db)
    edited = make_post("p1", article_id="1", text="Wait five minutes for £4.", codes=(make_code(),))
    shop.crawl(1, *BLOG)
    for day in (2, 3):
        shop.crawl(day, edited, *BLOG[2:], gone=[BLOG[1].url])
    shop.crawl(4, *BLOG)
    reworded = [
        make_post(
            post.handle,
            article_id=post.article_id,
            text=post.text.replace("four", "six"),
            links=post.links,
        )
        for post in BLOG
    ]
    shop.crawl(5, *reworded)
    (first, *_) = notices_of_crawl(db, 5)
    alert = Alert(channel="ann", rule="alert 1", timing="at_once", change=first)
    letter = OutboxMessage(
        channel="ann",
        timing="at_once",
        key="1",
        message=Message(subject="Edited", text="Edited", html="Edited"),
    )
    record_processed_crawl(db, 5, [(letter, [alert])], at(5, 59))
    # One difference is confirmed by the third look, another waits.
    for day, found in ((6, reworded[:1]), (7, reworded[:1]), (8, reworded[:2])):
        undated = [
            make_post(
                post.handle,
                article_id=post.article_id,
                text=post.text.replace("six", "ten"),
                links=post.links,
            )
            for post in found
        ]
        if day == 8:
            reworded[3] = replace(reworded[3], url=url_of("p4-now"), handle="p4-now")
        shop.crawl(day, *undated, *reworded[len(found) :], lastmod=at(5))
    _add_images(db)
    _add_template(db)
    return shop


def _add_template(db: Database) -> None:
    learned = make_template("div.box")
    db.execute(
        "INSERT INTO templates (store_id, label, number, version, fingerprint, learned_from, "
        "pages, bodies, blocks, first_seen_at, last_seen_at) "
        "VALUES (1, 'shop.example: template 1', 1, ?, ?, 'feed', 5, ?, ?, ?, ?)",
        [
            learned.version,
            learned.fingerprint,
            to_json(learned.bodies),
            to_json(learned.blocks),
            at(1),
            at(8),
        ],
    )


def _add_images(db: Database) -> None:
    """An image that the first post shows, and other bytes that wait."""
    db.execute(
        "INSERT INTO images (hash, media_type, n_bytes, capture_id) "
        "SELECT body_hash, 'image/png', body_bytes, id FROM captures WHERE id = 1"
    )
    for standing, day in (("confirmed", 1), ("confirmed", 2), ("pending", 3)):
        db.execute(
            "INSERT INTO post_images (post_id, image_id, place, url, capture_id, standing, "
            "first_seen_at, last_seen_at) VALUES (1, 1, 'pot', 'pot', 1, ?, ?, ?)",
            [standing, at(day), at(day)],
        )


def problems_of(db: Database) -> list[Problem]:
    return [problem for result in verify(db) for problem in result.problems]
