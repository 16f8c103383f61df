"""Remove secrets from what a store repeats: in plain, encoded, or partly encoded.

A text is searched as it is, and again after each of up to `_LAYERS` rounds of decoding. The time is
linear in the text's length.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html.entities import html5
from itertools import accumulate
from typing import Final

REDACTED: Final = b"[redacted]"

_LAYERS: Final = 3
"""Rounds of decoding: a JSON string in a query string in an attribute needs three."""

_SHORTEST: Final = 8
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_SCHEME: Final = re.compile(r"(?i:(basic)|bearer|token)[ \t]+([\x21-\x7e]+)")
"""Credentials of an Authorization header (RFC 9110, 11.4)."""

_ENTITIES: Final = {
    name.removesuffix(";").encode(): char.encode()
    for name, char in html5.items()
    if len(char) == 1 and char.isascii()
}
_ENCODED: Final = re.compile(
    rb"""
    %([0-9A-Fa-f]{2})                                   # URL
    | \\u00([0-9A-Fa-f]{2})                             # JSON
    | \\x([0-9A-Fa-f]{2})                               # JavaScript
    | \\u\{0*([0-9A-Fa-f]{1,2})\}
    | &\#[xX]0*([0-9A-Fa-f]{1,2})(?![0-9A-Fa-f]);?      # HTML
    | &\#0*([0-9]{1,3})(?![0-9]);?
    | &([A-Za-z]{2,20});?
    | \\([/"'\\])
    """,
    re.VERBOSE,
)
_DECIMAL, _NAMED, _ESCAPED = 6, 7, 8

Span = tuple[int, int]


def secret_forms(values: Iterable[str]) -> frozenset[bytes]:
    """Return what to search for: each value, each long token in it, and what follows the name of a
    scheme, as it is, with ``+`` for spaces, in UTF-16, in hexadecimal, and in base64 at each
    alignment within a longer text. Forms of less than `_SHORTEST` bytes are left out."""
    texts = {
        text for value in values for text in (value, *_TOKEN.findall(value), *_credentials(value))
    }
    return frozenset(
        form for text in texts for form in _forms(text.encode()) if len(form) >= _SHORTEST
    )


def _credentials(value: str) -> Iterator[str]:
    """The credentials alone; of ``Basic`` also name and password, which a server decodes."""
    found = _SCHEME.fullmatch(value)
    if found is None:
        return
    yield found[2]
    if found[1]:
        with suppress(ValueError):
            pair = b64decode(found[2], validate=True).decode()
            yield from (pair, pair.partition(":")[2])


def redact(text: bytes, secrets: Iterable[bytes]) -> bytes:
    """Return the text without the secrets (of `secret_forms`), plain, or encoded for URLs, JSON,
    JavaScript or HTML; the same object if it holds none."""
    secrets = frozenset(secrets)
    layers, spans = [text], _find(text, secrets)
    for _ in range(_LAYERS):
        decoded = _ENCODED.sub(_decode, layers[-1])
        if decoded == layers[-1]:
            break
        found = _find(decoded, secrets)
        if found:
            for layer in reversed(layers):
                found = _spans_before_decoding(layer, found)
            spans += found
        layers.append(decoded)
    return _cut_out(text, spans) if spans else text


def redact_text(text: str, secrets: Iterable[bytes]) -> str:
    """Return a text without the secrets, as `redact` does."""
    raw = text.encode("utf-8", "surrogatepass")
    return redact(raw, secrets).decode("utf-8", "surrogatepass")


def _forms(text: bytes) -> Iterator[bytes]:
    yield text
    yield text.replace(b" ", b"+")
    yield text.decode().encode("utf-16-le")[:-1]  # both byte orders contain this
    yield text.hex().encode()
    yield text.hex().upper().encode()
    for shift in range(3):
        bits = 8 * (shift + len(text))
        # The characters that depend on the secret alone, not on what is before or after it.
        code = b64encode(b"\0" * shift + text)[-(-8 * shift // 6) : bits // 6]
        yield code
        yield code.replace(b"+", b"-").replace(b"/", b"_")


def _find(text: bytes, secrets: Iterable[bytes]) -> list[Span]:
    spans = []
    for secret in secrets:
        start = text.find(secret)
        while start >= 0:
            spans.append((start, start + len(secret)))
            start = text.find(secret, start + len(secret))
    return spans


def _decode(encoded: re.Match[bytes]) -> bytes:
    """Return the ASCII character that an escape stands for, or the escape itself."""
    number = encoded.lastindex or 0
    if number == _ESCAPED:
        return encoded[number]
    if number == _NAMED:
        return _ENTITIES.get(encoded[number], encoded[0])
    code = int(encoded[number], 10 if number == _DECIMAL else 16)
    return bytes((code,)) if code < 0x80 else encoded[0]


def _spans_before_decoding(text: bytes, spans: Iterable[Span]) -> list[Span]:
    """Return where spans of the decoded text are in the text itself."""
    starts, shrunk, total = list[int](), list[int](), 0
    for encoded in _ENCODED.finditer(text):
        starts.append(encoded.start() - total)
        total += len(encoded[0]) - len(_decode(encoded))
        shrunk.append(total)
    shifts = [0, *shrunk]
    return [
        (start + shifts[bisect_left(starts, start)], end + shifts[bisect_left(starts, end)])
        for start, end in spans
    ]


def _cut_out(text: bytes, spans: list[Span]) -> bytes:
    spans.sort()
    ends = list(accumulate((end for _, end in spans), max))
    parts, last = list[bytes](), 0
    for (start, _), end in zip(spans, ends, strict=True):
        if start >= last:
            parts += [text[last:start], REDACTED]
        last = end
    return b"".join([*parts, text[last:]])
