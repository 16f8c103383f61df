"""Noise that shows one of a few states at random at each fetch, as apps for visitors do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tests.extract.test_volatile import Noise

WRITERS = (
    "Ann grew up between a kiln and a garden and writes about both of them.",
    "Ben bakes before sunrise and has bees on the roof of our little shop.",
    "Cleo mends bicycles on Mondays and pots on every other day of the week.",
)


def any_of(states: Sequence[str], subject: str, tick: int) -> str:
    """One of the states, the same for the same fetch."""
    digest = hashlib.sha256(f"{states[0]} {subject} {tick}".encode()).digest()
    return states[digest[0] % len(states)]


RANDOM: dict[str, Noise] = {
    "author": lambda s, n: f"<p><em>{any_of(WRITERS, s, n)}</em></p>",
    "named author": lambda s, n: (
        f'<div class="x-bio"><h4>About the author</h4><p>{any_of(WRITERS, s, n + 1)}</p></div>'
    ),
    "chat": lambda s, n: f"<p>Chat with {any_of(('Ann', 'Ben', 'Cleo'), s, n)}, who is online</p>",
    "number of a node": lambda s, n: (
        f"<p>Each pot of the {s} holds {any_of(('1,500', '1.500', '1 500'), s, n)} ml of tea, and "
        "that is enough for a table of six guests who like to sit long.</p>"
    ),
    "comments": lambda s, n: (
        f'<div class="x-c"><a href="#comments">{any_of("023456789", s, n)} comments</a></div>'
    ),
    "poll": lambda s, n: (
        f"<div><h4>Which tea?</h4><ul><li>Green {any_of('456', s, n)}0 % "
        f"({100 + n} votes)</li>"
        f"<li>Black {any_of('345', s, n)}0 % ({130 + n} votes)</li></ul></div>"
    ),
    "weather": lambda s, n: (
        f"<p>London: {any_of('345678', s, n)} °C, {any_of(('cloudy', 'sunny', 'rain'), s, n)}</p>"
    ),
    "button": lambda s, n: (
        f'<p><a href="/products/{s}">{any_of(("Shop now", "Buy the set"), s, n)}</a></p>'
    ),
    "random names": lambda s, n: (
        f'<div id="w-{any_of(("8f3a", "e67e", "57c7"), s, n)}"><p>Our {s} letter.</p></div>'
    ),
}
