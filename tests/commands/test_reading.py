"""The commands that read the archive: posts, show, search and said."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.rulebooks import load_auditor
from tests.conftest import ENDS_S, ROOT, Command, ThreeDays, quiet_environment
from tests.warm import Warm
from tests.web.serving import get

HOST = "hollow-fern.example"
CRAMPS = f"http://{HOST}/blogs/journal/magnesium-and-muscle-cramps"


def test_posts_are_listed_one_a_line(blogkeep: Command, three_days: ThreeDays) -> None:
    done = blogkeep("posts", "--state", "missing", "--db", str(three_days.db))
    assert "recipes/mint-cucumber-fizz: Mint and cucumber fizz  missing" in done.stdout
    assert done.stdout.endswith("1 post\n")
    done = blogkeep("posts", "--blog", "recipes", "--json", "--db", str(three_days.db))
    assert {post["label"].split("/")[0] for post in json.loads(done.stdout)} == {f"{HOST}: recipes"}


def test_a_post_is_shown_as_it_is_and_as_it_was(blogkeep: Command, three_days: ThreeDays) -> None:
    pasted = CRAMPS.replace("http://", "https://www.") + "?utm_source=mail#top"
    done = blogkeep("show", pasted, "--db", str(three_days.db))
    assert "\nMagnesium stops night cramps for good. That, at least" in done.stdout
    done = blogkeep("show", pasted, "--revision", "2", "--db", str(three_days.db))
    assert "\nMagnesium may ease night cramps for some people." in done.stdout
    done = blogkeep("show", pasted, "--on", "2099-01-01", "--json", "--db", str(three_days.db))
    told = json.loads(done.stdout)
    assert (told["revision"]["number"], [one["n_seen"] for one in told["periods"]]) == (1, [1])


@pytest.mark.usefixtures("integration")
@pytest.mark.parametrize("words", [["posts"], ["changes"], ["changes", "--json"]], ids=" ".join)
def test_who_has_read_enough_may_close_the_output(words: list[str], three_days: ThreeDays) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "scraper", *words, "--db", str(three_days.db)],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            env=quiet_environment(),
            timeout=ENDS_S,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_search_says_what_stands_and_what_stood(blogkeep: Command, three_days: ThreeDays) -> None:
    done = blogkeep("search", '"may ease night cramps"', "--db", str(three_days.db))
    assert "Does magnesium help with night cramps?  not now, but until " in done.stdout
    done = blogkeep("search", "magnesium", "cramps", "--now", "--db", str(three_days.db))
    assert "Does magnesium help with night cramps?  now\n" in done.stdout


def test_said_quotes_the_sentence_and_when_it_stood(
    blogkeep: Command, three_days: ThreeDays
) -> None:
    done = blogkeep("said", "“stops night cramps”", "--db", str(three_days.db))
    assert done.stdout.count("“Magnesium stops night cramps for good.”") == 2
    assert "there when first seen" in done.stdout
    assert "came back" in done.stdout
    near = blogkeep("said", "magnesium may ease all night cramps", "--db", str(three_days.db))
    assert near.stdout.endswith(
        "\nnearly, 73% alike: “Magnesium may ease night cramps for some people.”\n"
    )
    assert blogkeep("said", "cures", "gout", "--db", str(three_days.db)).stdout == (
        "no archived post ever said this\n"
    )


def test_open_shows_a_post_in_the_browser(
    warm: Warm, three_days: ThreeDays, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    os.mkfifo(asked)
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {asked}\n')
    browser.chmod(0o755)
    words = ["open", CRAMPS, "--db", str(three_days.db)]
    environment = {**quiet_environment(), "BROWSER": f"{browser} %s"}
    public = ["-s", "ARCHIVE_WEB_URL=https://blogs.example/"]
    for more, page in (([], ""), (public, "https://blogs.example/-/post/")):
        process = warm.start([*words, *more], folder=ROOT, environment=environment)
        try:
            url = asked.read_text()  # as soon as the browser has it
            assert process.first_line(ENDS_S).split()[0] == url
            assert url.startswith(page)
            if not page:
                shown = get(url).text
                assert "<bdi>Does magnesium help with night cramps?</bdi></h1>" in shown
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(ENDS_S)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["posts", "--blog", "jounral"], "no blog 'jounral' is archived; there is journal, "),
        (["posts", "--store", "fern"], f"no store 'fern' is archived here; there is {HOST}"),
        (["open", "a", "b"], "give one post, or none for the front page"),
        (["open", "no-such-post"], "no-such-post"),
        (["show"], "give one post: its URL, handle, label, number or title"),
        (["show", "teapot-care", "--on", "soon"], "--on: 'soon' is not a day such as 2026-03-01"),
        (["show", "teapot-care", "--on", "2001-01-01"], "was not seen by 2001-01-01T23:59:59Z"),
        (["show", "1", "--on", "2001-01-01", "--revision", "1"], "give --on or --revision"),
        (["show", "teapot-care", "--revision", "7"], "has no revision 7: it has 2"),
        (["search"], "give words to search for"),
        (["graph", "--on", "soon"], "--on: 'soon' is not a day such as 2026-03-01"),
        (["graph", "--between", "2026-03-01", "x"], "--between: 'x' is not a day such as"),
        (["related", "1", "--on", "2026-99-99"], "--on: '2026-99-99' is not a day"),
        (["evidence", "tea"], "'tea' does not fit the usage: blogkeep evidence [options] POST"),
        (["said"], 'give a phrase, such as blogkeep said "stops night cramps"'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_input_is_one_line(
    blogkeep: Command, three_days: ThreeDays, words: list[str], problem: str
) -> None:
    done = blogkeep(*words, "--db", str(three_days.db))
    assert (done.returncode in {1, 2}, done.stdout) == (True, "")
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_audit_finds_the_claims_that_stand_or_stood(
    blogkeep: Command, three_days: ThreeDays, tmp_path: Path
) -> None:
    done = blogkeep("audit", "--db", str(three_days.db), "--json")
    told = json.loads(done.stdout)
    claims = {one["claim"]["sentence"]: one for one in told["claims"]}
    assert "It won’t cure insomnia." not in claims
    stops = claims["Magnesium stops night cramps for good."]
    assert (stops["claim"]["strength"], stops["since"]["n_seen"]) == ("stops", 1)
    assert stops["since"]["not_before"]
    assert told["posts"] == 74
    done = blogkeep("audit", "--db", str(three_days.db), "--csv", "--rules", "health")
    health = {rule.id for rule in load_auditor("health").editions["en"].book.rules}
    assert len(list(csv.DictReader(done.stdout.splitlines()))) == len(
        [one for one in told["claims"] if one["claim"]["rule"] in health]
    )
    done = blogkeep("audit", "--db", str(three_days.db), "--on", "2001-01-01")
    assert done.stdout == "0 claims in 0 of 0 posts\n"
    rules = tmp_path / "own.toml"
    rules.write_text(OWN, encoding="utf-8")
    done = blogkeep("audit", "--db", str(three_days.db), "--rules", str(rules))
    assert done.stdout.splitlines()[0] == "low     Our happy customers: customers tell us"
    rules.write_text(OWN.replace('= ["customers tell', '= ["merchants tell'), encoding="utf-8")
    done = blogkeep("audit", "--db", str(three_days.db), "--rules", str(rules))
    assert (done.returncode, done.stderr) == (
        1,
        f"blogkeep: {rules}: rule 'calves' does not flag its test 'Our customers tell us.'\n",
    )


OWN = """
book = "own"
title = "Our own rules"
version = 1
language = "en"

[[rules]]
id = "calves"
title = "Our happy customers"
source = "the style guide"
grade = "low"
phrases = ["customers tell us"]
should_flag = ["Our customers tell us."]
"""


def test_claims_are_followed_through_the_revisions(
    blogkeep: Command, three_days: ThreeDays
) -> None:
    done = blogkeep("claims", CRAMPS, "--db", str(three_days.db), "--json")
    steps = [step for entry in json.loads(done.stdout)["ledger"] for step in entry["steps"]]
    assert [step["direction"] for step in steps] == ["added", "softened", "sharpened"]
    done = blogkeep("claims", "teapot-care", "--db", str(three_days.db))
    assert done.stdout.endswith("no claim that this rulebook knows, in any revision\n")
    assert "    softened: stops → may ease night cramps\n" in three_days.printed[1]
