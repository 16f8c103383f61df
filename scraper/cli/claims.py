"""What changes did to claims, by the books that come with the program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scraper.archive.queries.changes import ChangeTexts
from scraper.history.changes import Change

if TYPE_CHECKING:
    from scraper.claims.ledger import ClaimStep


class ClaimReader:
    """Follows claims through changes. The book is loaded for the first change of words."""

    def __init__(self, book: str = "health") -> None:
        self.book = book

    def steps(self, change: Change, texts: ChangeTexts) -> list[ClaimStep]:
        """The steps of a change that the store made to words; of a first sight, every claim is
        added. None of a change of ours, and none of an import."""
        fields = {field.field: field for field in change.fields}
        is_first = change.kind == "created"
        if change.origin == "technical" or not (is_first or {"text", "title"} & set(fields)):
            return []
        # A crawl in which no words changed does not need these.
        from scraper.claims.ledger import follow_claims  # noqa: PLC0415
        from scraper.cli.rulebooks import load_auditor  # noqa: PLC0415

        title = fields.get("title")
        old_title, new_title = (title.old, title.new) if title else (change.title, change.title)
        auditor = load_auditor(self.book)
        old = [] if is_first else auditor.claims(f"{old_title}\n\n{texts.old}")
        return follow_claims(old, auditor.claims(f"{new_title}\n\n{texts.new}"), auditor.language)

    def summaries(self, change: Change, texts: ChangeTexts) -> Sequence[str]:
        """The steps of a change in words; none of a first sight."""
        steps = [] if change.kind == "created" else self.steps(change, texts)
        return [step.summary for step in steps]
