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

LARGEST: Final = 64 * 1024
"""Bytes of the largest proof; four calendars make one of 2 to 4 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtsProof:
    """What a proof leads to: heights of blocks of Bitcoin, each with the Merkle root in hex that
    the block must have, as block explorers print it; and by the addresses of calendars the digest
    in hex for which each owes a block."""

    blocks: dict[int, str]
    pending: dict[str, str]


def ots_digest(root: str) -> bytes:
    """Return what the proof of a root in hex begins with: the SHA-256 of its 64 letters."""
    return sha256(root.encode()).digest()


def read_proof(proof: bytes, root: str) -> OtsProof:
    """Read a proof, and follow it from a root to its ends. Raises NotStamped."""
    ends = list(_read(proof, root).all_attestations())  # which says what to install
    from opentimestamps.core import notary  # noqa: PLC0415

    blocks = {
        end.height: digest[::-1].hex()
        for digest, end in ends
        if isinstance(end, notary.BitcoinBlockHeaderAttestation)
    }
    if any(height > MAX_NUMBER for height in blocks):
        raise NotStamped("its proof of OpenTimestamps names a block that cannot be")
    return OtsProof(
        blocks=blocks,
        pending={
            end.uri: digest.hex()
            for digest, end in ends
            if isinstance(end, notary.PendingAttestation)
        },
    )


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

    context = BytesDeserializationContext(answer)
    try:
        added = Timestamp.deserialize(context, digest)
        context.assert_eof()
    except Exception as error:  # as above
        raise NotStamped(f"the answer is no proof of OpenTimestamps: {error}") from error
    return added


def _steps(whole: Timestamp) -> Iterator[Timestamp]:
    yield whole
    for step in whole.ops.values():
        yield from _steps(step)
