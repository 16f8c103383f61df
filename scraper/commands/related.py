"""`scrapy related POST`: which posts a post points at, and which point at it."""

from __future__ import annotations

import argparse

from rich.table import Table
from scrapy.commands import ScrapyCommand

from scraper.archive.reader import find_post, related_posts
from scraper.commands.rendering import visible
from scraper.commands.shared import ArchiveCommand, console, only_argument, print_json


class Command(ArchiveCommand, ScrapyCommand):
    """Print a post's edges."""

    example = "scrapy related journal/teapot-care --kind related_list"

    def syntax(self) -> str:
        return "[options] POST"

    def short_desc(self) -> str:
        return "Print which posts a post points at, and which point at it"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--kind",
            action="append",
            default=[],
            choices=["inline", "related_list", "related_widget", "older", "newer", "previous", "next"],
            help="edges of this kind only; may be given more than once",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        db = self.open_archive(opts)
        post = find_post(db, only_argument(args, "post: its URL, handle, label, number or title"))
        edges = related_posts(db, post, tuple(opts.kind))
        if opts.json:
            print_json({"post": post, "edges": edges})
            return
        out, post = console(), visible(post)
        out.print(f"{post.label}: {post.title}", style="bold")
        table = Table("", "kind", "post", "address", box=None, title_justify="left")
        for edge in map(visible, edges):
            table.add_row("→" if edge.direction == "out" else "←", edge.kind, edge.title, edge.url or "(known by its title only)")
        out.print(table if edges else "no edges" + (" of this kind" if opts.kind else ""))
