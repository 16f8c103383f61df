"""The password check: constant time, and a growing delay for who guesses."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest

from scraper.web import password
from scraper.web.password import MAX_DELAY_S, MAX_FAILURES, PasswordCheck
from tests.conftest import Command, ThreeDays
from tests.warm import Warm
from tests.web.serving import get, served

RIGHT = "eleven blue kettles"


def header(text: str) -> bytes:
    return b"Basic " + base64.b64encode(f"me:{text}".encode())


def guess(check: PasswordCheck, times: int, *, client: str = "192.0.2.1", now: float = 0) -> None:
    for number in range(times):
        assert not check.is_correct(header(f"guess {number}"), client, now)


def test_a_client_that_guesses_waits_longer_each_time():
    check = PasswordCheck(password=RIGHT)
    guess(check, MAX_FAILURES - 1)
    assert check.seconds_to_wait("192.0.2.1", 0) == 0
    delays = []
    for _ in range(12):
        guess(check, 1)
        delays.append(check.seconds_to_wait("192.0.2.1", 0))
    assert delays[:4] == [2, 4, 8, 16]
    assert delays[-1] == MAX_DELAY_S
    assert check.seconds_to_wait("192.0.2.1", MAX_DELAY_S) == 0
    assert check.seconds_to_wait("192.0.2.2", 0) == 0


def test_the_right_password_starts_anew():
    check = PasswordCheck(password=RIGHT)
    guess(check, MAX_FAILURES - 1)
    assert check.is_correct(header(RIGHT), "192.0.2.1", 0)
    guess(check, MAX_FAILURES - 1)
    assert check.seconds_to_wait("192.0.2.1", 0) == 0


def test_failures_are_forgotten_after_an_hour():
    check = PasswordCheck(password=RIGHT)
    guess(check, MAX_FAILURES - 1)
    guess(check, 1, now=3600)
    assert check.seconds_to_wait("192.0.2.1", 3600) == 0


def test_a_request_without_a_password_is_no_guess():
    check = PasswordCheck(password=RIGHT)
    for _ in range(20):
        assert not check.is_correct(b"", "192.0.2.1", 0)
    assert check.seconds_to_wait("192.0.2.1", 0) == 0


def test_addresses_of_one_ipv6_network_are_one_client():
    check = PasswordCheck(password=RIGHT)
    for number in range(MAX_FAILURES):
        guess(check, 1, client=f"2001:db8::{number:x}")
    assert check.seconds_to_wait("2001:db8::ffff", 0) > 0
    assert check.seconds_to_wait("2001:db8:0:1::1", 0) == 0


def test_an_address_of_ipv4_within_ipv6_is_that_address():
    check = PasswordCheck(password=RIGHT)
    guess(check, MAX_FAILURES, client="::ffff:192.0.2.1")
    assert check.seconds_to_wait("192.0.2.1", 0) > 0
    assert check.seconds_to_wait("::ffff:192.0.2.2", 0) == 0


def test_a_client_of_many_addresses_is_slowed_down_and_those_known_are_not():
    check = PasswordCheck(password=RIGHT)
    assert check.is_correct(header(RIGHT), "192.0.2.1", 0)
    checked, now = 0, 0.0
    for number in range(1000):
        client, now = f"2001:db8:0:{number:x}::1", number / 4
        if not check.seconds_to_wait(client, now):
            guess(check, 1, client=client, now=now)
            checked += 1
    assert checked == 101 + (999 - 100) // 4
    guess(check, 1, client="192.0.2.1", now=now)
    assert check.seconds_to_wait("192.0.2.1", now) == 0
    assert check.seconds_to_wait("198.51.100.1", now) > 0
    assert check.is_correct(header(RIGHT), "192.0.2.1", now)


def test_a_bounded_number_of_clients_is_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(password, "MAX_CLIENTS", 100)
    check = PasswordCheck(password=RIGHT)
    for number in range(200):
        guess(check, MAX_FAILURES, client=f"192.0.2.{number}")
    assert len(check._failures) == 100
    assert check.seconds_to_wait("192.0.2.199", 0) > 0


def test_the_server_refuses_to_check_guesses(warm: Warm, three_days: ThreeDays, tmp_path: Path):
    """However slow the machine: each wait is twice as long as the one before, so that guesses are
    soon refused, and the right password with them until the time that the server names is over."""
    file = tmp_path / "password"
    file.write_text(f"{RIGHT}\n")
    file.chmod(0o600)
    with served(three_days.db, "--password-file", str(file), warm=warm) as url:
        guesses = [get(url, auth=("me", f"guess {number}")) for number in range(MAX_FAILURES)]
        assert [answer.status_code for answer in guesses] == [401] * MAX_FAILURES
        for number in range(200):
            asked_at = time.monotonic()
            refused = get(url, auth=("me", f"another guess {number}"))
            wait_s = int(refused.headers.get("retry-after", 0)) - 1  # rounded up
            # The right password must come within the wait: accepted, it would end all waits.
            if wait_s > 10 * (time.monotonic() - asked_at):
                break
        right = get(url, auth=("me", RIGHT))
    assert (refused.status_code, right.status_code) == (429, 429)
    assert len(right.text.splitlines()) == 1


@pytest.mark.parametrize(("mode", "n_lines"), [(0o600, 1), (0o640, 2), (0o644, 2)])
def test_a_password_file_that_others_may_read_is_reported(
    blogkeep: Command, three_days: ThreeDays, tmp_path: Path, mode: int, n_lines: int
):
    file = tmp_path / "password"
    file.write_text(RIGHT)
    file.chmod(mode)
    done = blogkeep(
        "serve", "--db", str(tmp_path / "none.db"), "--password-file", str(file), "--host", "::1"
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == n_lines
    assert ("chmod 600" in done.stderr) == (n_lines == 2)
    assert RIGHT not in done.stderr
