"""The import rules of the house, read from the source: which layer may know which, and what the
pure ones may not touch.

Every rule is a function from a module's source to what it breaks, so that it can be shown to fail
on a wrong one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from tests.each_row import each_row
from tests.layers import (
    CLOCK,
    IMPURE,
    IMPURE_CALLS,
    LIBRARIES,
    MAY_IMPORT,
    OF_A_CLUSTER,
    PACKAGE,
    PURE,
    SQL,
    SQLITE,
    TYPES_OF_SQLITE,
)
from tests.style import read_source


@dataclass(frozen=True)
class Module:
    """A module by its dotted name, with its tree and every node of the tree."""

    name: str
    tree: ast.Module
    nodes: Sequence[ast.AST] = field(compare=False)
    is_package: bool = False

    @property
    def layer(self) -> str:
        return layer_of(self.name)


def layer_of(name: str) -> str:
    """The layer of a module of ours, or of a name in it: the longest that `MAY_IMPORT` knows, else
    its package."""
    parts = name.split(".")[1:]
    known = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((layer for layer in known if layer in MAY_IMPORT), known[-1] if known else "")


@dataclass(frozen=True)
class Import:
    name: str
    line: int
    for_types_only: bool


def _module(name: str, source: str) -> Module:
    tree = ast.parse(source)
    return Module(name, tree, list(ast.walk(tree)))


@cache
def _modules() -> tuple[Module, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        source = read_source(path)
        found.append(Module(name, source.tree, source.nodes, is_package))
    return tuple(found)


@cache
def imports_of(module: Module) -> tuple[Import, ...]:
    """Every import anywhere in a module, each name on its own (``from a import b`` is ``a.b``),
    relative ones made whole."""
    typed = {
        id(node) for block in module.nodes if _is_type_checking(block) for node in ast.walk(block)
    }
    found = []
    for node in module.nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        found += [Import(name, node.lineno, id(node) in typed) for name in names]
    return tuple(found)


def _is_type_checking(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name | ast.Attribute)
        and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
    )


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    kept = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*kept, node.module] if node.module else kept)


def wrong_layers(module: Module) -> list[str]:
    """Imports of a layer of ours that this one may not know."""
    allowed = MAY_IMPORT.get(module.layer)
    if allowed is None:
        return (
            []
            if module.name == "scraper"
            else [f"{module.name}: no rule for the layer {module.layer!r}"]
        )
    told = []
    for found in imports_of(module):
        layer = layer_of(found.name)
        if found.name.split(".")[0] != "scraper" or layer == module.layer:
            continue
        if layer not in allowed:
            told.append(f"{module.name}:{found.line} imports {found.name}")
    return told


def wrong_libraries(module: Module) -> list[str]:
    """Imports from outside the standard library that this layer has no use for."""
    if module.layer not in LIBRARIES:
        return []
    allowed = LIBRARIES[module.layer] | {"scraper", "__future__"} | sys.stdlib_module_names
    return [
        f"{module.name}:{found.line} imports {found.name}"
        for found in imports_of(module)
        if found.name.split(".")[0] not in allowed
    ]


def sqlite_outside(module: Module) -> list[str]:
    """SQLite known anywhere but in the archive; commands and web may name the type of an open
    archive."""
    if module.layer == "archive":
        return []
    spared = (
        TYPES_OF_SQLITE
        if module.layer
        in {
            "cluster",
            "commands",
            "cli",
            "web",
            "assistant",
            "schedule",
            "alerts",
            "bundle",
            "lake",
        }
        else frozenset[str]()
    )
    return [
        f"{module.name}:{found.line} imports {found.name}"
        for found in imports_of(module)
        if found.name.split(".")[0] in SQLITE and found.name not in spared
    ]


def sql_outside(module: Module) -> list[str]:
    """Statements on tables anywhere but in the archive and the cluster."""
    if module.layer in {"archive", "cluster"}:
        return []
    return [
        f"{module.name}:{node.lineno} has SQL"
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]


def cluster_outside(module: Module) -> list[str]:
    """PostgreSQL or an object store known anywhere but in the cluster."""
    if module.layer == "cluster":
        return []
    return [
        f"{module.name}:{found.line} imports {found.name}"
        for found in imports_of(module)
        if found.name.split(".")[0] in OF_A_CLUSTER
    ]


def impurities(module: Module) -> list[str]:
    """Files, the clock, the network, chance and logging in a pure package."""
    if module.layer not in {*PURE, "items", "crawl_evidence", "exceptions"}:
        return []
    told = [
        f"{module.name}:{found.line} imports {found.name}"
        for found in imports_of(module)
        if _is_impure(found.name)
    ]
    return told + [
        f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"
        for node in _calls(module)
        if _is_impure_call(node)
    ]


def _is_impure(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in IMPURE for length in range(1, len(parts) + 1))


def _calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in module.nodes if isinstance(node, ast.Call))


def _is_impure_call(node: ast.Call) -> bool:
    if isinstance(node.func, ast.Name):
        return node.func.id in IMPURE_CALLS
    return isinstance(node.func, ast.Attribute) and node.func.attr in {
        *CLOCK,
        "read_text",
        "write_text",
        "read_bytes",
        "write_bytes",
    }


def prints(module: Module) -> list[str]:
    """Output anywhere but in commands, where it is the purpose; a module that is run by itself is
    its own command."""
    if module.layer in {"commands", "cli"} or module.name.endswith(".__main__"):
        return []
    return [
        f"{module.name}:{node.lineno} prints" for node in _calls(module) if _is_print(node.func)
    ]


def _is_print(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "print"
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "write"
        and ast.unparse(function) in {"sys.stdout.write", "sys.stderr.write"}
    )


def module_state(module: Module) -> list[str]:
    """`global` statements: state between calls."""
    return [
        f"{module.name}:{node.lineno} has global {', '.join(node.names)}"
        for node in module.nodes
        if isinstance(node, ast.Global)
    ]


def find_cycle(modules: tuple[Module, ...]) -> list[str]:
    """Modules that import each other in a ring when run, or an empty list."""
    names = {module.name for module in modules}
    graph = {module.name: sorted(_targets(module, names)) for module in modules}
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        for target in graph[name]:
            if ring := visit(target, [*trail, name]):
                return ring
        done.add(name)
        return []

    return next((ring for name in sorted(graph) if (ring := visit(name, []))), [])


def _targets(module: Module, names: set[str]) -> set[str]:
    """The modules of ours that a module needs when it is run: the submodule that a name is, else
    the module that holds it."""
    found = {item.name for item in imports_of(module) if not item.for_types_only}
    return {
        target
        for name in found
        for target in (name if name in names else name.rpartition(".")[0],)
        if target in names
    }


RULES = (
    wrong_layers,
    wrong_libraries,
    sqlite_outside,
    sql_outside,
    cluster_outside,
    impurities,
    prints,
    module_state,
)


@each_row("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule):
    assert [broken for module in _modules() for broken in rule(module)] == []


def test_no_module_imports_itself_by_a_roundabout_way():
    assert find_cycle(_modules()) == []


def test_every_layer_of_the_house_is_read():
    assert {
        "shopify",
        "extract",
        "history",
        "archive",
        "spiders",
        "commands",
        "demo",
        "items",
        "exceptions",
    } <= {m.layer for m in _modules()}


@each_row(
    ("rule", "name", "source"),
    [
        (wrong_layers, "scraper.items", "from scraper.exceptions import FeedError"),
        (wrong_layers, "scraper.shopify.urls", "from scraper.extract import post"),
        (wrong_layers, "scraper.history.diff.words", "import scraper.extract.post"),
        (wrong_layers, "scraper.history.diff.words", "from ...extract import post"),
        (wrong_layers, "scraper.graph.graph", "from scraper.history.diff.words import diff_texts"),
        (wrong_layers, "scraper.archive.write.post.posts", "from scraper.extract import post"),
        (wrong_layers, "scraper.spiders.blog", "from scraper.archive.write.writer import Writer"),
        (
            wrong_layers,
            "scraper.spiders.blog",
            "from scraper.pipelines.archive import ArchivePipeline",
        ),
        (wrong_layers, "scraper.spiders.blog", "def f():\n    import scraper.extensions.archive"),
        (wrong_layers, "scraper.archive.write.post.posts", "from scraper.cli.base import console"),
        (wrong_layers, "scraper.demo.store", "from scraper.items import Post"),
        (wrong_layers, "scraper.novelty", "import re"),
        (wrong_layers, "scraper.extract.post", "from scraper import archive"),
        (wrong_libraries, "scraper.items", "import attrs"),
        (wrong_libraries, "scraper.archive.write.post.posts", "import scrapy"),
        (wrong_libraries, "scraper.history.diff.words", "from lxml import etree"),
        (sqlite_outside, "scraper.extensions.crawl_run", "import sqlite3"),
        (sqlite_outside, "scraper.commands.diff", "from sqlite_utils.db import Table"),
        (sqlite_outside, "scraper.commands.diff", "import sqlite3"),
        (sqlite_outside, "scraper.spiders.blog", "from sqlite_utils import Database"),
        (sql_outside, "scraper.web.views.errors", "f('SELECT 1 FROM stores')"),
        (sql_outside, "scraper.commands.diff", "X = f'\\n  DELETE FROM {table}'"),
        (cluster_outside, "scraper.schedule.queue", "from psycopg.rows import dict_row"),
        *[
            (impurities, "scraper.extract.post", source)
            for source in (
                "import scrapy",
                "from scrapy.http import Response",
                "import twisted.internet",
                "import logging",
                "from pathlib import Path",
                "import os.path",
                "import time",
                "from urllib.request import urlopen",
                "from urllib import request",
                "from io import open",
                "import requests",
                "open('a')",
                "datetime.now(UTC)",
                "from scraper.timestamps import utc_now",
                "from scraper import timestamps\ntimestamps.utc_now()",
                "datetime.datetime.utcnow()",
                "date.today()",
                "print('a')",
                "path.read_text()",
            )
        ],
        (prints, "scraper.archive.write.writer", "print('a')"),
        (prints, "scraper.extensions.crawl_run", "sys.stderr.write('a')"),
        (module_state, "scraper.archive.write.writer", "def f():\n    global count\n    count = 1"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value).replace("\n", " "),
)
def test_the_rule_notices_a_breach(rule, name, source):
    assert rule(_module(name, source)) != []


@each_row(
    ("rule", "name", "source"),
    [
        (wrong_layers, "scraper.extract.post", "from scraper.shopify.urls import blog_of"),
        (
            wrong_layers,
            "scraper.archive.write.post.posts",
            "from scraper.history.diff import words",
        ),
        (wrong_layers, "scraper.commands.diff", "from scraper.cli.base import console"),
        (sqlite_outside, "scraper.commands.diff", "from sqlite_utils import Database"),
        (sql_outside, "scraper.archive.queries.posts", "f('SELECT 1 FROM stores')"),
        (sql_outside, "scraper.commands.diff", "'Update the store'"),
        (
            impurities,
            "scraper.timestamps",
            "from datetime import UTC, datetime\ndatetime.fromisoformat('2026-01-01')",
        ),
        (impurities, "scraper.timestamps", "from scraper.timestamps import format_timestamp"),
        (impurities, "scraper.shopify.urls", "from urllib.parse import urlsplit"),
        (impurities, "scraper.documents.safe_xml", "from io import BytesIO"),
        (impurities, "scraper.archive.database", "from pathlib import Path"),
        (prints, "scraper.commands.diff", "print('a')"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value).replace("\n", " "),
)
def test_the_rule_lets_pass_what_is_right(rule, name, source):
    assert rule(_module(name, source)) == []


def test_a_ring_is_noticed():
    ring = (
        _module("scraper.a", "from scraper import b"),
        _module("scraper.b", "import scraper.c"),
        _module("scraper.c", "from scraper.a import f"),
    )
    assert find_cycle(ring) == ["scraper.a", "scraper.b", "scraper.c", "scraper.a"]


def test_a_ring_of_types_alone_is_none():
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from scraper.a import A"
    assert (
        find_cycle((_module("scraper.a", "import scraper.b"), _module("scraper.b", guarded))) == []
    )
