"""A calendar of OpenTimestamps on loopback. What it sends is put together byte by byte here, as the
format says, not by the library that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler

from tests.loopback import answering

HEIGHT = 358391
NONCE, BESIDE = b"beside", b"another leaf"

_SHA256, _APPEND, _PREPEND, _ATTESTATION = b"\x08", b"\xf0", b"\xf1", b"\x00"
_PENDING = bytes.fromhex("83dfe30d2ef90c8e")
_BITCOIN = bytes.fromhex("0588960d73d71901")


@dataclass
class Calendar:
    """`roots` are the Merkle roots of its block, by the digests that it took; `is_mined`: the block
    is there. `url` takes digests; below /busy and /other are errors and other answers, and /early
    names a block at once."""

    url: str = ""
    is_mined: bool = False
    roots: dict[str, str] = field(default_factory=dict)

    def take(self, digest: bytes) -> bytes:
        """The receipt for a digest, and note the block that will have it."""
        joined = sha256(digest + NONCE).digest()
        self.roots[joined.hex()] = block_root(joined)
        owed = _ATTESTATION + _PENDING + _bytes(_bytes(self.url.encode()))
        return _APPEND + _bytes(NONCE) + _SHA256 + owed

    def block(self) -> bytes:
        """What leads from any digest that it took to the block."""
        height = bytes([HEIGHT & 127 | 128, HEIGHT >> 7 & 127 | 128, HEIGHT >> 14])
        mined = _ATTESTATION + _BITCOIN + _bytes(height)
        return _PREPEND + _bytes(BESIDE) + _SHA256 + _SHA256 + mined


def block_root(digest: bytes) -> str:
    """The Merkle root to which `block` leads from a digest."""
    return sha256(sha256(BESIDE + digest).digest()).digest()[::-1].hex()


@contextmanager
def calendar() -> Iterator[Calendar]:
    """A calendar whose block is not mined yet."""
    found = Calendar()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            digest = self.rfile.read(int(self.headers["Content-Length"]))
            answers = {"/digest": found.take, "/early/digest": lambda _: found.block()}
            self._answer(answers.get(self.path, lambda _: b"no proof")(digest))

        def do_GET(self) -> None:
            is_known = self.path.removeprefix("/timestamp/") in found.roots
            self._answer(found.block() if is_known and found.is_mined else b"")

        def _answer(self, body: bytes) -> None:
            if not body or self.path.startswith("/busy"):
                self.send_error(404 if not body else 503)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with answering(Handler) as url:
        found.url = url
        yield found


def _bytes(value: bytes) -> bytes:
    return bytes([len(value)]) + value
