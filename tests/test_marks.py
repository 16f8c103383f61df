"""The mark `integration` follows from fixtures, and what is unmarked starts nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.demo import DemoServer, DemoStore
from tests.conftest import INTEGRATION, LONGEST, TESTS
from tests.each_row import each_row


def _bind() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))


@each_row(
    "start",
    [
        pytest.param(lambda: subprocess.run([sys.executable, "-c", ""], check=True), id="process"),
        pytest.param(os.fork, id="fork"),
        pytest.param(lambda: os.posix_spawn(sys.executable, ["python"], {}), id="spawn"),
        pytest.param(_bind, id="socket"),
        pytest.param(lambda: DemoServer(DemoStore()), id="server"),
    ],
)
def test_unmarked_test_can_start_nothing(start: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match=f"which is not marked {INTEGRATION}"):
        start()


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80, 0, 0)])
def test_no_test_reaches_the_network(address: tuple[object, ...], integration: None) -> None:
    family = socket.AF_INET if len(address) == 2 else socket.AF_INET6
    with socket.socket(family) as client:
        for connect in (client.connect, client.connect_ex):
            with pytest.raises(AssertionError, match="reached for the network"):
                connect(address)


@given(st.integers())
@settings(max_examples=1)
def test_made_up_input_may_take_its_time(number: int) -> None:
    """Longer than the 0.2 s that Hypothesis allows by default."""
    time.sleep(0.25)
    assert isinstance(number, int)


def test_mark_follows_from_a_fixture_of_a_fixture(
    request: pytest.FixtureRequest, demo: DemoServer
) -> None:
    assert demo.port
    assert [mark.name for mark in request.node.iter_markers()] == [INTEGRATION]


@each_row("name", LONGEST)
def test_module_that_begins_first_exists(name: str) -> None:
    assert (TESTS / name).exists()


def test_no_mark_without_such_a_fixture(request: pytest.FixtureRequest) -> None:
    assert list(request.node.iter_markers()) == []
