"""Ways to a channel: a webhook, mail, and what Apprise knows. Each message goes out whole or raises
NotDelivered; none is tried twice here.

A message that was taken, and whose sender died before it could note that, is sent again: the same
words under the same key, which a webhook is told as ``Idempotency-Key``
(draft-ietf-httpapi-idempotency-key-header) and a mail bears as its Message-ID (RFC 5322, 3.6.4).
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from scraper.alerts.channels import FROM_FILE, Channel
from scraper.alerts.notices import Message
from scraper.alerts.render import render_mail_page
from scraper.exceptions import NotDelivered
from scraper.timestamps import parse_timestamp

# It logs the address of every request, and that of a webhook is a secret.
logging.getLogger("httpx").setLevel(logging.WARNING)
# Apprise and what it sends by log addresses too, those that they cannot read at the gravest level.
for _name in ("apprise", "requests", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

WAIT_S = 15.0
"""So long a channel may be silent."""

REFUSALS = frozenset({400, 406, 411, 413, 414, 415, 422, 431})
"""A webhook's answers that are about the message and not about who sends it, where to, or when (RFC
9110, 15.5)."""


def deliver(
    channel: Channel,
    message: Message,
    *,
    key: str,
    created_at: str,
    folder: Path,
    wait_s: float = WAIT_S,
) -> None:
    """Hand a message to a channel that may be silent for `wait_s` seconds; files of secrets are
    looked for in `folder`.

    Raises NotDelivered and nothing else, whose reason names no secret: whatever an address or a
    library does, other channels are not to wait for it.
    """
    try:
        _deliver(channel, message, key=key, created_at=created_at, folder=folder, wait_s=wait_s)
    except NotDelivered:
        raise
    except Exception as error:  # noqa: BLE001
        raise NotDelivered(f"it could not be sent ({type(error).__name__})") from None


def _deliver(
    channel: Channel, message: Message, *, key: str, created_at: str, folder: Path, wait_s: float
) -> None:
    if channel.way == "webhook":
        _post(_secret(channel.to, folder), message, key=key, created_at=created_at, wait_s=wait_s)
    elif channel.way == "mail":
        _mail(
            channel,
            _secret(channel.password, folder),
            make_mail(channel, message, key=key, created_at=created_at),
            wait_s,
        )
    else:
        _notify(_secret(channel.to, folder), message)


def make_mail(channel: Channel, message: Message, *, key: str, created_at: str) -> EmailMessage:
    """A mail in plain text and in HTML."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = message.subject
    mail["From"] = channel.sender
    mail["To"] = channel.to
    mail["Date"] = format_datetime(parse_timestamp(created_at))
    mail["Message-ID"] = f"<{key}@{channel.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    mail.add_alternative(render_mail_page(message.html), subtype="html")
    mail.set_boundary(
        f"={key}="
    )  # by chance otherwise: the same message shall be the same to the letter
    return mail


def _post(url: str, message: Message, *, key: str, created_at: str, wait_s: float) -> None:
    body: dict[str, object] = {
        "key": key,
        "created_at": created_at,
        "subject": message.subject,
        "text": message.text,
    }
    body |= {"incident": message.incident} if message.incident else {"changes": message.changes}
    headers = {"Idempotency-Key": f'"{key}"', "User-Agent": "Blogkeep"}
    try:
        # The answer's status says all; its body may be endless. Redirects are not followed, so that
        # an address over http never leads to TLS, and all the certificates there are need not be
        # read for it.
        is_bare = urlsplit(url).scheme == "http"
        with (
            httpx.Client(timeout=wait_s, verify=not is_bare) as client,
            client.stream("POST", url, json=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotDelivered(f"no answer ({type(error).__name__})") from None
    if not 200 <= status < 300:
        raise NotDelivered(f"it answered {status}", refused=status in REFUSALS)


def _mail(channel: Channel, password: str, mail: EmailMessage, wait_s: float) -> None:
    host, port = channel.server
    context = None if channel.security == "none" else ssl.create_default_context()
    try:
        server = (
            smtplib.SMTP_SSL(host, port, timeout=wait_s, context=context)
            if channel.security == "tls"
            else smtplib.SMTP(host, port, timeout=wait_s)
        )
        try:
            if channel.security == "starttls":
                server.starttls(context=context)
            if channel.user:
                server.login(channel.user, password)
            server.send_message(mail)
        finally:
            # It was taken, or it was not: how the talk ends is nothing to go by.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()
    except smtplib.SMTPDataError as error:
        # What it says once it has the mail is about the mail; 5xx is for good (RFC 5321, 4.2.1).
        raise NotDelivered(
            f"the mail server answered {error.smtp_code}", refused=error.smtp_code >= 500
        ) from None
    except smtplib.SMTPResponseException as error:
        # 552: it was told how long the mail is, and will not have one so long (RFC 1870, 6.1).
        raise NotDelivered(
            f"the mail server answered {error.smtp_code}", refused=error.smtp_code == 552
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise NotDelivered(
            f"the mail server refused the recipient ({min(code for code, _ in error.recipients.values())})"
        ) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotDelivered(
            f"the mail server could not be talked to ({type(error).__name__})"
        ) from None


def _notify(address: str, message: Message) -> None:
    try:
        apprise = importlib.import_module("apprise")
    except ImportError:
        raise NotDelivered(
            "apprise is not installed: .venv/bin/python -m pip install apprise"
        ) from None
    notifier = apprise.Apprise()
    if not notifier.add(address):
        raise NotDelivered("apprise knows no such address")
    if not notifier.notify(
        title=message.subject, body=message.text, body_format=apprise.NotifyFormat.TEXT
    ):
        raise NotDelivered("apprise could not deliver it")


def _secret(value: str, folder: Path) -> str:
    if not value.startswith(FROM_FILE):
        return value
    path = folder / value.removeprefix(FROM_FILE)
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError):
        raise NotDelivered(f"the file {path} cannot be read") from None
