"""Time stamps of an authority (RFC 3161): ask for one, and check an answer."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from scraper.exceptions import NotStamped
from scraper.timestamps import format_timestamp

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

# Both libraries are imported inside the functions: a crawl writes seals and needs neither.


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedToken:
    """An answer that holds: when it was made (UTC), and the certificates in PEM that lead from its
    signer to a root, the root last."""

    stamped_at: str
    certificates: str


def stamp_request(root: str) -> TimeStampRequest:
    """Return the request for a stamp of a root in hex: the stamp covers its 64 letters, so that a
    file of just these can be checked with `openssl ts -verify`."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415

    builder = TimestampRequestBuilder().data(root.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return builder.build()


def check_token(token: bytes, root: str, roots_pem: bytes, *, nonce: int | None) -> CheckedToken:
    """Check that an answer stamps a root in hex, and that its signer leads to one of the root
    certificates. `nonce` is that of the request, if it is at hand. Raises NotStamped."""
    from cryptography import x509  # noqa: PLC0415
    from rfc3161_client import VerifierBuilder  # noqa: PLC0415

    response = _decode(token)
    try:
        trusted = list(_load_roots(roots_pem))
        sent = [x509.load_der_x509_certificate(der) for der in response.signed_data.certificates]
        chain = _chain(response, sent, trusted)
        verifier = VerifierBuilder(roots=chain[-1:], intermediates=chain[1:-1], nonce=nonce)
        verifier.build().verify_message(response, root.encode())
        return CheckedToken(
            stamped_at=format_timestamp(response.tst_info.gen_time), certificates=_pem(chain)
        )
    except NotStamped:
        raise
    except Exception as error:  # the libraries have many, and the bytes are a stranger's
        raise NotStamped(f"the stamp does not hold: {error}") from error


def _load_roots(pem: bytes) -> Iterator[Certificate]:
    """Root certificates, without those that the library refuses: one that browsers still trust has
    the serial number 0."""
    from cryptography import x509  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for body in pem.split(_BEGIN)[1:]:
            with suppress(ValueError):
                yield x509.load_pem_x509_certificate(_BEGIN + body)


_BEGIN = b"-----BEGIN CERTIFICATE-----"


def _decode(token: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415

    try:
        response = decode_timestamp_response(_with_sorted_certificates(token))
    except Exception as error:  # the library has many, and the bytes are a stranger's
        raise NotStamped("the answer is no time stamp (RFC 3161)") from error
    if response.status:
        why = ", ".join(response.status_string) or f"status {response.status}"
        raise NotStamped(f"the authority refused: {why}")
    return response


def _chain(
    response: TimeStampResponse, sent: list[Certificate], trusted: list[Certificate]
) -> list[Certificate]:
    """The certificates from the signer to a trusted root, by their names; the verifier checks their
    signatures."""
    (signer,) = response.signed_data.signer_infos
    chain = [one for one in sent if one.serial_number == signer.serial_number][:1]
    if not chain:
        raise NotStamped("the stamp does not hold: the certificate of its signer is not in it")
    while len(chain) <= len(sent) + 1:
        issuer = chain[-1].issuer
        if root := next((one for one in trusted if one.subject == issuer), None):
            return [*chain, root]
        above = [one for one in sent if one.subject == issuer and one not in chain]
        if not above:
            break
        chain.append(above[0])
    raise NotStamped(
        "no known root certificate vouches for the authority: name the file that has it "
        "(ARCHIVE_TSA_ROOTS)"
    )


def _pem(chain: Iterable[Certificate]) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    return "".join(one.public_bytes(Encoding.PEM).decode() for one in chain)


def _with_sorted_certificates(token: bytes) -> bytes:
    """The answer with its certificates in the order of DER, which the decoder demands. OpenSSL, and
    so many an authority, leaves them as they come; no signature covers their order."""
    response = _Part.at(token, 0)
    signed = response.parts()[1].parts()[1].parts()[0]
    for part in signed.parts():
        if token[part.start] == _CERTIFICATES:
            in_order = b"".join(sorted(token[one.start : one.end] for one in part.parts()))
            return token[: part.content] + in_order + token[part.end :]
    return token


_CERTIFICATES = 0xA0
"""The tag of the field `certificates` of SignedData (RFC 5652, section 5.1)."""


class _Part(NamedTuple):
    """A value in DER: its tag is at `start`, its content from `content` to `end`."""

    der: bytes
    start: int
    content: int
    end: int

    @classmethod
    def at(cls, der: bytes, start: int) -> _Part:
        length, content = der[start + 1], start + 2
        if length > 127:
            content += length - 128
            length = int.from_bytes(der[start + 2 : content], "big")
        return cls(der, start, content, content + length)

    def parts(self) -> list[_Part]:
        found, at = list[_Part](), self.content
        while at < self.end:
            found.append(_Part.at(self.der, at))
            at = found[-1].end
        return found
