"""What a file of stores says of alerts: so far only that each channel says how it is reached, and each alert is a table."""

from __future__ import annotations

from collections.abc import Iterable

from scraper.scheduling.places import LinedTable, Mistake


def check_channel(channel: LinedTable) -> Iterable[Mistake]:
    """What is wrong with a table of `channels`."""
    return [] if channel.values else [channel.mistake("the channel is empty")]


def check_alert(alert: LinedTable, channels: frozenset[str]) -> Iterable[Mistake]:
    """What is wrong with one of a store's `alerts`; `channels` are the names of those that the file has."""
    return [] if alert.values else [alert.mistake("the alert is empty")]
