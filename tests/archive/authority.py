"""A time-stamping authority on loopback: OpenSSL's own, with certificates made for the test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.loopback import answering

_CONFIG = """
[ tsa ]
default_tsa = ours
[ ours ]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
_EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"


@dataclass(frozen=True)
class Authority:
    """`url` answers with stamps, `refusing` with errors; `roots` is its root certificate."""

    url: str
    roots: Path


def run(*command: str | Path) -> bytes:
    """What a command prints; its errors are the test's."""
    return subprocess.run([str(word) for word in command], check=True, capture_output=True).stdout


@contextmanager
def time_stamping(folder: Path) -> Iterator[Authority]:
    """An authority whose files are in `folder`."""
    _make_certificates(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.path == "/busy":
                self.send_error(503)
                return
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            answer = b"no stamp"
            if self.path == "/stamp":
                answer = run(
                    "openssl", "ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", query
                )
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with answering(Handler) as url:
        yield Authority(f"{url}/stamp", folder / "ca.pem")


def _make_certificates(folder: Path) -> None:
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "extensions").write_text(_EXTENSIONS)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run(
        *("openssl", "req", "-x509", *curve, "-keyout", folder / "ca.key", "-out"),
        *(folder / "ca.pem", "-subj", "/CN=Root of the tests", "-days", "3650"),
    )
    run(
        *("openssl", "req", *curve, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr"),
        *("-subj", "/CN=Stamps of the tests"),
    )
    run(
        *("openssl", "x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "ca.pem"),
        *("-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "3650"),
        *("-extfile", folder / "extensions", "-out", folder / "tsa.pem"),
    )
