"""Mail over TLS and with a password, and webhooks over TLS, against real servers whose certificate
is made for the test."""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scraper.alerts.channels import Channel
from scraper.alerts.delivery import deliver
from scraper.alerts.notices import Message
from scraper.exceptions import NotDelivered
from tests.alerts.receivers import Receiver, mail_server, webhook

MESSAGE = Message(
    subject="shop.example: Edited: Tea", text="Edited: Tea\n", html="<p>Edited: Tea</p>\n"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own for 127.0.0.1, with its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def served(integration: None, certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


class Guard:
    """Lets one name in; `tried` are all that were given, with their passwords."""

    def __init__(self) -> None:
        self.tried: list[tuple[str, str]] = []

    def __call__(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.tried.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.tried[-1] == ("keep", "s3cret"), handled=False)


def channel(port: int, **more: Any) -> Channel:
    return Channel(
        name="ann",
        transport="mail",
        to="ann@shop.example",
        server=("127.0.0.1", port),
        sender="keep@shop.example",
        **more,
    )


def send(to: Channel, folder: Path) -> None:
    deliver(to, MESSAGE, key="1f", created_at="2026-03-02T06:00:00Z", folder=folder, timeout_s=60)


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.usefixtures("trusted")
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_mail_goes_out_over_tls_with_the_password_of_a_file(
    served: ssl.SSLContext, tmp_path: Path, security: str
):
    guard = Guard()
    (tmp_path / "password").write_text("s3cret\n", encoding="utf-8")
    # What came over TLS from the first byte, aiosmtpd does not know as TLS: it would not let
    # anybody log in.
    over = (
        {"ssl_context": served, "auth_require_tls": False}
        if security == "tls"
        else {"tls_context": served, "require_starttls": True}
    )
    with mail_server(authenticator=guard, auth_required=True, **over) as mail:
        send(channel(mail.port, security=security, user="keep", password="file:password"), tmp_path)
    assert [message["Subject"] for message in mail.taken] == [MESSAGE.subject]
    assert guard.tried == [("keep", "s3cret")]


def test_mail_that_is_too_large_is_refused_before_it_is_sent(integration: None, tmp_path: Path):
    with mail_server(data_size_limit=100) as mail, pytest.raises(NotDelivered) as raised:
        send(channel(mail.port, security="none"), tmp_path)
    assert (str(raised.value), raised.value.refused, mail.got) == (
        "the mail server answered 552",
        True,
        [],
    )


@pytest.mark.parametrize("host", ["hooks..example", f"{'a' * 64}.example"])
def test_error_of_an_unusable_url_does_not_contain_it(tmp_path: Path, host: str):
    with pytest.raises(NotDelivered) as raised:
        send(Channel(name="chat", transport="webhook", to=f"http://{host}/s3cret"), tmp_path)
    assert (host in str(raised.value), "s3cret" in str(raised.value)) == (False, False)


@pytest.mark.usefixtures("trusted")
def test_wrong_password_is_no_refusal_of_the_message(served: ssl.SSLContext, tmp_path: Path):
    with (
        mail_server(authenticator=Guard(), auth_required=True, tls_context=served) as mail,
        pytest.raises(NotDelivered) as raised,
    ):
        send(channel(mail.port, user="keep", password="wr0ng"), tmp_path)
    assert (str(raised.value), raised.value.refused, mail.got) == (
        "the mail server answered 535",
        False,
        [],
    )


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_server_with_an_untrusted_certificate_gets_no_password(
    served: ssl.SSLContext, tmp_path: Path, security: str
):
    guard = Guard()
    over = (
        {"ssl_context": served, "auth_require_tls": False}
        if security == "tls"
        else {"tls_context": served}
    )
    with (
        mail_server(authenticator=guard, **over) as mail,
        pytest.raises(NotDelivered, match="SSLCertVerificationError"),
    ):
        send(channel(mail.port, security=security, user="keep", password="s3cret"), tmp_path)
    assert (guard.tried, mail.got) == ([], [])


def test_server_that_offers_no_tls_gets_nothing(integration: None, tmp_path: Path):
    guard = Guard()
    with (
        mail_server(authenticator=guard, auth_require_tls=False) as mail,
        pytest.raises(NotDelivered, match="SMTPNotSupportedError"),
    ):
        send(channel(mail.port, user="keep", password="s3cret"), tmp_path)
    assert (guard.tried, mail.got) == ([], [])


@pytest.mark.usefixtures("trusted")
def test_webhook_over_tls(served: ssl.SSLContext, tmp_path: Path):
    with webhook(tls=served) as hook:
        send(_hook(hook), tmp_path)
    assert [message["subject"] for message in hook.taken] == [MESSAGE.subject]


def test_webhook_with_an_untrusted_certificate_gets_nothing(served: ssl.SSLContext, tmp_path: Path):
    with webhook(tls=served) as hook, pytest.raises(NotDelivered, match="ConnectError"):
        send(_hook(hook), tmp_path)
    assert hook.got == []


def test_the_log_at_debug_holds_no_part_of_a_webhooks_address(
    integration: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    with webhook() as hook:
        address = f"http://127.0.0.1:{hook.port}/in/s3cret-token"
        send(Channel(name="chat", transport="webhook", to=address), tmp_path)
    assert len(hook.taken) == 1
    assert not [record for record in caplog.records if record.name.startswith("http")]
    assert "s3cret-token" not in caplog.text


def _hook(hook: Receiver) -> Channel:
    return Channel(name="chat", transport="webhook", to=f"https://127.0.0.1:{hook.port}/in")
