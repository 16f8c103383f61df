"""Kind and severity of a change, by one table of rules. Comparison in normal form decides whether
there is a change; formatting alone makes it trivial, never invisible."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from scraper.history.diff.figures import without_counts
from scraper.history.diff.material import are_alike, is_material
from scraper.history.diff.prices import MASK, find_prices, mask_prices
from scraper.history.diff.varying import Places, as_shown, beside_varying
from scraper.history.diff.words import TextDiff, diff_texts
from scraper.history.normal_form.snapshots import normal_form
from scraper.history.snapshots import Snapshot
from scraper.items import Origin

if TYPE_CHECKING:
    from scraper.claims.ledger import ClaimStep

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
"""The first of these fields that changed gives the change its kind. A text that differs only in
codes or prices does not count as `text`."""

FIXED_SEVERITY: dict[ChangeKind, Severity] = {
    "created": "minor",
    "renamed": "minor",
    "removed": "major",
    "restored": "major",
}
"""Kinds that have one severity."""

CLAIMS: Final = "claims"
"""The field that says what became of the claims of title and text, one line each."""

FollowClaims: TypeAlias = "Callable[[str, str], Sequence[ClaimStep]]"
"""Finds what became of the claims of a text in its next version."""

RULES_VERSION = 9
"""Version of these rules and of the books of claims, stored with each change. Raise it when they
would classify an old change differently, so that `verify` checks only changes made by the current
rules."""

MAJOR_SHARE = 0.2
"""An edit that changes more than this share of the words is major."""

SAME_TEXT_SIMILARITY = 0.95
"""Two texts at least this similar count as one text …"""

REPUBLISHED_DAYS = 2
"""… published again if the date moved forward by this many days: one day may be a time zone."""

REORDERED = "(the same lines in another order)"
WHITE_SPACE = "(white space)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field, before and after.

    For text and lists, `old` holds only what was removed and `new` what was added, separated by
    ``…`` or newlines; the revisions hold the complete texts. `new` of `CLAIMS` has lines such as
    ``softened: stops → may ease night cramps``.
    """

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


def compare(
    served_before: Snapshot,
    served_after: Snapshot,
    origins: Sequence[str] = (),
    varied: Sequence[str] = (),
    follow: FollowClaims | None = None,
    *,
    moving: Places = frozenset(),
) -> Difference | None:
    """How a revision differs from the one before it, or None if their normal forms are equal.

    `origins` are those of the store, its present one last. Addresses are reported as served, words
    in normal form. `varied` are texts of the post that were seen before it and went again: a figure
    that never stood still in them makes no change major. Figures at the places `moving` are no part
    of it. Without `follow`, claims are not compared.
    """
    before, after = normal_form(served_before, origins), normal_form(served_after, origins)
    before = _with_figures(before, after, moving)
    diff = diff_texts(before.text, after.text)
    changed = tuple(
        _as_served(change, (before, served_before), (after, served_after))
        for change in _field_changes(before, after, diff)
        if change.old != change.new
    )
    if not changed:
        return None
    material = _material(changed, before, after)
    claimed = (claimed_words(one.fields.title, one.text) for one in (before, after))
    steady = beside_varying(before.text, after.text, varied)
    steps = follow(*claimed) if follow and material & _WORDED else ()
    claims = "\n".join(step.summary for step in steps)
    is_major = any(step.is_major for step in steps)
    return Difference(
        kind=_kind({change.field for change in changed}, before, after),
        severity="major" if is_major else _severity(material, diff, steady, after.text),
        fields=(*changed, FieldChange(field=CLAIMS, old="", new=claims)) if steps else changed,
        words_added=diff.words_added,
        words_removed=diff.words_removed,
        similarity=diff.similarity,
    )


def _with_figures(before: Snapshot, after: Snapshot, places: Places) -> Snapshot:
    """A version with the figures of the next one at these places, unless nothing else differs."""
    text = as_shown(before.text, after.text, places)
    return before if text == after.text else replace(before, text=text)


def claimed_words(title: str, text: str) -> str:
    """The words in which a version of a post claims something."""
    return f"{title}\n\n{text}"


def claims_of(fields: Iterable[FieldChange]) -> list[str]:
    """What became of the claims of a post by a change with these fields, one line each."""
    return [line for field in fields if field.field == CLAIMS for line in field.new.splitlines()]


def severity_of(severity: Severity, origin: Origin) -> Severity:
    """The severity of a change that is `severity` by its words, from who made it: what the store
    did not do is never major."""
    return "minor" if origin == "technical" and severity == "major" else severity


def _as_served(
    change: FieldChange, before: tuple[Snapshot, Snapshot], after: tuple[Snapshot, Snapshot]
) -> FieldChange:
    """A change with the addresses that each version, given with its normal form, was served
    with."""
    if change.field == "image_url":
        (_, served_before), (_, served_after) = before, after
        old, new = served_before.fields.image_url, served_after.fields.image_url
        return FieldChange(field=change.field, old=old, new=new)
    pattern = {"links": _LINK, "images": _IMAGE}.get(change.field)
    if pattern is None:
        return change
    return FieldChange(
        field=change.field,
        old=_values_as_served(change.old, pattern, *before),
        new=_values_as_served(change.new, pattern, *after),
    )


def _values_as_served(
    values: str, pattern: re.Pattern[str], normal: Snapshot, served: Snapshot
) -> str:
    # The normal form keeps every tag, so the two lists match in order.
    shown = dict(zip(pattern.findall(normal.html), pattern.findall(served.html), strict=False))
    return "\n".join(shown.get(value, value) for value in values.split("\n"))


def _kind(names: set[str], before: Snapshot, after: Snapshot) -> ChangeKind:
    """The kind of the first changed field of `KIND_OF_FIELD`. A text that differs only in its codes
    and prices is no edit."""
    if "text" in names and names & {"codes", "prices"}:
        masked = (
            _masked_words(version, before.codes + after.codes if "codes" in names else ())
            for version in (before, after)
        )
        if next(masked) == next(masked):
            names = names - {"text"}
    return next(kind for field, kind in KIND_OF_FIELD if field in names)


def _masked_words(version: Snapshot, codes: Iterable[str]) -> list[str]:
    """The words of a text with one mark for every price, and for every one of `codes` and every
    percentage where there are codes."""
    text = mask_prices(version.text)
    words = {label.split(" ")[0] for label in codes}
    if words:
        text = _codes_or_percentages(words).sub(MASK, text)
    return text.split()


def _codes_or_percentages(codes: Iterable[str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(codes, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)|{_PERCENT}")


def _field_changes(before: Snapshot, after: Snapshot, diff: TextDiff) -> list[FieldChange]:
    a, b = before.fields, after.fields
    changes = [
        FieldChange(field="title", old=a.title, new=b.title),
        FieldChange(field="published_at", old=a.published_at, new=b.published_at),
        _republished(a.published_at, b.published_at, diff),
        FieldChange(field="author", old=a.author, new=b.author),
        _list_change("tags", a.tags, b.tags),
        FieldChange(field="image_url", old=a.image_url, new=b.image_url),
        FieldChange(field="excerpt", old=a.excerpt, new=b.excerpt),
    ]
    body = [
        _text_change(before, after, diff),
        _list_change("links", _LINK.findall(before.html), _LINK.findall(after.html)),
        _list_change("images", _IMAGE.findall(before.html), _IMAGE.findall(after.html)),
        _list_change("codes", before.codes, after.codes),
        _list_change("prices", find_prices(before.text), find_prices(after.text)),
    ]
    if all(change.old == change.new for change in body):
        forms = (before.html, before.markdown), (after.html, after.markdown)
        body.append(
            FieldChange(field="markup", old="", new="changed" if forms[0] != forms[1] else "")
        )
    return changes + body


def _republished(old: str, new: str, diff: TextDiff) -> FieldChange:
    """The old text under a later date: published as new."""
    if (
        old
        and new
        and diff.similarity >= SAME_TEXT_SIMILARITY
        and _days_between(old, new) >= REPUBLISHED_DAYS
    ):
        return FieldChange(field="republished", old=old, new=new)
    return FieldChange(field="republished", old="", new="")


def _days_between(old: str, new: str) -> int:
    try:
        return (date.fromisoformat(new[:10]) - date.fromisoformat(old[:10])).days
    except ValueError:
        return 0


def _text_change(before: Snapshot, after: Snapshot, diff: TextDiff) -> FieldChange:
    if before.text == after.text:
        return FieldChange(field="text", old="", new="")
    removed = " … ".join(run.text for run in diff.runs if run.operation == "removed")
    added = " … ".join(run.text for run in diff.runs if run.operation == "added")
    if removed != added:
        return FieldChange(field="text", old=removed, new=added)
    # Blank lines, or the order of lines, changed: no words were added or removed.
    return FieldChange(field="text", old="", new=REORDERED if removed else WHITE_SPACE)


def _list_change(field: str, old: Sequence[str], new: Sequence[str]) -> FieldChange:
    """What a list lost and gained. A list in another order counts as all lost and all gained."""
    if sorted(old) == sorted(new):
        return FieldChange(field=field, old="\n".join(old), new="\n".join(new))
    lost, gained = Counter(old) - Counter(new), Counter(new) - Counter(old)
    return FieldChange(
        field=field, old="\n".join(lost.elements()), new="\n".join(gained.elements())
    )


def _material(
    changed: tuple[FieldChange, ...], before: Snapshot, after: Snapshot
) -> frozenset[str]:
    """The fields that changed in more than their form."""
    material = {
        change.field
        for change in changed
        if change.field not in {"markup", "excerpt"} and not _is_formatting(change)
    }
    if without_counts(before.text) == without_counts(after.text):
        material.discard("text")
    return frozenset(material)


def _severity(material: frozenset[str], diff: TextDiff, steady: str, text: str) -> Severity:
    if not material:
        return "trivial"
    if {"title", "published_at", "codes", "prices"} & material:
        return "major"
    if "text" in material and (diff.similarity < 1 - MAJOR_SHARE or is_material(steady, text)):
        return "major"
    return "minor"


def _is_formatting(change: FieldChange) -> bool:
    """Whether only case, white space, punctuation or the shape of letters changed. Figures, signs
    and link targets are never formatting."""
    if change.field in {"links", "images", "image_url", "published_at", "codes", "prices"}:
        return False
    return change.new == WHITE_SPACE or are_alike(change.old, change.new)


_WORDED: Final = frozenset({"text", "title"})
_PERCENT = r"(?<!\d)\d++(?:[.,]\d++)?\s?(?:%|per\s?cent\b|percent\b)"
_LINK = re.compile(r'<a\b(?:[^<>"]|"[^"]*+")*?\shref="([^"]*+)"')
_IMAGE = re.compile(r'<img\b(?:[^<>"]++|"[^"]*+")*+>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of a post, as the view `change_details` of the archive has it.

    `not_before` and `not_after` (UTC) are its bracket; `not_before` is empty if no earlier
    observation limits it. `old_revision` and `new_revision` are numbers of revisions, 0 for none.
    `blog` is a label. If it belongs to a group (`group_id` is not 0), `summary` describes the group
    and `n_posts` counts its posts. Without a group, the group's kind and severity are its own.
    """

    id: int
    store_id: int
    store: str
    blog: str
    blog_handle: str
    post_id: int
    title: str
    url: str
    crawl_id: int
    crawl_health: str
    crawl_reason: str
    kind: str
    severity: str
    origin: str
    cause: str
    not_before: str
    not_after: str
    old_revision: int
    new_revision: int
    words_added: int
    words_removed: int
    similarity: float
    is_revert: bool
    group_kind: str
    group_severity: str
    group_id: int = 0
    group_label: str = ""
    n_posts: int = 1
    summary: str = ""
    fields: tuple[FieldChange, ...] = ()

    @property
    def subject(self) -> str:
        """What changed: the title of the post, or the summary of the group without its kind."""
        if self.group_id:
            return self.summary.removeprefix(f"{self.group_kind}: ")
        return self.title

    @property
    def is_compared(self) -> bool:
        """Whether the change leads from one revision to another."""
        return 0 not in (self.old_revision, self.new_revision) and (
            self.old_revision != self.new_revision
        )

    def joins(self, old: int, new: int) -> bool:
        """Whether the change leads from revision `old` to revision `new`."""
        return (self.old_revision, self.new_revision) == (old, new)
