"""Mail addresses that Cloudflare encodes in a page, with another key at each fetch, decoded again.

What the author wrote is the address; a browser shows it by a script. The encoding is that of
Cloudflare's Email Address Obfuscation: hexadecimal bytes, the first is the key of the rest (XOR).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from selectolax.lexbor import LexborNode

_PATH: Final = "/cdn-cgi/l/email-protection#"
ENCODED_MAIL: Final = f'[data-cfemail],a[href*="{_PATH}"]'
"""The elements that may hold an encoded address, as one query."""

_LINK: Final = re.compile(rf"{_PATH}([\da-f]+)$", re.I)
_LONGEST: Final = 4096
_SHORTEST_ADDRESS: Final = 3  # "a@b"


def decode_mail_addresses(nodes: Iterable[LexborNode]) -> bool:
    """Put the addresses that Cloudflare encoded back into a page's tree, where one of these
    elements holds one: into its text, and into its links as ``mailto:``. Return whether any may."""
    found = [node for node in nodes if _may_hold(node)]
    for node in found:
        _decode_in(node)
    return bool(found)


def _may_hold(node: LexborNode) -> bool:
    attributes = node.attributes
    return "data-cfemail" in attributes or _PATH in (attributes.get("href") or "")


def _decode_in(node: LexborNode) -> None:
    attributes = node.attributes
    if address := _decode(attributes.get("data-cfemail") or ""):
        # Its text is "[email protected]". Where it is a link, that is Cloudflare's, too: the
        # author wrote the address as plain text.
        node.replace_with(address)
        return
    link = _LINK.search((attributes.get("href") or "").strip())
    if link and (address := _decode(link[1])):
        node.attrs["href"] = f"mailto:{address}"


def _decode(encoded: str) -> str:
    """The address, or empty for what holds none."""
    if len(encoded) > _LONGEST or len(encoded) < 2 * _SHORTEST_ADDRESS:
        return ""
    try:
        key, *signs = bytes.fromhex(encoded)
        address = bytes(sign ^ key for sign in signs).decode()
    except ValueError:
        return ""
    return address if "@" in address and address.isprintable() else ""
