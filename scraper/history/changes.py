"""What kind of change it is, and how grave: one table of rules, exact comparison first, noise
classed and never discarded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from scraper.history.diff.prices import MASK, find_prices, mask_prices
from scraper.history.diff.significance import are_alike, is_material
from scraper.history.diff.words import TextDiff, diff_texts
from scraper.history.snapshots import Snapshot

ChangeKind = Literal[
    "created",
    "edited",
    "retitled",
    "redated",
    "codes",
    "prices",
    "author",
    "tags",
    "image",
    "excerpt",
    "relinked",
    "markup",
    "renamed",
    "removed",
    "restored",
]
Severity = Literal["trivial", "minor", "major"]

KIND_OF_FIELD: tuple[tuple[str, ChangeKind], ...] = (
    ("text", "edited"),
    ("title", "retitled"),
    ("published_at", "redated"),
    ("republished", "redated"),
    ("codes", "codes"),
    ("prices", "prices"),
    ("author", "author"),
    ("links", "relinked"),
    ("tags", "tags"),
    ("image_url", "image"),
    ("images", "image"),
    ("excerpt", "excerpt"),
    ("markup", "markup"),
)
"""Which field names the change when several moved: the first of this list. A text that moved in
codes or prices alone is passed over."""

FIXED_SEVERITY: dict[ChangeKind, Severity] = {
    "created": "minor",
    "renamed": "minor",
    "removed": "major",
    "restored": "major",
}
"""Changes whose gravity lies in their kind."""

RULES = 2
"""Which version of these rules told a change: raised whenever they would tell an old one otherwise,
so that a check knows which to hold."""

MAJOR_SHARE = 0.2
"""An edit that leaves less than four fifths of the words alike is major."""

ALIKE = 0.95
"""Texts of which so much is the same are one text, …"""

REPUBLISHED_DAYS = 2
"""… published anew if the date moved on by so many days: one day may be another time zone."""

MOVED = "(the same lines in another order)"
WHITE_SPACE = "(white space)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field, before and after. Of text and lists only what went and what came is told, parted
    by ``…`` or newlines: whole texts stand in the revisions."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two revisions differ; `fields` is never empty."""

    kind: ChangeKind
    severity: Severity
    fields: tuple[FieldChange, ...]
    words_added: int
    words_removed: int
    similarity: float


def compare(before: Snapshot, after: Snapshot) -> Difference | None:
    """Tell how `after` differs from `before`, or None if they are equal."""
    diff = diff_texts(before.text, after.text)
    changed = tuple(
        change for change in _field_changes(before, after, diff) if change.old != change.new
    )
    if not changed:
        return None
    return Difference(
        kind=_kind({change.field for change in changed}, before, after),
        severity=_severity(changed, before, after, diff),
        fields=changed,
        words_added=diff.words_added,
        words_removed=diff.words_removed,
        similarity=diff.similarity,
    )


def _kind(names: set[str], before: Snapshot, after: Snapshot) -> ChangeKind:
    """The kind of the weightiest field. A text that is word for word the same but for its codes and
    prices is no edit."""
    if "text" in names and names & {"codes", "prices"}:
        masked = (
            _masked(side, before.codes + after.codes if "codes" in names else ())
            for side in (before, after)
        )
        if next(masked) == next(masked):
            names = names - {"text"}
    return next(kind for field, kind in KIND_OF_FIELD if field in names)


def _masked(side: Snapshot, codes: Iterable[str]) -> list[str]:
    """The words of a text with its prices alike, and its codes too, with what percentage they give,
    where codes moved."""
    text = mask_prices(side.text)
    words = {label.split(" ")[0] for label in codes}
    if words:
        text = re.sub(
            rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(words, reverse=True)))})(?!\w)|{_PERCENT}",
            MASK,
            text,
        )
    return text.split()


def _field_changes(before: Snapshot, after: Snapshot, diff: TextDiff) -> list[FieldChange]:
    a, b = before.fields, after.fields
    changes = [
        FieldChange(field="title", old=a.title, new=b.title),
        FieldChange(field="published_at", old=a.published_at, new=b.published_at),
        _republished(a.published_at, b.published_at, diff),
        FieldChange(field="author", old=a.author, new=b.author),
        _moved("tags", a.tags, b.tags),
        FieldChange(field="image_url", old=a.image_url, new=b.image_url),
        FieldChange(field="excerpt", old=a.excerpt, new=b.excerpt),
    ]
    body = [
        _text_change(before, after, diff),
        _moved("links", _LINK.findall(before.html), _LINK.findall(after.html)),
        _moved("images", _IMAGE.findall(before.html), _IMAGE.findall(after.html)),
        _moved("codes", before.codes, after.codes),
        _moved("prices", find_prices(before.text), find_prices(after.text)),
    ]
    if all(change.old == change.new for change in body):
        forms = (before.html, before.markdown), (after.html, after.markdown)
        body.append(
            FieldChange(field="markup", old="", new="changed" if forms[0] != forms[1] else "")
        )
    return changes + body


def _republished(old: str, new: str, diff: TextDiff) -> FieldChange:
    """The old text under a later date: published as new."""
    again = old and new and diff.similarity >= ALIKE and _days_between(old, new) >= REPUBLISHED_DAYS
    return FieldChange(field="republished", old=old if again else "", new=new if again else "")


def _days_between(old: str, new: str) -> int:
    try:
        return (date.fromisoformat(new[:10]) - date.fromisoformat(old[:10])).days
    except ValueError:
        return 0


def _text_change(before: Snapshot, after: Snapshot, diff: TextDiff) -> FieldChange:
    if before.text == after.text:
        return FieldChange(field="text", old="", new="")
    went = " … ".join(run.text for run in diff.runs if run.operation == "removed")
    came = " … ".join(run.text for run in diff.runs if run.operation == "added")
    if went != came:
        return FieldChange(field="text", old=went, new=came)
    # Texts that differ in their blank lines, or in the order of their lines, have no words of their
    # own to show.
    return FieldChange(field="text", old="", new=MOVED if went else WHITE_SPACE)


def _moved(field: str, old: Sequence[str], new: Sequence[str]) -> FieldChange:
    """What a list lost and what it gained; a list that only changed its order lost and gained all
    of it."""
    if sorted(old) == sorted(new):
        return FieldChange(field=field, old="\n".join(old), new="\n".join(new))
    lost, gained = Counter(old) - Counter(new), Counter(new) - Counter(old)
    return FieldChange(
        field=field, old="\n".join(lost.elements()), new="\n".join(gained.elements())
    )


def _severity(
    changed: tuple[FieldChange, ...], before: Snapshot, after: Snapshot, diff: TextDiff
) -> Severity:
    grave = {
        change.field
        for change in changed
        if change.field not in {"markup", "excerpt"} and not _alike(change)
    }
    if not grave:
        return "trivial"
    if {"title", "published_at", "codes", "prices"} & grave:
        return "major"
    if diff.similarity < 1 - MAJOR_SHARE or (
        "text" in grave and is_material(before.text, after.text, diff)
    ):
        return "major"
    return "minor"


def _alike(change: FieldChange) -> bool:
    """Only case, white space or the shape of letters and punctuation moved; figures, signs and link
    targets never count as alike."""
    if change.field == "images":
        return [_shown(image) for image in change.old.split("\n")] == [
            _shown(image) for image in change.new.split("\n")
        ]
    if change.field in {"links", "image_url", "published_at", "codes", "prices"}:
        return change.old == change.new
    return change.new == WHITE_SPACE or are_alike(change.old, change.new)


def _shown(image: str) -> tuple[str, ...]:
    """What an image shows: its source and its words. Its size, and when it is loaded, are the
    markup's."""
    return tuple(_SHOWN.findall(image))


_PERCENT = r"\d+(?:[.,]\d+)?\s?(?:%|per\s?cent\b|percent\b)"
_SHOWN = re.compile(r'\s((?:src|alt|title)="[^"]*")')
_LINK = re.compile(r'<a\b(?:[^>"]|"[^"]*")*?\shref="([^"]*)"')
_IMAGE = re.compile(r'<img\b(?:[^>"]|"[^"]*")*>')
