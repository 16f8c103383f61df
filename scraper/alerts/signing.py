"""Signatures of webhooks, by the symmetric scheme of Standard Webhooks 1.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
FEWEST_BYTES: Final = 24
MOST_BYTES: Final = 64
"""Bytes of a secret, by the specification."""


def signature_headers(
    key: str, sent_at: int, content: bytes, secrets: Sequence[bytes]
) -> dict[str, str]:
    """The headers that sign a message with each secret: `sent_at` is the time of this attempt in
    seconds since 1970, `key` the same for every attempt."""
    signed = b".".join((key.encode(), str(sent_at).encode(), content))
    digests = [hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(digest).decode()}" for digest in digests
        ),
    }


def decode_secrets(text: str) -> list[bytes]:
    """The secrets in a text, each ``whsec_`` and base64; several while a receiver changes from one
    to the next. Raises ValueError with a message that holds no secret."""
    secrets = [_decode(word) for word in text.split()]
    if not secrets:
        raise ValueError("the signing secret is empty")
    return secrets


def _decode(word: str) -> bytes:
    try:
        secret = base64.b64decode(word.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not word.startswith(PREFIX) or not FEWEST_BYTES <= len(secret) <= MOST_BYTES:
        raise ValueError(
            f"a signing secret must be {PREFIX} and {FEWEST_BYTES} to {MOST_BYTES} bytes in base64"
        )
    return secret
