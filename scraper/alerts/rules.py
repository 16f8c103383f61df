"""Alert rules: which changes of a store go to which channels, and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from scraper.alerts.notices import Alert, ChangeNotice, Timing
from scraper.config import validators
from scraper.config.patterns import Pattern, UnfitPattern, compile_pattern, count_matches
from scraper.config.toml_lines import LocatedTable, Mistake
from scraper.config.validators import InvalidValue, nearest
from scraper.history.changes import CLAIMS, KIND_OF_FIELD, ChangeKind, Severity

FIELDS = tuple(dict.fromkeys([*(name for name, _ in KIND_OF_FIELD), CLAIMS, "url"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """Matches a change that meets every condition given; of a set of values, any one. The alert
    goes to `channels`.

    `appear` and `disappear` match words that were added or removed; if there are any, one of them
    must match. `least_words` is a number of words added and removed together, `least_share` the
    share of words that differ, from 0 to 1.
    """

    name: str
    channels: tuple[str, ...]
    timing: Timing = "at_once"
    kinds: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    blogs: frozenset[str] = frozenset()
    appear: tuple[Pattern, ...] = ()
    disappear: tuple[Pattern, ...] = ()
    least_words: int = 0
    least_share: float = 0.0

    def matches(self, change: ChangeNotice) -> bool:
        """Whether a change meets every condition."""
        conditions = (
            (self.kinds, change.kind),
            (self.severities, change.severity),
            (self.blogs, change.blog_handle),
        )
        if any(allowed and value not in allowed for allowed, value in conditions):
            return False
        if self.fields and not self.fields & {field.field for field in change.fields}:
            return False
        if (
            change.words_added + change.words_removed < self.least_words
            or round(1 - change.similarity, 4) < self.least_share
        ):
            return False
        return not (self.appear or self.disappear) or self._matches_words(change)

    def _matches_words(self, change: ChangeNotice) -> bool:
        """Whether a pattern matches more often in the new version than in the old one, or less
        often."""
        old, new = _version(change, new=False), _version(change, new=True)
        return any(count_matches(one, new) > count_matches(one, old) for one in self.appear) or any(
            count_matches(one, new) < count_matches(one, old) for one in self.disappear
        )


def choose_alerts(change: ChangeNotice, rules: Sequence[AlertRule]) -> list[Alert]:
    """The alerts of a change: for each channel one, from the first matching rule that names it. The
    alert of a rule without channels has an empty channel and is not sent."""
    alerts: dict[str, Alert] = {}
    for rule in rules:
        if rule.matches(change):
            for channel in rule.channels or ("",):
                alerts.setdefault(
                    channel,
                    Alert(channel=channel, rule=rule.name, timing=rule.timing, change=change),
                )
    return list(alerts.values())


def check_alert(alert: LocatedTable, channels: frozenset[str]) -> Iterable[Mistake]:
    """The errors in one table of `alerts`. `channels` are the names of the channels in the file."""
    if not alert.values:
        yield alert.mistake("the alert is empty")
    for key, raw in alert.values.items():
        if key not in KEYS:
            yield alert.mistake(nearest(key, KEYS), key)
            continue
        try:
            values = KEYS[key](raw)
        except InvalidValue as invalid:
            yield alert.mistake(str(invalid), key, *invalid.within)
            continue
        for number, name in enumerate(values if key == "channels" else ()):
            if name not in channels:
                yield alert.mistake(f"there is no channel {name!r} in this file", key, number)


def read_rules(alerts: Sequence[LocatedTable], channels: tuple[str, ...]) -> tuple[AlertRule, ...]:
    """The rules of a store from its validated tables. `channels` are those of rules that name
    none."""
    return tuple(_rule(number, alert, channels) for number, alert in enumerate(alerts, start=1))


def _rule(number: int, alert: LocatedTable, channels: tuple[str, ...]) -> AlertRule:
    values: dict[str, Any] = {key: KEYS[key](raw) for key, raw in alert.values.items()}
    narrowed: dict[str, Any] = {
        key: frozenset(values[key])
        for key in ("kinds", "severities", "fields", "blogs")
        if key in values
    }
    return AlertRule(
        name=values.get("name", f"alert {number}"),
        channels=values.get("channels", channels),
        timing=values.get("when", "at_once"),
        appear=(*values.get("words_appear", ()), *values.get("patterns_appear", ())),
        disappear=(*values.get("words_go", ()), *values.get("patterns_go", ())),
        least_words=values.get("least_words", 0),
        least_share=values.get("least_share", 0.0),
        **narrowed,
    )


def _version(change: ChangeNotice, *, new: bool) -> str:
    """The words of the old or the new version of a change: its text and its other changed
    fields."""
    values = [
        (field.new if new else field.old)
        for field in change.fields
        if field.field not in {"text", "markup", "republished", CLAIMS}
    ]
    return "\n".join([*values, change.new_text if new else change.old_text])


def _one_of(words: Iterable[str]) -> Callable[[Any], tuple[str, ...]]:
    known = tuple(words)

    def check(raw: Any) -> tuple[str, ...]:
        for number, one in enumerate(validators.texts(raw)):
            if one not in known:
                raise InvalidValue(nearest(one, known, what=f"{one[:40]!r} is unknown"), number)
        return tuple(raw)

    return check


def _words(raw: Any) -> tuple[Pattern, ...]:
    """Patterns of complete words, in any case, with any white space between them."""
    joined = (r"\s+".join(map(re.escape, text.split())) for text in validators.texts(raw))
    return tuple(re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE) for words in joined)


def _patterns(raw: Any) -> tuple[Pattern, ...]:
    found = []
    for number, text in enumerate(validators.texts(raw)):
        try:
            found.append(compile_pattern(text))
        except UnfitPattern as unfit:
            raise InvalidValue(str(unfit), number) from None
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
"""The keys of an alert's table, each with its validator."""
