from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scraper.demo.__main__ import main
from tests.conftest import ENDS_S

ROOT = Path(__file__).resolve().parents[2]


Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run(integration: None) -> Iterator[Run]:
    """Begin `python -m scraper.demo` with these words; what still runs at the end is killed."""
    with ExitStack() as stack:

        def begin(*words: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", "scraper.demo", *words],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


def test_it_prints_its_address_first_serves_and_ends_when_interrupted(run: Run):
    process = run("--theme", "dawn", "--day", "2")
    url = process.stdout.readline().strip()
    with urllib.request.urlopen(f"{url}/blogs/journal") as reply:
        text = reply.read().decode()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=ENDS_S)

    assert "card__heading" in text
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--day", "0"), id="day"),
        pytest.param(("--theme", "sunset"), id="theme"),
    ],
)
def test_wrong_words_are_wrong_usage(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert arguments[0] in capsys.readouterr().err
