"""Captures by address and time: Memento (RFC 7089), and addresses like the Wayback Machine's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import httpx
import pytest

from scraper.web.server import make_datasette
from tests.conftest import ThreeDays, rows

PAGE = "http://hollow-fern.example/blogs/journal/magnesium-and-muscle-cramps"
CAPTURES = """
    SELECT captures.id, fetched_at FROM captures JOIN posts ON posts.id = post_id
    WHERE posts.url = ? AND resource_type = 'post' AND verdict = 'ok' ORDER BY fetched_at
"""
Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def ask(three_days: ThreeDays) -> Ask:
    """Ask the web interface of the demo store after three days."""
    datasette = make_datasette(three_days.db)

    def get(path: str, **headers: str) -> httpx.Response:
        return asyncio.run(datasette.client.get(path, headers=headers))

    return get


@pytest.fixture(scope="module")
def captures(three_days: ThreeDays) -> list[tuple[int, str]]:
    found = rows(three_days.db, CAPTURES, PAGE)
    assert len(found) == 3
    return [(int(str(number)), str(at)) for number, at in found]


def http_date(at: str) -> str:
    return format_datetime(datetime.fromisoformat(at).astimezone(UTC), usegmt=True)


def test_the_timemap_lists_every_capture(ask: Ask, captures: list[tuple[int, str]]):
    answer = ask(f"/-/timemap/link/{PAGE}")
    assert answer.headers["content-type"] == "application/link-format; charset=utf-8"
    original, itself, timegate, *mementos = answer.text.strip().split(",\n")
    assert original == f'<{PAGE}>; rel="original"'
    assert 'rel="self"' in itself
    assert timegate == f'<http://localhost/-/timegate/{PAGE}>; rel="timegate"'
    assert mementos == [
        f'<http://localhost/-/capture/{number}/frame>; rel="{rel}"; datetime="{http_date(at)}"'
        for (number, at), rel in zip(
            captures, ("first memento", "memento", "last memento"), strict=True
        )
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_timegate_leads_to_the_nearest_capture(
    ask: Ask, captures: list[tuple[int, str]], place: int
):
    number, at = captures[place]
    answer = ask(f"/-/timegate/{PAGE}", **{"accept-datetime": http_date(at)})
    assert (answer.status_code, "accept-datetime" in answer.headers["vary"]) == (302, True)
    assert answer.headers["location"] == f"/-/capture/{number}/frame"
    memento = ask(answer.headers["location"])
    moment = parsedate_to_datetime(memento.headers["memento-datetime"])
    assert moment == datetime.fromisoformat(at)
    assert f'<{PAGE}>; rel="original"' in memento.headers["link"]


def test_without_a_time_the_timegate_leads_to_the_newest(ask: Ask, captures: list[tuple[int, str]]):
    assert ask(f"/-/timegate/{PAGE}").headers["location"].endswith(f"/{captures[-1][0]}/frame")


def test_addresses_like_the_wayback_machines(ask: Ask, captures: list[tuple[int, str]]):
    first, last = (number for number, _ in (captures[0], captures[-1]))
    assert ask(f"/web/2001/{PAGE}").headers["location"] == f"/-/capture/{first}"
    assert ask(f"/web/20990101000000id_/{PAGE}").headers["location"] == f"/-/capture/{last}"
    assert ask(f"/web/*/{PAGE}").headers["location"].startswith("/-/post/")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/-/timemap/link/http://hollow-fern.example/blogs/journal/no-such-post", 404),
        ("/-/timegate/https://elsewhere.example/", 404),
        ("/web/20219999/" + PAGE, 400),
        ("/-/timemap/link/%0d%0aSet-Cookie:x", 404),
    ],
)
def test_what_is_not_there_is_said(ask: Ask, path: str, status: int):
    answer = ask(path)
    assert (answer.status_code, "set-cookie" in answer.headers) == (status, False)


@pytest.mark.parametrize("time", ["soon", f"Mon, 1 Jan {'9' * 20} 00:00:00 GMT"])
def test_a_time_that_is_none_is_refused(ask: Ask, time: str):
    assert ask(f"/-/timegate/{PAGE}", **{"accept-datetime": time}).status_code == 400


def test_a_capture_that_is_no_page_of_a_post_is_no_memento(ask: Ask, three_days: ThreeDays):
    sql = "SELECT id FROM captures WHERE resource_type = 'feed' AND body_hash <> '' LIMIT 1"
    ((number,),) = rows(three_days.db, sql)
    assert "memento-datetime" not in ask(f"/-/capture/{number}/frame").headers
