"""`scrapy graph`: the graph of posts, measured, compared between two days, or for other
programs."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text
from sqlite_utils import Database

from scraper.archive.queries.graph import DeadLink, read_dead_links, read_graph
from scraper.archive.queries.stores import find_store
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.cli.rendering import visible
from scraper.exceptions import UsageProblem
from scraper.graph.difference import compare_graphs
from scraper.graph.exports import FORMATS, edges_of, export_graph
from scraper.graph.measures import Measures, measure, measure_blogs
from scraper.graph.model import Graph, GraphEdge, GraphPost
from scraper.timestamps import parse_timestamp

SHOWN = 20
"""Rows of a table for people; `--json` and the formats have all."""


class Command(ArchiveCommand):
    """Print the graph."""

    example = "blogkeep graph --format gexf > posts.gexf"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--store", metavar="NAME", default="", help="one store only, by its name or address"
        )
        parser.add_argument(
            "--on",
            metavar="DATE",
            default="",
            help="as it stood at the end of this day (UTC, YYYY-MM-DD)",
        )
        parser.add_argument(
            "--between",
            nargs=2,
            metavar=("A", "B"),
            help="what differs between the ends of two days",
        )
        parser.add_argument(
            "--format",
            choices=list(FORMATS),
            help="write the graph to standard output for another program",
        )
        parser.add_argument(
            "--metrics",
            action="store_true",
            help="the measures of every post; of an export, put them into it",
        )
        parser.add_argument(
            "--dead-links",
            action="store_true",
            help="links of authors that lead nowhere, since when, why, and where to instead",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        _refuse(args, opts)
        db = self.open_archive(opts)
        store = find_store(db, opts.store) if opts.store else ""
        if opts.dead_links:
            _print_dead_links(read_dead_links(db.conn, store), as_json=opts.json)
        elif opts.format:
            self._export(db, store, opts)
        elif opts.between:
            _print_difference(
                *(read_graph(db.conn, store, day) for day in opts.between), as_json=opts.json
            )
        else:
            _print_measures(
                read_graph(db.conn, store, opts.on), every_post=opts.metrics, as_json=opts.json
            )

    @staticmethod
    def _export(db: Database, store: str, opts: argparse.Namespace) -> None:
        since, on = opts.between or ("", opts.on)
        graph = read_graph(db.conn, store, on, since)
        # Bytes, for a terminal's own character set may lack letters that the titles have.
        out = sys.stdout.buffer if hasattr(sys.stdout, "buffer") else None
        for line in export_graph(graph, opts.format, measure(graph) if opts.metrics else None):
            out.write(line.encode()) if out else print(line, end="")
        left_out = len(graph.edges) - len(edges_of(graph))
        if left_out and opts.format != "csv":
            print_error(
                f"{left_out} edges lead to posts that are not archived and are left out; the format csv has them"
            )


def _refuse(args: list[str], opts: argparse.Namespace) -> None:
    """Refuse words that contradict each other. Raises UsageProblem."""
    if args:
        raise UsageProblem(f"graph takes options only, not {args[0]!r}")
    if opts.on and opts.between:
        raise UsageProblem("give --on or --between, not both")
    if opts.between and opts.between[0] > opts.between[1]:
        raise UsageProblem("--between takes the earlier day first")
    if opts.dead_links and (opts.on or opts.between or opts.format):
        raise UsageProblem("--dead-links tells of today, and in no other format than --json")
    if opts.format and opts.json:
        raise UsageProblem("give --format or --json, not both")


def _print_measures(graph: Graph, *, every_post: bool, as_json: bool) -> None:
    found = measure(graph)
    blogs = measure_blogs(graph, found)
    posts = {post.id: post for post in graph.posts}
    ranked = sorted(found, key=lambda number: (-found[number].rank, number))
    if as_json:
        told = (
            [{"post": posts[number], "measures": found[number]} for number in ranked]
            if every_post
            else []
        )
        print_json({"on": graph.on, "blogs": blogs, "posts": told})
        return
    out = console()
    table = Table(
        "blog",
        "posts",
        "edges",
        "inside",
        "orphans",
        "hubs",
        "dead ends",
        "unreachable",
        "communities",
        "reciprocity",
        box=None,
    )
    for blog in map(visible, blogs):
        counts = (
            blog.posts,
            blog.edges,
            blog.inside,
            blog.orphans,
            blog.hubs,
            blog.dead_ends,
            blog.unreachable,
            blog.communities,
        )
        table.add_row(blog.blog, *(f"{number:,}" for number in counts), f"{blog.reciprocity:.2f}")
    out.print(table)
    out.print()
    shown = ranked if every_post else ranked[:SHOWN]
    out.print(_measures_table([(posts[number], found[number]) for number in shown]))
    if len(shown) < len(ranked):
        out.print(f"and {len(ranked) - len(shown):,} more (--metrics)")


def _measures_table(rows: list[tuple[GraphPost, Measures]]) -> Table:
    table = Table("post", "in", "out", "rank", "depth", "community", "back", "", box=None)
    for post, found in rows:
        marks = ("orphan", found.orphan), ("hub", found.hub), ("dead end", found.dead_end)
        told = ", ".join(word for word, holds in marks if holds)
        numbers = (
            str(found.in_degree),
            str(found.out_degree),
            f"{found.rank:.4f}",
            str(found.depth),
            str(found.community),
        )
        table.add_row(Text(visible(post).title), *numbers, f"{found.reciprocity:.2f}", told)
    return table


def _print_difference(before: Graph, after: Graph, *, as_json: bool) -> None:
    difference = compare_graphs(before, after)
    if as_json:
        print_json({"from": before.on, "to": after.on, "difference": difference})
        return
    out, titles = console(), {post.id: post.title for post in (*before.posts, *after.posts)}
    for word, edges in (("came", difference.edges_came), ("went", difference.edges_went)):
        out.print(f"{len(edges)} edges {word}", style="bold")
        for edge in edges[: SHOWN if len(edges) > SHOWN else None]:
            out.print(Text("    " + _told(edge, titles)))
        if len(edges) > SHOWN:
            out.print(f"    and {len(edges) - SHOWN:,} more (--json)")
    lists = ("posts_came", "posts_went", "orphaned", "adopted", "hubs_risen", "hubs_fallen")
    for name in lists:
        posts: tuple[GraphPost, ...] = getattr(difference, name)
        if posts:
            out.print(f"{name.replace('_', ' ')}: {len(posts)}", style="bold")
            for post in map(visible, posts[:SHOWN]):
                out.print(Text(f"    {post.title}"))


def _told(edge: GraphEdge, titles: dict[int, str]) -> str:
    shown = visible(edge)
    start, end = (
        titles.get(edge.from_id, "?"),
        titles.get(edge.to_id or 0) or edge.url or edge.anchor,
    )
    return f"{shown.kind}: {_plain(start)} → {_plain(end)}"


def _plain(title: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in title)


def _print_dead_links(links: list[DeadLink], *, as_json: bool) -> None:
    if as_json:
        print_json(links)
        return
    out, today = console(), datetime.now(UTC)
    for link in map(visible, links):
        days = (today - parse_timestamp(link.since)).days
        since = (
            f"{link.cause} {link.since[:10]}, {days} days ago"
            if link.cause != "unknown"
            else f"never archived, linked since {link.since[:10]}"
        )
        out.print(Text.assemble((link.from_post, "bold"), f"  “{link.anchor}” → {link.url}"))
        out.print(Text(f"    {since}", style="dim"))
        if link.suggested_url:
            out.print(Text(f"    instead: {link.suggested_post}  {link.suggested_url}"))
    out.print(f"{len(links)} dead links" if links else "no dead links")
