"""What pages cite: a change with both its observations, a revision with all its periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scraper.archive.queries.pages.evidence import Evidence
from scraper.archive.queries.pages.post import PostView, RevisionView
from scraper.archive.queries.texts.standing import Standing
from scraper.history import humanize
from scraper.history.diff.passages import opening
from scraper.web.parts import citations
from scraper.web.parts.citations import Citation

MAX_TITLE_CHARS: Final = 150
"""Characters of a title or an author in a citation of a change."""


def all_forms(cited: Citation) -> dict[str, str]:
    """A citation in each form but plain text, by the form's name."""
    return {
        "Markdown": citations.as_markdown(cited),
        "BibTeX": citations.as_bibtex(cited),
        "CSL-JSON": citations.as_csl_json(cited),
    }


def cite_change(evidence: Evidence, url: str) -> Citation:
    """The citation of a change, with the bracket and the hashes of both bodies; `url` is that of
    its sheet."""
    change = evidence.change
    sights = [("before", evidence.before), ("after", evidence.after)]
    hashes = "; ".join(
        f"revision {sight.revision.number} {name}, SHA-256 of the body {sight.revision.hash}"
        for name, sight in sights
        if sight and sight.revision
    )
    kind = humanize.KINDS.get(change.kind, change.kind)
    when = humanize.bracket(change.not_before, change.not_after)
    if not evidence.is_dated:
        when = "at an unknown time, by a file"
    revision = evidence.after.revision or (evidence.before and evidence.before.revision)
    return Citation(
        key=f"blogkeep-change-{change.id}",
        author=opening(revision.author if revision else "", MAX_TITLE_CHARS),
        title=opening(revision.title if revision else change.title, MAX_TITLE_CHARS),
        store=change.store,
        url=change.url,
        published_at=revision.published_at if revision else "",
        statement=f"{kind} {when} ({hashes}).",
        accessed_at=change.not_after,
        archive_url=url,
    )


def cite_revision(
    post: PostView, revision: RevisionView, periods: Sequence[Standing], url: str
) -> Citation:
    """The citation of a revision, with every period in which it was seen and the hash of its body;
    `url` is its permanent address here."""
    spans = [humanize.exact_span(one.first_seen_at, one.last_seen_at) for one in periods]
    seen = f"Archived as it was seen {', and again '.join(spans)}"
    if not spans:
        seen = f"Archived {humanize.exact(revision.first_seen_at)}, not from a crawl"
    if source := revision.provenance:
        seen = f"{seen}, {source}" if spans and revision.is_dated else f"Archived {source}"
    return Citation(
        key=f"blogkeep-post-{post.id}-revision-{revision.number}",
        author=revision.author,
        title=revision.title,
        store=post.store,
        url=post.url,
        published_at=revision.published_at,
        statement=f"{seen} (revision {revision.number}, SHA-256 of the body {revision.hash}).",
        accessed_at=revision.last_seen_at,
        archive_url=url,
    )
