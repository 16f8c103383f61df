"""The passages that a letter quotes, and how alike a passage and a text are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scraper.sentences import split_sentences, split_words

FEWEST_WORDS: Final = 3
"""Words of a quotation: fewer are a term or a name."""

MOST_WORDS: Final = 45
"""Words of a passage that is searched as a whole; a longer one is searched sentence by sentence."""

MOST_CHARS: Final = 450

NEARLY: Final = 0.6
"""The likeness from which on a passage is nearly the quoted one."""

FEWEST_OF_A_PART: Final = 6
"""Words of a passage that is compared with parts of sentences too."""

Shingles = Counter[tuple[str, ...]]
"""The words of a text, and its pairs of words in a row, each with how often it stands there."""

_QUOTED: Final = re.compile(
    r"""
        “ ((?:[^“”]++|“[^“”]*+”)++) ”  # quotation marks may stand in a quotation
      | « ((?:[^«»]++|«[^«»]*+»)++) »
      | „ ([^„“”]+) [“”]
      | (?<!\w) \" ([^\"]+) \" (?!\w)
    """,
    re.X,
)
_BLANK_LINE: Final = re.compile(r"\n[ \t\r>]*\n")
_MAIL_QUOTE: Final = re.compile(r"^[ \t]*+>[ \t>]*+", re.M)
_MAIL_QUOTES: Final = re.compile(r"(?:^[ \t]*+>[^\n]*+\n?+)++", re.M)
_OMISSION: Final = re.compile(r"\[?(?:\.\.\.|…)\]?|\[[^\[\]]{0,40}\]")
_PLAIN_MARKS: Final = str.maketrans("‘’‚‛“”„‟«»", "''''" + '"' * 6)
_EDGE: Final = " \t\n,;:.!?—–-'\"‘’"


@dataclass(frozen=True, slots=True)
class Likeness:
    """The sentences of a text that are most like a passage, and how alike: 0 to 1."""

    passage: str
    score: float


def find_quotations(text: str) -> list[str]:
    """The passages in quotation marks, or in lines behind ">" as mails quote, each once, in order;
    what a letter leaves out with an ellipsis or brackets divides a passage."""
    found: dict[str, None] = {}
    for paragraph in _BLANK_LINE.split(text):
        for quoted in _quoted(paragraph):
            for part in _OMISSION.split(quoted):
                found.update(dict.fromkeys(_passages(part)))
    return list(found)


def _quoted(paragraph: str) -> Iterator[str]:
    for lines in _MAIL_QUOTES.findall(paragraph):
        yield " ".join(_MAIL_QUOTE.sub("", lines).split())
    for quoted in _QUOTED.finditer(" ".join(_MAIL_QUOTE.sub("", paragraph).split())):
        yield next(filter(None, quoted.groups()), "")


def nearest_passage(passage: str, text: str) -> Likeness:
    """The sentence of a text, or two in a row, most like a passage as a whole or in a part. Two
    have to share more with it by over a word and its pair: the sentence beside the quoted one may
    have a word by chance, and both together stood for another time."""
    sentences, wanted = [one.text for one in split_sentences(text)], count_shingles(passage)
    pairs = [f"{one} {other}" for one, other in pairwise(sentences)]
    chance = 2 / max(wanted.total(), 1)
    scored = [(_likeness(wanted, one), 0.0, one) for one in sentences]
    scored += [(_likeness(wanted, one), chance, one) for one in pairs]
    score, _, best = max(scored, key=lambda one: one[0] - one[1], default=(0.0, 0.0, ""))
    return Likeness(" ".join(best.split()), score)


def is_verbatim(quote: str, text: str) -> bool:
    """Whether a text holds a quotation word for word, capitals and marks included. Only white space
    and the form of quotation marks may differ, and no word is cut."""
    wanted, held = _plain(quote), _plain(text)
    places = (found.span() for found in re.finditer(re.escape(wanted), held)) if wanted else ()
    return any(
        not (_is_word(held[start - 1 : start + 1]) or _is_word(held[end - 1 : end + 1]))
        for start, end in places
    )


def shorten_passage(passage: str) -> str:
    """As many words of a passage as can be searched as a phrase."""
    words = split_words(passage)
    fitting = [word for word in words[:MOST_WORDS] if word.end <= MOST_CHARS]
    if len(fitting) == len(words):
        return passage[:MOST_CHARS]
    return passage[: fitting[-1].end] if fitting else passage[:MOST_CHARS]


def count_shingles(text: str) -> Shingles:
    """The words of a text, and its pairs of words in a row."""
    return Counter(_shingles(text))


def _shingles(text: str) -> list[tuple[str, ...]]:
    """Each word of a text, and behind it the pair that it ends: all but the first have one."""
    words = [word.key for word in split_words(text)]
    pairs = pairwise(words)
    return [(word,) for word in words[:1]] + [
        shingle for word, pair in zip(words[1:], pairs, strict=True) for shingle in (pair, (word,))
    ]


def _likeness(wanted: Shingles, text: str) -> float:
    """How alike a passage is to a text, or to as many words in a row of it: letters quote parts of
    long sentences. A passage of few words is like a part of many a sentence."""
    shingles = _shingles(text)
    whole, length = share_of_shingles(wanted, Counter(shingles)), wanted.total()
    if not 2 * FEWEST_OF_A_PART <= length + 1 <= len(shingles):
        return whole
    return max(whole, _most_in_common(wanted, shingles, length) / length)


def _most_in_common(wanted: Shingles, shingles: list[tuple[str, ...]], length: int) -> int:
    """How many of the wanted shingles some `length` of a text in a row have, at most."""
    held: Shingles = Counter()
    common = most = 0
    for place, shingle in enumerate(shingles):
        held[shingle] += 1
        common += held[shingle] <= wanted[shingle]
        if place >= length:
            gone = shingles[place - length]
            common -= held[gone] <= wanted[gone]
            held[gone] -= 1
        most = max(most, common)
    return most


def share_of_shingles(one: Shingles, other: Shingles) -> float:
    """The share of words and pairs that two texts have in common (Dice's coefficient)."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _passages(part: str) -> Iterator[str]:
    bare = part.strip(_EDGE)
    if len(split_words(bare)) <= MOST_WORDS:
        sentences = [bare]
    else:
        sentences = [one.text.strip(_EDGE) for one in split_sentences(bare)]
    for sentence in sentences:
        if len(split_words(sentence)) >= FEWEST_WORDS:
            yield shorten_passage(sentence)


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return " ".join(composed.translate(_PLAIN_MARKS).split())


def _is_word(around: str) -> bool:
    """Whether both characters around a place belong to one word."""
    return len(around) == 2 and around.isalnum()
