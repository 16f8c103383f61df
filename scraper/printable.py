"""Text that leaves the archive: safe to print, to put into JSON and into a cell of CSV.

Stores write the text. The archive keeps it unchanged; these functions change what is shown of it.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar, cast

_Value = TypeVar("_Value")

UNPRINTABLE: Final = "\ufffd"

_FLAGS: Final = "|".join(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
"""The flags of England, Scotland and Wales, the only tag sequences that Unicode recommends (UTS 51,
RGI_Emoji_Tag_Sequence). Any other tag sequence could hide a text."""

_CONTROLS: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_NONCHARACTERS: Final = r"\ufdd0-\ufdef" + "".join(
    rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17)
)
_DIRECTIONS: Final = r"\u202a-\u202e\u2065-\u206f"
_HIDDEN: Final = r"\ufeff\ufff0-\ufffb\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
_SELECTORS: Final = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSAFE: Final = re.compile(
    rf"({_FLAGS})"
    rf"|[{_CONTROLS}{_NONCHARACTERS}{_DIRECTIONS}{_HIDDEN}]"
    # One selector may follow a character; more of them could hide a text.
    rf"|(?:(?<=[{_SELECTORS}])|^)[{_SELECTORS}]"
)

_SUSPECT: Final = re.compile(rf"[{_CONTROLS}{_NONCHARACTERS}{_DIRECTIONS}{_HIDDEN}{_SELECTORS}]")
"""What every match of `_UNSAFE` holds."""

# What the grammar of XML 1.0 leaves out (production 2, Char).
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNSEEN: Final = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u2800\u3164"
    r"\ufeff\uffa0"
)
_FORMULA: Final = re.compile(
    rf"[\t\r\n]|[\s\"'{_UNSEEN}]*"
    r"[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?")


def printable(text: str, substitute: str = UNPRINTABLE) -> str:
    """Replace each character that could steer a terminal, reorder the text or hide a part of it.

    These are control characters except newline and tab, bidirectional embeddings, overrides and
    isolates, tag characters outside a flag, repeated variation selectors, and lone surrogates.
    Letters of every script, the marks U+200E, U+200F and U+061C, joiners and emoji stay.
    """
    if _SUSPECT.search(text) is None:  # nearly always, and ten times as fast
        return text
    return _UNSAFE.sub(lambda found: found[1] or substitute, text)


def all_printable(value: _Value) -> _Value:
    """Return a value with every text in it printable: within dataclasses and tuples too. Places in
    a text stay, for each character is replaced by one."""
    result: Any = value
    if isinstance(value, str):
        result = printable(value)
    elif isinstance(value, tuple):
        result = tuple(map(all_printable, value))
    elif is_dataclass(value) and not isinstance(value, type):
        found = {one.name: all_printable(getattr(value, one.name)) for one in fields(value)}
        result = replace(value, **found)
    return cast("_Value", result)


def single_line(text: str) -> str:
    """Return the printable text as one line: line breaks, tabs and controls become spaces."""
    return printable(text, " ").replace("\n", " ").replace("\t", " ")


def escape_json(document: str) -> str:
    r"""Write the characters of a JSON document that `printable` would replace as ``\uXXXX``.

    A parser reads the same values. The document must be valid JSON.
    """
    return _UNSAFE.sub(lambda found: found[1] or _json_escape(found[0]), document)


def escape_xml(markup: str) -> str:
    """Write the characters of XML that `printable` would replace as references (``&#x202E;``).

    The markup must hold only characters of XML 1.0. Carriage returns must be escaped already.
    """
    return _UNSAFE.sub(lambda found: found[1] or f"&#x{ord(found[0]):X};", markup)


def fit_xml(text: str) -> str:
    """A text with what XML 1.0 cannot hold shown as U+FFFD."""
    return _UNFIT.sub(UNPRINTABLE, text)


def xml_text(text: str) -> str:
    """A text as it stands between two tags: a parser reads the same one, as far as `fit_xml` leaves
    it."""
    escaped = fit_xml(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escape_xml(escaped.replace("\r", "&#13;"))


def csv_cell(text: str) -> str:
    """Return a text for a cell of CSV: printable, with an apostrophe before what a spreadsheet
    would run as a formula. Numbers stay numbers."""
    shown = printable(text.replace("\r\n", "\n"))
    if _FORMULA.match(text) and not _NUMBER.fullmatch(shown):
        return f"'{shown}"
    return shown


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
