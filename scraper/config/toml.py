"""TOML whose keys have so many parts as a person writes."""

from __future__ import annotations

import re
import tomllib
from typing import Any

# The parser is quadratic in the parts of a key (measured: 6 s for 16,000).
_ENDLESS_KEY = re.compile(
    r"""
    (?m: ^ [ \t]*+ \[{0,2} [ \t]*+ | [{,] [ \t]*+ )  # where a key begins
    (?: (?: "(?:[^"\\\n]|\\.)*+" | '[^'\n]*+' | [\w-]++ ) [ \t]*+ \. [ \t]*+ ){100}
    """,
    re.X,
)


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a file. Raises TOMLDecodeError, and RecursionError or ValueError for a key of a hundred
    parts, a number of thousands of digits, or what is nested as deep."""
    if _ENDLESS_KEY.search(text):
        raise ValueError("a key has a hundred parts")
    return tomllib.loads(text)
