"""Alert rules: what they match, which channels they name, and errors in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scraper.alerts.notices import ChangeNotice
from scraper.alerts.rules import choose_alerts
from scraper.exceptions import StoresProblem
from scraper.history.changes import FieldChange
from scraper.schedule.timetable.stores import parse_stores
from tests.each_row import each_row

HEAD = """\
[channels.chat]
webhook = "https://chat.example/hook"
[channels.ann]
mail = "ann@shop.example"
from = "keep@shop.example"
server = "smtp.shop.example"
[stores.x]
url = "x.example"
schedule = "0 4 * * *"
channels = ["chat"]
[[stores.x.alerts]]
"""

NEWS = ChangeNotice(
    id=7,
    store_id=1,
    store="x.example",
    crawl_id=2,
    crawl_health="healthy",
    crawl_reason="",
    post_id=3,
    title="Slow tea",
    url="https://x.example/blogs/news/slow-tea",
    blog="x.example: news",
    blog_handle="news",
    kind="edited",
    severity="minor",
    group_kind="edited",
    group_severity="minor",
    origin="observed",
    cause="unknown",
    fields=(FieldChange(field="text", old="four minutes", new="five minutes, or 10 % off"),),
    not_before="2026-03-01T06:00:00Z",
    not_after="2026-03-02T06:00:00Z",
    old_revision=1,
    new_revision=2,
    words_added=5,
    words_removed=2,
    similarity=0.9,
    is_revert=False,
    old_text="Wait four minutes. Money\nback if you wait.",
    new_text="Wait five minutes, or 10 % off. Wait.",
)
CLAIM = (*NEWS.fields, FieldChange(field="claims", old="", new="added: money back"))


def alerts_of(rules: str, news: ChangeNotice = NEWS) -> list[tuple[str, str, str]]:
    """Channel, rule and timing of each alert."""
    store = parse_stores(HEAD + rules).stores["x"]
    return [(alert.channel, alert.rule, alert.timing) for alert in choose_alerts(news, store.rules)]


@each_row(
    ("rule", "news", "matches"),
    [
        ('kinds = ["edited", "removed"]', {}, True),
        ('kinds = ["removed"]', {}, False),
        ('severities = ["major"]', {}, False),
        ('severities = ["major"]', {"severity": "major"}, True),
        ('fields = ["title", "text"]', {}, True),
        ('fields = ["title"]', {}, False),
        ('blogs = ["recipes"]', {}, False),
        ("least_words = 7", {}, True),
        ("least_words = 8", {}, False),
        ("least_share = 0.1", {}, True),
        ("least_share = 0.11", {}, False),
        ('words_go = ["money back"]', {}, True),
        ('words_appear = ["money back"]', {}, False),
        ('words_appear = ["FIVE"]', {}, True),
        ('words_appear = ["10 %"]', {}, True),
        ('words_appear = ["fiv"]', {}, False),
        ('words_appear = ["minutes"]', {}, False),
        ('words_go = ["wait"]', {}, False),
        ('words_go = ["minutes"]', {"new_text": "", "kind": "removed", "fields": ()}, True),
        ('words_appear = ["nothing"]\nwords_go = ["four"]', {}, True),
        ('patterns_appear = ["[0-9]+ %"]', {}, True),
        ('patterns_go = ["M.n.y"]', {}, True),
        (r"patterns_appear = ['(?i)FIVE\s+\w+']", {}, True),
        (r"patterns_appear = ['(\w+\s?)+guarantee']", {"new_text": "a" * 60}, False),
        (
            'words_go = ["green"]',
            {"fields": (FieldChange(field="tags", old="Green", new="Black"),)},
            True,
        ),
        ('words_go = ["money back"]', {"fields": CLAIM}, True),
        ('fields = ["claims"]', {"fields": CLAIM}, True),
        ('fields = ["claims"]', {}, False),
        ('kinds = ["edited"]\nwords_go = ["never said"]', {}, False),
    ],
)
def test_rule_matches(rule: str, news: dict[str, Any], matches: bool) -> None:
    assert bool(alerts_of(rule, replace(NEWS, **news))) is matches


def test_each_channel_gets_the_alert_of_the_first_rule_that_matches() -> None:
    rules = """
name = "gone"
kinds = ["removed"]
[[stores.x.alerts]]
name = "money"
words_go = ["money"]
channels = ["ann"]
[[stores.x.alerts]]
channels = ["ann", "chat"]
when = "daily"
"""
    assert alerts_of(rules) == [("ann", "money", "at_once"), ("chat", "alert 3", "daily")]
    assert alerts_of(rules, replace(NEWS, kind="removed")) == [
        ("chat", "gone", "at_once"),
        ("ann", "money", "at_once"),
    ]


def test_rule_without_a_channel_sends_nothing() -> None:
    store = parse_stores(HEAD.replace('channels = ["chat"]\n', "") + 'kinds = ["edited"]').stores[
        "x"
    ]
    assert [alert.channel for alert in choose_alerts(NEWS, store.rules)] == [""]


X = "line 12: stores.x.alerts.1."


@each_row(
    ("rule", "mistake"),
    [
        ('kind = ["edited"]', f"{X}kind: unknown key; did you mean kinds?"),
        ('kinds = ["edit"]', f"{X}kinds.1: 'edit' is unknown; did you mean edited?"),
        ('severities = "major"', f'{X}severities: it must be a list of texts, such as ["news"]'),
        (
            'patterns_go = ["ok", "("]',
            f"{X}patterns_go.2: it is not a regular expression of RE2: missing ): (",
        ),
        (
            'patterns_appear = ["money (?!back)"]',
            f"{X}patterns_appear.1: RE2 does not support look-ahead: (?!",
        ),
        ('when = "hourly"', f"{X}when: it must be one of at_once, daily, weekly"),
        ('channels = ["nobody"]', f"{X}channels.1: there is no channel 'nobody' in this file"),
        ('words_go = [" "]', f"{X}words_go.1: ' ' is blank or too long"),
        ("least_share = 2", f"{X}least_share: it must be a number from 0 to 1"),
        ("least_words = 0.5", f"{X}least_words: it must be a whole number from 0 to 1e+06"),
    ],
)
def test_error_has_its_line(rule: str, mistake: str) -> None:
    with pytest.raises(StoresProblem) as problem:
        parse_stores(HEAD + rule)
    assert problem.value.lines == (mistake,)
