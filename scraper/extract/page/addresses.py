"""Addresses as pages write them, made absolute."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit


def absolute(address: str, base: str) -> str:
    """An address made absolute; what cannot be one is returned as it stands."""
    address = address.strip()
    if address.startswith(("https://", "http://", "mailto:", "tel:")) or not address:
        return address
    if address.startswith("data:"):  # urljoin caches what it joins, here whole pictures
        return address
    if address.startswith("//"):
        return f"https:{address}"
    try:
        if address.startswith("/"):
            parts = urlsplit(base)
            return f"{parts.scheme}://{parts.netloc}{address}"
        return urljoin(base, address)
    except ValueError:
        return address
