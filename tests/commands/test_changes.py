"""`blogkeep changes` on an archive with groups: a line for each, and every change on demand."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.archive.database import open_for_writing
from scraper.printable import printable
from tests.archive.shop import Shop
from tests.conftest import Command
from tests.factories import TEXT, make_post

BLOG = [
    make_post(f"p{n}", article_id=str(n), text=f"{TEXT}\nNumber {n}.", tags=("Tea", f"Herb {n}"))
    for n in range(1, 7)
]
EDITED = [
    make_post(
        post.handle,
        article_id=post.article_id,
        text=post.text.replace("four", "five"),
        tags=post.tags,
    )
    for post in BLOG
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Day 2: one word changed on five posts, another text on the sixth. Day 3: no tags any more.
    Day 4 and 5: four posts gone."""
    path = tmp_path / "archive.db"
    db = open_for_writing(path)
    shop = Shop(db)
    second = [
        *EDITED[:5],
        replace(
            BLOG[5],
            text="Quite another thing.",
            html="<p>Quite another thing.</p>",
            markdown="Quite another thing.",
        ),
    ]
    third = [replace(post, tags=()) for post in second]
    shop.crawl(1, *BLOG)
    shop.crawl(2, *second)
    shop.crawl(3, *third)
    for day in (4, 5):
        shop.crawl(day, *third[4:], gone=[post.url for post in BLOG[:4]])
    db.close()
    return path


def test_what_a_store_writes_cannot_steer_a_terminal(blogkeep: Command, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    title = "Tea\x9b31m \u202egnp\U000e0041\U000e0042\u2066 שלום \u200fend"
    with closing(open_for_writing(path)) as db:
        Shop(db).crawl(1, make_post("p", title=title, text=f"{TEXT} {title}"))
    done = blogkeep("changes", "--db", str(path), "--json")
    (change,) = json.loads(done.stdout)["changes"]
    assert change["title"] == title
    assert printable(done.stdout) == done.stdout
    assert "שלום \u200fend" in done.stdout
    for command in (["changes"], ["diff", "p"], ["related", "p"]):
        shown = blogkeep(*command, "--db", str(path)).stdout
        assert printable(shown) == shown


def _printed(blogkeep: Command, archive: Path, crawl: int, *more: str) -> list[str]:
    done = blogkeep("changes", "--crawl", str(crawl), "--db", str(archive), *more)
    assert (done.returncode, done.stderr) == (0, "")
    return [line.rstrip() for line in done.stdout.splitlines()][1:]


def test_a_group_is_one_line_with_three_of_its_posts(blogkeep: Command, archive: Path) -> None:
    assert _printed(blogkeep, archive, 2)[:5] == [
        "edited: text: four → five on 5 posts  minor",
        "    P1",
        "    P2",
        "    P3",
        "    and 2 more",
    ]
    assert _printed(blogkeep, archive, 2)[5].startswith("edited  P6  major")
    assert _printed(blogkeep, archive, 2)[-1] == "6 changes: 6 edited"


def test_all_lists_each_change_of_a_group(blogkeep: Command, archive: Path) -> None:
    lines = _printed(blogkeep, archive, 2, "--all")
    assert [line.split("  ")[1] for line in lines if line.startswith("edited  ")] == [
        "P6",
        "P1",
        "P2",
        "P3",
        "P4",
        "P5",
    ]


def test_what_the_theme_did_is_reported_as_technical(blogkeep: Command, archive: Path) -> None:
    assert (
        _printed(blogkeep, archive, 3)[0]
        == "theme no longer shows tags on 6 posts  minor, technical"
    )
    assert {
        line.rpartition(", ")[2]
        for line in _printed(blogkeep, archive, 3, "--all")
        if line.startswith("tags  ")
    } == {"technical"}


def test_posts_removed_together_are_all_named(blogkeep: Command, archive: Path) -> None:
    assert _printed(blogkeep, archive, 5)[:5] == [
        "removed on 4 posts  major",
        "    P1",
        "    P2",
        "    P3",
        "    P4",
    ]


def test_json_has_the_groups_and_whose_each_change_is(blogkeep: Command, archive: Path) -> None:
    told = json.loads(blogkeep("changes", "--crawl", "2", "--db", str(archive), "--json").stdout)
    (group,) = told["groups"]
    assert (group["n_posts"], group["label"]) == (
        5,
        "shop.example: crawl 2, 2026-03-02T06:00:00Z, group 1",
    )
    assert [(change["title"], change["group_label"]) for change in told["changes"]] == [
        ("P6", ""),
        *((f"P{n}", group["label"]) for n in range(1, 6)),
    ]
    assert {change["group_id"] for change in told["changes"]} == {0, group["id"]}
