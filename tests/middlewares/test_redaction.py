"""What a store repeats of a secret is removed in every form that the documentation names."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from functools import partial
from html.entities import html5
from itertools import product
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from scraper.middlewares.redaction import redact, redact_text, secret_forms
from tests.conftest import FURTHER
from tests.each_row import each_row
from tests.growth import is_linear

SECRET = 'sig1=:c2Vj/cmV0+c2ln==:; "keyid" & <x_1>'
FORMS = secret_forms([SECRET])
NAMES = {char: name for name, char in html5.items() if name.endswith(";")}


def _percent(text: str, template: str = "%{:02x}") -> str:
    return "".join(template.format(ord(char)) for char in text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "URL in lower case": lambda text: re.sub(
        "%..", lambda found: found[0].lower(), quote(text, safe="")
    ),
    "URL, every character": _percent,
    "URL, upper case": lambda text: _percent(text, "%{:02X}"),
    "URL, each second character": lambda text: "".join(
        _percent(char) if number % 2 else char for number, char in enumerate(text)
    ),
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON, every character": lambda text: _percent(text, "\\u{:04x}"),
    "JSON, upper case": lambda text: _percent(text, "\\u{:04X}"),
    "JSON twice": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "JavaScript": lambda text: _percent(text, "\\x{:02x}"),
    "JavaScript, code points": lambda text: _percent(text, "\\u{{{:x}}}"),
    "JavaScript, padded code points": lambda text: _percent(text, "\\u{{00{:X}}}"),
    "HTML": html.escape,
    "HTML, decimal": lambda text: _percent(text, "&#{};"),
    "HTML, padded decimal": lambda text: _percent(text, "&#000{};"),
    "HTML, hexadecimal": lambda text: _percent(text, "&#x{:x};"),
    "HTML, upper case": lambda text: _percent(text, "&#X{:X};"),
    "HTML, named": lambda text: "".join(
        f"&{NAMES[char]}" if char in NAMES else char for char in text
    ),
    "HTML without semicolons": lambda text: text.replace("/", "&#47").replace("+", "&#43"),
    "HTML in JSON": lambda text: html.escape(text).replace("&", "\\u0026"),
    "HTML twice": lambda text: html.escape(html.escape(text)),
}


@each_row("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_each_spelling_is_removed(spell: Callable[[str], str]) -> None:
    page = f'<a href="/?k={spell(SECRET)}">é &amp; %41</a>'.encode()
    assert redact(page, FORMS) == '<a href="/?k=[redacted]">é &amp; %41</a>'.encode()


@each_row("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_base64_is_removed_at_each_alignment(spell: Callable[[str], str]) -> None:
    # At most the two characters that also depend on the text before or after it.
    most_left = len(b"x  y") + 2 * 8 + len(spell("=="))
    wrong = []
    for before, encode, padded in product(
        ["", "k", "k="], [base64.b64encode, base64.urlsafe_b64encode], [False, True]
    ):
        code = encode(f"{before}{SECRET}".encode()).decode()
        page = f"x {spell(code if padded else code.rstrip('='))} y".encode()
        rest = redact(page, FORMS)
        if b"[redacted]" not in rest or len(rest.replace(b"[redacted]", b"")) > most_left:
            wrong.append((before, encode.__name__, padded, rest))
    assert wrong == []


def test_a_token_in_a_value_is_removed_alone() -> None:
    forms = secret_forms(["sig1=:dGhlLW1lcmNoYW50cy1vd24tc2VjcmV0:"])
    assert redact(b"a dGhlLW1lcmNoYW50cy1vd24tc2VjcmV0 b", forms) == b"a [redacted] b"


def test_what_a_server_reads_out_of_a_header_is_removed() -> None:
    pair = base64.b64encode(b"merchant:night kettle 7").decode()
    forms = secret_forms([f"Basic {pair}", "bearer short-token", "Summer collection"])
    wrong = [
        text
        for text in (
            f"Basic {pair}",
            pair,
            "merchant:night kettle 7",
            "night kettle 7",
            "short-token",
        )
        for spell in (
            str,
            quote,
            lambda text: text.encode().hex(),
            lambda text: text.encode().hex().upper(),
        )
        if redact(f"x {spell(text)} y".encode(), forms) != b"x [redacted] y"
    ]
    assert wrong == []
    page = b"the merchant's kettle, a collection of tokens in Summer"
    assert redact(page, forms) is page


def test_utf_16_is_removed() -> None:
    for charset in ("utf-16-le", "utf-16-be", "utf-16"):
        rest = redact(f"x {SECRET} y".encode(charset), FORMS)
        assert b"[redacted]" in rest
        assert SECRET.encode(charset)[2:-2] not in rest


def test_neighbouring_and_overlapping_forms_are_removed_once() -> None:
    text = f"{SECRET}{quote(SECRET)} {SECRET}".encode()
    assert redact(text, FORMS) == b"[redacted][redacted] [redacted]"


def test_other_text_is_the_same_object() -> None:
    page = b"<p>%41 &amp; \\u0041 \\/ &unknown; &#300; %zz \\u00e9</p>" * 50
    assert redact(page, FORMS) is page


@given(st.text(alphabet="ab%&#;\\/x2fu0 +=" + SECRET[:6], max_size=60), st.integers(0, 23))
def test_whatever_stands_around_it_stays(text: str, number: int) -> None:
    """No neighbour hides a secret, unless it joins its first or last character."""
    spelled = list(SPELLINGS.values())[number](SECRET)
    raw = f"{text} | {spelled} | {text}".encode()
    assert redact(raw, FORMS) == f"{text} | [redacted] | {text}".encode()


def test_a_log_line_keeps_its_letters() -> None:
    assert redact_text(f"é \ud800 {SECRET}", FORMS) == "é \ud800 [redacted]"


@FURTHER
@each_row(
    "unit",
    [
        b"<p>Tea &amp; caf\xc3\xa9 %20 \\u0026</p>\n",
        b"%41",
        b"&#0",
        b"\\\\",
        b"%25",
        b"&a",
        b"sig1=:c2Vj",
    ],
    ids=["page", "URL", "entities", "backslashes", "percents", "names", "prefixes"],
)
def test_the_time_is_linear(unit: bytes) -> None:
    redact(unit, FORMS)  # what is compiled once does not count
    assert is_linear(
        lambda size: partial(redact, unit * (size // len(unit)), FORMS), 50_000, 10, most=30
    )
