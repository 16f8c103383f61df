"""Hashes are exact; keys for comparing titles are lenient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scraper.history.fingerprints import content_hash, fields_hash, join_tags, title_key
from scraper.history.snapshots import Fields
from tests.each_row import each_row

FIELDS = Fields(
    title="Tea",
    author="Mara",
    published_at="2026-02-01",
    excerpt="e",
    image_url="i",
    tags=("a", "b"),
)


@each_row(
    ("one", "other"),
    [
        pytest.param(("a", "b", "c"), ("a", "b", "c "), id="a space"),
        pytest.param(("a", "b", "c"), ("a", "bc", ""), id="a word in another part"),
        pytest.param(("", "a", ""), ("", "", "a"), id="the same word in another part"),
        pytest.param(("10 %", "", ""), ("10", "", ""), id="a sign"),
        pytest.param(("é", "", ""), ("e\u0301", "", ""), id="another way to write a letter"),
    ],
)
def test_any_difference_of_a_body_gives_another_hash(one, other):
    assert content_hash(*one) != content_hash(*other)


def test_a_body_has_one_hash():
    assert content_hash("<p>a</p>", "a", "a") == content_hash("<p>a</p>", "a", "a")


def test_half_a_letter_can_be_hashed():
    assert content_hash("\ud83d", "", "") != content_hash("\ud83e", "", "")


@each_row("field", ["title", "author", "published_at", "excerpt", "image_url"])
def test_each_field_has_its_part_in_the_hash(field):
    assert fields_hash(replace(FIELDS, **dict[str, Any]({field: ""}))) != fields_hash(FIELDS)


def test_tags_have_their_part_whatever_their_order():
    assert (
        fields_hash(replace(FIELDS, tags=("b", "a")))
        == fields_hash(FIELDS)
        != fields_hash(replace(FIELDS, tags=("a",)))
    )


def test_a_word_does_not_slip_from_field_to_field():
    assert fields_hash(replace(FIELDS, excerpt="x", image_url="")) != fields_hash(
        replace(FIELDS, excerpt="", image_url="x")
    )


@each_row(
    ("one", "other"),
    [
        pytest.param("Slow Tea", "slow  TEA ", id="case and spaces"),
        pytest.param("It’s “tea”", 'It\'s "tea"', id="quotes"),
        pytest.param("Tea – now", "Tea - now", id="dashes"),
        pytest.param("Slow\u00a0Tea", "Slow Tea", id="hard space"),
        pytest.param("STRASSE", "straße", id="sharp s"),
    ],
)
def test_titles_that_read_alike_have_one_key(one, other):
    assert title_key(one) == title_key(other)


def test_titles_that_differ_in_a_word_have_two_keys():
    assert title_key("Slow Tea") != title_key("Slow Teas")


def test_tags_are_unique_and_in_alphabetical_order():
    assert join_tags(["tea", "Rest", "tea", "Tea"]) == ("Rest", "Tea", "tea")
