"""What the graph costs: an archive of many posts, made without a crawl, then measured, compared and
asked in a process of its own."""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time

from rich.console import Console
from rich.table import Table

from scraper.archive.database import open_for_writing
from scraper.archive.queries.graph import read_graph
from scraper.archive.queries.posts import find_post, related_posts
from scraper.archive.similarity.index import delete_index, similarity_path
from scraper.archive.similarity.update import update_similarity
from scraper.graph.measures import measure

SIZES = (1_000, 10_000, 100_000)
EDGES_A_POST = 10
WORDS_A_POST = 260
POSTS_A_TOPIC = 40
COPIES_EVERY = 500  # posts
SAMPLES = 50
NOW, LATER = "2026-03-02T06:00:00Z", "2026-03-03T06:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphCosts:
    """Seconds and milliseconds of CPU (medians, and the worst of `SAMPLES`) and megabytes of one
    size.

    `on_topic` is the share of the top five that are of the post's own topic, `copies` how many of
    the copies that were made were found, `false_copies` how many that were not made.
    """

    posts: int
    edges: int
    archive_mb: float
    index_mb: float
    compare_all_s: float
    read_s: float
    measure_s: float
    peak_mb: float
    changed_ms: float
    changed_worst_ms: float
    neighbours_ms: float
    neighbours_worst_ms: float
    on_topic: float
    copies: int
    false_copies: int


def measure_graphs(folder: Path, sizes: Sequence[int] = SIZES) -> Iterator[GraphCosts]:
    """What each size costs, each in a process of its own, so that its memory is its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for posts in sizes:
        path = folder / f"graph-{posts}.db"
        command = [
            sys.executable,
            "-m",
            "tests.bench.graph",
            "--child",
            str(path),
            "--posts",
            str(posts),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        yield GraphCosts(**json.loads(done.stdout))
        path.unlink()
        delete_index(similarity_path(path))


def make_archive(path: Path, posts: int, seed: int = 1) -> None:
    """An archive of `posts` posts of one blog, ten edges each, their words drawn from common ones,
    rare ones and their topic's own."""
    chance = random.Random(seed)
    db = open_for_writing(path)
    connection = db.conn
    connection.execute("BEGIN")
    connection.execute("PRAGMA defer_foreign_keys = ON")
    _store(connection)
    texts: list[tuple[str, str]] = []
    for number in range(1, posts + 1):
        if number % COPIES_EVERY == 0:
            title, text = texts[chance.randrange(len(texts))]
            text = text.replace(" w1 ", " w2 ", 1)
        else:
            title, text = _text(number, chance)
        texts.append((title, text))
        _post(connection, number, title, text, topic=number // POSTS_A_TOPIC)
    connection.executemany(
        """
        INSERT INTO links (from_post_id, to_post_id, url, kind, anchor, position, target_key,
            first_seen_at, last_seen_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        _links(posts, chance),
    )
    connection.execute("COMMIT")
    db.close()


def _store(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO stores (id, name, origin, first_seen_at) "
        "VALUES (1, 'shop.example', 'https://shop.example', ?)",
        [NOW],
    )
    connection.execute(
        "INSERT INTO blogs (id, store_id, label, handle, first_seen_at) "
        "VALUES (1, 1, 'shop.example: news', 'news', ?)",
        [NOW],
    )
    connection.execute(
        "INSERT INTO crawls (id, store_id, label, kind, extractor, started_at, heartbeat_at) "
        "VALUES (1, 1, 'shop.example: crawl 1', 'crawl', '', ?, ?)",
        [NOW, NOW],
    )
    connection.execute(
        "INSERT INTO captures "
        "(id, crawl_id, url, final_url, http_status, verdict, resource_type, fetched_at) "
        "VALUES (1, 1, '', '', 200, 'ok', 'page', ?)",
        [NOW],
    )


def _text(number: int, chance: random.Random) -> tuple[str, str]:
    topic = number // POSTS_A_TOPIC
    common = [f"w{int(60 * chance.random() ** 2)}" for _ in range(WORDS_A_POST // 2)]
    rare = [f"r{int(30_000 * chance.random() ** 3)}" for _ in range(WORDS_A_POST * 3 // 10)]
    own = [f"t{topic}x{int(60 * chance.random() ** 1.5)}" for _ in range(WORDS_A_POST // 5)]
    words = [*common, *rare, *own]
    chance.shuffle(words)
    return f"Post {number} on t{topic}x0", " ".join(words)


def _post(
    connection: sqlite3.Connection, number: int, title: str, text: str, *, topic: int
) -> None:
    tags = json.dumps([f"topic {topic % 500}"])
    connection.execute(
        "INSERT INTO contents (id, hash, html, markdown, text) VALUES (?, ?, '', '', ?)",
        [number, str(number), text],
    )
    connection.execute(
        """
        INSERT INTO revisions (id, label, post_id, crawl_id, number, content_id, fields_hash,
            origin, extractor, method, confidence, capture_id, title, tags, first_seen_at,
            last_seen_at)
        VALUES (?1, ?1 || ' v1', ?1, 1, 1, ?1, '', 'observed', '', '', 1, 1, ?2, ?3, ?4, ?4)
        """,
        [number, title, tags, NOW],
    )
    connection.execute(
        """
        INSERT INTO posts (id, store_id, blog_id, article_id, label, title, title_key, url, handle,
            language, first_seen_at, last_seen_at, last_changed_at, seen_origin, seen_extractor,
            revision_id, revision_count, word_count, tags)
        VALUES (?1, 1, 1, ?1, 'shop.example: news/post-' || ?1, ?2, ?2,
            'https://shop.example/blogs/news/post-' || ?1, 'post-' || ?1, 'en',
            ?3, ?3, ?3, 'observed', '', ?1, 1, ?4, ?5)
        """,
        [number, title, NOW, WORDS_A_POST, tags],
    )
    url = f"https://shop.example/blogs/news/post-{number}"
    connection.execute(
        "INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at) "
        "VALUES (?, ?, 'canonical', ?, ?)",
        [number, url, NOW, NOW],
    )


def _links(posts: int, chance: random.Random) -> Iterator[tuple[object, ...]]:
    """Half to posts of the same topic, half to anywhere, old posts more often than new ones; the
    last two older and newer."""
    for number in range(1, posts + 1):
        for position in range(EDGES_A_POST):
            kind = (
                "inline",
                "inline",
                "inline",
                "inline",
                "related_list",
                "related_list",
                "related_widget",
                "related_widget",
                "older",
                "newer",
            )[position]
            near = number // POSTS_A_TOPIC * POSTS_A_TOPIC + chance.randrange(POSTS_A_TOPIC)
            target = {"older": number - 1, "newer": number + 1}.get(
                kind, near if position % 2 else int(posts * chance.random() ** 3)
            )
            target = min(max(1, target), posts)
            url = f"https://shop.example/blogs/news/post-{target}"
            yield number, target, url, kind, f"to post {target}", position, url, NOW, NOW


def measure_one(path: Path, posts: int) -> GraphCosts:
    """Make an archive and measure all that the graph costs on it."""
    make_archive(path, posts)
    db = open_for_writing(path)
    connection = db.conn
    index = similarity_path(path)
    compare_all, _ = _timed(lambda: update_similarity(connection, index, NOW))
    index_mb = index.stat().st_size / 1e6
    read, graph = _timed(lambda: read_graph(connection))
    measuring, measures = _timed(lambda: measure(graph))
    assert len(measures) == posts
    edges = sum(edge.kind not in {"similar", "copy"} for edge in graph.edges)
    chance = random.Random(2)
    changed = [
        _change(connection, index, chance.randrange(1, posts + 1), posts, turn, chance)
        for turn in range(SAMPLES)
    ]
    asked = [
        _timed(lambda: related_posts(db, find_post(db, f"post-{chance.randrange(1, posts + 1)}")))[
            0
        ]
        for _ in range(SAMPLES)
    ]
    copies, false = _count_copies(connection)
    return GraphCosts(
        posts=posts,
        edges=edges,
        archive_mb=_pages_mb(connection),
        index_mb=index_mb,
        compare_all_s=compare_all,
        read_s=read,
        measure_s=measuring,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        changed_ms=1000 * sorted(changed)[SAMPLES // 2],
        changed_worst_ms=1000 * max(changed),
        neighbours_ms=1000 * sorted(asked)[SAMPLES // 2],
        neighbours_worst_ms=1000 * max(asked),
        on_topic=_on_topic(connection),
        copies=copies,
        false_copies=false,
    )


def _change(
    connection: sqlite3.Connection,
    index: Path,
    post_id: int,
    posts: int,
    turn: int,
    chance: random.Random,
) -> float:
    """Give a post another text of its topic, and the seconds that it takes until its edges say
    so."""
    number = posts + turn + 1
    title, text = _text(post_id, chance)
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO contents (id, hash, html, markdown, text) VALUES (?, ?, '', '', ?)",
        [number, str(number), text],
    )
    connection.execute(
        """
        INSERT INTO revisions (id, label, post_id, crawl_id, number, content_id, fields_hash,
            origin, extractor, method, confidence, capture_id, title, tags, first_seen_at,
            last_seen_at)
        SELECT ?1, ?1 || ' new', ?2, 1, 10 + ?1, ?1, '', 'observed', '', '', 1, 1, ?3, tags, ?4, ?4
        FROM posts WHERE id = ?2
        """,
        [number, post_id, title, LATER],
    )
    connection.execute("UPDATE posts SET revision_id = ? WHERE id = ?", [number, post_id])
    connection.execute("COMMIT")
    seconds, looked = _timed(lambda: update_similarity(connection, index, LATER))
    assert looked
    return seconds


def _count_copies(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many copies were found of those that were made (every COPIES_EVERY-th post), and how many
    that were not made."""
    pairs = {
        (min(pair), max(pair))
        for pair in connection.execute(
            "SELECT from_post_id, to_post_id FROM links WHERE kind = 'copy'"
        )
    }
    made = {post for pair in pairs for post in pair if post % COPIES_EVERY == 0}
    return len(made), sum(all(post % COPIES_EVERY for post in pair) for pair in pairs)


def _on_topic(connection: sqlite3.Connection) -> float:
    rows = connection.execute(
        "SELECT from_post_id / ?1 = to_post_id / ?1 FROM links "
        "WHERE kind = 'similar' AND gone_at IS NULL AND position < 5",
        [POSTS_A_TOPIC],
    ).fetchall()
    return sum(row[0] for row in rows) / max(1, len(rows))


def _pages_mb(connection: sqlite3.Connection) -> float:
    (pages,), (size,) = (
        connection.execute("PRAGMA page_count").fetchone(),
        connection.execute("PRAGMA page_size").fetchone(),
    )
    return float(pages * size / 1e6)


def _timed(call):
    began = process_time()
    found = call()
    return process_time() - began, found


def graph_table(costs: Sequence[GraphCosts]) -> Table:
    """The costs of each size as a column, so that growth shows."""
    table = Table(
        "",
        *(f"{cost.posts:,} posts" for cost in costs),
        title="the graph",
        title_justify="left",
        box=None,
    )
    for name in GraphCosts.__dataclass_fields__:
        if name != "posts":
            table.add_row(
                name.replace("_", " "),
                *(
                    f"{getattr(cost, name):,.3g}"
                    if isinstance(getattr(cost, name), float)
                    else f"{getattr(cost, name):,}"
                    for cost in costs
                ),
            )
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m tests.bench.graph [SIZE …]`: the graph's part of the bench by itself."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.graph", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--posts", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        print(json.dumps(asdict(measure_one(options.child, options.posts))))  # noqa: T201 - what the parent reads
        return 0
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Console(width=140, highlight=False).print(
            graph_table(list(measure_graphs(Path(folder), options.sizes)))
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
