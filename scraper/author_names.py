"""The single names in the line that names a post's authors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

CREDENTIALS: Final = (
    r"(?:R\.?D|R\.?N|N\.?[DP]|D\.?[OC]|[MJ]\.?D|P\.?T|O\.?T|[BM]\.?A|[BM]\.?[SE]|L\.?Ac"
    r"|PharmD|Psy\.?D|Dipl?\.?(?:[- ]?\w+\.?)?|Esq|[JS]r|I{2,3}|IV"
    r"|(?:Dr|Prof|Ing|Mag)\.?(?:\s\w+\.)?|Ph\.?\s?D"
    # Three capitals or more, with small letters between them: MSc, MBChB, NASM-CPT.
    r"|(?-i:(?!(?:USA|NYC|UAE|C[A-Z]O)\b)(?:[A-Z][a-z]{0,2}[.-]?){3,8}"
    r"|(?:[BMD]|LL)\.?[A-Z][a-z]{1,3}|Ed\.?D)"
    r"(?:\s\(Hons?\.?\))?)\.?"
)
"""Titles and degrees that follow a name behind a comma and belong to it."""

CONJUNCTIONS: Final = (
    "and|und|et|y|e|en|og|och|ja|i|oraz|a|și|si|ve|és|kai|και|и|та|і|ו|و|और|dan|và|with|mit|avec"
    "|con|com|met|med|ir|un|dhe|eta|agus|と|和|与|與|및"
)
"""Words between the names of two authors."""

_BETWEEN: Final = re.compile(
    rf" ?[,、，] ?(?:(?:{CONJUNCTIONS}|&) )?| (?:{CONJUNCTIONS}|[&+/]) | ?[&＆・] ?", re.I
)
_DEGREE: Final = re.compile(rf"(?:{CREDENTIALS})")
_ROLES: Final = (
    "(?:co-?)?founder|editor|(?:copy)?writer|author|manager|director|owner|chef|head|senior|junior"
    "|staff|lead|chief|officer|c[efmt]o|doctor|physician|nurse|diet[ei]tian|nutritionist|coach"
    "|trainer|expert|specialist|consultant|team|contributor|correspondent|reporter|journalist"
    "|blogger|photographer|designer|stylist|therapist|pharmacist|herbalist|engineer|president"
    "|professor|researcher|scientist|intern|assistant|associate|marketing|sales|content|product"
    "|ambassador|redakteur(?:in)?|autor(?:in)?|gründer(?:in)?"
    "|inhaber(?:in)?|leiter(?:in)?|rédact(?:eur|rice)|fondat(?:eur|rice)|redactora?|directora?"
)
_COMPANIES: Final = "inc|llc|ltd|gmbh|co|company|group"
_ROLE: Final = re.compile(rf"(?<![^\W_])(?:{_ROLES})(?![^\W_])", re.I)
_SURNAME: Final = re.compile(
    rf"\s*+(?!(?:{_ROLES})\s)[^\W\d_]\S*+\s++"
    r"(?:head|lead|chief|content|product|sales|marketing)\s*+",
    re.I,
)
"""A word and one that is a surname, too: no position, unless the first word is one."""

_JOB: Final = re.compile(rf"(?<![^\W_])(?:{_ROLES}|{_COMPANIES})(?![^\W_])", re.I)
_MOST_WORDS: Final = 5
_MAX_AUTHORS: Final = 20


@lru_cache(maxsize=1024)
def split_authors(author: str) -> tuple[str, ...]:
    """Return the names in a line such as ``Nora Quist, RD, Ole Berg and Ann Ray``.

    A line is cut only where each piece is a person's full name: "Fortnum & Mason" is one name, and
    so is "Anna and Ben Smith". A semicolon always parts two names.
    """
    if ";" in author:
        return tuple(filter(None, (one.strip() for one in author.split(";")[:_MAX_AUTHORS])))
    pieces: list[str] = []
    for piece in _BETWEEN.split(" ".join(author.split()))[:_MAX_AUTHORS]:
        if pieces and _DEGREE.fullmatch(piece.strip()):
            pieces[-1] += f", {piece.strip()}"
        else:
            pieces.append(piece.strip())
    if len(pieces) > 1 and all(map(is_full_name, pieces)):
        return tuple(dict.fromkeys(pieces))
    return (author,) if author else ()


def names_role(text: str) -> bool:
    """Return whether a line holds the word for a position in a house."""
    return _ROLE.search(text) is not None


def without_role(author: str) -> str:
    """Return a person's name without the position behind it: ``Nora Quist, Senior Editor``. What
    may be a second author stays: ``Nora Quist, Edith Head``."""
    name, _, role = author.rpartition(",")
    is_name = _SURNAME.fullmatch(role) is not None
    return name if _ROLE.search(role) and not is_name and is_full_name(name) else author


def join_authors(names: Sequence[str]) -> str:
    """Write names as one line, from which `split_authors` reads the same names."""
    line = ", ".join(names)
    return line if split_authors(line) == tuple(names) else "; ".join(names)


def is_full_name(piece: str) -> bool:
    """Return whether a text is a person's whole name, with or without degrees."""
    name = piece.partition(",")[0]
    if not name or any(sign.isdigit() for sign in name) or _JOB.search(name):
        return False
    if not name[0].isalpha() or name[0].islower():
        return False
    words = name.split()
    is_spaced = name[0].isupper() or "\u0590" <= name[0] < "\u0e00"
    if words[-1][0].islower():
        return False
    return len(words) <= _MOST_WORDS and (len(words) > 1 or (not is_spaced and len(name) > 1))
