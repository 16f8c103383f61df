"""The audit in the browser: what it lists, how it is filtered, and where it leads."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.conftest import ENDS_S, Command, ThreeDays
from tests.web.conftest import post_id
from tests.web.test_pages import CRAMPS, visible_text


@pytest.fixture
def client(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, timeout=ENDS_S) as client:
        yield client


def test_the_page_lists_what_the_command_finds(
    client: httpx.Client, blogkeep: Command, three_days: ThreeDays
) -> None:
    printed = blogkeep("audit", "--db", str(three_days.db), "--json").stdout
    told, answer = json.loads(printed), client.get("/-/audit.json").json()
    assert answer["claims"] == told["claims"]
    assert answer["cpu_s"] > 0
    rows = list(csv.DictReader(client.get("/-/audit.csv").text.splitlines()))
    assert [row["sentence"] for row in rows] == [one["claim"]["sentence"] for one in told["claims"]]
    page = visible_text(client.get("/-/audit").text)
    assert f"{len(rows)} claims in" in page
    assert re.search(r"reading 74 posts took \d+\.\d\d s of CPU", page)


def test_a_claim_leads_to_its_post_its_change_and_its_evidence(
    client: httpx.Client, three_days: ThreeDays
) -> None:
    page = client.get("/-/audit?grade=high&rule=symptom").text
    (item,) = [one for one in page.split("<li class=") if "stops night cramps for good" in one]
    post = post_id(three_days.db, CRAMPS)
    links = re.findall(r'href="([^"]+)"', item)
    assert links[:2] == [f"/-/post/{post}", f"/-/post/{post}/compare/2/1"]
    for link in links:
        assert client.get(unescape(link)).status_code == 200, link
    assert "Came" in item


def test_filters_choose_and_facets_count(client: httpx.Client) -> None:
    def sentences(query: str) -> list[str]:
        found = client.get(f"/-/audit.json?{query}").json()["claims"]
        return [one["claim"]["sentence"] for one in found]

    everything = sentences("")
    by_grade = [sentences(f"grade={grade}") for grade in ("high", "medium", "low")]
    assert [one for found in by_grade for one in found] == everything
    assert all(by_grade)
    page = visible_text(client.get("/-/audit?grade=high").text)
    assert f"high {len(by_grade[0])} medium {len(by_grade[1])} low {len(by_grade[2])}" in page
    assert sentences("store=nobody") == []
    assert "No claim matches these filters." in client.get("/-/audit?store=nobody").text
    since = [one["since"] for one in client.get("/-/audit.json").json()["claims"]]
    months = {one["not_after"][:7] for one in since if one and one["not_before"]}
    by_since = {value: sentences(f"since={value}") for value in ("first", "never", *months)}
    assert months
    assert by_since["first"]
    assert sorted(itertools.chain(*by_since.values())) == sorted(everything)
    assert sentences("on=2001-01-01") == []
    assert sentences("on=2099-01-01") == everything
    assert sentences("on=soon") == everything
