"""`blogkeep show POST`: a post as its author wrote it, now or on a day."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from scraper.archive.queries.posts import (
    PostRow,
    RevisionRow,
    current_number,
    find_post,
    read_revision,
)
from scraper.archive.queries.texts.standing import Standing, periods_of, standing_at
from scraper.cli.arguments import day_end, only_argument, whole_number
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json, print_line, print_text
from scraper.cli.phrase_lines import seen_words
from scraper.exceptions import UsageProblem
from scraper.history.humanize import moment


class Command(ArchiveCommand):
    usage = "[options] POST"
    example = "blogkeep show journal/teapot-care --on 2026-03-01"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--on",
            metavar="DATE",
            default="",
            help="as it was last seen by the end of this day (UTC, YYYY-MM-DD)",
        )
        parser.add_argument(
            "--revision",
            type=whole_number,
            metavar="N",
            help="revision N (default: the current one)",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one revision of a post."""
        if opts.on and opts.revision is not None:
            raise UsageProblem("give --on or --revision, not both")
        time = day_end(opts.on)
        asked = only_argument(args, "post: its URL, handle, label, number or title")
        db = self.open_archive(opts)
        post = find_post(db, asked)
        standing = standing_at(db.conn, post.id, time) if time else None
        number = standing.number if standing else opts.revision
        revision = read_revision(db, post, current_number(db, post) if number is None else number)
        periods = [standing] if standing else periods_of(db.conn, post.id, revision.number)
        if opts.json:
            print_json({"post": post, "revision": revision, "periods": periods})
            return
        _print_post(post, revision, periods)


def _print_post(post: PostRow, revision: RevisionRow, periods: Sequence[Standing]) -> None:
    print_line(f"{post.label}: {revision.title}")
    published = f"published {moment(revision.published_at)}" if revision.published_at else ""
    by = f"by {revision.author}" if revision.author else ""
    state = post.state if post.state == "live" else f"{post.state} now"
    details = (by, published, state, post.url)
    print_line(", ".join(detail for detail in details if detail))
    seen = seen_words(revision, periods)
    print(f"revision {revision.number} of {post.revision_count}, {revision.origin}, {seen}\n")
    print_text(revision.text)
