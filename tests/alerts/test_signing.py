"""Signed webhooks: what is sent is accepted by the receiver that docs/how-to/alerts.md shows, which
refuses what was changed or is old."""

from __future__ import annotations

import base64
import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.alerts.channels import Channel
from scraper.alerts.delivery import deliver
from scraper.alerts.notices import Message
from scraper.alerts.signing import decode_secrets, signature_headers
from scraper.exceptions import NotDelivered
from tests.alerts.alerted import RULE, World, edited
from tests.alerts.receivers import webhook
from tests.conftest import ROOT, rows

Verify = Callable[[dict[str, str], bytes, str, float], None]

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"
OTHER = f"whsec_{base64.b64encode(b'another secret of some bytes').decode()}"
MESSAGE = Message(subject="shop.example: Edited: Tea", text="Edited: Tea ☕\n", html="<p>Tea</p>")


@pytest.fixture(scope="module")
def verify() -> Verify:
    """The receiver of the documentation, as a reader would copy it."""
    text = (ROOT / "docs" / "how-to" / "alerts.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.+?)```", text, re.S)
    names: dict[str, Verify] = {}
    exec(code, names)  # type: ignore[arg-type]
    return names["verify"]


def channel(port: int, secret: str) -> Channel:
    address = f"http://127.0.0.1:{port}/in"
    return Channel(name="hook", transport="webhook", to=address, signing_secret=secret)


def send(to: Channel, folder: Path) -> None:
    deliver(to, MESSAGE, key="1f", created_at="2026-03-02T06:00:00Z", folder=folder, timeout_s=60)


def test_the_signature_is_that_of_the_specifications_libraries() -> None:
    # The example of the specification's reference libraries, in every language.
    (secret,) = decode_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    content = b'{"test": 2432232314}'
    headers = signature_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, content, [secret])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_accepts_what_was_signed_and_nothing_else(
    integration: None, tmp_path: Path, verify: Verify
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    before = int(time.time())
    with webhook() as hook:
        send(channel(hook.port, "file:secret"), tmp_path)
    ((headers, body),) = hook.raw
    now = time.time()
    verify(headers, body, SECRET, now)
    assert headers["webhook-id"] == "1f"
    assert before <= int(headers["webhook-timestamp"]) <= now
    now = int(headers["webhook-timestamp"])  # a second may have begun since
    late = {**headers, "webhook-timestamp": str(now + 1)}
    for wrong in (
        (headers, body.replace(b"Tea", b"Sea"), SECRET, now),
        (headers, body, OTHER, now),
        (headers, body, SECRET, now + 301),
        (headers, body, SECRET, now - 301),
        (late, body, SECRET, now),
        ({**headers, "webhook-id": "2f"}, body, SECRET, now),
        ({**headers, "webhook-signature": "v1,"}, body, SECRET, now),
        ({**headers, "webhook-signature": "v2,é v1"}, body, SECRET, now),
        ({**headers, "webhook-timestamp": "soon"}, body, SECRET, now),
        ({"webhook-id": "1f"}, body, SECRET, now),
    ):
        with pytest.raises(ValueError, match=r"^(no signature|too old|not signed)"):
            verify(*wrong)


def test_while_secrets_change_either_is_accepted(
    integration: None, tmp_path: Path, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRETS", f"{SECRET} {OTHER}")
    with webhook() as hook:
        send(channel(hook.port, "env:HOOK_SECRETS"), tmp_path)
    ((headers, body),) = hook.raw
    for secret in (SECRET, OTHER):
        verify(headers, body, secret, time.time())


@pytest.mark.parametrize(
    ("held", "problem"),
    [
        (None, "the file .* cannot be read"),
        ("", "the signing secret is empty"),
        ("whsec_c2hvcnQ=", "24 to 64 bytes in base64"),
        ("a" * 40, "24 to 64 bytes in base64"),
        (f"{SECRET}!", "24 to 64 bytes in base64"),
        ("whsec_é", "24 to 64 bytes in base64"),
    ],
    ids=["missing", "empty", "short", "bare", "no base64", "no ASCII"],
)
def test_a_message_that_cannot_be_signed_is_not_sent(
    integration: None, tmp_path: Path, held: str | None, problem: str
) -> None:
    if held is not None:
        (tmp_path / "secret").write_text(held, encoding="utf-8")
    with webhook() as hook, pytest.raises(NotDelivered, match=problem) as raised:
        send(channel(hook.port, "file:secret"), tmp_path)
    assert hook.got == []
    assert not held or held not in str(raised.value)


def test_without_a_secret_nothing_is_signed_and_an_unset_variable_is_named(
    integration: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    with webhook() as hook:
        unsigned = channel(hook.port, "")
        send(unsigned, tmp_path)
        assert not [name for name in hook.raw[0][0] if name.startswith("webhook-")]
        with pytest.raises(NotDelivered, match=r"^the environment has no HOOK_SECRET$"):
            send(replace(unsigned, signing_secret="env:HOOK_SECRET"), tmp_path)
    assert len(hook.raw) == 1


def test_retries_have_one_id_and_the_secret_is_nowhere(
    world: World, verify: Verify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    edited(world)
    secrets = world.path.parent / "secret"
    secrets.write_text(SECRET, encoding="utf-8")
    world.hook.plan = ["500"]
    rules = RULE.format(channel="hook")
    assert world.send_all(rules, hook='signing_secret = "file:secret"') == 1
    (first, body), (second, same) = world.hook.raw[:2]
    assert (first["webhook-id"], body) == (second["webhook-id"], same)
    for headers, content in world.hook.raw:
        verify(headers, content, SECRET, time.time())
    bare = SECRET.removeprefix("whsec_")
    held = rows(world.path, "SELECT subject, content, last_error FROM alert_messages")
    assert held
    assert bare not in f"{held}{world.lines}{caplog.text}{world.hook.raw}"
