"""The web interface as a Datasette plugin: its routes, templates, menu, errors and middleware.

`blogkeep serve` makes a Datasette for it. A plain `datasette data/archive.db` finds it by its entry
point: then the first archive among the databases is served, and without one the plugin does
nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from datasette import hookimpl
from datasette.utils.asgi import asgi_static
from jinja2 import BaseLoader, BytecodeCache, FileSystemLoader, TemplateNotFound
from jinja2.bccache import Bucket
from markupsafe import Markup

from scraper.archive.captures.schema import captures_path
from scraper.archive.database import pending_migrations
from scraper.archive.queries.run_query import Connection, limit_connection
from scraper.exceptions import ArchiveError
from scraper.printable import printable
from scraper.timestamps import parse_timestamp_or_none
from scraper.web import labels, security
from scraper.web.cluster import views as stores_of_cluster
from scraper.web.config import (
    STATIC_PATH,
    STORES_FILE,
    WEB_FOLDER,
    PluginState,
    describe,
    is_described_at_startup,
    read_metadata,
)
from scraper.web.database import SQL_FUNCTIONS, add_archive
from scraper.web.pictures import IMAGES
from scraper.web.views import (
    absence,
    audit,
    changes,
    comparison,
    errors,
    evidence,
    feeds,
    front,
    phrase,
    plots,
    post,
    related,
    search,
    store,
    stores,
)
from scraper.web.views.captures import capture, image, memento

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

_ID = r"[0-9]{1,18}"
_STATIC = WEB_FOLDER / "static"
_TEMPLATES = WEB_FOLDER / "templates"
_STATIC_HASH = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(_STATIC.rglob("*.*s")))
).hexdigest()[:12]

_FORM_PATHS = tuple(f"{stores.PATH}/{action}" for action in ("try", "add", "pause", "resume"))

_FIXED_ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (r"^/robots\.txt$", security.robots),
    (rf"^/{STATIC_PATH}/(?P<path>.*)$", asgi_static(_STATIC)),
]

_ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (r"^/$", front.view),
    (rf"^/-/post/(?P<post>{_ID})$", post.view),
    (rf"^/-/post/(?P<post>{_ID})/(?P<number>{_ID})$", post.view),
    (rf"^/-/post/(?P<post>{_ID})/compare/(?P<old>{_ID})/(?P<new>{_ID})$", comparison.view),
    (r"^/-/changes$", changes.view),
    (r"^/-/changes\.json$", feeds.as_json),
    (r"^/-/changes\.atom$", feeds.as_atom),
    (r"^/-/changes/feed\.json$", feeds.as_json_feed),
    (rf"^/-/changes/group/(?P<group>{_ID})$", changes.group),
    (rf"^/-/evidence/(?P<change>{_ID})$", evidence.view),
    (rf"^/-/capture/(?P<capture>{_ID})$", capture.view),
    (rf"^/-/capture/(?P<capture>{_ID})/frame$", capture.frame),
    (rf"^/-/capture/(?P<capture>{_ID})/body$", capture.body),
    (rf"^/-/capture/(?P<capture>{_ID})/warc$", capture.warc),
    (rf"^{IMAGES}(?P<hash>[0-9a-f]{{64}})$", image.view),
    (rf"^{memento.TIMEMAP}(?P<url>.+)$", memento.timemap),
    (rf"^{memento.TIMEGATE}(?P<url>.+)$", memento.timegate),
    (r"^/web/(?P<time>[0-9]{4,14}|\*)(?:[a-z]{2}_)?/(?P<url>.+)$", memento.at_time),
    (r"^/-/changes/new\.json$", front.count_new),
    (rf"^/-/store/(?P<store>{_ID})$", store.view),
    (r"^/-/stores$", stores.view),
    (r"^/-/stores/try$", stores.try_address),
    (r"^/-/stores/add$", stores.add),
    (r"^/-/stores/pause$", stores.pause),
    (r"^/-/stores/resume$", stores.resume),
    (r"^/-/search$", search.view),
    (r"^/-/phrase$", phrase.view),
    (rf"^{absence.PATH}$", absence.view),
    (r"^/-/related$", related.view),
    (r"^/-/related\.json$", related.as_json),
    (r"^/-/related/links\.json$", related.links_as_json),
    (r"^/-/advice$", related.advice),
    (r"^/-/advice\.csv$", related.advice_as_csv),
    (r"^/-/audit$", audit.view),
    (r"^/-/audit\.csv$", audit.as_csv),
    (r"^/-/audit\.json$", audit.as_json),
    (r"^/-/plots$", plots.view),
    (r"^/-/plots\.json$", plots.as_json),
    (r"^/-/healthz$", errors.healthz),
    *_FIXED_ROUTES,
]


_OF_ALL_STORES = {changes.view, changes.group, search.view, phrase.view, errors.healthz}
"""Views that the merged index of a cluster has too. Feeds are those of each store: numbers of the
index are new for a store whenever it is read again."""

_CLUSTER_ROUTES: list[tuple[str, Callable[..., Awaitable[Any]]]] = [
    (r"^/$", stores_of_cluster.front),
    (rf"^/-/post/(?P<post>{_ID})(?P<below>/.*)?$", stores_of_cluster.post),
    (rf"^/-/evidence/(?P<change>{_ID})$", stores_of_cluster.change),
    (rf"^/-/store/(?P<store>{_ID})$", stores_of_cluster.store),
    *(route for route in _ROUTES if route[1] in _OF_ALL_STORES),
    *_FIXED_ROUTES,
]


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    """Return the routes of the pages; the first replaces Datasette's own front page."""
    state = _find_state(datasette)
    if state is None:
        return []
    return _CLUSTER_ROUTES if state.cluster else _ROUTES


def _find_state(datasette: Datasette) -> PluginState | None:
    """Return the plugin's state, after a look for an archive where Datasette was started plainly;
    None without one."""
    if not hasattr(datasette, "blogkeep"):
        datasette.blogkeep = None
        for name, database in datasette.databases.items():
            if database.path and _is_archive(Path(database.path)):
                archive = Path(database.path)
                add_archive(datasette, name, archive)
                datasette.blogkeep = PluginState(
                    database=name,
                    captures=captures_path(archive, ""),
                    stores_file=archive.with_name(STORES_FILE),
                    is_plain=True,
                )
                break
    state_found: PluginState | None = datasette.blogkeep
    return state_found


def _is_archive(path: Path) -> bool:
    try:
        return not pending_migrations(path)
    except ArchiveError:
        return False


@hookimpl
def prepare_connection(conn: Connection, database: str, datasette: Datasette) -> None:
    """Limit the sizes that SQL of visitors can make, and add the functions that questions use."""
    state = getattr(datasette, "blogkeep", None)
    if state and database == state.database:
        limit_connection(conn)
        for function, n_arguments in SQL_FUNCTIONS.items():
            conn.create_function(function.__name__, n_arguments, function, deterministic=True)


class _FrameLoader(BaseLoader):
    """Gives Datasette's own pages our frame, where an archive is served."""

    def __init__(self, datasette: Datasette) -> None:
        self._datasette = datasette

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        if template != "base.html" or getattr(self._datasette, "blogkeep", None) is None:
            raise TemplateNotFound(template)
        path = _TEMPLATES / "datasette" / template
        return path.read_text(encoding="utf-8"), str(path), None

    def list_templates(self) -> list[str]:
        return []


class _CompiledTemplates(BytecodeCache):
    """Compiles each template once in a process: each archive of a cluster has a Datasette of its
    own, whose first page would spend two thirds of its time on it."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str, bool], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get(_compiled_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[_compiled_key(bucket)] = bucket.code


def _compiled_key(bucket: Bucket) -> tuple[str, str, bool]:
    # The same template is other code where it awaits what it shows.
    return bucket.key, bucket.checksum, bucket.environment.is_async


_COMPILED: Final = _CompiledTemplates()


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add our templates and filters, and make all text of all templates printable, Datasette's
    too. Its own pages get our frame around them where an archive is served."""

    loaders = [_FrameLoader(datasette), FileSystemLoader(_TEMPLATES)]
    env.loader.loaders[:0] = loaders  # type: ignore[union-attr]
    env.filters.update(labels.FILTERS)
    env.finalize = labels.printable_output
    env.bytecode_cache = _COMPILED


@hookimpl
def extra_template_vars(datasette: Datasette) -> dict[str, str | bool]:
    """Add the hash of `static/` to URLs, so that browsers fetch changed files again, the name of
    the archive's tables, and whether there is a cluster."""
    state = getattr(datasette, "blogkeep", None)
    return {
        "static_hash": _STATIC_HASH,
        "archive_name": state.database if state else "",
        "is_cluster": state is not None and state.cluster is not None,
        "is_of_cluster": state is not None and state.is_of_cluster,
    }


@hookimpl
def render_cell(
    row: Any, value: Any, column: str, database: str, datasette: Datasette
) -> Markup | None:
    """Link titles of posts, changes and stores in tables and questions to their pages; a time is
    one word."""
    state = getattr(datasette, "blogkeep", None)
    if state is None or database != state.database:
        return None
    path = labels.cell_path(row, column)
    if not path and isinstance(value, str) and parse_timestamp_or_none(value):
        return Markup("<time>{}</time>").format(value)
    if not path or value in (None, ""):
        return None
    text = printable(str(value)) if column != "change_id" else "evidence"
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(datasette.urls.path(path), text)


@hookimpl
def startup(datasette: Datasette) -> Awaitable[None] | None:
    """Describe the tables and offer the canned queries, from Datasette 1.0 on."""
    state = _find_state(datasette) if is_described_at_startup(datasette) else None
    return describe(datasette, state.database) if state else None


@hookimpl(optionalhook=True)
def get_metadata(datasette: Datasette) -> dict[str, Any]:
    """Describe the tables and offer the canned queries where Datasette was started plainly; 1.0
    has no such hook."""
    state = getattr(datasette, "blogkeep", None)
    if not state or not state.is_plain:
        return {}
    return {"databases": {state.database: read_metadata()["databases"]["archive"]}}


@hookimpl
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """Return links from Datasette's own pages to ours."""
    pages = {
        "Front page": "/",
        "Changes": "/-/changes",
        "Search": "/-/search",
        "When was it said?": "/-/phrase",
    }
    if getattr(datasette, "blogkeep", None) is None:
        return []
    return [{"href": datasette.urls.path(path), "label": label} for label, path in pages.items()]


@hookimpl(wrapper=True)
def handle_exception(
    datasette: Datasette, request: Any, exception: Exception
) -> Generator[None, list[Any], list[Any]]:
    """Render errors as our pages with one line in the log. Datasette's own handler, which prints
    tracebacks, is not run."""
    responses = yield
    if getattr(datasette, "blogkeep", None) is None:
        return responses
    return [errors.respond(datasette, request, exception)]


@hookimpl
def forbidden(datasette: Datasette, request: Any, message: str) -> Any:
    """Render a refusal as our page."""
    if getattr(datasette, "blogkeep", None) is None:
        return None
    return errors.refuse(datasette, request, message)


@hookimpl(optionalhook=True)
def skip_csrf(scope: Any) -> bool | None:
    """Leave the check of our forms to `read_form`; Datasette 1.0 has no such hook."""
    return True if scope["path"].endswith(_FORM_PATHS) else None


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Any], Any]:
    """Wrap Datasette's application with the password check and the security headers."""
    if _find_state(datasette) is None:
        return lambda app: app
    return lambda app: security.SecurityMiddleware(app, datasette)
