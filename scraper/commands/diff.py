"""`blogkeep diff POST [OLD NEW]`: compare two revisions of a post word by word."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from rich.text import Text

from scraper.archive.queries.posts import (
    PostRow,
    RevisionRow,
    find_post,
    read_revision,
    revision_numbers,
)
from scraper.archive.queries.texts.standing import Standing, periods_of
from scraper.archive.rows import row_number
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.phrase_lines import seen_words
from scraper.cli.rendering import field_line, full_text, visible
from scraper.exceptions import NoSuchRevision, UsageProblem
from scraper.history.diff.words import diff_texts
from scraper.history.humanize import plural
from scraper.rulebooks import follow_claims

FIELDS = ("title", "author", "published_at", "tags", "excerpt", "image_url")


class Command(ArchiveCommand):
    usage = "[options] POST [OLD NEW]"
    example = "blogkeep diff journal/magnesium-and-muscle-cramps 1 2"

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Compare two revisions, by default the last two."""
        numbers = [number for word in args[1:] if (number := row_number(word)) is not None]
        if len(args) not in (1, 3) or len(numbers) < len(args) - 1:
            raise UsageProblem("give a post, or a post and two numbers of its revisions")
        db = self.open_archive(opts)
        post = find_post(db, args[0])
        numbers = numbers or revision_numbers(db, post)[-2:]
        if len(numbers) < 2:
            raise NoSuchRevision(
                f"{post.label} has one revision only: there is nothing to compare it with"
            )
        old, new = (read_revision(db, post, number) for number in numbers)
        if opts.json:
            diff = diff_texts(old.text, new.text)
            claims = _claims(old, new)
            print_json({"post": post, "old": old, "new": new, "diff": diff, "claims": claims})
            return
        periods = {one.number: periods_of(db.conn, post.id, one.number) for one in (old, new)}
        _print_difference(visible(post), visible(old), visible(new), periods)


def _claims(old: RevisionRow, new: RevisionRow) -> list[str]:
    texts = (f"{one.title}\n\n{one.text}" for one in (old, new))
    return [step.summary for step in follow_claims(*texts)]


def _print_difference(
    post: PostRow, old: RevisionRow, new: RevisionRow, periods: Mapping[int, Sequence[Standing]]
) -> None:
    diff, out = diff_texts(old.text, new.text), console()
    out.print(f"{post.label}: {post.title}", style="bold")
    for name, revision in (("old", old), ("new", new)):
        seen = seen_words(revision, periods[revision.number])
        out.print(f"{name}: revision {revision.number}, {seen}, {revision.origin}")
    for field in FIELDS:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            out.print(field_line(field, before, after))
    for claim in _claims(old, new):
        out.print(Text(claim, style="italic"))
    if old.text == new.text:
        rest = "" if old.html == new.html else "; links, images or markup differ"
        out.print(f"the text is the same{rest}")
        return
    added = plural(diff.words_added, "word")
    out.print(f"{added} added, {diff.words_removed:,} removed, {diff.similarity:.0%} alike\n")
    out.print(full_text(diff))
