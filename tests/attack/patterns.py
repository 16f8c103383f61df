"""Every regular expression of the program, with the ways in which it is used.

A pattern is recorded where it is compiled: while every module is imported, and by calling what
builds patterns later. A call of `re` with a literal pattern is read from the source. Whatever call
is left over is a pattern that escapes the audit: `unrecorded`.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import pkgutil
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[2] / "scraper"
_WITHIN: Final = f"{PACKAGE}/"
METHODS: Final = frozenset({"search", "match", "fullmatch", "finditer", "findall", "sub", "split"})
CALLS: Final = METHODS | {"compile", "subn"}
LONGEST: Final = {
    "extract/body/class_names.py": 400,  # _LONGEST_NAMES
    "extract/fields/bylines.py:_CREDIT": 400,  # _LONGEST_NAMES
}
"""Characters that a module itself leaves of a text, before a pattern of it that is not linear."""

UNSEEN: Final = frozenset({"search", "match", "finditer"})
"""What is assumed of a pattern whose uses cannot be seen."""

Place = tuple[str, int]
"""A module's path within the package, and a line."""


@dataclass(frozen=True)
class Audited:
    """A pattern: `methods` are those by which it is used, all if that cannot be seen."""

    text: str | bytes
    flags: int
    place: Place
    methods: frozenset[str]
    name: str = ""

    @property
    def longest(self) -> int:
        """Characters of the longest text that it is used on."""
        module = self.place[0]
        return min(LONGEST.get(name, 1_000_000) for name in (module, f"{module}:{self.name}"))

    def __str__(self) -> str:
        return f"{self.place[0]}:{self.place[1]} {self.text!r:.100}"


@dataclass
class Recorder:
    """Notes each pattern that a module of the package compiles while it is on."""

    found: dict[Place, set[tuple[str | bytes, int]]] = field(default_factory=dict)

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        originals = {name: getattr(re, name) for name in CALLS}
        for name, original in originals.items():
            setattr(re, name, self._noting(original))
        try:
            yield
        finally:
            for name, original in originals.items():
                setattr(re, name, original)

    def _noting(self, original: Callable[..., object]) -> Callable[..., object]:
        def call(pattern: str | bytes, *values: object, **more: object) -> object:
            caller = sys._getframe(1)
            path = caller.f_code.co_filename
            if path.startswith(_WITHIN) and isinstance(pattern, str | bytes):
                given = values[:1] if original.__name__ == "compile" else ()
                flags = next(iter(given), more.get("flags", 0))
                place = (path.removeprefix(_WITHIN), caller.f_lineno)
                self.found.setdefault(place, set()).add((pattern, int(flags)))  # type: ignore[call-overload]
            return original(pattern, *values, **more)

        return call


def import_everything() -> list[ModuleType]:
    """Every module of the package, those aside that are programs."""
    package = importlib.import_module("scraper")
    names = [
        found.name
        for found in pkgutil.walk_packages(package.__path__, "scraper.")
        if not found.name.endswith("__main__")
    ]
    return [importlib.import_module(name) for name in names]


def audited() -> tuple[list[Audited], list[Place]]:
    """Every pattern, and the calls whose pattern is not known. Only in a process that has not
    imported the package yet."""
    assert not any(name.startswith("scraper.") for name in sys.modules), "imported too early"
    recorder = Recorder()
    with recorder.on():
        import_everything()
        _build()
    sources = {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    everywhere = _uses(sources.values())
    within = cache(lambda module: _uses([sources[module]]))

    def _methods(name: str, module: str, method: str) -> frozenset[str]:
        """A private name is its module's own; any other may be used from all."""
        if not name:
            return frozenset({method})
        return (within(module) if name.startswith("_") else everywhere).get(name, UNSEEN)

    calls = {call for name, tree in sources.items() for call in _calls(name, tree)}
    found = {
        Audited(text, flags, place, _methods(name, place[0], method), name)
        for place, name, method, literal in calls
        for text, flags in recorder.found.get(place, {literal} if literal else set())
    }
    unknown = [
        place for place, _, _, literal in calls if not literal and place not in recorder.found
    ]
    unknown += [place for name, tree in sources.items() for place in uncalled(name, tree)]
    return sorted(found, key=str), sorted(unknown)


def _build() -> None:
    """Call what compiles patterns of values that come later, with such values."""
    from scraper.alerts.rules import KEYS  # noqa: PLC0415
    from scraper.archive.maintenance.erase import _named  # noqa: PLC0415
    from scraper.claims.quotations import is_verbatim  # noqa: PLC0415
    from scraper.history.changes import _codes_or_percentages  # noqa: PLC0415
    from scraper.responses.content_checks import has_words  # noqa: PLC0415

    KEYS["words_appear"](["money back", "a", "a a a a a a", "été"])
    _codes_or_percentages(["SAVE10", "A"])
    has_words(b"<body><script>x</script>")
    is_verbatim("tea is good", "Our tea is good.")
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE post_urls (post_id, url)")
        connection.execute(
            "INSERT INTO post_urls VALUES (1, 'https://shop.example/blogs/news/a-a')"
        )
        _named(connection, 1)


_Call = tuple[Place, str, str, "tuple[str | bytes, int] | None"]
"""Where, the global name that the result is bound to, the method, and a literal pattern."""


def _calls(module: str, tree: ast.Module) -> Iterator[_Call]:
    """Each call of `re` that takes a pattern."""
    names = {
        call: name
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for name in [_bound(statement)]
        for call in ast.walk(statement)
    }
    for node in _nodes(tree):
        if isinstance(node, ast.Call) and _is_of_re(node.func):
            assert isinstance(node.func, ast.Attribute)
            method = node.func.attr.replace("subn", "sub")
            literal = _literal(node)
            name = names.get(node, "") if method == "compile" else ""
            yield (
                (module, node.lineno),
                name or ("?" if method == "compile" else ""),
                method,
                literal,
            )


def uncalled(module: str, tree: ast.Module) -> Iterator[Place]:
    """Where a function of `re` that takes a pattern is named and not called: whoever calls it then,
    the audit does not see the pattern."""
    called = {node.func for node in _nodes(tree) if isinstance(node, ast.Call)}
    for node in _nodes(tree):
        if isinstance(node, ast.expr) and _is_of_re(node) and node not in called:
            yield module, node.lineno


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in CALLS
    )


def _bound(statement: ast.Assign | ast.AnnAssign) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    return target.id if isinstance(target, ast.Name) else "?"


def _literal(call: ast.Call) -> tuple[str | bytes, int] | None:
    """The pattern and the flags of a call, where both are literal."""
    first = call.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str | bytes):
        return None
    flags = 0
    for node in [*call.args[1:], *(word.value for word in call.keywords)]:
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute) and isinstance(
                getattr(re, part.attr, 0), re.RegexFlag
            ):
                flags |= int(getattr(re, part.attr))
    return first.value, flags


_CALLED: Final = METHODS | {"subn"}
_LOOPS: Final = ast.For, ast.comprehension


def _uses(trees: Iterable[ast.Module]) -> dict[str, frozenset[str]]:
    """The methods that are called on each name, on what a loop takes out of it, or on the parameter
    of a function of the module that it is passed to; UNSEEN ones too if it is passed elsewhere."""
    methods: dict[str, set[str]] = {}
    for tree in trees:
        seen: set[ast.AST] = set()
        taken: list[tuple[str, str]] = []
        functions = {one.name: one for one in _nodes(tree) if isinstance(one, ast.FunctionDef)}
        for node in _nodes(tree):
            if isinstance(node, ast.Attribute) and node.attr in _CALLED:
                methods.setdefault(_name(node.value), set()).add(node.attr.replace("subn", "sub"))
                seen.add(node.value)
            elif isinstance(node, _LOOPS) and (name := _name(node.iter)):
                taken += [
                    (name, one.id) for one in ast.walk(node.target) if isinstance(one, ast.Name)
                ]
                seen.add(node.iter)
            elif isinstance(node, ast.Call) and _name(node.func) in functions:
                parameters = functions[_name(node.func)].args.args
                for given, parameter in zip(node.args, parameters, strict=False):
                    taken.append((_name(given), parameter.arg))
                    seen.add(given)
        for node in _nodes(tree):
            if isinstance(getattr(node, "ctx", None), ast.Load) and node not in seen:
                methods.setdefault(_name(node), set()).add("")
        for name, one in taken:
            methods.setdefault(name, set()).update(methods.get(one, set()) - {""})
    return {
        name: frozenset(found - {""}) | (UNSEEN if "" in found or not found - {""} else frozenset())
        for name, found in methods.items()
    }


@cache
def _nodes(tree: ast.Module) -> list[ast.AST]:
    return list(ast.walk(tree))


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
