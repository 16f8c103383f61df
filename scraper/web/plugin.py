"""The reading room as a plugin of Datasette: its addresses, its filters, and what goes with every
answer."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from scraper.web import labels, security
from scraper.web.config import HERE
from scraper.web.views import changes, comparison, front, phrase, plots, post, related, search

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

_NUMBER = r"[0-9]{1,18}"
_ASSETS = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted((HERE / "static").rglob("*.*s")))
).hexdigest()[:12]


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    """The pages and their addresses, Datasette's own front page among them."""
    return [
        (r"^/$", front.view),
        (rf"^/-/post/(?P<post>{_NUMBER})$", post.view),
        (rf"^/-/post/(?P<post>{_NUMBER})/(?P<number>{_NUMBER})$", post.view),
        (
            rf"^/-/post/(?P<post>{_NUMBER})/compare/(?P<old>{_NUMBER})/(?P<new>{_NUMBER})$",
            comparison.view,
        ),
        (r"^/-/changes$", changes.view),
        (r"^/-/changes\.json$", changes.as_json),
        (r"^/-/changes\.atom$", changes.as_atom),
        (rf"^/-/changes/group/(?P<group>{_NUMBER})$", changes.group),
        (r"^/-/search$", search.view),
        (r"^/-/phrase$", phrase.view),
        (r"^/-/related$", related.view),
        (r"^/-/related\.json$", related.as_json),
        (r"^/-/related/links\.json$", related.links_as_json),
        (r"^/-/plots$", plots.view),
        (r"^/-/plots\.json$", plots.as_json),
        (r"^/robots\.txt$", security.robots),
    ]


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    """What templates tell in words."""
    env.filters.update(labels.FILTERS)


@hookimpl
def extra_template_vars() -> dict[str, str]:
    """The version of what stands in `static/`, so that a browser takes it anew when it changed."""
    return {"assets": _ASSETS}


@hookimpl
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """From the plain tables back to the reading room."""
    pages = {
        "Reading room": "/",
        "Changes": "/-/changes",
        "Search": "/-/search",
        "When was it said?": "/-/phrase",
    }
    return [{"href": datasette.urls.path(path), "label": label} for label, path in pages.items()]


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Any], Any]:
    """Headers on every answer, and the password where there is one."""
    return lambda app: security.SecurityMiddleware(app, datasette)
