"""Where alerts arrive: a webhook and a mail server on loopback, each of which follows
a plan, message by message."""

from __future__ import annotations

import email.policy
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Receiver:
    """`plan` says what becomes of the next messages, ``ok`` where it has ended; `got` are all that
    came, whole, `taken` those that were answered as taken, `raw` the headers and bytes of each.
    Messages bear a key. `on_message` is called with each before it is answered. A message that says
    `refuses` is too large, whenever it comes."""

    plan: list[str] = field(default_factory=list)
    got: list[Any] = field(default_factory=list)
    taken: list[Any] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    on_message: Callable[[], None] = lambda: None
    refuses: str = ""
    port: int = 0
    given_up: threading.Event = field(default_factory=threading.Event)

    def next(self, message: Any) -> str:
        self.got.append(message)
        self.on_message()
        what = (
            "too large"
            if self.refuses and self.refuses in str(message)
            else self.plan.pop(0)
            if self.plan
            else "ok"
        )
        if what in {"ok", "taken, then hang up"}:
            self.taken.append(message)
        if what == "slow":
            assert self.given_up.wait(60)
        return what

    @contextmanager
    def until_given_up(self) -> Iterator[float]:
        """While a message is handed over, so many seconds of silence are enough: few where the
        answer only comes once they are over."""
        self.given_up.clear()
        try:
            yield 0.4 if self.plan[:1] == ["slow"] else 60
        finally:
            self.given_up.set()


@contextmanager
def webhook(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.raw.append(({k.lower(): v for k, v in self.headers.items()}, content))
            body = json.loads(content)
            assert self.headers["Idempotency-Key"] == f'"{body["key"]}"'
            what = receiver.next(body)
            if "hang up" in what:
                self.close_connection = True
                return
            self.send_response(
                {"ok": 204, "500": 500, "redirect": 307, "too large": 413}.get(what, 200)
            )
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def mail_server(**options: Any) -> Iterator[Receiver]:
    """`options` are aiosmtpd's own, for a server that speaks TLS or wants a name and a password."""
    receiver = Receiver()

    class Handler:
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
            parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            what = receiver.next(parsed)
            if "hang up" in what:
                server.transport.abort()
            return {
                "ok": "250 taken",
                "500": "554 no",
                "too large": "552 too large",
                "busy": "451 later",
            }.get(what, "250 late")

    class OnFreePort(Controller):
        # Its own look at whether it is up asks the port that it was given, which is none.
        def _trigger_server(self) -> None:
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    controller = OnFreePort(Handler(), hostname="127.0.0.1", port=0, **options)
    controller.start()
    receiver.port = controller.port
    try:
        yield receiver
    finally:
        controller.stop()
