"""Times, brackets and the archive's words as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from markupsafe import Markup, escape

KINDS: Final = {
    "created": "Published",
    "edited": "Edited",
    "retitled": "Given another title",
    "redated": "Given another date",
    "codes": "Discount codes changed",
    "prices": "Prices changed",
    "author": "Author changed",
    "tags": "Tags changed",
    "image": "Image changed",
    "excerpt": "Excerpt changed",
    "relinked": "Links changed",
    "markup": "Markup changed",
    "renamed": "Moved to another address",
    "removed": "Removed",
    "restored": "Put back",
    "several": "Changed in several ways",
}
"""What `changes.kind` says."""

FIELDS: Final = {
    "text": "Text",
    "title": "Title",
    "published_at": "Date of publication",
    "republished": "Published as new",
    "author": "Author",
    "tags": "Tags",
    "codes": "Discount codes",
    "prices": "Prices",
    "links": "Links",
    "images": "Images",
    "image_url": "Main image",
    "excerpt": "Excerpt",
    "markup": "Markup",
    "url": "Address",
}
"""What `change_fields.field` says, in the order in which a person asks."""

EDGES: Final = {
    "inline": "linked in the text",
    "related_list": "named as related by the author",
    "related_widget": "shown as related by the theme",
    "older": "the older post",
    "newer": "the newer post",
    "previous": "the theme's previous post",
    "next": "the theme's next post",
    "similar": "alike in words",
}
"""What `links.kind` says."""

VERDICTS: Final = {
    "not_found": "it was not there",
    "gone": "the store said that it is gone",
    "soft_404": "the store showed its page for what is not there",
    "redirected_home": "the store sent us to its front page",
    "redirected_off": "the store sent us elsewhere",
    "renamed": "it had moved",
    "password_page": "the store asked for a password",
    "challenge": "the store asked for a proof of being human",
    "rate_limited": "the store asked us to slow down",
    "security_rejected": "the store refused us",
    "forbidden": "the store refused us",
    "server_error": "the store had trouble",
    "network_error": "the store did not answer",
    "empty": "the page was empty",
    "truncated": "the page came in part",
    "not_html": "what came was no page",
    "too_large": "the page was too large",
    "unreadable": "the page could not be read",
    "not_modified": "it had not changed",
}
"""What a verdict other than ok says of a look."""

HEALTH: Final = {
    "healthy": "in good health",
    "degraded": "degraded",
    "suspicious": "suspicious",
    "blocked": "blocked",
    "outage": "out of reach",
    "unknown": "not judged",
}

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(value: str) -> str:
    """``2026-03-03T04:02:05Z`` as ``3 March 2026``; anything that is no date as it stands."""
    moment = _parse(value)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}" if moment else value


def month(value: str) -> str:
    """``2026-03`` as ``March 2026``."""
    moment = _parse(f"{value}-01")
    return f"{_MONTHS[moment.month - 1]} {moment.year}" if moment else value


def moment(value: str) -> str:
    """``2026-03-03T04:02:05Z`` as ``3 March 2026, 04:02 UTC``; a bare date as its day."""
    found = _parse(value)
    return f"{day(value)}, {found:%H:%M} UTC" if found and len(value) > 10 else day(value)


def when(value: str) -> Markup:
    """A time element: the day in words, the exact time on hover; empty for an empty value."""
    if not _parse(value):
        return escape(value)
    exact = value.replace("T", " ").replace("Z", " UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value, exact, day(value))


def bracket(not_before: str, not_after: str) -> str:
    """When something happened, as far as is known: ``between 3 March 04:02 and 4 March 2026 04:01 UTC``, or ``by …`` without a start."""
    start, end = _parse(not_before), _parse(not_after)
    if not end:
        return ""
    if not start:
        return f"by {day(not_after)} {end:%H:%M} UTC"
    form = "%H:%M:%S" if (end - start).total_seconds() < 120 else "%H:%M"
    if start.date() == end.date():
        return f"on {day(not_after)} between {start:{form}} and {end:{form}} UTC"
    first = day(not_before) if start.year != end.year else day(not_before).rpartition(" ")[0]
    return f"between {first} {start:{form}} and {day(not_after)} {end:{form}} UTC"


def span(first: str, last: str) -> str:
    """A period by its days: ``from 3 March 2026 to 4 March 2026``, or ``on 3 March 2026``."""
    return f"on {day(first)}" if first[:10] == last[:10] else f"from {day(first)} to {day(last)}"


def number(value: int) -> str:
    """A count with its thousands parted."""
    return f"{value:,}"


def plural(value: int, one: str, many: str = "") -> str:
    """``1 post``, ``2 posts``."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def _parse(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _told(words: dict[str, str]) -> Callable[[str], str]:
    return lambda word: words.get(word, word)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "day": day,
    "month": month,
    "moment": moment,
    "when": when,
    "number": number,
    "plural": plural,
    "kind": _told(KINDS),
    "field_name": _told(FIELDS),
    "edge": _told(EDGES),
    "verdict": _told(VERDICTS),
    "health": _told(HEALTH),
    "bracket": lambda event: bracket(event.not_before, event.not_after),
    "between": lambda ends: bracket(*ends),
    "span": lambda event: span(event.first_seen_at, event.last_seen_at),
}
"""What templates may use; `bracket` and `span` take a row that has both ends."""
