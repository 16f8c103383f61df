"""Addresses of files on Shopify's CDN: one file has many, one for each size and version."""

from __future__ import annotations

import re
from typing import Final

RENDERING_PARAMETERS: Final = frozenset(
    {"width", "height", "crop", "pad_color", "format", "quality"}
)
"""Parameters with which a theme asks for another rendering of the same image."""

_EXTENSION: Final = r"\.(?:jpe?g|png|gif|webp|avif|heic)"
_SUFFIX: Final = re.compile(
    rf"""
    _(?:\d+x\d*|x\d+|pico|icon|thumb|small|compact|medium|large|grande|master|original)
    (?:_crop_[^\W_]+)?
    (?:@\dx)?
    (?:\.progressive)?
    (?={_EXTENSION}(?:{_EXTENSION})?$)
    """,
    re.I | re.X,
)
_PROGRESSIVE: Final = re.compile(rf"\.progressive(?={_EXTENSION}(?:{_EXTENSION})?$)", re.I)
_CONVERTED: Final = re.compile(rf"({_EXTENSION}){_EXTENSION}$", re.I)


def original_path(path: str) -> str:
    """The path of an image without what asks for a rendering of it: ``bowl_600x.jpg`` and
    ``bowl.progressive.png.jpg`` (a PNG served as JPEG) are ``bowl.jpg`` and ``bowl.png``."""
    path = _SUFFIX.sub("", path)
    if path.count(".") > 1:  # quicker to know than what follows the first
        path = _CONVERTED.sub(r"\1", _PROGRESSIVE.sub("", path))
    return path


CDN_HOST: Final = "cdn.shopify.com"


def is_shopify_file(host: str, path: str) -> bool:
    """Whether an address is that of a file which Shopify stores for a store: at its CDN, or under
    the store's own ``/cdn/shop/``."""
    return host.lower() == CDN_HOST or path.startswith("/cdn/shop/")
