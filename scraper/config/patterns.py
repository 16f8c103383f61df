"""Regular expressions that operators write, run by RE2: its time grows linearly with the text,
whatever the pattern, so that no pattern can hang a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Protocol

import re2

MOST_MATCHES: Final = 1000
"""Each search for a next match may read all the rest of the text: without a limit, the searches
together would take quadratic time."""

_STATES_BYTES: Final = 64 * 1024 * 1024
"""What the states of a list of terms may take. Our longest one needs a few megabytes; within RE2's
own limit of 8 it falls back to a way that takes ten times as long."""

# RE2's own \w, \d and \s know ASCII only; Python's know every script.
_WORD: Final = r"\p{L}\p{N}_"
_NO_WORD: Final = (
    r"\p{M}\p{S}\p{Z}\p{C}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"
    r"\x{203f}\x{2040}\x{2054}\x{fe33}\x{fe34}\x{fe4d}-\x{fe4f}\x{ff3f}"
)
_SPACE: Final = r"\t-\r\x{1c}-\x{20}\x{85}\p{Z}"
_NO_SPACE: Final = (
    r"\x{0}-\x{8}\x{e}-\x{1b}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}"
    r"\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"
)
_IN_A_CLASS: Final = {
    r"\w": _WORD,
    r"\W": _NO_WORD,
    r"\s": _SPACE,
    r"\S": _NO_SPACE,
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\b": r"\x08",
    "[": r"\[",
}
_OUTSIDE: Final = {
    r"\w": f"[{_WORD}]",
    r"\W": f"[^{_WORD}]",
    r"\s": f"[{_SPACE}]",
    r"\S": f"[^{_SPACE}]",
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\Z": r"\z",
}
_TOKEN: Final = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)"
    r"|\(\?(?:P?[=>]|<?[=!]|[(#]|[a-zA-Z]*[aLux])"
    r"|(?:[*+?]|\{\d*+(?:,\d*+)?\})\+|\[\^?\]?"
    r"|[^\\()\[\]{}*+?]++|.",  # many plain characters are one token
    re.S,
)
_UNSUPPORTED: Final = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?P=": "back-references",
    "(?P>": "recursion",
    "(?>": "atomic groups",
    "(?(": "conditions",
    "(?#": "comments",
    r"\C": "single bytes",
    r"\N": "names of characters",
}


class UnfitPattern(ValueError):
    """A pattern that RE2 cannot run, with the reason. Raised by `compile_pattern`; the operator
    must write it in another way."""


class Pattern(Protocol):
    """A compiled pattern, of RE2 or of Python."""

    def finditer(self, text: str, /) -> Iterator[object]:
        """Every match, from the start of the text."""


def compile_pattern(text: str, *, is_normal: bool = False) -> Pattern:
    r"""A pattern for RE2 with the meaning it has in Python, except that `\b` knows only ASCII
    letters: with others it is refused, unless the pattern `is_normal` and has it beside ASCII
    alone. Raises UnfitPattern."""
    tokens = _TOKEN.findall(text)
    has_edges = not is_normal and any(token in {r"\b", r"\B"} for token in tokens)
    if has_edges and _has_other_letters(tokens):
        raise UnfitPattern(
            r"\b knows only ASCII letters, and there are others: use words_appear or words_go"
        )
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True  # only whole matches are read, and each group costs time
    if is_normal:
        options.max_mem = _STATES_BYTES
    try:
        compiled: Pattern = re2.compile("".join(_translated(tokens)), options)
    except re2.error as error:
        raise UnfitPattern(f"it is not a regular expression of RE2: {_text(error)}") from None
    return compiled


def count_matches(pattern: Pattern, text: str) -> int:
    """How often a pattern matches, up to MOST_MATCHES."""
    return sum(1 for _ in islice(pattern.finditer(text), MOST_MATCHES))


def _translated(tokens: Iterable[str]) -> Iterator[str]:
    """The parts of a pattern as RE2 writes them. Raises UnfitPattern for what it has none for."""
    in_class = False
    for token in tokens:
        if not in_class and (what := _unsupported(token)):
            raise UnfitPattern(f"RE2 does not support {what}: {token}")
        if _is_code_point(token):
            yield rf"\x{{{token[2:]}}}"
        else:
            yield (_IN_A_CLASS if in_class else _OUTSIDE).get(token, token)
        if token == "]" or (not in_class and token.startswith("[")):
            in_class = token != "]"


def _unsupported(token: str) -> str:
    """What RE2's own errors do not name; empty for other tokens."""
    if len(token) == 2 and token[0] == "\\" and token[1] in "123456789":
        return "back-references"
    if len(token) > 1 and token.endswith("+") and token[0] in "*+?{":
        return "possessive repetition"
    if token.startswith("(?") and token[-1] in "aLux":
        return f"the flag {token[-1]}"
    return _UNSUPPORTED.get(token, "")


def _has_other_letters(tokens: Iterable[str]) -> bool:
    letters = (chr(int(one[2:], 16)) if _is_code_point(one) else one for one in tokens)
    return any(not some.isascii() and any(map(str.isalnum, some)) for some in letters)


def _is_code_point(token: str) -> bool:
    return token[:2] in {r"\u", r"\U", r"\x"} and len(token) > 2


def _text(error: Exception) -> str:
    reason = error.args[0]
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
