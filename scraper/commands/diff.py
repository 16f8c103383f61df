"""`scrapy diff POST [OLD NEW]`: two revisions of a post, word by word."""

from __future__ import annotations

import argparse

from scraper.archive.queries.posts import (
    PostRow,
    RevisionRow,
    find_post,
    read_revision,
    revision_numbers,
)
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import field_line, full_text, visible
from scraper.exceptions import NoSuchRevision, UsageProblem
from scraper.history.diff.words import diff_texts

FIELDS = ("title", "author", "published_at", "tags", "excerpt", "image_url")


class Command(ArchiveCommand):
    """Compare two revisions."""

    usage = "[options] POST [OLD NEW]"
    example = "blogkeep diff journal/magnesium-and-muscle-cramps 1 2"

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) not in (1, 3) or not all(word.isdigit() for word in args[1:]):
            raise UsageProblem("give a post, or a post and two numbers of its revisions")
        db = self.open_archive(opts)
        post = find_post(db, args[0])
        numbers = (
            [int(args[1]), int(args[2])] if len(args) == 3 else revision_numbers(db, post)[-2:]
        )
        if len(numbers) < 2:
            raise NoSuchRevision(
                f"{post.label} has one revision only: there is nothing to compare it with"
            )
        old, new = (read_revision(db, post, number) for number in numbers)
        if opts.json:
            print_json(
                {"post": post, "old": old, "new": new, "diff": diff_texts(old.text, new.text)}
            )
            return
        post, old, new = visible(post), visible(old), visible(new)
        diff = diff_texts(old.text, new.text)
        _print_heads(post, old, new)
        out = console()
        for name in FIELDS:
            if getattr(old, name) != getattr(new, name):
                out.print(field_line(out, name, getattr(old, name), getattr(new, name)))
        if old.text == new.text:
            out.print(
                "the text is the same"
                + ("" if old.html == new.html else "; links, images or markup differ")
            )
            return
        out.print(
            f"{diff.words_added} words added, {diff.words_removed} removed, {diff.similarity:.0%} alike\n"
        )
        out.print(full_text(out, diff))


def _print_heads(post: PostRow, old: RevisionRow, new: RevisionRow) -> None:
    out = console()
    out.print(f"{post.label}: {post.title}", style="bold")
    for name, revision in (("old", old), ("new", new)):
        out.print(
            f"{name}: revision {revision.number}, seen from {revision.first_seen_at} to {revision.last_seen_at}, {revision.origin}"
        )
