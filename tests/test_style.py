"""The package keeps the house style that ruff has no rule for, and offences are found."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests import style
from tests.each_row import each_row

PARTS = sorted(
    path.name
    for path in style.PACKAGE.iterdir()
    if path.suffix == ".py" or (path / "__init__.py").exists()
)
MEDIAN_FUNCTION, LONG_FUNCTION = 8, 25
MEDIAN_MODULE = 110
DOCUMENTED = 0.9


def modules(part: str = "") -> list[Path]:
    """The modules of a package, or the module itself."""
    path = style.PACKAGE / part
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


@each_row("part", PARTS)
def test_package_keeps_the_style(part: str) -> None:
    assert [offence for path in modules(part) for offence in style.offences(path)] == []


def test_functions_of_tests_have_the_words_of_the_field() -> None:
    banned = {"told", "tell", "tells", "kept"}
    named = [
        f"{path.name}: {name}"
        for path in sorted(Path(__file__).parent.rglob("*.py"))
        for name in re.findall(r"\bdef (\w+)\(", path.read_text("utf-8"))
        if banned.intersection(name.split("_"))
    ]
    assert named == []


def test_no_folder_is_crowded() -> None:
    assert style.crowded_folders() == []


def test_scripts_and_styles_have_no_long_lines() -> None:
    assert style.long_lines() == []


def test_public_names_are_documented() -> None:
    counts = [style.undocumented(path) for path in modules()]
    public = sum(count for count, _ in counts)
    missing = [name for _, names in counts for name in names]
    assert 1 - len(missing) / public >= DOCUMENTED, missing


def test_functions_and_modules_are_short() -> None:
    functions = [length for path in modules() for length in style.function_lengths(path)]
    lines = [len(style.read_source(path).text.splitlines()) for path in modules()]
    assert median(functions) <= MEDIAN_FUNCTION
    assert quantiles(functions, n=20)[-1] <= LONG_FUNCTION
    assert median(lines) <= MEDIAN_MODULE


@pytest.mark.parametrize(
    ("source", "offence"),
    [
        pytest.param("x = 1  # what was told", "word of our own: 'told'", id="word"),
        pytest.param("kept_rows = 1", "word of our own: 'kept'", id="word in a name"),
        pytest.param("n_looks = 1", "word of our own: 'n looks'", id="words in a name"),
        pytest.param("x = 1 if a else 2 if b else 3", "nested ternary", id="ternary"),
        pytest.param("x = [y for y in [1]]", "a loop over one element to bind a name", id="loop"),
        pytest.param("x = row[3]", "a row read by position", id="row"),
        pytest.param(
            "for one in db.execute(sql):\n    print(one[0])",
            "a row read by position",
            id="loop row",
        ),
        pytest.param(
            "found = db.execute(sql).fetchone()\nx = found[0]", "a row read by position", id="only"
        ),
        pytest.param(
            "all_of = db.execute(sql).fetchall()\nx = [one[1] for one in all_of]",
            "a row read by position",
            id="rows under a name",
        ),
        pytest.param("x = db.execute(sql).fetchone()[1]", "a row read by position", id="unnamed"),
        pytest.param(
            "def long() -> None:\n" + "    pass\n" * 40, "41 lines in long", id="long function"
        ),
        pytest.param("x = 1\n" * 401, "401 lines in one module", id="long module"),
    ],
)
def test_offence_is_found(tmp_path: Path, source: str, offence: str) -> None:
    assert found(tmp_path, source) == [offence]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1 if a else 2",
        "(count,) = db.execute(sql).fetchone()",
        "count = db.execute(sql).fetchone()[0]",
        "for name, url in db.execute(sql):\n    print(name, url)",
        'for row in db.query(sql):\n    print(row["name"])',
        "parts = text.split()\nx = parts[0]",
        "x = [y for y in [1, 2]]",
    ],
)
def test_good_style_is_no_offence(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == []


def found(folder: Path, source: str) -> list[str]:
    """The offences of a module with this text, without their places."""
    ast.parse(source)
    path = folder / "module.py"
    path.write_text(source, encoding="utf-8")
    return [line.split(": ", 1)[1] for line in style.offences(path)]
