"""Alerts are sent in the background, one round at a time."""

from __future__ import annotations

import threading

from scraper.alerts.background import BackgroundSender


def test_rounds_that_are_asked_for_during_the_pause_are_one() -> None:
    rounds = list[str]()
    first = threading.Event()

    def send() -> list[str]:
        rounds.append("round")
        first.set()
        return [f"sent {len(rounds)}"]

    lines = list[str]()
    sender = BackgroundSender(send, lines.append, pause_s=1000)
    sender.soon()
    assert first.wait(60)
    for _ in range(5):
        sender.soon()
    sender.wait()
    assert lines == ["sent 1", "sent 2"]
