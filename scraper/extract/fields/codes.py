"""Discount codes as authors write them: a word in capitals that a code's words stand beside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from scraper.extract.vocabulary import any_of
from scraper.extract.vocabulary.codes import (
    AT_CHECKOUT,
    CODE_PHRASES,
    CODE_WORDS,
    CONDITIONS,
    CURRENCIES,
    FREE_SHIPPING,
    GIVING_VERBS,
    MONEY_SIGNS,
    OTHER_CODES,
    PAYING_WORD,
    PERCENT,
    PERCENT_SIGNS,
    SAVING,
    SHIPPING_WORDS,
    TILL_WORDS,
)
from scraper.items import CodeKind, CodeMention

# A code: capitals and digits, maybe with hyphens; it must stand right after (or right before) words
# that hand it over.
_QUOTES: Final = r"[\"'“”‘’«»*`]{0,3}"
_CODE: Final = (
    rf"{_QUOTES}(?P<code>(?=[A-Z0-9_-]*[A-Z])[A-Z0-9][A-Z0-9_-]{{2,23}})(?![\w-]){_QUOTES}"
)
# Three signs of a code, a capital among them, as every code has and most sentences have not. The
# capital comes first, so that the search runs from capital to capital (measured: a fifth of the
# time of a pattern for the whole word).
_CAPITALS: Final = re.compile(
    r"[A-Z](?:[A-Z0-9_-]{2}|(?<=[A-Z0-9_-][A-Z])[A-Z0-9_-]|(?<=[A-Z0-9_-]{2}[A-Z]))"
)
_CAPITAL_AND_DIGIT: Final = re.compile(r"[A-Z]\d")
_HANDED: Final = re.compile(
    rf"\b(?i:{any_of(CODE_PHRASES)})(?:\s++(?i:{any_of(AT_CHECKOUT)}))?+"
    rf"(?:\s++(?i:is|ist|ein|below))?\s*+[:=|–-]?+\s*+{_CODE}"
)
# "Enter WINTER10 at checkout": no word for a code, but a till.
_AT_CHECKOUT: Final = re.compile(
    rf"\b(?i:use|enter|apply|quote|type|with|using)\s+{_CODE}\s+(?i:at|on|in|during)"
    r"\s+(?i:the\s+|your\s+)?(?i:checkout|check-out|till|basket|cart)"
)
# Here also words in capitals that are none may stand: the code must hold a digit.
_WHEN_PAYING: Final = re.compile(
    rf"\b(?i:use|enter|apply|quote|type)\s+{_CODE}\s+(?i:{PAYING_WORD}\s+(?:you\s+)?"
    r"(?:pay(?:ing)?|order(?:ing)?|check(?:ing)?\s+out))\b"
)
_BEHIND_CHECKOUT: Final = re.compile(rf"(?i:checkout)\s?:\s?{_CODE}")
# "TEA5 takes £5 off", "take £2 off: PEACHY": no word for a code at all, so the sentence must
# promise a saving besides.
_GIVING: Final = re.compile(
    rf"(?<![\w-]){_CODE}\s+(?:gets?|gives?|takes?|knocks?|saves?|posts?|brings?|ships?)\b"
)
_AFTER_OFFER: Final = re.compile(rf"\boff\b[^.:]{{0,30}}:\s*{_CODE}")
# Letters and then a number, as SLEEP10; names of the same shape are none.
_SHAPED: Final = re.compile(
    r"""(?<![\w-])
        (?!(?:SPF|UPF|COVID|CBD|CBG|THC|ISO|USB|LED|IPX?|HTTP|DIN|UVA|UVB|PPM)-?\d)
        (?P<code>[A-Z]{3,16}\d{1,3})(?![\w-])""",
    re.X,
)
# Codes of other kinds, by what stands before the word "code".
_OTHER_CODES: Final = re.compile(rf"\b(?:{OTHER_CODES})[\s-]*$", re.I)
_PERCENT: Final = re.compile(rf"(?<![\d.,])(\d{{1,2}}(?:[.,]\d{{1,2}})?|100)\s*(?:{PERCENT})", re.I)
_AMOUNT: Final = re.compile(
    r"""(?P<sign>[£$€])\s?(?P<a>\d{1,5}(?:[.,]\d{1,2})?)
      | (?P<b>\d{1,5}(?:[.,]\d{1,2})?)\s?
        (?P<word>€|£|eur\b|euros?\b|gbp\b|usd\b|cad\b|aud\b)""",
    re.I | re.X,
)
_FREE_SHIPPING: Final = re.compile(any_of(FREE_SHIPPING), re.I)
_SAVES: Final = re.compile(rf"\b(?:{any_of(SAVING)})\b", re.I)
_TILL: Final = re.compile(r"\bcheckout|\b(?:basket|cart|till)\b|code:", re.I)
# Begins with the white space itself: what is looked for at every sign of the text must be cheap.
_SENTENCE_END: Final = re.compile(r"\s(?<=[.!?]\s)\s*(?=[A-ZÀ-Þ*\"“0-9£$€])")
_CONDITION: Final = re.compile(rf"\b(?:{CONDITIONS})\s*$", re.I)
_LONGEST_SNIPPET: Final = 300
_LONGEST_SENTENCE: Final = 1500
# Pages without a full stop: what is searched for every code of a sentence must not grow with the
# page.
_TOO_LONG: Final = re.compile(
    rf"\S(?:.{{0,{_LONGEST_SENTENCE}}}(?!\S)|.{{1,{_LONGEST_SENTENCE}}})", re.S
)
_MOST_CODES: Final = 500
_MOST_SENTENCES: Final = 5000  # that differ and hold capitals; each takes up to 50 µs
_BEFORE: Final = 40  # characters before a code or a sum that say what it is


def find_codes(text: str) -> tuple[CodeMention, ...]:
    """Find the discount codes in a post's text, each once, in order; value and terms are read from
    the sentence around."""
    found: dict[str, CodeMention] = {}
    read: set[str] = set()
    for start, end in _lines_with_capitals(text):
        sentences = _sentences(text[start:end])
        for place, sentence in enumerate(sentences):
            if (
                sentence in read
                or len(read) >= _MOST_SENTENCES
                or len(found) >= _MOST_CODES
                or not _CAPITALS.search(sentence)
            ):
                continue
            read.add(sentence)
            for match in _matches(sentence):
                code = match["code"].strip("-_")
                if code not in found:
                    after = (
                        sentences[place + 1 : place + 2] or _sentences(_line_after(text, end))[:1]
                    )
                    before = (
                        sentences[max(0, place - 1) : place]
                        or _sentences(_line_before(text, start))[-1:]
                    )
                    found[code] = _mention(code, sentence, match, after + before)
    return tuple(found.values())


def _lines_with_capitals(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end that may hold a code; the others are never split to
    sentences."""
    end = 0
    for capitals in _CAPITALS.finditer(text):
        if capitals.start() >= end:
            following = text.find("\n", capitals.start())
            end = following if following >= 0 else len(text)
            yield text.rfind("\n", 0, capitals.start()) + 1, end


def _line_after(text: str, end: int) -> str:
    """Return the next line that says something, as far as a sentence may reach."""
    return text[end : end + 2 * _LONGEST_SENTENCE].lstrip().partition("\n")[0]


def _line_before(text: str, start: int) -> str:
    return text[max(0, start - 2 * _LONGEST_SENTENCE) : start].rstrip().rpartition("\n")[2]


def _sentences(line: str) -> list[str]:
    sentences = [
        stripped for sentence in _SENTENCE_END.split(line) if (stripped := sentence.strip())
    ]
    if len(line) <= _LONGEST_SENTENCE:
        return sentences
    return [part.strip() for sentence in sentences for part in _TOO_LONG.findall(sentence)]


def _matches(sentence: str) -> list[re.Match[str]]:
    """Return the codes of a sentence, in order; one that shouts from end to end names none by
    capitals alone."""
    shouted = sentence.upper() == sentence
    lower = sentence.lower()
    found: list[re.Match[str]] = []
    if _speaks_of_code(lower):
        found += [
            match
            for match in _HANDED.finditer(sentence)
            if not _OTHER_CODES.search(sentence[max(0, match.start() - _BEFORE) : match.start()])
        ]
        found = [
            match for match in found if _has_digit(match) or (not shouted and _promises(sentence))
        ]
    if any(word in lower for word in TILL_WORDS):
        found += _AT_CHECKOUT.finditer(sentence)
        found += filter(_has_digit, _BEHIND_CHECKOUT.finditer(sentence))
    if PAYING_WORD in lower:
        found += filter(_has_digit, _WHEN_PAYING.finditer(sentence))
    if not shouted:
        found += _offered(sentence, lower)
    return sorted(found, key=lambda match: match.start("code"))


def _speaks_of_code(lower: str) -> bool:
    """Return whether a sentence, lower-cased, holds a word of `CODE_PHRASES`: asked first, as it
    costs a twentieth."""
    return any(word in lower for word in CODE_WORDS)


def _offered(sentence: str, lower: str) -> Iterator[re.Match[str]]:
    """Return the codes of a sentence that needs no word for them, because it promises a saving."""
    bare = list(_GIVING.finditer(sentence)) if any(verb in lower for verb in GIVING_VERBS) else []
    if "off" in lower and ":" in lower:
        bare += _AFTER_OFFER.finditer(sentence)
    shaped = list(_SHAPED.finditer(sentence)) if _CAPITAL_AND_DIGIT.search(sentence) else []
    if not (bare or shaped) or not _offers(sentence):
        return
    saves = bool(_SAVES.search(sentence))
    if saves or _FREE_SHIPPING.search(sentence):
        yield from bare
    yield from (match for match in shaped if saves or _names_offer(match, sentence))


def _has_digit(match: re.Match[str]) -> bool:
    return any(letter.isdigit() for letter in match["code"])


def _promises(sentence: str) -> bool:
    return bool(_SAVES.search(sentence) or _TILL.search(sentence) or _offers(sentence))


def _names_offer(match: re.Match[str], sentence: str) -> bool:
    """Return whether a code's number is the number that the sentence offers."""
    number = float(re.sub(r"\D", "", match["code"]))
    return any(value == number for _, _, value, _ in _offers(sentence))


def _mention(code: str, sentence: str, match: re.Match[str], neighbours: list[str]) -> CodeMention:
    kind, value, currency = _terms(sentence, match.start("code"))
    if kind == "unknown":
        for near in neighbours:
            if _SAVES.search(near) and not (_speaks_of_code(near.lower()) and _HANDED.search(near)):
                kind, value, currency = _terms(near, 0)
                break
    return CodeMention(
        code=code,
        kind=kind,
        value=value,
        currency=currency,
        snippet=_snippet(sentence, match.start()),
    )


def _terms(sentence: str, position: int) -> tuple[CodeKind, float, str]:
    """What a sentence promises nearest to the code."""
    return min(
        _offers(sentence),
        default=(0, "unknown", 0.0, ""),
        key=lambda offer: abs(offer[0] - position),
    )[1:]


@lru_cache(maxsize=64)
def _offers(sentence: str) -> tuple[tuple[int, CodeKind, float, str], ...]:
    """Every promise of a sentence, with its position; each pattern is asked only where its own
    words or signs are."""
    lower = sentence.lower()
    offers: list[tuple[int, CodeKind, float, str]] = []
    if any(sign in lower for sign in PERCENT_SIGNS):
        offers += [
            (found.start(), "percent", _number(found[1]), "")
            for found in _PERCENT.finditer(sentence)
        ]
    if any(sign in lower for sign in MONEY_SIGNS):
        offers += _amounts(sentence)
    if any(word in lower for word in SHIPPING_WORDS):
        offers += [
            (found.start(), "free_shipping", 0.0, "") for found in _FREE_SHIPPING.finditer(sentence)
        ]
    return tuple(offers)


def _amounts(sentence: str) -> Iterator[tuple[int, CodeKind, float, str]]:
    for found in _AMOUNT.finditer(sentence):
        if _CONDITION.search(sentence[max(0, found.start() - _BEFORE) : found.start()]):
            continue  # a condition, not the saving
        unit = (found["sign"] or found["word"] or "").lower()
        near = sentence[max(0, found.start() - 25) : found.end() + 25]
        if _SAVES.search(near):
            yield (
                found.start(),
                "amount",
                _number(found["a"] or found["b"]),
                CURRENCIES.get(unit, ""),
            )


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))


def _snippet(sentence: str, start: int) -> str:
    if len(sentence) <= _LONGEST_SNIPPET:
        return sentence
    begin = max(0, start - _LONGEST_SNIPPET // 2)
    return sentence[begin : begin + _LONGEST_SNIPPET].strip()
