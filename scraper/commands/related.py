"""`blogkeep related POST`: the posts that a post links to, and those that link to it."""

from __future__ import annotations

import argparse
from typing import get_args

from scraper.archive.queries.posts import find_post, related_posts
from scraper.cli.arguments import day_end, only_argument
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json, print_line
from scraper.graph.measures import SIMILARITY_KINDS
from scraper.items import LinkKind


class Command(ArchiveCommand):
    usage = "[options] POST"
    example = "blogkeep related journal/teapot-care --kind related_list"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--kind",
            action="append",
            default=[],
            choices=get_args(LinkKind),
            help="edges of this kind only; may be given more than once",
        )
        parser.add_argument(
            "--on",
            metavar="DATE",
            default="",
            help="edges at the end of this day (UTC, YYYY-MM-DD)",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a post's edges in both directions."""
        day_end(opts.on)
        db = self.open_archive(opts)
        post = find_post(db, only_argument(args, "post: its URL, handle, label, number or title"))
        edges = related_posts(db, post, tuple(opts.kind), opts.on)
        if opts.json:
            print_json({"post": post, "edges": edges})
            return
        print_line(f"{post.label}: {post.title}")
        if not edges:
            print_line("no edges of this kind" if opts.kind else "no edges")
        for edge in edges:
            arrow = "→" if edge.direction == "out" else "←"
            kind, address = edge.kind, edge.url or "(known by its title only)"
            if edge.kind in SIMILARITY_KINDS:
                kind, address = f"{edge.kind} {edge.weight:.2f}", f"{address}  {edge.anchor}"
            print_line(f"{arrow} {kind}: {edge.title}")
            print_line(f"    {address}")
