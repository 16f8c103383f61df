"""Images of posts: which one a page showed at a time, and its bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.archive.captures.reader import CaptureReader
from scraper.archive.rows import read_row, read_rows
from scraper.archive.store_lookup import addresses_of
from scraper.exceptions import CaptureLost
from scraper.history.images import image_address


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """An image whose bytes are in the captures' file: their SHA-256, type and where they are."""

    hash: str
    media_type: str
    body_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePeriod:
    """An image of a post from `first_seen_at` (UTC) on; `n_bytes` is its size."""

    place: str
    url: str
    first_seen_at: str
    hash: str
    media_type: str
    n_bytes: int


class PostImages:
    """The stored images of a post; `origins` are those of its store, the present one last."""

    def __init__(self, periods: Sequence[ImagePeriod], origins: tuple[str, ...]) -> None:
        self.periods = periods
        self.origins = origins

    def find(self, source: str, at: str = "") -> ImagePeriod | None:
        """Return what the address in a page showed at a time (UTC; empty: now), or None.

        The version in an address says which file it meant; without one, the last image seen by
        then counts, or the first where that came later.
        """
        address = image_address(source, self.origins)
        if address is None:
            return None
        exact = [period for period in self.periods if period.url == address.url]
        found = exact or [period for period in self.periods if period.place == address.place]
        by_then = [period for period in found if not at or period.first_seen_at <= at]
        return next(iter([*reversed(by_then), *found]), None)


def read_post_images(connection: sqlite3.Connection, post_id: int) -> PostImages:
    """Read the images of a post, in the order in which they were first seen."""
    periods = read_rows(connection, ImagePeriod, _PERIODS, [post_id])
    if not periods:
        return PostImages((), ())
    (store_id,) = connection.execute(
        "SELECT store_id FROM posts WHERE id = ?", [post_id]
    ).fetchone()
    return PostImages(periods, addresses_of(connection, store_id))


def read_images_of_capture(
    connection: sqlite3.Connection, capture_id: int
) -> tuple[PostImages, str]:
    """Read the images of the post that a capture shows, and when its crawl ended (UTC): they were
    fetched after the pages."""
    row = connection.execute(_CAPTURED, [capture_id]).fetchone()
    if row is None:
        return PostImages((), ()), ""
    post_id, ended_at = row
    return read_post_images(connection, post_id), ended_at


def read_image(connection: sqlite3.Connection, reader: CaptureReader, digest: str) -> bytes:
    """Read the image with this SHA-256. Raises CaptureLost; its message names no file."""
    image = read_row(connection, StoredImage, _IMAGE, [digest])
    if image is None:
        raise CaptureLost(f"the archive has no image {digest[:12]}")
    try:
        return reader.read(image.body_id, image.hash).body
    except CaptureLost as error:
        raise CaptureLost(f"the bytes of image {digest[:12]} are lost or damaged") from error


def find_images(connection: sqlite3.Connection, digests: Sequence[str]) -> dict[str, StoredImage]:
    """Return those of these images whose bytes the archive has, by hash."""
    found = (read_row(connection, StoredImage, _IMAGE, [digest]) for digest in digests)
    return {image.hash: image for image in found if image}


_PERIODS = """
    SELECT place, post_images.url, first_seen_at, images.hash, media_type, n_bytes
    FROM post_images
    JOIN images ON images.id = image_id JOIN captures ON captures.id = images.capture_id
    WHERE post_images.post_id = ? AND standing = 'confirmed' AND captures.body_id IS NOT NULL
    ORDER BY first_seen_at, post_images.id
"""
_CAPTURED = """
    SELECT post_id, coalesce(finished_at, heartbeat_at) FROM captures
    JOIN crawls ON crawls.id = crawl_id WHERE captures.id = ? AND post_id IS NOT NULL
"""
_IMAGE = """
    SELECT hash, media_type, body_id FROM images
    JOIN captures ON captures.id = images.capture_id
    WHERE hash = ? AND body_id IS NOT NULL
"""
