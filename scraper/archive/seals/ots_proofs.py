"""Proofs of OpenTimestamps beside a stamp: calendars lead its root to a block of Bitcoin, within
hours.

A proof shows by itself that it begins at our root, and to what it leads. Whether that block has the
Merkle root in which it ends, only who has the blocks can see: `ots verify` asks a node of Bitcoin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from scraper.archive.rows import MAX_NUMBER
from scraper.exceptions import NotStamped

if TYPE_CHECKING:
    from opentimestamps.core.timestamp import Timestamp

# The library is an extra, and imported inside the functions.

LARGEST: Final = 16 * 1024
"""Bytes of the largest proof; four calendars make one of 2 to 4 KB. A hostile one takes 0.2 s to
read."""

_LARGEST_ANSWER: Final = LARGEST // 4
"""A calendar's answer takes 1 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtsProof:
    """What a proof leads to: by the Merkle roots in hex, as block explorers print them, the heights
    of the blocks of Bitcoin that must have them; and by the digests in hex for which a block is
    owed the addresses of the calendars that owe it."""

    blocks: dict[str, int]
    pending: dict[str, list[str]]


def ots_digest(root: str) -> bytes:
    """Return what the proof of a root in hex begins with: the SHA-256 of its 64 letters."""
    return sha256(root.encode()).digest()


def read_proof(proof: bytes, root: str) -> OtsProof:
    """Read a proof, and follow it from a root to its ends. Raises NotStamped."""
    whole = _read(proof, root)  # which says what to install
    from opentimestamps.core.notary import PendingAttestation  # noqa: PLC0415

    blocks = _blocks(whole)
    if any(height > MAX_NUMBER for height in blocks.values()):
        raise NotStamped("its proof of OpenTimestamps names a block that cannot be")
    pending: dict[str, list[str]] = {}
    for step in _steps(whole):
        owing = [end.uri for end in step.attestations if isinstance(end, PendingAttestation)]
        if owing and not _blocks(step):
            pending[step.msg.hex()] = sorted(owing)
    if not (blocks or pending):
        raise NotStamped("its proof of OpenTimestamps leads to neither a block nor a calendar")
    return OtsProof(blocks=blocks, pending=pending)


def extend_proof(proof: bytes, root: str, digest: bytes, answer: bytes) -> bytes:
    """Add a calendar's answer for a digest to a proof, empty at first. Raises NotStamped."""
    from opentimestamps.core import timestamp  # noqa: PLC0415
    from opentimestamps.core.op import OpSHA256  # noqa: PLC0415
    from opentimestamps.core.serialize import BytesSerializationContext  # noqa: PLC0415

    whole = _read(proof, root) if proof else timestamp.Timestamp(ots_digest(root))
    added = _parse_answer(answer, digest)
    for step in _steps(whole):
        if step.msg == digest:
            step.merge(added)
            break
    context = BytesSerializationContext()
    timestamp.DetachedTimestampFile(OpSHA256(), whole).serialize(context)
    extended: bytes = context.getbytes()
    read_proof(extended, root)
    return extended


def _read(proof: bytes, root: str) -> Timestamp:
    try:
        from opentimestamps.core.serialize import BytesDeserializationContext  # noqa: PLC0415
        from opentimestamps.core.timestamp import DetachedTimestampFile  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotStamped(
            "its proof of OpenTimestamps is not checked: run pip install 'blogkeep[opentimestamps]'"
        ) from error
    if len(proof) > LARGEST:
        raise NotStamped(f"its proof of OpenTimestamps has more than {LARGEST:,} bytes")
    try:
        found = DetachedTimestampFile.deserialize(BytesDeserializationContext(proof))
    except Exception as error:  # the library has many, and the bytes are a stranger's
        raise NotStamped(f"its proof of OpenTimestamps cannot be read: {error}") from error
    if found.file_digest != ots_digest(root):
        raise NotStamped("its proof of OpenTimestamps is of another root")
    return found.timestamp


def _parse_answer(answer: bytes, digest: bytes) -> Timestamp:
    from opentimestamps.core.serialize import BytesDeserializationContext  # noqa: PLC0415
    from opentimestamps.core.timestamp import Timestamp  # noqa: PLC0415

    if len(answer) > _LARGEST_ANSWER:
        raise NotStamped(f"the answer has more than {_LARGEST_ANSWER:,} bytes")
    context = BytesDeserializationContext(answer)
    try:
        added = Timestamp.deserialize(context, digest)
        context.assert_eof()
    except Exception as error:  # as above
        raise NotStamped(f"the answer is no proof of OpenTimestamps: {error}") from error
    return added


def _blocks(whole: Timestamp) -> dict[str, int]:
    from opentimestamps.core.notary import BitcoinBlockHeaderAttestation  # noqa: PLC0415

    return {
        digest[::-1].hex(): end.height
        for digest, end in whole.all_attestations()
        if isinstance(end, BitcoinBlockHeaderAttestation)
    }


def _steps(whole: Timestamp) -> Iterator[Timestamp]:
    yield whole
    for step in whole.ops.values():
        yield from _steps(step)
