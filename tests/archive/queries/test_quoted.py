"""A hundred planted quotations: each is found where it stood, with its periods, and none elsewhere.

The garden (`planted.py`) keeps what its crawls could read; here the archive must say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.archive.queries.texts.quoted import QuotedPassage, QuotedPost, find_quoted, read_nearly
from scraper.claims.quotations import NEARLY, find_quotations, nearest_passage
from tests.archive.conftest import assert_sound
from tests.archive.queries.planted import PLANTED, Garden, Key, Period, Planted
from tests.conftest import FURTHER


@pytest.fixture(scope="module", params=[21])
def garden(request: pytest.FixtureRequest, empty: bytes) -> Iterator[Garden]:
    db = Database(memory=True)
    db.conn.deserialize(empty)
    prepare(db)
    garden = Garden(db, Random(request.param))
    garden.grow()
    yield garden
    assert_sound(db)


@FURTHER
def test_every_quotation_of_a_letter_is_found_where_it_stood(garden: Garden) -> None:
    assert find_quotations(_letter(garden)) == [one.quoted.strip(".") for one in garden.planted]
    answers = [find_quoted(garden.db.conn, one.quoted) for one in garden.planted]
    wrong = [
        (problem, planted, answer)
        for planted, answer in zip(garden.planted, answers, strict=True)
        for problem in _problems(garden, planted, answer)
    ]
    assert wrong == []
    assert len(answers) == PLANTED
    for answer in answers:
        alike = [one.passage for one in read_nearly(garden.db.conn, answer.quoted)]
        assert answer.match == "exact" or alike[:1] == ([answer.found] if answer.found else [])
        assert answer.quoted not in alike
    posts = [post for answer in answers for post in answer.posts]
    assert {answer.match for answer in answers} >= {"exact", "nearly"}
    assert len([one for one in posts if not one.said.is_now]) > PLANTED / 4
    assert len([one for one in posts if len(one.said.periods) > 1]) > PLANTED / 20


@FURTHER
def test_what_never_stood_was_looked_for_at_every_healthy_look(garden: Garden) -> None:
    fetches = garden.healthy_fetches()
    for _ in range(10):
        answer = find_quoted(garden.db.conn, garden.sentence())
        assert (answer.match, answer.posts) == ("never", ())
        assert answer.absence
        found = answer.absence.absence
        assert (found.n_fetches, found.first_at, found.last_at) == (
            len(fetches),
            min(fetches),
            max(fetches),
        )


def _letter(garden: Garden) -> str:
    return "\n\n".join(f"You claim: “{one.quoted}”" for one in garden.planted)


def _problems(garden: Garden, planted: Planted, answer: QuotedPassage) -> Iterator[str]:
    seen = [form for form in planted.forms if garden.holders(form)]
    if bool(garden.holders(planted.quoted)) != (answer.match == "exact"):
        yield "found as something else"
    alike = max((nearest_passage(planted.quoted, form).score for form in seen), default=0.0)
    if alike >= NEARLY and answer.score < alike:
        yield "something more alike stood"
    if planted.forms[0] in seen and answer.match == "never":
        yield "it stood, and is said never to have been seen"
    expected = garden.holders(answer.found) if answer.found else {}
    if {_key(post): _periods(post) for post in answer.posts} != expected:
        yield f"other posts or periods than {expected}"
    if any(post.said.is_now == bool(_periods(post)[-1].gone_at) for post in answer.posts):
        yield "gone or not"


def _key(post: QuotedPost) -> Key:
    origin, _, path = post.said.url.partition("/blogs/")
    return origin, path.rpartition("/")[2]


def _periods(post: QuotedPost) -> tuple[Period, ...]:
    return tuple(
        Period(
            one.period.added_not_before,
            one.period.added_not_after,
            one.period.removed_not_before,
            one.period.removed_not_after,
        )
        for one in post.said.periods
    )
