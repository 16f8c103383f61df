"""House style that ruff has no rule for, read from the source.

`python -m tests.style [FOLDER …]` prints the offences; `tests/test_style.py` demands none.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "scraper"

BANNED = re.compile(
    r"\b(tells?|told|telling|kept|anew|tidings|heard|errands?|troubles?|the room|reading room"
    r"|(?:go|goes|gone|going|went) on with|(?:comes?|came) to nothing"
    r"|(?:hold|holds|held) against|(?:healthy|first|last|two|many|n) looks?)\b",
    re.IGNORECASE,
)
"""Words of our own for what has a name: report, save, again, claim, incident, page, resume, fail,
compare with, fetch."""

FIELD_WORDS = {
    # Every block of a page is kept or removed; the answer of a page's explanation says which.
    "kept": {
        "scraper/extract/page/annotated_html.py",
        "scraper/extract/page/blocks.py",
        "scraper/extract/text_dump.py",
        "scraper/commands/explain.py",
        "scraper/items.py",
    },
    # Python's own name of a stream's position.
    "tell": {"scraper/imports/unpacking.py"},
}
"""Modules in which a banned word is the word of the field."""

QUERIES = {"execute", "executemany", "executescript", "query", "fetchone", "fetchmany", "fetchall"}
"""Calls that give rows."""

LONGEST_FUNCTION = 40
LONGEST_LINE = 100
LONGEST_MODULE = 400
MOST_MODULES = 15


@dataclass(frozen=True)
class Source:
    """The text of a module, its tree, and every node of the tree."""

    text: str
    tree: ast.Module
    nodes: Sequence[ast.AST]


@cache
def read_source(path: Path) -> Source:
    """A module, read and parsed once for all checks."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, str(path))
    return Source(text, tree, list(ast.walk(tree)))


def offences(path: Path) -> Iterator[str]:
    """What a module breaks, each with its line."""
    source = read_source(path)
    where = path.relative_to(PACKAGE.parent) if path.is_relative_to(PACKAGE) else path
    words = [
        (line, f"word of our own: {word!r}")
        for line, word in _banned_words(source.text)
        if where.as_posix() not in FIELD_WORDS.get(word.lower(), ())
    ]
    for line, what in [*words, *_nodes(source), *_positional_rows(source), *_shape(source)]:
        yield f"{where}:{line}: {what}"


def long_lines() -> list[str]:
    """Lines over the length that ruff allows in Python, in scripts and styles of our own."""
    return [
        f"{path.relative_to(PACKAGE.parent)}:{number}: {len(line)} columns"
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in {".js", ".css", ".sh"} and "vendor" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]


def crowded_folders() -> list[str]:
    """Folders with more modules than a reader can look over."""
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    counts = {folder: len(list(folder.glob("[!_]*.py"))) for folder in folders}
    return [
        f"{folder.relative_to(PACKAGE.parent)}: {count} modules, more than {MOST_MODULES}"
        for folder, count in sorted(counts.items())
        if count > MOST_MODULES and folder.name != "commands"  # one command is one module
    ]


def function_lengths(path: Path) -> list[int]:
    """The number of lines of each function and method of a module."""
    return [length for _, length in _functions(read_source(path))]


def undocumented(path: Path) -> tuple[int, list[str]]:
    """How many public functions, methods and classes a module has, and which have no docstring."""
    public = [node for node in _public(read_source(path).tree) if not node.name.startswith("_")]
    return len(public), [node.name for node in public if not ast.get_docstring(node)]


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield node
            if not node.name.startswith("_"):
                yield from (
                    item
                    for item in node.body
                    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
                )


def _banned_words(source: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.splitlines(), 1):
        for found in BANNED.finditer(line.replace("_", " ")):
            yield number, found[0]


def _nodes(source: Source) -> Iterator[tuple[int, str]]:
    for node in source.nodes:
        if isinstance(node, ast.IfExp) and any(
            isinstance(inner, ast.IfExp) for inner in ast.walk(node) if inner is not node
        ):
            yield node.lineno, "nested ternary"
        elif isinstance(node, ast.comprehension | ast.For) and _is_single(node.iter):
            yield node.iter.lineno, "a loop over one element to bind a name"


def _positional_rows(source: Source) -> Iterator[tuple[int, str]]:
    """Where a row of a query is read as `row[7]`, whatever the row is called."""
    functions = (node for node in source.nodes if isinstance(node, ast.FunctionDef))
    found = set()
    for scope in (source.nodes, *(list(ast.walk(node)) for node in functions)):
        read = [
            (node, node.slice.value)
            for node in scope
            if isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, int)
        ]
        if read:
            rows = {"row", "found_row"} | _row_names(scope)
            found |= {node.lineno for node, position in read if _is_row(node.value, rows, position)}
    yield from ((line, "a row read by position") for line in sorted(found))


def _is_row(node: ast.expr, names: set[str], position: int) -> bool:
    if isinstance(node, ast.Name):
        return node.id in names
    # The first value of the only row is what sqlite3's own examples read so.
    return position > 0 and _is_call_of(node, {"fetchone"})


def _row_names(scope: Sequence[ast.AST]) -> set[str]:
    """Names among the nodes of a scope that stand for one row of a query."""
    results, rows = set(), set()
    for node in scope:
        if isinstance(node, ast.Assign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if _is_call_of(node.value, {"fetchone"}):
                rows |= names
            elif _is_call_of(node.value, QUERIES):
                results |= names
    for node in scope:
        if isinstance(node, ast.comprehension | ast.For) and isinstance(node.target, ast.Name):
            source = node.iter
            if _is_call_of(source, QUERIES) or (
                isinstance(source, ast.Name) and source.id in results
            ):
                rows.add(node.target.id)
    return rows


def _is_call_of(node: ast.expr, names: set[str]) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    )


def _is_single(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.List | ast.Tuple)
        and len(node.elts) == 1
        and not isinstance(node.elts[0], ast.Starred)
    )


def _shape(source: Source) -> Iterator[tuple[int, str]]:
    if (length := len(source.text.splitlines())) > LONGEST_MODULE:
        yield 1, f"{length} lines in one module"
    for node, length in _functions(source):
        if length > LONGEST_FUNCTION:
            yield node.lineno, f"{length} lines in {node.name}"


def _functions(source: Source) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


def main(folders: list[str]) -> None:
    """Print what breaks the style in these folders, or in all."""
    roots = [Path(folder).resolve() for folder in folders] or [PACKAGE]
    paths = sorted(
        {path for root in roots for path in (root.rglob("*.py") if root.is_dir() else [root])}
    )
    found = [line for path in paths for line in offences(path)]
    print(*found, *crowded_folders(), *long_lines(), sep="\n")
    total = [undocumented(path) for path in paths]
    documented = sum(count for count, _ in total)
    missing = sum(len(names) for _, names in total)
    print(
        f"{len(found)} offences; docstrings on {documented - missing} of {documented} public names"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
