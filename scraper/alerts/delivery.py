"""Delivers messages by webhook, mail or Apprise. Each delivery succeeds or raises NotDelivered; it
is not retried here.

If the sender dies after a channel has accepted a message and before that is recorded, the same
message is sent again under the same key: ``Idempotency-Key`` of a webhook
(draft-ietf-httpapi-idempotency-key-header) and ``webhook-id`` of a signed one, Message-ID of a mail
(RFC 5322, 3.6.4).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import smtplib
import ssl
import time
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import assert_never

import httpx

from scraper.alerts.channels import Channel
from scraper.alerts.notices import Message
from scraper.alerts.render import render_mail_page
from scraper.alerts.secrets import read_secret
from scraper.alerts.signing import decode_secrets, signature_headers
from scraper.exceptions import NotDelivered
from scraper.http_client import read_status
from scraper.printable import escape_json
from scraper.timestamps import parse_timestamp

# Apprise and its libraries log URLs, invalid ones at the highest level.
for _name in ("apprise", "requests", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

TIMEOUT_S = 15.0
"""How long a channel may take to answer, in seconds."""

REFUSALS = frozenset({400, 406, 411, 413, 414, 415, 422, 431})
"""A webhook's answers that reject the message itself, not its sender, URL or time (RFC 9110,
15.5)."""


def deliver(
    channel: Channel,
    message: Message,
    *,
    key: str,
    created_at: str,
    folder: Path,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Deliver a message to a channel that answers within `timeout_s` seconds. Files of secrets are
    relative to `folder`.

    Raises NotDelivered, whose reason contains no secret, and nothing else: an error of one channel
    must not stop the others.
    """
    try:
        _deliver(
            channel, message, key=key, created_at=created_at, folder=folder, timeout_s=timeout_s
        )
    except NotDelivered:
        raise
    except Exception as error:  # noqa: BLE001
        raise NotDelivered(f"it could not be sent ({type(error).__name__})") from None


def _deliver(
    channel: Channel, message: Message, *, key: str, created_at: str, folder: Path, timeout_s: float
) -> None:
    if channel.transport == "webhook":
        content = _content(message, key, created_at)
        headers = _headers(key) | _signature(channel, key, content, folder)
        _post(read_secret(channel.to, folder), content, headers, timeout_s)
    elif channel.transport == "mail":
        _mail(
            channel,
            read_secret(channel.password, folder),
            make_mail(channel, message, key=key, created_at=created_at),
            timeout_s,
        )
    elif channel.transport == "apprise":
        _notify(read_secret(channel.to, folder), message)
    else:
        assert_never(channel.transport)


def make_mail(channel: Channel, message: Message, *, key: str, created_at: str) -> EmailMessage:
    """A mail in plain text and in HTML."""
    mail = EmailMessage(policy=SMTP)
    # A mail program would decode what a store wrote as an encoded word (RFC 2047), controls too.
    mail["Subject"] = message.subject.replace("=?", "= ?")
    mail["From"] = channel.sender
    mail["To"] = channel.to
    mail["Date"] = format_datetime(parse_timestamp(created_at))
    mail["Message-ID"] = f"<{key}@{channel.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    mail.add_alternative(render_mail_page(message.html), subtype="html")
    mail.set_boundary(f"={key}=")  # random by default: a repeated message must be identical
    return mail


def _content(message: Message, key: str, created_at: str) -> bytes:
    """The body that a webhook receives."""
    body: dict[str, object] = {
        "key": key,
        "created_at": created_at,
        "subject": message.subject,
        "text": message.text,
    }
    if message.incident:
        body["incident"] = message.incident
    else:
        body["changes"] = message.changes
    return escape_json(json.dumps(body, ensure_ascii=False)).encode()


def _headers(key: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": f'"{key}"',
        "User-Agent": "Blogkeep",
    }


def _signature(channel: Channel, key: str, content: bytes, folder: Path) -> dict[str, str]:
    """The headers of the signature, if the channel has a secret. A message that cannot be signed is
    not sent."""
    if not channel.signing_secret:
        return {}
    try:
        secrets = decode_secrets(read_secret(channel.signing_secret, folder))
    except ValueError as error:
        raise NotDelivered(str(error)) from None
    return signature_headers(key, int(time.time()), content, secrets)


def _post(url: str, content: bytes, headers: dict[str, str], timeout_s: float) -> None:
    try:
        status = read_status("POST", url, timeout_s=timeout_s, content=content, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotDelivered(f"no answer ({type(error).__name__})") from None
    if not 200 <= status < 300:
        raise NotDelivered(f"it answered {status}", refused=status in REFUSALS)


def _mail(channel: Channel, password: str, mail: EmailMessage, timeout_s: float) -> None:
    try:
        server = _connect(channel, timeout_s)
        try:
            if channel.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if channel.user:
                server.login(channel.user, password)
            server.send_message(mail)
        finally:
            # The message is accepted or not by now, whatever becomes of the connection.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()
    except smtplib.SMTPDataError as error:
        # The answer to DATA is about the message; 5xx is permanent (RFC 5321, 4.2.1).
        raise NotDelivered(
            f"the mail server answered {error.smtp_code}", refused=error.smtp_code >= 500
        ) from None
    except smtplib.SMTPResponseException as error:
        # 552: the message is larger than the server accepts (RFC 1870, 6.1).
        raise NotDelivered(
            f"the mail server answered {error.smtp_code}", refused=error.smtp_code == 552
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        code = min(code for code, _ in error.recipients.values())
        raise NotDelivered(f"the mail server refused the recipient ({code})") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotDelivered(f"no connection to the mail server ({type(error).__name__})") from None


def _connect(channel: Channel, timeout_s: float) -> smtplib.SMTP:
    host, port = channel.server
    if channel.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=context)
    return smtplib.SMTP(host, port, timeout=timeout_s)


def _notify(address: str, message: Message) -> None:
    try:
        apprise = importlib.import_module("apprise")
    except ImportError:
        raise NotDelivered(
            "apprise is not installed: .venv/bin/python -m pip install apprise"
        ) from None
    notifier = apprise.Apprise()
    if not notifier.add(address):
        raise NotDelivered("Apprise does not support this URL")
    if not notifier.notify(
        title=message.subject, body=message.text, body_format=apprise.NotifyFormat.TEXT
    ):
        raise NotDelivered("Apprise could not deliver it")
