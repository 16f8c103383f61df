"""The page of scheduled stores, and where the operator allows it, adding, pausing and resuming."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from scraper.alerts.notices import Timing
from scraper.archive.queries.run_query import Connection
from scraper.config.validators import InvalidValue
from scraper.exceptions import BlogkeepError, FormRefused, StoresProblem
from scraper.schedule.timetable.stores import KEYS, StoresFile, parse_stores
from scraper.web.forms import Form, may_edit, read_form
from scraper.web.next_runs import describe_next_run
from scraper.web.page_context import PageContext, page_view

if TYPE_CHECKING:
    from scraper.schedule.stores_editor import StoresEditor, Trial

RHYTHMS: Final = {
    "0 5 * * *": "every day at 05:00",
    "0 5,17 * * *": "twice a day, at 05:00 and 17:00",
    "0 * * * *": "every hour",
    "0 5 * * 1": "every Monday at 05:00",
}
ALERTS: Final[dict[str, list[dict[str, Any]]]] = {
    "major": [{"severities": ["major"]}],
    "all": [{}],
    "none": [],
}
"""What may be reported of a store's changes, as its rules; else those of `defaults`."""

TIMINGS: Final = get_args(Timing)

PATH: Final = "/-/stores"
_NO_STORE: Final = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLine:
    """A store of the file, when it is crawled, and when next."""

    name: str
    url: str
    rhythm: str
    zone: str
    is_paused: bool
    next_run: str


@page_view
async def view(page: PageContext) -> Response:
    """Render the stores of the file of stores, with forms where edits are allowed."""
    return await _render(page)


@page_view
async def try_address(page: PageContext) -> Response:
    """Try the address of a form, and show what was found."""
    return await _edit(page, _try)


@page_view
async def add(page: PageContext) -> Response:
    """Add the store of a form that was tried."""
    return await _edit(page, _add)


@page_view
async def pause(page: PageContext) -> Response:
    """Pause a store."""
    return await _edit(page, _pause)


@page_view
async def resume(page: PageContext) -> Response:
    """Resume a store."""
    return await _edit(page, _resume)


_Action = Callable[[PageContext, "StoresEditor", Form], Awaitable[Response]]


async def _edit(page: PageContext, action: _Action) -> Response:
    """Act on a form; render the page with the reason where that fails."""
    try:
        form = await read_form(page.state, page.request)
    except FormRefused as error:
        return await _render(page, problem=str(error), status=HTTPStatus.FORBIDDEN)
    editor = page.state.editor
    assert editor is not None, "read_form refuses"
    try:
        return await action(page, editor, form)
    except BlogkeepError as error:
        trial = None
        if origin := form.text("origin"):
            trial = editor.find_trial(origin)
        return await _render(
            page,
            problem=" ".join(error.lines),
            status=HTTPStatus.BAD_REQUEST,
            address=form.text("address"),
            trial=trial,
        )


async def _try(page: PageContext, editor: StoresEditor, form: Form) -> Response:
    trial = await editor.try_address(form.text("address"))
    return await _render(page, trial=trial)


async def _add(page: PageContext, editor: StoresEditor, form: Form) -> Response:
    file = await asyncio.to_thread(editor.read)
    values = read_choices(form, file.defaults)
    name = await asyncio.to_thread(
        lambda: editor.add(form.text("origin"), form.text("name"), values)
    )
    return _done(page, "added", name)


async def _pause(page: PageContext, editor: StoresEditor, form: Form) -> Response:
    name = form.text("store")
    await asyncio.to_thread(lambda: editor.set_paused(name, paused=True))
    return _done(page, "paused", name)


async def _resume(page: PageContext, editor: StoresEditor, form: Form) -> Response:
    name = form.text("store")
    await asyncio.to_thread(lambda: editor.set_paused(name, paused=False))
    return _done(page, "resumed", name)


def read_choices(form: Form, defaults: Collection[str]) -> dict[str, Any]:
    """The values of a store's table that a form chooses; `defaults` are the keys of the file's own
    defaults. Raises FormRefused, which names the choice."""
    values: dict[str, Any] = {
        "schedule": form.text("own_rhythm") or form.text("rhythm"),
        "timezone": form.text("timezone"),
        "channels": list(form.all("channels")),
        "incidents": list(form.all("channels")) if form.text("incidents") else [],
    }
    values = {key: value for key, value in values.items() if value}
    alerts = form.text("alerts")
    if alerts in ALERTS:
        timing = form.text("when") if form.text("when") in TIMINGS else TIMINGS[0]
        values["alerts"] = [{**rule, "when": timing} for rule in ALERTS[alerts]]
    needs_channel = values.get("alerts") or form.text("incidents")
    if needs_channel and not values.get("channels") and "channels" not in defaults:
        raise FormRefused("choose a channel for what is to be sent")
    for key, value in values.items():
        try:
            KEYS[key](value)
        except InvalidValue as invalid:
            raise FormRefused(f"{key}: {invalid}") from None
    return values


async def _render(
    page: PageContext,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
    address: str = "",
    trial: Trial | None = None,
) -> Response:
    file, broken = await asyncio.to_thread(_read_file, page.state.stores_file)
    is_allowed = may_edit(page.state)
    response = await page.render(
        "stores.html",
        status=status,
        lines=await page.query(_lines, page, file),
        broken=broken,
        problem=problem,
        done=page.arg("done") if page.arg("done") in {"added", "paused", "resumed"} else "",
        name=page.arg("name") if page.arg("name") in file.stores else "",
        is_allowed=is_allowed,
        form_token=page.state.form_token if is_allowed else "",
        address=address,
        trial=trial,
        n_posts=sum(trial.found.values()) if trial else 0,
        rhythms=RHYTHMS,
        channels=tuple(file.channels),
        defaults=file.defaults,
    )
    response.headers.update(_NO_STORE)
    return response


def _read_file(path: Path) -> tuple[StoresFile, tuple[str, ...]]:
    """The file of stores, and its mistakes; a file that is not there is empty."""
    try:
        return parse_stores(path.read_text("utf-8")), ()
    except FileNotFoundError:
        return parse_stores(""), ()
    except (OSError, UnicodeDecodeError):
        return parse_stores(""), ("the file of stores cannot be read",)
    except StoresProblem as error:
        return parse_stores(""), error.lines


def _lines(connection: Connection, page: PageContext, file: StoresFile) -> list[StoreLine]:
    return [
        StoreLine(
            name=name,
            url=store.origin,
            rhythm=RHYTHMS.get(store.timetable.expression, store.timetable.expression),
            zone=str(store.timetable.zone),
            is_paused=store.paused,
            next_run=describe_next_run(connection, page.state.stores_file, store.origin),
        )
        for name, store in file.stores.items()
    ]


def _done(page: PageContext, what: str, name: str) -> Response:
    path = page.path(f"{PATH}?{urlencode({'done': what, 'name': name})}")
    return Response.redirect(path, status=HTTPStatus.SEE_OTHER)
