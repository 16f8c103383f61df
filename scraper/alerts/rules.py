"""Rules of alerts: what of a store's changes is told to which channels, and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from scraper.alerts.notices import Alert, ChangeNotice, Timing
from scraper.config import validators
from scraper.config.toml_lines import LocatedTable, Mistake
from scraper.config.validators import InvalidValue, nearest
from scraper.history.changes import KIND_OF_FIELD, ChangeKind, Severity

FIELDS = tuple(dict.fromkeys([*(name for name, _ in KIND_OF_FIELD), "url"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is told: a change for which all holds that is said, any of each list. `channels` are
    where it goes.

    `appear` and `go` match words that came, or that went; if there are any of both, one of them
    must. `least_words` counts words that came and went, `least_share` is the share of the words
    that differ, from 0 to 1.
    """

    name: str
    channels: tuple[str, ...]
    timing: Timing = "at_once"
    kinds: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    blogs: frozenset[str] = frozenset()
    appear: tuple[re.Pattern[str], ...] = ()
    go: tuple[re.Pattern[str], ...] = ()
    least_words: int = 0
    least_share: float = 0.0

    def matches(self, news: ChangeNotice) -> bool:
        """Whether a change is to be told."""
        asked = (
            (self.kinds, {news.kind}),
            (self.severities, {news.severity}),
            (self.blogs, {news.blog_handle}),
        )
        if any(wanted and not wanted & told for wanted, told in asked):
            return False
        if self.fields and not self.fields & {field.field for field in news.fields}:
            return False
        if (
            news.words_added + news.words_removed < self.least_words
            or round(1 - news.similarity, 4) < self.least_share
        ):
            return False
        return not (self.appear or self.go) or self._finds(news)

    def _finds(self, news: ChangeNotice) -> bool:
        """Whether a word stands more often in the new version than in the old, or less often."""
        old, new = _version(news, new=False), _version(news, new=True)
        return any(_count(one, new) > _count(one, old) for one in self.appear) or any(
            _count(one, new) < _count(one, old) for one in self.go
        )


def choose_alerts(news: ChangeNotice, rules: Sequence[Rule]) -> list[Alert]:
    """Which channels are told of a change: each once, by the first rule that names it and matches.
    A rule without channels is not switched on yet: what it would tell goes to the channel of an
    empty name."""
    alerts: dict[str, Alert] = {}
    for rule in rules:
        if rule.matches(news):
            for channel in rule.channels or ("",):
                alerts.setdefault(
                    channel, Alert(channel=channel, rule=rule.name, timing=rule.timing, news=news)
                )
    return list(alerts.values())


def check_alert(alert: LocatedTable, channels: frozenset[str]) -> Iterable[Mistake]:
    """What is wrong with one of a store's `alerts`; `channels` are the names of those that the file
    has."""
    if not alert.values:
        yield alert.mistake("the alert is empty")
    for key, raw in alert.values.items():
        if key not in KEYS:
            yield alert.mistake(nearest(key, KEYS), key)
            continue
        try:
            values = KEYS[key](raw)
        except InvalidValue as refused:
            yield alert.mistake(str(refused), key, *refused.within)
            continue
        for number, name in enumerate(values if key == "channels" else ()):
            if name not in channels:
                yield alert.mistake(f"there is no channel {name!r} in this file", key, number)


def read_rules(alerts: Sequence[LocatedTable], channels: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules of a store from its tables, which have been checked; `channels` are those for
    alerts that name none."""
    return tuple(_rule(number, alert, channels) for number, alert in enumerate(alerts, start=1))


def _rule(number: int, alert: LocatedTable, channels: tuple[str, ...]) -> Rule:
    values: dict[str, Any] = {key: KEYS[key](raw) for key, raw in alert.values.items()}
    narrowed: dict[str, Any] = {
        key: frozenset(values[key])
        for key in ("kinds", "severities", "fields", "blogs")
        if key in values
    }
    return Rule(
        name=values.get("name", f"alert {number}"),
        channels=values.get("channels", channels),
        timing=values.get("when", "at_once"),
        appear=(*values.get("words_appear", ()), *values.get("patterns_appear", ())),
        go=(*values.get("words_go", ()), *values.get("patterns_go", ())),
        least_words=values.get("least_words", 0),
        least_share=values.get("least_share", 0.0),
        **narrowed,
    )


def _version(news: ChangeNotice, *, new: bool) -> str:
    """All that one side of a change says: its text, and its fields beside that where they moved."""
    moved = [
        (field.new if new else field.old)
        for field in news.fields
        if field.field not in {"text", "markup", "republished"}
    ]
    return "\n".join([*moved, news.new_text if new else news.old_text])


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


def _one_of(words: Iterable[str]) -> Callable[[Any], tuple[str, ...]]:
    known = tuple(words)

    def check(raw: Any) -> tuple[str, ...]:
        for number, one in enumerate(validators.texts(raw)):
            if one not in known:
                raise InvalidValue(nearest(one, known, what=f"{one[:40]!r} is unknown"), number)
        return tuple(raw)

    return check


def _words(raw: Any) -> tuple[re.Pattern[str], ...]:
    """Words as patterns: whole ones, whatever their case, with any white space between them."""
    joined = (r"\s+".join(map(re.escape, text.split())) for text in validators.texts(raw))
    return tuple(re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE) for words in joined)


def _patterns(raw: Any) -> tuple[re.Pattern[str], ...]:
    found = []
    for number, text in enumerate(validators.texts(raw)):
        try:
            found.append(re.compile(text))
        except (re.error, OverflowError, RecursionError) as error:
            raise InvalidValue(
                f"it is no regular expression of Python's: {error}", number
            ) from None
    return tuple(found)


def _timing(raw: Any) -> str:
    if raw not in get_args(Timing):
        raise InvalidValue(f"it must be one of {', '.join(get_args(Timing))}")
    return str(raw)


KEYS: dict[str, Callable[[Any], Any]] = {
    "name": validators.line,
    "channels": validators.names,
    "when": _timing,
    "kinds": _one_of(get_args(ChangeKind)),
    "severities": _one_of(get_args(Severity)),
    "fields": _one_of(FIELDS),
    "blogs": validators.handles,
    "words_appear": _words,
    "words_go": _words,
    "patterns_appear": _patterns,
    "patterns_go": _patterns,
    "least_words": validators.count,
    "least_share": validators.share,
}
"""What may stand in an alert's table, each with what reads it."""
