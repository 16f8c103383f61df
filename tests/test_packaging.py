"""What is installed: the package with all its files, and the libraries that it imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import files
from itertools import chain
from pathlib import Path

import pytest

from scraper.cli.resources import EXTRAS
from tests.conftest import ENDS_S, ROOT
from tests.each_row import each_row
from tests.style import read_source

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BROUGHT = {
    "twisted": "scrapy",
    "uvicorn": "datasette",
    "markupsafe": "jinja2",
    "mcp_types": "mcp",
    "pydantic": "mcp",
}
"""Libraries that are imported and come with another one."""


def required(group: list[str]) -> set[str]:
    """The names in a list of requirements."""
    return {re.split(r"[^\w-]", line)[0] for line in group} - {PROJECT["name"]}


def pinned(lock: str) -> dict[str, set[str]]:
    """The versions of each name that a lock pins."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if not line.startswith(" "):
            name, version = line.split(" ")[0].split("==")
            found.setdefault(name, set()).add(version)
    return found


def test_wheel_holds_every_file_of_the_package(tmp_path: Path, integration: None) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=ENDS_S)
    (wheel,) = tmp_path.glob("blogkeep-*.whl")
    with zipfile.ZipFile(wheel) as file:
        packed = {name for name in file.namelist() if name.startswith("scraper/")}
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "scraper").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == files


def test_every_imported_library_is_a_dependency() -> None:
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "scraper").rglob("*.py")
        for node in read_source(path).nodes
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }
    libraries = imported - sys.stdlib_module_names - {"scraper", "_typeshed"}
    extras = PROJECT["optional-dependencies"]
    allowed = [*PROJECT["dependencies"], *chain.from_iterable(extras[name] for name in EXTRAS)]
    provided = {
        path.parts[0].removesuffix(".py")
        for name in required(allowed)
        for path in files(name) or ()
    }
    assert {BROUGHT.get(name, name) for name in libraries} <= provided


@each_row(
    ("lock", "groups"),
    [
        ("requirements.txt", []),
        ("requirements-cluster.txt", ["cluster"]),
        ("requirements-dev.txt", ["test", "dev"]),
    ],
)
def test_lock_pins_what_is_required(lock: str, groups: list[str]) -> None:
    extras = PROJECT["optional-dependencies"]
    needed = required(
        [*PROJECT["dependencies"], *(line for name in groups for line in extras[name])]
    )
    assert needed <= set(pinned(lock))


def test_locks_agree_and_the_one_for_running_has_no_tools() -> None:
    running, developing = pinned("requirements.txt"), pinned("requirements-dev.txt")
    of_a_cluster = pinned("requirements-cluster.txt")
    assert running.items() <= of_a_cluster.items() <= developing.items()
    assert not {"mypy", "pytest", "ruff", "hypothesis"} & set(running)


LOCKS = [
    "requirements.txt",
    "requirements-cluster.txt",
    "requirements-dev.txt",
    ".ci/requirements.txt",
    "deploy/requirements-build.txt",
]


@each_row("lock", LOCKS)
def test_lock_has_a_hash_of_each_library_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        pin, *hashes = requirement.split(" \\\n")
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.!+-]+(?: ; .+)?", pin), pin
        assert hashes
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}", one) for one in hashes), pin
    assert "://" not in text


def test_every_installation_demands_hashes() -> None:
    """Of libraries. The project itself is installed apart, without its dependencies."""
    files = ["deploy/setup.sh", "deploy/Containerfile", ".ci/run"]
    lines = [
        line.strip()
        for name in files
        for line in (ROOT / name).read_text("utf-8").splitlines()
        if re.search(r"install\b.*(?: -r |\.txt| --no-deps)|^\$install ", line)
    ]
    assert len(lines) >= 6
    assert [
        line for line in lines if "--require-hashes" not in line and "--no-deps" not in line
    ] == []


def test_actions_are_pinned_by_commit() -> None:
    for name in (".github/workflows/ci.yml", "deploy/github-workflow.yml"):
        used = re.findall(r"uses: (.+)", (ROOT / name).read_text("utf-8"))
        assert used
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", one) for one in used), used
