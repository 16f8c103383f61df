"""Strings on which a pattern may need more than linear time: made from its own structure, and
runs of what pages are full of."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

Shape = tuple[str, str, str]
"""What begins a string, what is repeated, and what ends it."""

RUNS: Final = (
    *" \n\t_-.,:;/\\'\"=<>(&#%@+*aA0é漢の한ก\u200b\u200d\u00ad\u0301\u202e\u00a0",
    *(
        "<!--",
        "-->",
        "<!---->",
        "<a ",
        "</",
        '<a href="',
        "a_",
        "a-",
        "a ",
        "a.",
        "1.2.",
        "1,",
        "A1-",
    ),
    *(
        "'\"",
        "\"'",
        "\\'",
        "x=y ",
        "x=1&",
        "%41",
        "&amp;",
        "http://",
        "/blogs/",
        "a@a.",
        " \n",
        "__a",
    ),
    *(
        "e\u0301",
        "👨\u200d👩\u200d👧",
        "漢字",
        "the ",
        "Aa ",
        "1 March 2026 ",
        "by A B ",
        "SAVE10 ",
        "<p>",
    ),
)
TAILS: Final = ("", "\nx", "!", "\x00", "\n", "漢", "<", '"', "a", "0", " ")

_CATEGORY: Final = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: "w",
    codes.CATEGORY_NOT_DIGIT: "x",
    codes.CATEGORY_NOT_SPACE: "x",
    codes.CATEGORY_NOT_WORD: "!",
}
_ANY: Final = 'ax1 -_.!é\n<"'


def shapes(pattern: str | bytes, flags: int, chance: random.Random) -> list[Shape]:
    """Each repetition of a pattern repeated, after what leads to it; each alternative of it; two
    tails; and its complete text again and again."""
    tree = parser.parse(pattern, flags)
    found: list[Shape] = []
    for before, body in _repeats(list(tree), "", chance):
        found += [(before, body, tail) for tail in chance.sample(TAILS, 2)]
        found += [("", before + body, chance.choice(TAILS))]
    whole = _sample(tree, chance)
    found += [("", whole, ""), ("", whole[:-1], ""), ("", whole[: len(whole) // 2], "")]
    return list(dict.fromkeys(one for one in found if one[1]))


def grown(shape: Shape, length: int) -> str:
    """A string of this shape and length, in characters."""
    before, body, after = shape
    return before + body * max(1, (length - len(before) - len(after)) // len(body)) + after


def _repeats(nodes: Sequence[Any], before: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """What leads to each repetition, and bodies of it."""
    for at, (code, value) in enumerate(nodes):
        lead = before + "".join(_sample([node], chance) for node in nodes[:at])
        for inner in _inner(code, value):
            yield from _repeats(list(inner), lead, chance)
        if code in _REPEATS and value[1] > 1:
            for _ in range(3):
                yield lead, _sample(value[2], chance)
            yield lead, _sample(value[2], chance) + _sample(value[2], chance)


_REPEATS: Final = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}


def _inner(code: Any, value: Any) -> list[Any]:
    if code in _REPEATS:
        return [value[2]]
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.BRANCH:
        return list(value[1])
    if code in {codes.ASSERT, codes.ASSERT_NOT}:
        return [value[1]]
    return [value] if code is codes.ATOMIC_GROUP else []


def _sample(nodes: Any, chance: random.Random) -> str:
    """A text that the nodes match, their conditions aside."""
    return "".join(_one(code, value, chance) for code, value in nodes)


def _one(code: Any, value: Any, chance: random.Random) -> str:
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.NOT_LITERAL or code is codes.ANY:
        return chance.choice([sign for sign in _ANY if code is codes.ANY or ord(sign) != value])
    if code is codes.IN:
        return _of_class(value, chance)
    if code in _REPEATS:
        least, most, body = value
        times = min(most, max(least, chance.choice((least, 1, 2))))
        return "".join(_sample(body, chance) for _ in range(times))
    if code is codes.BRANCH:
        return _sample(chance.choice(value[1]), chance)
    if code in {codes.SUBPATTERN, codes.ATOMIC_GROUP}:
        return _sample(value[3] if code is codes.SUBPATTERN else value, chance)
    return ""


def _of_class(members: Any, chance: random.Random) -> str:
    negated = members[0][0] is codes.NEGATE
    if negated:
        fitting = [sign for sign in _ANY if not any(_is_in(sign, one) for one in members[1:])]
        return chance.choice(fitting or ["漢"])
    code, value = chance.choice(members)
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.RANGE:
        return chr(chance.randint(*value))
    return _CATEGORY.get(value, "a")


def _is_in(sign: str, member: Any) -> bool:
    code, value = member
    if code is codes.LITERAL:
        return ord(sign) == value
    if code is codes.RANGE:
        return bool(value[0] <= ord(sign) <= value[1])
    letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}.get(str(value).rsplit("_", 1)[-1], "w")
    return re.match(f"\\{letter.upper() if 'NOT' in str(value) else letter}", sign) is not None
