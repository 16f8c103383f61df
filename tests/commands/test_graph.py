"""`blogkeep graph`, and `blogkeep related` on a day, on the demo store's three days."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from io import BytesIO

import networkx
import pytest

from tests.conftest import Command, ThreeDays


def _graph(blogkeep: Command, three_days: ThreeDays, *words: str, code: int = 0) -> str:
    done = blogkeep("graph", "--db", str(three_days.db), *words)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def _day(three_days: ThreeDays, number: int) -> str:
    """When a crawl ended: the three days of the demo store were crawled in a minute."""
    with closing(sqlite3.connect(three_days.db)) as connection:
        return str(
            connection.execute("SELECT finished_at FROM crawls WHERE id = ?", [number]).fetchone()[
                0
            ]
        )


def test_blogs_and_posts_are_measured(blogkeep, three_days):
    told = json.loads(_graph(blogkeep, three_days, "--metrics", "--json"))
    assert [(blog["blog"].partition(": ")[2], blog["posts"]) for blog in told["blogs"]] == [
        ("journal", 53),
        ("recipes", 21),
    ]
    assert sum(post["measures"]["rank"] for post in told["posts"]) == pytest.approx(1)
    assert "hollow-fern.example: journal" in _graph(blogkeep, three_days)


def test_an_export_holds_every_edge(blogkeep, three_days):
    found = networkx.read_gexf(
        BytesIO(_graph(blogkeep, three_days, "--format", "gexf", "--metrics").encode())
    )
    with closing(sqlite3.connect(three_days.db)) as connection:
        (edges,) = connection.execute(
            "SELECT count(*) FROM links WHERE gone_at IS NULL AND to_post_id IS NOT NULL"
        ).fetchone()
    assert found.number_of_edges() == edges > 0
    assert all(node["label"] and "rank" in node for _, node in found.nodes(data=True))


def test_two_days_are_compared(blogkeep, three_days):
    told = json.loads(
        _graph(
            blogkeep, three_days, "--between", _day(three_days, 1), _day(three_days, 2), "--json"
        )
    )
    came = {(edge["kind"], edge["anchor"]) for edge in told["difference"]["edges_added"]}
    assert ("inline", "what to do with the rest of the evening") in came
    assert len(told["difference"]["posts_added"]) == 3
    assert "Lemon verbena slush" in [post["title"] for post in told["difference"]["posts_removed"]]


def test_dead_links_are_listed_with_their_cause_and_another_target(blogkeep, three_days):
    told = json.loads(_graph(blogkeep, three_days, "--dead-links", "--json"))
    assert {(link["cause"], link["suggested_url"].rpartition("/")[2]) for link in told} == {
        ("renamed", "loose-leaf-or-tea-bags"),
        ("renamed", "winter-hand-rescue"),
    }
    assert f"{len(told)} dead links" in _graph(blogkeep, three_days, "--dead-links")


@pytest.mark.parametrize(
    "words",
    [
        ["--on", "yesterday"],
        ["--between", "2026-03-04", "2026-03-01"],
        ["--dead-links", "--format", "dot"],
        ["--format", "csv", "--json"],
        ["x"],
    ],
    ids=" ".join,
)
def test_words_that_make_no_sense_are_refused(blogkeep, three_days, words):
    assert _graph(blogkeep, three_days, *words, code=2).startswith("blogkeep: ")


def test_related_posts_on_a_day(blogkeep, three_days):
    post = [
        "related",
        "journal/blue-light-evening-screens",
        "--kind",
        "inline",
        "--json",
        "--db",
        str(three_days.db),
    ]
    before, now = (
        json.loads(blogkeep(*post, *day).stdout)["edges"]
        for day in (["--on", _day(three_days, 1)], [])
    )
    moved = [
        {edge["url"].rpartition("/")[2] for edge in edges if edge["direction"] == "out"}
        for edges in (before, now)
    ]
    assert (moved[0] - moved[1], moved[1] - moved[0]) == (
        {"weighted-blankets-worth-it"},
        {"evening-restorative-sequence"},
    )
