"""The query string of a link within the web interface."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode


def encode_query(parameters: Mapping[str, object]) -> str:
    """Parameters as a query string with its question mark, a list as a repeated parameter. Those
    with an empty value are left out."""
    used = {name: value for name, value in parameters.items() if value}
    return "?" + urlencode(used, doseq=True)
