"""`blogkeep posts`: the archived posts, one on each line."""

from __future__ import annotations

import argparse
from typing import get_args

from scraper.archive.queries.posts import list_posts
from scraper.archive.queries.stores import find_store
from scraper.cli.arguments import add_store_option
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.history.humanize import plural
from scraper.history.removal import State
from scraper.printable import single_line


class Command(ArchiveCommand):
    example = "blogkeep posts --blog journal --state removed"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add_store_option(parser)
        parser.add_argument(
            "--blog", metavar="HANDLE", default="", help="one blog only, such as journal"
        )
        parser.add_argument(
            "--state", choices=get_args(State), default="", help="posts in this state only"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the posts by label."""
        db = self.open_archive(opts)
        store = find_store(db, opts.store)
        posts = list_posts(db, store=store, blog=opts.blog, state=opts.state)
        if opts.json:
            print_json(posts)
            return
        for post in posts:
            state = "" if post.state == "live" else f"  {post.state}"
            day, count = (
                post.published_at[:10] or "undated",
                plural(post.revision_count, "revision"),
            )
            line = f"{post.id:>5}  {day:<10}  {count:<12}  {post.label}: {post.title}{state}"
            print(single_line(line))
        print(plural(len(posts), "post"))
