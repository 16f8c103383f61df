"""Noise that shows one of a few states at random at each fetch, as apps for visitors do; and noise
that no place in a page can be learned for."""

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


def drawn(subject: str, tick: int) -> list[str]:
    """Pictures of a look, of which each fetch shows three."""
    names = ["hat", "coat", "shoe", "scarf", "belt", "glove", "ring"]
    digest = hashlib.sha256(f"{subject} {tick}".encode()).digest()
    return sorted(names, key=lambda name: digest[names.index(name)])[:3]


def name_of(subject: str, tick: int) -> str:
    """Five letters that no other fetch shows."""
    digest = hashlib.sha256(f"{subject} {tick}".encode()).digest()
    return "".join(chr(97 + byte % 26) for byte in digest[:5])


def pictures(*names: str, frame: str = "{0}") -> str:
    images = {name: f'<img src="/cdn/shop/files/{name}.jpg" alt="">' for name in names}
    return "".join(frame.format(image, name) for name, image in images.items())


LINKED = '<a href="/products/{1}">{0}</a>'
UNLEARNED: dict[str, Noise] = {
    "name": lambda s, n: f"<p>{name_of(s, n)}</p>",
    "slides": lambda _, n: f"<div>{pictures(*(f'slide-{(n + at) % 6}' for at in range(4)))}</div>",
    "first slide": lambda _, n: (
        f'<div class="x-turn">{pictures(*(f"turn-{(n + at) % 3}" for at in range(3)))}</div>'
    ),
    "look": lambda s, n: f"<p>{pictures(*drawn(s, n))}</p>",
    "linked look": lambda s, n: f"<div>{pictures(*drawn(s, n), frame=LINKED)}</div>",
    "advertisement": lambda s, n: f"<p>{pictures(name_of(s, n), frame=LINKED)}</p>",
    "town": lambda s, n: (
        f"<p>Our friends in {('Lyon', 'Graz', 'Kobe', 'Gent', 'Turin')[n % 5]} say that the {s} of "
        "this shop are the finest that they ever had on a table at home.</p>"
    ),
}
"""Lines without a name or a number, pictures without words, and a word in a sentence."""
