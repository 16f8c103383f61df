"""What kind of change it is, and how grave: one table of rules, exact comparison first, noise classed and never discarded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scraper.history.diffs import TextDiff, diff_texts
from scraper.history.fingerprints import title_key
from scraper.history.snapshots import Snapshot

ChangeKind = Literal[
    "created",
    "edited",
    "retitled",
    "redated",
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
    ("author", "author"),
    ("links", "relinked"),
    ("tags", "tags"),
    ("image_url", "image"),
    ("images", "image"),
    ("excerpt", "excerpt"),
    ("codes", "edited"),
    ("markup", "markup"),
)
"""Which field names the change when several moved: the first of this list."""

FIXED_SEVERITY: dict[ChangeKind, Severity] = {"created": "minor", "renamed": "minor", "removed": "major", "restored": "major"}
"""Changes whose gravity lies in their kind."""

MAJOR_SHARE = 0.2
"""An edit that leaves less than four fifths of the words alike is major."""

MOVED = "(the same lines in another order)"
WHITE_SPACE = "(white space)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field, before and after. Of text and lists only what went and what came is told, parted by ``…`` or newlines: whole texts
    stand in the revisions."""

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
    changed = tuple(change for change in _field_changes(before, after, diff) if change.old != change.new)
    if not changed:
        return None
    names = {change.field for change in changed}
    return Difference(
        kind=next(kind for field, kind in KIND_OF_FIELD if field in names),
        severity=_severity(changed, diff),
        fields=changed,
        words_added=diff.words_added,
        words_removed=diff.words_removed,
        similarity=diff.similarity,
    )


def _field_changes(before: Snapshot, after: Snapshot, diff: TextDiff) -> list[FieldChange]:
    a, b = before.fields, after.fields
    changes = [
        FieldChange(field="title", old=a.title, new=b.title),
        FieldChange(field="published_at", old=a.published_at, new=b.published_at),
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
    ]
    if all(change.old == change.new for change in body):
        forms = (before.html, before.markdown), (after.html, after.markdown)
        body.append(FieldChange(field="markup", old="", new="changed" if forms[0] != forms[1] else ""))
    return changes + body


def _text_change(before: Snapshot, after: Snapshot, diff: TextDiff) -> FieldChange:
    if before.text == after.text:
        return FieldChange(field="text", old="", new="")
    went = " … ".join(run.text for run in diff.runs if run.operation == "removed")
    came = " … ".join(run.text for run in diff.runs if run.operation == "added")
    if went != came:
        return FieldChange(field="text", old=went, new=came)
    # Texts that differ in their blank lines, or in the order of their lines, have no words of their own to show.
    return FieldChange(field="text", old="", new=MOVED if went else WHITE_SPACE)


def _moved(field: str, old: Sequence[str], new: Sequence[str]) -> FieldChange:
    """What a list lost and what it gained; a list that only changed its order lost and gained all of it."""
    if sorted(old) == sorted(new):
        return FieldChange(field=field, old="\n".join(old), new="\n".join(new))
    lost, gained = Counter(old) - Counter(new), Counter(new) - Counter(old)
    return FieldChange(field=field, old="\n".join(lost.elements()), new="\n".join(gained.elements()))


def _severity(changed: tuple[FieldChange, ...], diff: TextDiff) -> Severity:
    grave = {change.field for change in changed if change.field not in {"markup", "excerpt"} and not _alike(change)}
    if not grave:
        return "trivial"
    if {"title", "published_at", "codes"} & grave:
        return "major"
    touched = " ".join(run.text for run in diff.runs if run.operation != "same")
    if _WEIGHTY.search(touched) or diff.similarity < 1 - MAJOR_SHARE:
        return "major"
    return "minor"


def _alike(change: FieldChange) -> bool:
    """Only case, white space or the shape of punctuation moved; figures, signs and link targets never count as alike."""
    if change.field in {"links", "images", "image_url", "published_at", "codes"}:
        return change.old == change.new
    if change.new == WHITE_SPACE:
        return True
    if _WEIGHTY_WORD.findall(change.old) != _WEIGHTY_WORD.findall(change.new):
        return False
    return _bare(change.old) == _bare(change.new)


def _bare(text: str) -> str:
    return re.sub(r"[\s.,;:!?'\"()\-]+", " ", title_key(text)).strip()


_WEIGHTY = re.compile(r"[\d%£$€]")
"""Figures, percentages and money: what claims teams look for first."""

_WEIGHTY_WORD = re.compile(r"\S*[\d%£$€]\S*")
"""Whole words of that kind: ``$1.99`` and ``$199`` differ by a point that is not punctuation."""

_LINK = re.compile(r'<a\b(?:[^>"]|"[^"]*")*?\shref="([^"]*)"')
_IMAGE = re.compile(r'<img\b(?:[^>"]|"[^"]*")*>')
