"""What all pages of the web interface share: permission checks, queries, URLs and rendering."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from datasette.utils.asgi import Forbidden, Response
from jinja2 import Environment, Template

from scraper.archive.queries.run_query import Connection, run_with_timeout
from scraper.archive.rows import row_number
from scraper.exceptions import BlogkeepError, ClusterError, NoComparison, QueryFailed, QueryTooLong
from scraper.printable import single_line
from scraper.timestamps import parse_day
from scraper.web.config import PLUGIN_NAME, PluginState, read_metadata
from scraper.web.database import Pool

# Datasette before 1.0 has no such module. Python retries a failed import each time, so the import
# stands here and not in the function that each request calls.
try:
    from datasette.resources import TableResource
except ImportError:
    TableResource = None

if TYPE_CHECKING:
    from datasette.app import Datasette

logger = logging.getLogger(__name__)

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")

QUERY_TIMEOUT_MS: Final = 5000
"""Time limit of a page's query, in milliseconds."""

CACHED_QUERY_TIMEOUT_MS: Final = 30_000
"""Time limit of a query whose result is cached, in milliseconds."""

MAX_QUERY_STRING: Final = 8000
"""Bytes of the query string of a page. A search of 500 characters can have 6,000."""

REQUIRED_TABLES: Final = (
    "posts",
    "revisions",
    "contents",
    "changes",
    "observations",
    "links",
    "stores",
    "captures",
    "images",
    "post_images",
    "crawls",
    "incidents",
)
"""The tables that pages are made of. Who may not view one of them may not view any page."""


CANNED_QUERIES: Final[dict[str, dict[str, str]]] = read_metadata()["databases"]["archive"][
    "queries"
]


class PageContext:
    """One request for a page: its database, its parameters, its queries and its response."""

    def __init__(self, datasette: Datasette, request: Any) -> None:
        self.datasette = datasette
        self.request = request
        self.state: PluginState = datasette.blogkeep

    async def query(
        self,
        function: Callable[Concatenate[Connection, _Args], _Result],
        *args: _Args.args,
        **options: _Args.kwargs,
    ) -> _Result:
        """Run a query function on one of Datasette's read-only connections.

        Raises QueryFailed after `QUERY_TIMEOUT_MS` milliseconds.
        """
        return await self._run(_limited(QUERY_TIMEOUT_MS, function, *args, **options))

    async def query_slow(
        self,
        function: Callable[Concatenate[Connection, _Args], _Result],
        *args: _Args.args,
        **options: _Args.kwargs,
    ) -> _Result:
        """Run a query function that may take all its time, on the threads for slow queries.

        Raises QueryFailed after `QUERY_TIMEOUT_MS` milliseconds.
        """
        limited = _limited(QUERY_TIMEOUT_MS, function, *args, **options)
        return await self._run(limited, pool="searches")

    async def query_apart(self, function: Callable[..., _Result], *args: Any) -> _Result:
        """Run a function that takes a connection first, and may hang or crash, in another process.
        It is one of a module that is imported quickly.

        Raises QueryTimeout where the process is killed after `QUERY_TIMEOUT_MS` milliseconds.
        """
        database = self.datasette.get_database(self.state.database)
        result: _Result = await database.call_apart(function, *args, timeout_ms=QUERY_TIMEOUT_MS)
        return result

    async def query_long(
        self,
        function: Callable[Concatenate[Connection, _Args], _Result],
        *args: _Args.args,
        **options: _Args.kwargs,
    ) -> _Result:
        """Run a function that does more than query, and limits itself, on the threads for slow
        queries. Raises QueryFailed after `CACHED_QUERY_TIMEOUT_MS` milliseconds."""
        limited = _limited(CACHED_QUERY_TIMEOUT_MS, function, *args, **options)
        return await self._run(limited, pool="searches")

    async def query_cached(
        self,
        function: Callable[Concatenate[Connection, _Args], _Result],
        *args: _Args.args,
        **options: _Args.kwargs,
    ) -> _Result:
        """Run a query function, or return its cached result if the archive has not changed since.

        The arguments must be hashable. Raises QueryFailed after
        `CACHED_QUERY_TIMEOUT_MS` milliseconds.
        """
        cache, key = self.state.cache, (function, args, *options.items())
        version = self.datasette.get_database(self.state.database).data_version
        limited = _limited(CACHED_QUERY_TIMEOUT_MS, function, *args, **options)
        async with cache.lock(key):
            return await self._run(
                lambda connection: cache.get_or_run(version, key, lambda: limited(connection))
            )

    async def _run(
        self, function: Callable[[Connection], _Result], *, pool: Pool = "pages"
    ) -> _Result:
        database = self.datasette.get_database(self.state.database)
        result: _Result = await database.run(function, pool=pool)
        return result

    def arg(self, name: str, default: str = "") -> str:
        """Return a parameter of the query string."""
        return str(self.request.args.get(name) or default)

    def int_arg(self, name: str, default: int = 0) -> int:
        """Return a parameter of the query string as an integer; the default if it is none."""
        number = row_number(self.arg(name))
        return default if number is None else number

    def day_arg(self, name: str) -> str:
        """Return a parameter of the query string that is a day; empty if it is none."""
        try:
            return parse_day(self.arg(name)).isoformat()
        except ValueError:
            return ""

    def path_arg(self, name: str) -> int:
        """Return an integer of the URL's path."""
        return int(self.request.url_vars[name])

    def path(self, path: str) -> str:
        """Return one of our paths as it stands in a link, below Datasette's base URL."""
        return str(self.datasette.urls.path(path))

    def absolute_url(self, path: str) -> str:
        """Return one of our paths as an absolute URL, as feeds require it."""
        return str(self.datasette.absolute_url(self.request, self.path(path)))

    def canned_queries(self) -> list[tuple[str, str, str]]:
        """Return path, title and description of each canned query."""
        return [
            (self.path(f"/{self.state.database}/{name}"), query["title"], query["description"])
            for name, query in CANNED_QUERIES.items()
        ]

    async def render(self, template: str, /, *, status: int = 200, **context: Any) -> Response:
        """Render one of our templates as an HTML response."""
        html = await self.datasette.render_template(
            _find_template(self.datasette, self.request, f"{PLUGIN_NAME}/{template}"),
            {**context, "database": self.state.database},
            request=self.request,
        )
        return Response.html(html, status=status)

    async def check_permission(self) -> None:
        """Check that the visitor may view the tables that pages are made of. Raises Forbidden.

        Anybody, who is no actor, is checked once if nothing can change what was found; metadata
        that a plugin changes in place, not by its hook, then count from the next start.
        """
        actor, is_lasting = self.request.actor, _only_metadata_decides()
        if actor is None and is_lasting and self.state.is_open_to_anybody:
            return
        await _check_tables(self.datasette, actor, self.state.database)
        if actor is None:
            self.state.is_open_to_anybody = is_lasting


def _limited(
    timeout_ms: int,
    function: Callable[Concatenate[Connection, _Args], _Result],
    *args: _Args.args,
    **options: _Args.kwargs,
) -> Callable[[Connection], _Result]:
    return lambda connection: run_with_timeout(connection, timeout_ms, function, *args, **options)


def page_view(
    view: Callable[[PageContext], Awaitable[Response]],
) -> Callable[..., Awaitable[Response]]:
    """Make a Datasette view of one of ours: check permission first, render our errors as pages."""

    @wraps(view)
    async def respond(datasette: Datasette, request: Any) -> Response:
        page = PageContext(datasette, request)
        await page.check_permission()
        try:
            if len(request.query_string) > MAX_QUERY_STRING:
                raise QueryTooLong(f"the address has more than {MAX_QUERY_STRING} bytes of query")
            return await view(page)
        except QueryFailed as error:
            return await _render_error(
                page, HTTPStatus.SERVICE_UNAVAILABLE, "The query failed", error
            )
        except ClusterError as error:
            return await _render_error(
                page, HTTPStatus.SERVICE_UNAVAILABLE, "The cluster is away", error
            )
        except QueryTooLong as error:
            return await _render_error(page, HTTPStatus.BAD_REQUEST, "The query is too long", error)
        except NoComparison as error:
            title = "Too long to compare here"
            return await _render_error(page, HTTPStatus.UNPROCESSABLE_ENTITY, title, error)
        except BlogkeepError as error:
            logger.warning("404 %s: %s", single_line(request.path), single_line(str(error)))
            return await _render_error(page, HTTPStatus.NOT_FOUND, "Page not found", error)

    # Datasette would inspect the parameters of the wrapped view instead of these.
    del respond.__wrapped__
    return respond


async def _render_error(
    page: PageContext, status: int, title: str, error: BlogkeepError
) -> Response:
    return await page.render("error.html", status=status, title=title, detail=str(error))


def _only_metadata_decides() -> bool:
    """Whether what Datasette was started with says alone who may view a table: no other plugin has
    a word in it, and no database, as from 1.0 on."""
    from datasette.plugins import pm  # noqa: PLC0415 - it imports all plugins, and so this module

    if TableResource is not None:
        return False
    hooks = (pm.hook.permission_allowed, pm.hook.get_metadata)
    plugins = {found.plugin_name for hook in hooks for found in hook.get_hookimpls()}
    return plugins <= {"datasette.default_permissions", PLUGIN_NAME}


async def _check_tables(datasette: Datasette, actor: Any, database: str) -> None:
    """Check the permission to view `REQUIRED_TABLES`. Raises Forbidden.

    Datasette 1.0 checks resources. 0.65 checks pairs of permission and resource, from the narrowest
    to the widest; database and instance are the same for all tables.
    """
    is_general = False
    for table in REQUIRED_TABLES:
        if TableResource is not None:
            resource = TableResource(database, table)
            allowed = await datasette.allowed(action="view-table", resource=resource, actor=actor)
        else:
            allowed = await datasette.permission_allowed(
                actor, "view-table", resource=(database, table), default=None
            )
        if allowed is None:
            is_general = True
        elif not allowed:
            raise Forbidden(f"you may not view {table}")
    if is_general:
        await datasette.ensure_permissions(actor, [("view-database", database), "view-instance"])


class _SyncTemplate(Template):
    """A template that awaits nothing. Datasette's environment awaits the value of every expression,
    which takes most of the time of a page with a long list."""

    async def render_async(self, *args: Any, **kwargs: Any) -> str:
        """Render as `render` does."""
        return self.render(*args, **kwargs)


def _find_template(datasette: Datasette, request: Any, name: str) -> Template:
    get_environment = getattr(datasette, "get_jinja_environment", None)  # since 1.0
    environment = get_environment(request) if get_environment else datasette.jinja_env
    overlays: dict[Environment, Environment] = datasette.blogkeep.overlays
    if environment not in overlays:
        overlays[environment] = _sync_environment(environment)
    return overlays[environment].get_template(name)


def _sync_environment(environment: Environment) -> Environment:
    overlay = environment.overlay(enable_async=False)
    overlay.template_class = _SyncTemplate
    return overlay
