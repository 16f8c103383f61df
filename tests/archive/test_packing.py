"""Answers packed and unpacked, whatever they hold."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive.captures.packing import (
    DamagedAnswer,
    Dictionary,
    join_answer,
    pack,
    split_answer,
    unpack,
)
from tests.each_row import each_row
from tests.made_up import SIGNS

HEADERS = st.lists(st.tuples(st.text(SIGNS), st.text(SIGNS)), max_size=5).map(tuple)


@given(HEADERS, st.binary())
def test_headers_and_body_come_back_as_they_were(
    headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    raw, header_bytes = join_answer(headers, body)
    assert split_answer(unpack(pack(raw), len(raw)), header_bytes) == (headers, body)


@given(st.binary(), st.binary())
def test_what_was_packed_against_another_comes_back(base: bytes, body: bytes) -> None:
    dictionary = Dictionary(base)
    assert [dictionary.unpack(dictionary.pack(raw), len(raw)) for raw in (body, base + body)] == [
        body,
        base + body,
    ]


def test_a_large_answer_is_packed_whole() -> None:
    base, more = os.urandom(9_000_000), os.urandom(1000)
    raw = base + more + base
    assert Dictionary(base).unpack(Dictionary(base).pack(raw), len(raw)) == raw


@each_row(
    "packed",
    [b"", b"no frame at all", pack(b"four")[:-2], b"\x28\xb5\x2f\xfd" + bytes(20)],
    ids=["empty", "text", "cut", "made up"],
)
def test_what_is_no_packed_answer_is_damage(packed: bytes) -> None:
    with pytest.raises(DamagedAnswer, match="unpack"):
        unpack(packed, 4)


def test_another_size_than_was_saved_is_damage() -> None:
    with pytest.raises(DamagedAnswer, match="unpacks to 4 bytes instead of 5"):
        unpack(pack(b"four"), 5)
