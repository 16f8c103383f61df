"""The web interface as a Datasette plugin: its routes, template filters, menu and middleware."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from scraper.archive.queries.run_query import Connection, limit_connection
from scraper.web import labels, security
from scraper.web.config import WEB_FOLDER
from scraper.web.views import (
    capture,
    changes,
    comparison,
    evidence,
    front,
    phrase,
    plots,
    post,
    related,
    search,
)

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

_ID = r"[0-9]{1,18}"
_STATIC_HASH = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted((WEB_FOLDER / "static").rglob("*.*s")))
).hexdigest()[:12]


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    """Return the routes of the pages; the first replaces Datasette's own front page."""
    return [
        (r"^/$", front.view),
        (rf"^/-/post/(?P<post>{_ID})$", post.view),
        (rf"^/-/post/(?P<post>{_ID})/(?P<number>{_ID})$", post.view),
        (rf"^/-/post/(?P<post>{_ID})/compare/(?P<old>{_ID})/(?P<new>{_ID})$", comparison.view),
        (r"^/-/changes$", changes.view),
        (r"^/-/changes\.json$", changes.as_json),
        (r"^/-/changes\.atom$", changes.as_atom),
        (rf"^/-/changes/group/(?P<group>{_ID})$", changes.group),
        (rf"^/-/evidence/(?P<change>{_ID})$", evidence.view),
        (rf"^/-/capture/(?P<capture>{_ID})/body$", capture.body),
        (rf"^/-/capture/(?P<capture>{_ID})/warc$", capture.warc),
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
def prepare_connection(conn: Connection, database: str, datasette: Datasette) -> None:
    """Limit the sizes that SQL of visitors can make."""
    if database == datasette.blogkeep.database:
        limit_connection(conn)


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    """Add our template filters, and make all text of all templates printable, Datasette's too."""
    env.filters.update(labels.FILTERS)
    env.finalize = labels.printable_output


@hookimpl
def extra_template_vars() -> dict[str, str]:
    """Add the hash of `static/` to URLs, so that browsers fetch changed files again."""
    return {"static_hash": _STATIC_HASH}


@hookimpl
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """Return links from Datasette's own pages to ours."""
    pages = {
        "Front page": "/",
        "Changes": "/-/changes",
        "Search": "/-/search",
        "Phrase history": "/-/phrase",
    }
    return [{"href": datasette.urls.path(path), "label": label} for label, path in pages.items()]


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Any], Any]:
    """Wrap Datasette's application with the password check and the security headers."""
    return lambda app: security.SecurityMiddleware(app, datasette)
