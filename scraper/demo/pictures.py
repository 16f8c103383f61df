"""Pictures of the demo store, made from their address: a file that is uploaded again has another
version there, and so other colours."""

from __future__ import annotations

import hashlib
import struct
import zlib

WIDTH, HEIGHT, FIELDS = 96, 64, 8


def draw_png(seed: str) -> bytes:
    """A PNG of coloured fields, the same for the same seed."""
    digest = hashlib.sha256(seed.encode()).digest()
    rows = b"".join(b"\x00" + _row(digest, y * FIELDS // HEIGHT) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def draw_svg(seed: str) -> bytes:
    """An SVG drawing, the same for the same seed."""
    colour = hashlib.sha256(seed.encode()).hexdigest()[:6]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 64">'
        f'<rect width="96" height="64" fill="#{colour}"/></svg>'
    ).encode()


def _row(digest: bytes, field: int) -> bytes:
    pixels = (digest[(field * 3 + x * FIELDS // WIDTH) % 30 :][:3] for x in range(WIDTH))
    return b"".join(pixels)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
