"""Images of posts: which file an address means, and when the store changed one under its address.

The bytes of one address also differ where nobody at the store did anything: a CDN encodes the same
file again, or serves another size or format. So an image is always asked for in one form, and a
difference is a change only where the store's own dates witness it or it stands, as of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from scraper.history.changes import FieldChange
from scraper.history.normal_form.addresses import normal_address
from scraper.history.store_addresses import host_key
from scraper.history.timeline import (
    CONFIRM_SIGHTS,
    Pending,
    PendingEvent,
    PostEvent,
    PostState,
    Sight,
    observe,
)
from scraper.history.witnesses import IMAGE_SOURCE, Dates
from scraper.items import FieldClaim
from scraper.shopify.image_addresses import is_shopify_file, original_path
from scraper.timestamps import format_timestamp, to_utc

MAX_IMAGES: Final = 100
"""Images of one post that are fetched; real posts have a tenth of it."""

IMAGE_BYTES: Final = "image_bytes"
"""The field of a change in which an image has other bytes under its address."""

SAME_BYTES: Final = "the bytes are those of image {}"
"""Detail of an answer whose bytes an earlier one brought: they are stored once."""

IMAGE_HOSTS: Final = re.compile(
    r"""cdn\.shopify\.com | i[0-3]\.wp\.com | [\w-]+\.files\.wordpress\.com
      | images\.squarespace-cdn\.com | static1\.squarespace\.com | static\.wixstatic\.com
      | substackcdn\.com | cdn\d{0,2}\.bigcommerce\.com | storage\.ghost\.io
      | cdn\.prod\.website-files\.com | uploads-ssl\.webflow\.com""",
    re.X,
)
"""Hosts at which blog systems store the images of their customers: beside a store's own hosts, only
these are asked for images. What an author embeds from elsewhere is somebody else's."""

_RULES: Final = ("image", "")
_LONGEST: Final = 2048
_SOURCE: Final = re.compile(r'<img\b(?:[^<>"]|"[^"]*+")*?\ssrc="([^"]*+)"')
_VERSIONS: Final = frozenset({"v", "ver"})
_UNIX_TIME: Final = re.compile(r"1\d{9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAddress:
    """An image of a post: `url` is what to ask for, `place` the address in normal form, by which an
    image is known whatever its version; `uploaded_at` (UTC, or empty) the time that the version
    says."""

    url: str
    place: str
    uploaded_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSight:
    """What an address gave at `at` (UTC): bytes with this SHA-256. `uploaded_at` is when the file
    was stored at the store, by its version or the server's Last-Modified, `lastmod` the post's date
    in the listings; either may be empty."""

    url: str
    hash: str
    at: str
    uploaded_at: str = ""
    lastmod: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageState:
    """An image of a post between two sights: the last sight of its current bytes, and `pending`,
    other bytes that wait for confirmation, seen last at `seen_at`."""

    current: ImageSight
    seen_at: str
    pending: Pending | None = None


ImageStep = Literal["same", "pending", "seen", "volatile", "confirmed", "changed", "rendered"]
"""What a sight of an image says. ``same`` bytes as before; ``pending``, ``seen``, ``volatile`` and
``confirmed`` of other bytes that wait, as in `timeline.PendingEvent`; ``changed``: the store has
another image there; ``rendered``: other bytes of which nobody can say that the store made them."""


def read_images(html: str, image_url: str, origins: tuple[str, ...]) -> tuple[ImageAddress, ...]:
    """The images of a body, and the main image, each once, in order; `origins` are those of the
    store, its present one last."""
    found: dict[str, ImageAddress] = {}
    for source in _sources(html, image_url):
        address = image_address(source, origins)
        if address and len(found) < MAX_IMAGES:
            found.setdefault(address.place, address)
    return tuple(found.values())


def _sources(html: str, image_url: str) -> Iterator[str]:
    yield from image_sources(html)
    if image_url:
        yield image_url


def image_sources(html: str) -> list[str]:
    """The addresses of the images in sanitised markup."""
    return [unescape(source) for source in _SOURCE.findall(html)]


def image_address(source: str, origins: tuple[str, ...]) -> ImageAddress | None:
    """The image that an address in a page means, or None where it is none of the web's.

    A file of Shopify's is asked for without what a theme says of its size and format, and with its
    version; any other address as it is.
    """
    address = source.strip()
    if address.startswith("//"):
        address = f"https:{address}"
    elif address.startswith("/") and origins:
        address = origins[-1] + address
    if len(address) > _LONGEST or not address[:8].lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(address)
        if "@" in parts.netloc or not parts.hostname:
            return None
    except ValueError:
        return None
    place = normal_address(address, origins)
    own = host_key(f"{parts.scheme}://{parts.netloc}") in {host_key(origin) for origin in origins}
    if own:
        present = urlsplit(origins[-1])
        parts = parts._replace(scheme=present.scheme, netloc=present.netloc)
    if not is_shopify_file(parts.netloc, parts.path):
        return ImageAddress(url=parts._replace(fragment="").geturl(), place=place)
    version = _version(parts)
    query = urlencode({"v": version}) if version else ""
    url = parts._replace(path=original_path(parts.path), query=query, fragment="").geturl()
    return ImageAddress(url=url, place=place, uploaded_at=_time_of(version))


def uploaded_at(url: str, last_modified: str) -> str:
    """When the store stored an image (UTC, or empty), by the version in its address or the header
    Last-Modified."""
    address = image_address(url, ())
    return (address.uploaded_at if address else "") or to_utc(last_modified)


def may_fetch_image(url: str, origins: tuple[str, ...]) -> bool:
    """Whether an image is stored at its store, or where blog systems store those of their
    customers."""
    parts = urlsplit(url)
    own = {host_key(origin) for origin in origins}
    return (
        host_key(f"{parts.scheme}://{parts.netloc}") in own
        or IMAGE_HOSTS.fullmatch(parts.netloc.lower()) is not None
    )


def _version(parts: SplitResult) -> str:
    return next((value for name, value in parse_qsl(parts.query) if name == "v"), "")


def _time_of(version: str) -> str:
    """When a file was stored, by its version: Shopify's is a time in Unix seconds."""
    if not _UNIX_TIME.fullmatch(version):
        return ""
    return format_timestamp(datetime.fromtimestamp(int(version), UTC))


def observe_image(
    state: ImageState, seen: ImageSight, *, confirm_sights: int = CONFIRM_SIGHTS
) -> tuple[tuple[ImageStep, PostEvent | None], ...]:
    """What one more sight of an image says, in order; a ``changed`` comes with its event.

    A file of Shopify's gets another version whenever it is uploaded, so other bytes under one
    version are the CDN's. Bytes of two addresses that differ in more than the version are not
    compared.
    """
    before = state.current
    if before.hash != seen.hash and _is_rendering(before.url, seen.url):
        ended: list[tuple[ImageStep, PostEvent | None]] = [("volatile", None)]
        return (*(ended if state.pending else ()), ("rendered", None))
    _, events = observe(_post_state(state), _post_sight(seen), confirm_sights=confirm_sights)
    steps = tuple(_step(event) for event in events)
    return (*steps, ("same", None)) if before.hash == seen.hash else steps


def _step(event: object) -> tuple[ImageStep, PostEvent | None]:
    if isinstance(event, PendingEvent):
        return event.kind, None
    assert isinstance(event, PostEvent), "an image has neither address nor absence of its own"
    return "changed", event


def describe_change(before: ImageSight, seen: ImageSight) -> FieldChange:
    """The field of a change from one image to another: hash and address of each."""
    return FieldChange(
        field=IMAGE_BYTES,
        old=f"sha256:{before.hash} {before.url}",
        new=f"sha256:{seen.hash} {seen.url}",
    )


def hashes_of(field: FieldChange) -> tuple[str, str]:
    """The hashes of both images of such a field."""
    old, new = (value.partition(" ")[0].removeprefix("sha256:") for value in (field.old, field.new))
    return old, new


def _is_rendering(before: str, now: str) -> bool:
    """Whether other bytes at the second address say nothing of the store."""
    first, second = urlsplit(before), urlsplit(now)
    if before == now:
        return is_shopify_file(first.netloc, first.path) and bool(_version(first))
    return _without_version(first) != _without_version(second)


def _without_version(parts: SplitResult) -> SplitResult:
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in _VERSIONS]
    return parts._replace(query=urlencode(query), scheme="")


def _post_state(state: ImageState) -> PostState:
    return PostState(
        version=(state.current.hash, ""),
        rules=_RULES,
        origin="observed",
        url="",
        seen_at=state.seen_at,
        version_seen_at=state.current.at,
        dates=_dates(state.current),
        pending=state.pending,
    )


def _post_sight(seen: ImageSight) -> Sight:
    return Sight(
        at=seen.at,
        version=(seen.hash, ""),
        origin="observed",
        rules=_RULES,
        url="",
        dates=_dates(seen),
    )


def _dates(sight: ImageSight) -> Dates:
    claim = FieldClaim(
        field="modified_at", source=IMAGE_SOURCE, raw=sight.uploaded_at, value=sight.uploaded_at
    )
    return Dates(lastmod=sight.lastmod, claims=(claim,) if sight.uploaded_at else ())
