"""Padding that makes a page as large as a real storefront's: inline scripts, icons, and a menu of
hundreds of elements with labels "Shelf 1" …"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache

from scraper.demo.store import Filling

_MENU_SHARE = 0.45
"""Share of the padding that is markup; the rest is script and style
(docs/explanation/shopify.md, 3.5)."""


_ICON = (
    '<svg aria-hidden="true" viewBox="0 0 24 24"><path d="M4 6h16M4 12h16M4 18h16"></path></svg>'
)


def padding(size: int, seed: str) -> Filling:
    """About `size` bytes of padding: most of it is the same on every page, a small part differs by
    `seed`."""
    if size <= 0:
        return Filling()
    shared = _shared(size)
    return Filling(shared.head + _page_settings(seed), shared.menu)


@lru_cache(maxsize=8)
def _shared(size: int) -> Filling:
    menu_size = int(size * _MENU_SHARE)
    menu = (
        '<div class="mega-menu" data-menu><nav><ul class="mega-menu__list">'
        f"{''.join(_up_to(menu_size, _menu_row))}</ul></nav></div>"
    )
    return Filling("\n".join(_up_to(size - menu_size, _script)), menu)


def _up_to(size: int, make: Callable[[int], str]) -> Iterator[str]:
    """Parts of a page by their number, until they have `size` characters together."""
    turn = length = 0
    while length < size:
        part = make(turn)
        yield part
        turn, length = turn + 1, length + len(part)


def _script(turn: int) -> str:
    digest = [_digest(f"script:{turn}:{line}") for line in range(40)]
    lines = (
        f'theme.settings["{word[:12]}"]={{"asset":"/cdn/shop/t/{turn}/assets/{word[12:30]}.js",'
        f'"v":{int(word[:8], 16)}}};'
        for word in digest
    )
    return "<script>var theme=window.theme||{settings:{}};" + "".join(lines) + "</script>"


def _menu_row(turn: int) -> str:
    word = _digest(f"menu:{turn}")
    icon = _ICON if turn % 4 == 0 else ""
    return (
        f'<li class="mega-menu__item mega-menu__item--{turn % 7}"><a class="mega-menu__link" '
        f'href="/collections/{word[:10]}" data-i="{turn}">{icon}'
        f'<span class="mega-menu__label">Shelf {turn}</span></a></li>'
    )


def _page_settings(seed: str) -> str:
    section = _digest(f"{seed}:section")[:20]
    return f'<script>theme.page={{"token":"{_digest(seed)}","section":"{section}"}};</script>'


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
