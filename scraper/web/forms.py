"""Forms that change something: by readers with the password, from a page of ours, of bounded size.

Each form carries the token of this server process, which no other site can read. Datasette's own
check is by cookie in 0.65 and by header in 1.0, and answers neither with a page of ours.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from scraper.exceptions import FormRefused
from scraper.web.config import PluginState

MAX_FORM_BYTES: Final = 20_000
MAX_FIELDS: Final = 200
TOKEN_FIELD: Final = "form_token"

_FORM_TYPE: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each with its values in order."""

    fields: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str:
        """The first value of a field without white space around it; empty if it has none."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return tuple(self.fields.get(name, ()))


def may_edit(state: PluginState) -> bool:
    """Whether readers may edit the file of stores: the operator allows it, and asks a password."""
    return state.editor is not None and state.password is not None


async def read_form(state: PluginState, request: Any) -> Form:
    """Read a posted form. Raises FormRefused unless editing is allowed and the token is ours."""
    if not may_edit(state):
        raise FormRefused("the operator does not allow edits here")
    if request.method != "POST":
        raise FormRefused("this address takes a form only")
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM_TYPE:
        raise FormRefused("this is no form")
    try:
        body = (await _read_body(request)).decode("utf-8")
        fields = parse_qs(body, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise FormRefused("the form cannot be read") from None
    form = Form(fields)
    if not hmac.compare_digest(form.text(TOKEN_FIELD).encode(), state.form_token.encode()):
        raise FormRefused("the form is from another page or an earlier start: load it again")
    return form


async def _read_body(request: Any) -> bytes:
    body, is_more = b"", True
    while is_more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise FormRefused("the form did not arrive")
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
        if len(body) > MAX_FORM_BYTES:
            raise FormRefused(f"the form has more than {MAX_FORM_BYTES:,} bytes")
    return body
