"""The runner that forks the processes which test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

QUIET = """
import os

def test_that_passes(tmp_path):
    print("unheard")

def test_that_warns():
    import warnings
    warnings.warn("take care")
"""
FAILS = """
def test_that_fails():
    print("heard")
    assert [1, 2] == [1, 3]
"""
ENDS = """
import os

def test_that_ends_its_process():
    os._exit(3)
"""


def run(folder: Path, *words: str, **modules: str) -> tuple[int, str]:
    """The exit code and the output of pytest on these modules in two processes."""
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), *words]
    done = subprocess.run(
        [*command, "--processes", "2", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_processes_report_what_passes_fails_and_warns(integration: None, tmp_path: Path):
    code, said = run(tmp_path, quiet=QUIET, fails=FAILS)
    assert code == 1
    assert "1 failed, 2 passed, 1 warning" in said
    assert "At index 1 diff: 2 != 3" in said
    assert "heard" in said
    assert "unheard" not in said
    assert "take care" in said


def test_a_process_that_ends_within_a_test_fails_the_run(integration: None, tmp_path: Path):
    code, said = run(tmp_path, quiet=QUIET, ends=ENDS)
    assert code == 1
    assert "a process ended by itself in test_ends.py::test_that_ends_its_process" in said
