"""Mail addresses that Cloudflare encodes in a page, with another key at each fetch, decoded again.

What the author wrote is the address; a browser shows it by a script. The encoding is that of
Cloudflare's Email Address Obfuscation: hexadecimal bytes, the first is the key of the rest (XOR).
"""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

_SIGNS: Final = (b"data-cfemail", b"/cdn-cgi/l/email-protection")
_LINK: Final = re.compile(r"/cdn-cgi/l/email-protection#([\da-f]+)$", re.I)
_LONGEST: Final = 4096
_SHORTEST_ADDRESS: Final = 3  # "a@b"


def decode_mail_addresses(tree: LexborHTMLParser, source: bytes) -> None:
    """Put the addresses that Cloudflare encoded back into a page's tree: into its text, and into
    its links as ``mailto:``. `source` is the page's markup."""
    if not any(sign in source for sign in _SIGNS):
        return
    for node in tree.css("[data-cfemail]"):
        address = _decode(node.attributes.get("data-cfemail") or "")
        if address:
            # Its text is "[email protected]". Where it is a link, that is Cloudflare's, too: the
            # author wrote the address as plain text.
            node.replace_with(address)
    for link in tree.css('a[href*="/cdn-cgi/l/email-protection#"]'):
        found = _LINK.search((link.attributes.get("href") or "").strip())
        if found and (address := _decode(found[1])):
            link.attrs["href"] = f"mailto:{address}"


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
