"""What templates may say of edges, answers and times, beside the words that pure layers know
too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from markupsafe import Markup, escape

from scraper.history.humanize import (
    FIELDS,
    INCIDENTS,
    KINDS,
    bracket,
    day,
    moment,
    month,
    number,
    plural,
    span,
)
from scraper.history.web_paths import change_path
from scraper.timestamps import parse_timestamp_or_none

EDGES: Final = {
    "inline": "linked in the text",
    "related_list": "named as related by the author",
    "related_widget": "shown as related by the theme",
    "older": "the older post",
    "newer": "the newer post",
    "previous": "the theme's previous post",
    "next": "the theme's next post",
    "similar": "alike in words",
    "copy": "a copy of the same text",
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


def when(value: str) -> Markup:
    """A time element: the day in words, the exact time on hover; empty for an empty value."""
    if not parse_timestamp_or_none(value):
        return escape(value)
    exact = value.replace("T", " ").replace("Z", " UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value, exact, day(value))


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
    "incident": _told(INCIDENTS),
    "health": _told(HEALTH),
    "bracket": lambda event: bracket(event.not_before, event.not_after),
    "place": lambda item: change_path(
        post_id=item.post_id, old=item.old, new=item.new, group_id=item.group_id
    ),
    "between": lambda ends: bracket(*ends),
    "span": lambda event: span(event.first_seen_at, event.last_seen_at),
}
"""What templates may use; `bracket` and `span` take a row that has both ends."""
