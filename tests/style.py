"""House style that ruff has no rule for, read from the source.

`python -m tests.style [FOLDER …]` prints the offences; `tests/test_style.py` demands none.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "scraper"

BANNED = re.compile(
    r"\b(tells?|told|telling|kept|anew|tidings|heard|errands?|troubles?|the room|reading room"
    r"|(?:go|goes|gone|going|went) on with|(?:comes?|came) to nothing"
    r"|(?:hold|holds|held) against)\b",
    re.IGNORECASE,
)
"""Words of our own for what has a name: report, save, again, claim, incident, page, resume, fail,
compare with."""

LONGEST_FUNCTION = 40
LONGEST_MODULE = 400
MOST_MODULES = 15


def offences(path: Path) -> Iterator[str]:
    """What a module breaks, each with its line."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    where = path.relative_to(PACKAGE.parent)
    for line, what in [*_banned_words(source), *_nodes(tree), *_shape(source, tree)]:
        yield f"{where}:{line}: {what}"


def crowded_folders() -> list[str]:
    """Folders with more modules than a reader can look over."""
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    counts = {folder: len(list(folder.glob("[!_]*.py"))) for folder in folders}
    return [
        f"{folder.relative_to(PACKAGE.parent)}: {count} modules, more than {MOST_MODULES}"
        for folder, count in sorted(counts.items())
        if count > MOST_MODULES and folder.name != "commands"  # one command is one module
    ]


def undocumented(path: Path) -> tuple[int, list[str]]:
    """How many public functions, methods and classes a module has, and which have no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [node for node in _public(tree) if not node.name.startswith("_")]
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
            yield number, f"word of our own: {found[0]!r}"


def _nodes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp) and any(
            isinstance(inner, ast.IfExp) for inner in ast.walk(node) if inner is not node
        ):
            yield node.lineno, "nested ternary"
        elif isinstance(node, ast.comprehension | ast.For) and _is_single(node.iter):
            yield node.iter.lineno, "a loop over one element to bind a name"
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id in {"row", "found_row"}
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, int)
        ):
            yield node.lineno, "a row read by position"


def _is_single(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.List | ast.Tuple)
        and len(node.elts) == 1
        and not isinstance(node.elts[0], ast.Starred)
    )


def _shape(source: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    if (length := len(source.splitlines())) > LONGEST_MODULE:
        yield 1, f"{length} lines in one module"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{length} lines in {node.name}"


def main(folders: list[str]) -> None:
    """Print what breaks the style in these folders, or in all."""
    roots = [Path(folder).resolve() for folder in folders] or [PACKAGE]
    paths = sorted(
        {path for root in roots for path in (root.rglob("*.py") if root.is_dir() else [root])}
    )
    found = [line for path in paths for line in offences(path)]
    print(*found, *crowded_folders(), sep="\n")
    total = [undocumented(path) for path in paths]
    documented = sum(count for count, _ in total)
    missing = sum(len(names) for _, names in total)
    print(
        f"{len(found)} offences; docstrings on {documented - missing} of {documented} public names"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
