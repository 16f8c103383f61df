"""The pages of a bundle that people read: the comparison, the draft certificate, the read-me."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from scraper import __version__
from scraper.archive.queries.pages.evidence import Evidence
from scraper.bundle.proof import Proof
from scraper.bundle.subject import Subject
from scraper.history.changes import CLAIMS, FieldChange, claims_of
from scraper.history.diff.words import PARAGRAPH, diff_texts
from scraper.history.humanize import HEALTH, KINDS, VERDICTS, exact, plural
from scraper.items import TRANSFER_HEADERS
from scraper.printable import printable

if TYPE_CHECKING:
    from jinja2 import Environment


def render_sheets(subject: Subject, proof: Proof, made_at: str) -> dict[str, bytes]:
    """Return the pages by their file names."""
    values = {
        "subject": subject,
        "evidence": subject.evidence,
        "heading": heading(subject),
        "sentences": sentences(subject),
        "runs": _runs(subject),
        "fields": _fields(subject.evidence),
        "extractors": ", ".join(sorted({revision.extractor for revision in subject.revisions})),
        "proof": proof,
        "made_at": made_at,
        "version": __version__,
        "left_out": ", ".join(sorted(TRANSFER_HEADERS)),
    }
    return {name: _render(name, values) for name in ("comparison.html", "certificate.html")} | {
        "README.txt": _render("README.txt", values)
    }


def heading(subject: Subject) -> str:
    """What the bundle shows, in one line."""
    if subject.evidence:
        change = subject.evidence.change
        return f"{KINDS.get(change.kind, change.kind)}: {change.title}"
    title = subject.new.title if subject.new else subject.post.title
    return f"As it stood at {exact(subject.time)}: {title}"


def sentences(subject: Subject) -> list[str]:
    """When and by whom, in sentences."""
    if subject.evidence:
        return _of_change(subject.evidence)
    standing = subject.standing
    assert standing is not None, "a subject without a change has a standing"
    fetches = plural(standing.n_seen, "fetch", "fetches")
    found = [
        f"This version was seen from {exact(standing.first_seen_at)} to "
        f"{exact(standing.last_seen_at)}, at {fetches} in a row."
    ]
    if standing.next_seen_at:
        found.append(f"The next fetch with another result was at {exact(standing.next_seen_at)}.")
    return found


def _of_change(evidence: Evidence) -> list[str]:
    claims = [f"Claim {line}." for line in claims_of(evidence.change.fields)]
    found = [*claims, evidence.bracket_sentence, evidence.origin_sentence]
    if evidence.lastmod:
        found.append(f"The date in the store's listings was then {exact(evidence.lastmod)}.")
    return found


def _fields(evidence: Evidence | None) -> list[FieldChange]:
    """The changed fields beside text, claims and markup, which the comparison shows elsewhere."""
    changed = evidence.change.fields if evidence else ()
    return [field for field in changed if field.field not in {"text", "markup", CLAIMS}]


def _runs(subject: Subject) -> list[tuple[str, str]]:
    """The whole text with what was added and removed; of a state, the text."""
    old, new = subject.old, subject.new
    texts = (old.text if old else "", new.text if new else "")
    if not subject.evidence:
        return [("same", texts[1])]
    runs = diff_texts(*texts).runs
    return [(run.operation, _LINE_END.sub("\n", run.text)) for run in runs]


_LINE_END: Final = re.compile(f" ?{PARAGRAPH} ?")


def _render(name: str, values: dict[str, Any]) -> bytes:
    return printable(_environment().get_template(name).render(values)).encode("utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import (  # noqa: PLC0415 - loaded only to render
        Environment,
        PackageLoader,
        StrictUndefined,
        select_autoescape,
    )

    environment = Environment(
        loader=PackageLoader("scraper.bundle"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        exact=exact,
        verdict=lambda word: VERDICTS.get(word, word),
        health=lambda word: HEALTH.get(word, word),
    )
    return environment
