"""`blogkeep graph`: measure the graph of posts, compare two days of it, or export it."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text
from sqlite_utils import Database

from scraper.archive.queries.graph import DeadLink, read_dead_links, read_graph
from scraper.archive.queries.stores import find_store
from scraper.archive.queries.texts.advice import EVERY, Advice, AdviceList, read_advice
from scraper.cli.arguments import add_store_option, day_end
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json, print_line
from scraper.cli.rendering import visible
from scraper.exceptions import UsageProblem
from scraper.graph.difference import GraphDifference, compare_graphs
from scraper.graph.exports import FORMATS, edges_of, export_graph
from scraper.graph.measures import BlogMeasures, Measures, measure, measure_blogs
from scraper.graph.model import Graph, GraphEdge, GraphPost
from scraper.history.humanize import plural
from scraper.printable import csv_cell, single_line
from scraper.timestamps import parse_timestamp

SHOWN = 20
"""Rows of a table for people; `--json` and the formats have all."""


class Command(ArchiveCommand):
    example = "blogkeep graph --format gexf > posts.gexf"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add_store_option(parser)
        parser.add_argument(
            "--on",
            metavar="DATE",
            default="",
            help="the graph at the end of this day (UTC, YYYY-MM-DD)",
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
            help="print the measures of every post; with --format, export them too",
        )
        parser.add_argument(
            "--dead-links",
            action="store_true",
            help="dead links of authors: since when, why, and which post to link instead",
        )
        parser.add_argument(
            "--advice",
            action="store_true",
            help="the sentences that should link to another post, for dead links and orphans",
        )
        parser.add_argument("--csv", action="store_true", help="with --advice: print CSV")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the measures, the dead links or a comparison, or export the graph."""
        _check(opts)
        db = self.open_archive(opts)
        store = find_store(db, opts.store)
        if opts.advice:
            _print_advice(read_advice(db.conn, store, limit=EVERY), opts)
        elif opts.dead_links:
            _print_dead_links(read_dead_links(db.conn, store), as_json=opts.json)
        elif opts.format:
            _export(db, store, opts)
        elif opts.between:
            before, after = (read_graph(db.conn, store, day) for day in opts.between)
            _print_difference(before, after, as_json=opts.json)
        else:
            graph = read_graph(db.conn, store, opts.on)
            _print_measures(graph, every_post=opts.metrics, as_json=opts.json)


def _check(opts: argparse.Namespace) -> None:
    """Raises UsageProblem for options that contradict each other."""
    if opts.on and opts.between:
        raise UsageProblem("give --on or --between, not both")
    day_end(opts.on)
    for day in opts.between or ():
        day_end(day, "--between")
    if opts.between and opts.between[0] > opts.between[1]:
        raise UsageProblem("--between takes the earlier day first")
    if opts.dead_links and (opts.on or opts.between or opts.format):
        raise UsageProblem("--dead-links takes neither --on, --between nor --format")
    if opts.advice and (opts.on or opts.between or opts.format or opts.dead_links):
        raise UsageProblem("--advice takes only --store, --csv or --json")
    if opts.csv and (opts.json or not opts.advice):
        raise UsageProblem("--csv is for --advice, without --json")
    if opts.format and opts.json:
        raise UsageProblem("give --format or --json, not both")


def _export(db: Database, store: str, opts: argparse.Namespace) -> None:
    since, on = opts.between or ("", opts.on)
    graph = read_graph(db.conn, store, on, since)
    measures = measure(graph) if opts.metrics else None
    # Bytes, because the character set of a terminal may lack letters of the titles.
    out = sys.stdout.buffer if hasattr(sys.stdout, "buffer") else None
    for line in export_graph(graph, opts.format, measures):
        if out:
            out.write(line.encode())
        else:
            print(line, end="")
    left_out = len(graph.edges) - len(edges_of(graph))
    if left_out and opts.format != "csv":
        print_error(
            f"left out {plural(left_out, 'edge')} to posts that are not archived;"
            " the format csv has them"
        )


def _print_measures(graph: Graph, *, every_post: bool, as_json: bool) -> None:
    measures = measure(graph)
    blogs = measure_blogs(graph, measures)
    posts = {post.id: post for post in graph.posts}
    by_rank = sorted(measures, key=lambda post_id: (-measures[post_id].rank, post_id))
    measured = [(posts[post_id], measures[post_id]) for post_id in by_rank]
    if as_json:
        listed = measured if every_post else []
        values = [{"post": post, "measures": found} for post, found in listed]
        print_json({"on": graph.on, "blogs": blogs, "posts": values})
        return
    out = console()
    out.print(_blogs_table(blogs))
    out.print()
    shown = measured if every_post else measured[:SHOWN]
    out.print(_posts_table(shown))
    if len(shown) < len(measured):
        out.print(f"and {len(measured) - len(shown):,} more (--metrics)")


def _blogs_table(blogs: Iterable[BlogMeasures]) -> Table:
    names = ("posts", "edges", "inside", "orphans", "hubs", "dead_ends", "unreachable")
    columns = (*names, "communities")
    table = Table("blog", *(name.replace("_", " ") for name in columns), "reciprocity", box=None)
    for blog in map(visible, blogs):
        counts = (f"{getattr(blog, name):,}" for name in columns)
        table.add_row(blog.blog, *counts, f"{blog.reciprocity:.2f}")
    return table


def _posts_table(rows: Iterable[tuple[GraphPost, Measures]]) -> Table:
    table = Table("post", "in", "out", "rank", "depth", "community", "back", "", box=None)
    for post, found in rows:
        labels = {"orphan": found.orphan, "hub": found.hub, "dead end": found.dead_end}
        table.add_row(
            Text(visible(post).title),
            str(found.in_degree),
            str(found.out_degree),
            f"{found.rank:.4f}",
            str(found.depth),
            str(found.community),
            f"{found.reciprocity:.2f}",
            ", ".join(label for label, holds in labels.items() if holds),
        )
    return table


def _print_difference(before: Graph, after: Graph, *, as_json: bool) -> None:
    difference = compare_graphs(before, after)
    if as_json:
        print_json({"from": before.on, "to": after.on, "difference": _as_values(difference)})
        return
    titles = {post.id: post.title for post in (*before.posts, *after.posts)}
    _print_edges("added", difference.edges_added, titles)
    _print_edges("removed", difference.edges_removed, titles)
    for label, posts in (
        ("posts added", difference.posts_added),
        ("posts removed", difference.posts_removed),
        ("posts that became orphans", difference.orphaned),
        ("posts that are orphans no more", difference.adopted),
        ("posts that became hubs", difference.hubs_added),
        ("posts that are hubs no more", difference.hubs_removed),
    ):
        if posts:
            console().print(f"{label}: {len(posts)}", style="bold")
            for post in map(visible, posts[:SHOWN]):
                console().print(Text(f"    {post.title}"))


def _as_values(difference: GraphDifference) -> dict[str, list[object]]:
    return {
        field.name: [
            one._asdict() if isinstance(one, GraphEdge) else one
            for one in getattr(difference, field.name)
        ]
        for field in fields(difference)
    }


def _print_edges(state: str, edges: Sequence[GraphEdge], titles: dict[int, str]) -> None:
    out = console()
    out.print(f"{plural(len(edges), 'edge')} {state}", style="bold")
    for edge in edges[:SHOWN]:
        out.print(Text(f"    {_edge_line(edge, titles)}"))
    if len(edges) > SHOWN:
        out.print(f"    and {len(edges) - SHOWN:,} more (--json)")


def _edge_line(edge: GraphEdge, titles: dict[int, str]) -> str:
    start = titles.get(edge.from_id, "?")
    end = titles.get(edge.to_id or 0) or edge.url or edge.anchor
    return f"{edge.kind}: {single_line(start)} → {single_line(end)}"


def _print_dead_links(links: list[DeadLink], *, as_json: bool) -> None:
    if as_json:
        print_json(links)
        return
    out, today = console(), datetime.now(UTC)
    for link in map(visible, links):
        out.print(Text.assemble((link.from_post, "bold"), f"  “{link.anchor}” → {link.url}"))
        out.print(Text(f"    {_cause(link, today)}", style="dim"))
        if link.suggested_url:
            out.print(Text(f"    instead: {link.suggested_post}  {link.suggested_url}"))
    out.print(plural(len(links), "dead link") if links else "no dead links")


def _cause(link: DeadLink, today: datetime) -> str:
    day = link.since[:10]
    if link.cause == "unknown":
        return f"never archived, linked since {day}"
    days = (today - parse_timestamp(link.since)).days
    return f"{link.cause} {day}, {plural(days, 'day') if days else 'less than a day'} ago"


def _print_advice(found: AdviceList, opts: argparse.Namespace) -> None:
    if opts.json:
        print_json(found)
        return
    if opts.csv:
        writer = csv.writer(sys.stdout)
        writer.writerows([csv_cell(cell) for cell in row] for row in found.rows())
        return
    for link in found.dead_links:
        print_line(f"{link.from_post}  {link.from_url}")
        _print_place(link)
        print_line(f"    dead: {link.old_url}, {link.why}")
        print_line(f"    instead: {link.target}  {link.target_url}".rstrip(": "))
    for orphan in found.orphans:
        print_line(f"{orphan.title}  {orphan.url}: no post links to it")
        for place in orphan.places:
            print_line(f"    from {place.from_post}  {place.from_url}")
            _print_place(place)
        if not orphan.places:
            print("    no sentence of a similar post speaks of it")
    dead, orphans = len(found.dead_links), len(found.orphans)
    print(f"{plural(dead, 'dead link')}, {plural(orphans, 'orphan')}")


def _print_place(advice: Advice) -> None:
    """The sentence with the words to link in brackets, or only the words if no sentence has
    them."""
    marked = advice.sentence.replace(advice.words, f"[{advice.words}]", 1)
    print_line(f"    “{marked}”" if advice.sentence else f"    [{advice.words}]")
