"""Images at the services that resize them: one picture has an address for each size."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

from scraper.shopify.image_addresses import RENDERING_PARAMETERS, original_path


class Place(NamedTuple):
    """Host, path and query of an address; `sized` are the parameters that say nothing there."""

    host: str
    path: str
    query: str
    sized: frozenset[str] = frozenset()


_SIZES = ("w", "h", "q", "fm", "fit", "auto", "dpr", "ar", "scale", "resize", "zoom")
_OTHERS = ("ssl", "strip", "usm", "sharp", "v", "ver", "ixlib", "ixid", "cs")
RENDERING: Final = RENDERING_PARAMETERS.union(_SIZES, _OTHERS)
_IMAGE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|heic|bmp|tiff?)$", re.I)
_IMAGE_HOST: Final = re.compile(
    r"""(?:^|\.)(?:imgix\.net|images\.(?:unsplash\.com|ctfassets\.net|prismic\.io)|cdn\.sanity\.io
        |datocms-assets\.com|squarespace-cdn\.com|static1\.squarespace\.com)$""",
    re.X,
)
_SHOPIFY_FILE: Final = re.compile(r"^/s/files/\d(?:/\d+)+/(?=\D|\d+/)")
_SHOPIFY_ALIAS: Final = "/cdn/shop/"
_WORDPRESS_SIZE: Final = re.compile(r"(?:-\d{2,4}x\d{2,4}|-scaled)(?=\.\w{3,4}$)")
_PHOTON: Final = re.compile(r"i\d\.wp\.com")
_CLOUDFLARE: Final = re.compile(r"^/cdn-cgi/image/[^/]*=[^/]*/(.+)$")
_OPTIMIZER: Final = re.compile(r"/(?:_next/image|_vercel/image|\.netlify/images|_ipx)/?$")
_WRAPPED: Final = re.compile(r"(?:^|&)url=([^&]+)")
_ABSOLUTE: Final = re.compile(r"https?:/{1,2}([^/?#]+)(/[^?#]*)?(?:\?([^#]*))?", re.I)
_CLOUDINARY: Final = re.compile(
    r"(?<=/upload/)(?:(?:(?:[whcqfg]|ar|dpr|fl)_[\w.:!-]+,?)+/)*(?:v\d+/)?"
)
_SIZE_IN_PATH: Final[tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]] = (
    (re.compile(r"res\.cloudinary\.com$"), _CLOUDINARY, ""),
    (re.compile(r"static\.wixstatic\.com$"), re.compile(r"/v1/(?:fill|fit|crop)/(?s:.*)"), ""),
    (re.compile(r"\.bigcommerce\.com$"), re.compile(r"(?<=/stencil/)[^/]+/"), ""),
    (re.compile(r"\.bp\.blogspot\.com$"), re.compile(r"/[swh]\d+(?:-[\w-]+)?/(?=[^/]+$)"), "/"),
    (re.compile(r"\.googleusercontent\.com$"), re.compile(r"=[swh]\d+(?:-\w+)*$"), ""),
    (re.compile(r"miro\.medium\.com$"), re.compile(r"(?<=/)(?:resize|fit|max|format):?[^/]*/"), ""),
)


def original_image(place: Place, *, own: bool) -> Place:
    """The address of a picture itself, whatever service resizes it; of another file its own.

    A store serves its files under its own `/cdn/shop/` and at cdn.shopify.com, where the shop's
    number takes the place of its host: the number is left out, so that both are one address.
    """
    place = _unwrapped(place)
    host, path, query, _ = place
    if host == "cdn.shopify.com" and (number := _SHOPIFY_FILE.match(path)):
        path, own = _SHOPIFY_ALIAS + path[number.end() :], True
    if path.startswith(_SHOPIFY_ALIAS):
        host = "cdn.shopify.com" if own else host
        return Place(host, original_path(path), query, RENDERING)
    if host == "cdn.shopify.com":
        return Place(host, original_path(path), query, RENDERING)
    for host_pattern, size, replacement in _SIZE_IN_PATH:
        if host_pattern.search(host):
            path = size.sub(replacement, path)
    if "/wp-content/uploads/" in path:
        path = _WORDPRESS_SIZE.sub("", path)
    if _IMAGE.search(path) or _IMAGE_HOST.search(host):
        return Place(host, path, query, RENDERING)
    return place._replace(path=path)


def _unwrapped(place: Place) -> Place:
    """The address that a resizing service was given, else the place itself."""
    if _OPTIMIZER.search(place.path) and (inner := _WRAPPED.search(place.query)):
        return _place_of(unquote(inner[1]), place.host)
    if inner := _CLOUDFLARE.match(place.path):
        return _place_of(inner[1], place.host)
    if _PHOTON.fullmatch(place.host):
        host, _, path = place.path.lstrip("/").partition("/")
        return Place(host.removeprefix("www."), f"/{path}", place.query)
    return place


def _place_of(address: str, host: str) -> Place:
    if absolute := _ABSOLUTE.fullmatch(address):
        return Place(
            absolute[1].lower().removeprefix("www."), absolute[2] or "/", absolute[3] or ""
        )
    path, _, query = address.partition("?")
    return Place(host, f"/{path.lstrip('/')}", query)
