"""Text in normal form: composed letters, no invisible signs, no blank lines."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Signs next to which a joiner has a meaning: cursive and Indic scripts, symbols and emoji.
_JOINED: Final = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u2190-\u2bff\ufb50-\ufdff\ufe0f"
    "\ufe70-\ufefe\U00010a00-\U00011fff\U0001f000-\U0001faff"
)
# Soft hyphen, zero-width space, word joiner and byte order mark say where a line may break, and
# nothing else. ZWNJ and ZWJ (U+200C, U+200D) spell words and build emoji between such signs, once;
# elsewhere, and repeated, they are the nonces by which pages mark their copies.
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")
_JOINER: Final = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]++|[\u200c\u200d]++(?![{_JOINED}])")


def visible_signs(text: str) -> str:
    """A text without its invisible signs, in Unicode's composed form (NFC)."""
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text)
    if "\u200c" in text or "\u200d" in text:  # the pattern takes its time at every sign
        text = _JOINER.sub("", text)
    return unicodedata.normalize("NFC", text)


def normal_text(text: str) -> str:
    """A body's text in normal form: its lines without trailing white space, and no blank lines."""
    lines = (line.rstrip() for line in visible_signs(text).splitlines())
    return "\n".join(line for line in lines if line)


def normal_line(text: str) -> str:
    """A field's text in normal form: one line, single spaces."""
    return " ".join(visible_signs(text).split())
