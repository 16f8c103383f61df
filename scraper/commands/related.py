"""`blogkeep related POST`: the posts that a post links to, and those that link to it."""

from __future__ import annotations

import argparse
from typing import get_args

from rich.table import Table
from rich.text import Text

from scraper.archive.queries.posts import find_post, related_posts
from scraper.cli.arguments import day_end, only_argument
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import visible
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
        out, post = console(), visible(post)
        out.print(f"{post.label}: {post.title}", style="bold")
        if not edges:
            out.print("no edges of this kind" if opts.kind else "no edges")
            return
        table = Table("", "kind", "post", "address", box=None, title_justify="left")
        for edge in map(visible, edges):
            arrow = "→" if edge.direction == "out" else "←"
            kind, address = edge.kind, Text(edge.url or "(known by its title only)")
            if edge.kind in SIMILARITY_KINDS:
                kind = f"{edge.kind} {edge.weight:.2f}"
                address.append(f"  {edge.anchor}", style="dim")
            table.add_row(arrow, kind, edge.title, address)
        out.print(table)
