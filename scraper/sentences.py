"""The words of a text as a search compares them, and its sentences as a person quotes them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MAX_PASSAGE_SENTENCES: Final = 8
"""Sentences of a passage: a phrase that spans more is quoted from its first one on."""

_WORD: Final = re.compile(r"[^\W_]+")
UNSPACED: Final = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Letters of scripts without spaces between words, for a class of a pattern."""

_END: Final = re.compile(
    r"(?<![.!?…؟।])[.!?…؟।]++[)\]'\"’”»]*+(?=\s+(\S))|(?<![。！？])[。！？]++[)\]」』）”]*+(?=\s*(\S))"
)
_LONGEST_SHORT: Final = 8  # characters
_SHORT: Final = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "st", "vs", "etc", "approx", "fig", "e.g", "i.e", "eg", "ie"}
    | {"cf", "al", "inc", "ltd", "jr", "sr", "u.s", "u.k", "nr", "bzw", "z.b", "ca", "usw", "sog"}
)
"""What a full stop shortens in most texts: it ends no sentence."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: `key` without case and accents, and where it stands."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a text, where it begins, and the number of its paragraph, which is a line."""

    text: str
    start: int
    paragraph: int

    @property
    def end(self) -> int:
        """The place behind its last character."""
        return self.start + len(self.text)


def fold(word: str) -> str:
    """A word without case and accents, as the search index compares it."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def split_words(text: str) -> list[Word]:
    """The words of a text in order."""
    return [Word(fold(found[0]), *found.span()) for found in _WORD.finditer(text)]


def split_sentences(text: str) -> list[Sentence]:
    """The sentences of a text in order; a line without an end mark, such as a heading, is one."""
    return list(_sentences(text))


def passages(text: str, phrase: str) -> list[str]:
    """The sentences that hold a phrase, each once: its words in a row, whatever their case, accents
    and the marks between them. A phrase over several sentences gives them all as one passage."""
    asked = [fold(word) for word in _WORD.findall(phrase)]
    if not asked:
        return []
    words = list(_WORD.finditer(text))  # no `Word` for each: making them takes the most time
    places = list(_places([fold(word[0]) for word in words], asked))
    sentences = split_sentences(text) if places else []
    ends = [sentence.end for sentence in sentences]
    found: dict[str, None] = {}
    end = 0
    for first in places:
        place = words[first].start()
        if place >= end:  # else it stands in the passage that was found last
            held = _holding(sentences, ends, place, words[first + len(asked) - 1].end())
            end = held[-1].end
            found[" ".join(text[held[0].start : end].split())] = None
    return list(found)


def _sentences(text: str) -> Iterator[Sentence]:
    start = 0
    for paragraph, line in enumerate(text.splitlines(keepends=True)):
        begin = 0
        for end in [*_ends(line), len(line)]:
            part = line[begin:end]
            if bare := part.strip():
                place = start + begin + len(part) - len(part.lstrip())
                yield Sentence(text=bare, start=place, paragraph=paragraph)
            begin = end
        start += len(line)


def _ends(line: str) -> Iterator[int]:
    """Where the sentences of a line end: behind an end mark that no lower-case word follows."""
    for mark in _END.finditer(line):
        before = line[max(mark.start() - _LONGEST_SHORT, 0) : mark.start()]
        word = before.rpartition(" ")[2].lstrip("(\"'“‘").casefold()
        is_short = mark[0][0] == "." and (word in _SHORT or len(word) == 1)
        if not (mark[1] or "").islower() and not is_short:
            yield mark.end()


def _places(keys: Sequence[str], asked: Sequence[str]) -> Iterator[int]:
    length = len(asked)
    for first, key in enumerate(keys[: len(keys) - length + 1]):
        if key == asked[0] and keys[first : first + length] == list(asked):
            yield first


def _holding(
    sentences: Sequence[Sentence], ends: Sequence[int], start: int, end: int
) -> Sequence[Sentence]:
    first, last = bisect_right(ends, start), bisect_left(ends, end)
    return sentences[first : min(last, first + MAX_PASSAGE_SENTENCES - 1) + 1]
