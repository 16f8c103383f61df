"""What every page of the reading room shares: who may see it, whom it asks, and how it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from datasette.utils.asgi import Forbidden, Response

from scraper.archive.queries.query_cache import QueryCache
from scraper.archive.queries.run_with_timeout import Connection, run_with_timeout
from scraper.exceptions import BlogkeepError, NoAnswer
from scraper.web.config import read_metadata

try:
    from datasette.resources import TableResource
except (
    ImportError
):  # before 1.0; an import that fails is looked for anew each time, so not at each request
    TableResource = None

if TYPE_CHECKING:
    from datasette.app import Datasette

_Args = ParamSpec("_Args")
_Answer = TypeVar("_Answer")

LIMIT_MS: Final = 5000
"""What one page may ask of the archive, in milliseconds."""

ONCE_LIMIT_MS: Final = 30_000
"""The same of an answer that is then kept, in milliseconds."""

TABLES: Final = (
    "posts",
    "revisions",
    "contents",
    "changes",
    "observations",
    "links",
    "stores",
    "crawls",
    "incidents",
)
"""What the pages show: who may not see one of these tables sees no page."""


QUESTIONS: Final[dict[str, dict[str, str]]] = read_metadata()["databases"]["archive"]["queries"]


class PageContext:
    """One request to the reading room: its database, its address, and what it may see."""

    def __init__(self, datasette: Datasette, request: Any) -> None:
        self.datasette = datasette
        self.request = request
        self.name: str = datasette.blogkeep.database

    async def query(
        self,
        question: Callable[Concatenate[Connection, _Args], _Answer],
        *args: _Args.args,
        **more: _Args.kwargs,
    ) -> _Answer:
        """Ask the archive, on one of Datasette's reading connections and within `LIMIT_MS`."""
        return await self._answer(
            lambda connection: run_with_timeout(connection, LIMIT_MS, question, *args, **more)
        )

    async def query_cached(
        self,
        question: Callable[Concatenate[Connection, _Args], _Answer],
        *args: _Args.args,
        **more: _Args.kwargs,
    ) -> _Answer:
        """As `query`, but what was answered since the archive last changed is not asked again. The
        arguments must be hashable."""
        kept: QueryCache = self.datasette.blogkeep.kept

        def find(connection: Connection) -> _Answer:
            return run_with_timeout(connection, ONCE_LIMIT_MS, question, *args, **more)

        return await self._answer(
            lambda connection: kept.answer(
                connection, (question, args, *more.items()), lambda: find(connection)
            )
        )

    async def _answer(self, function: Callable[[Connection], _Answer]) -> _Answer:
        found: _Answer = await self.datasette.get_database(self.name).execute_fn(function)
        return found

    def arg(self, name: str, default: str = "") -> str:
        """What stands under a name in the address's query."""
        return str(self.request.args.get(name) or default)

    def number(self, name: str, default: int = 0) -> int:
        """A number in the address's query; the default where it is none."""
        text = self.arg(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else default

    def part(self, name: str) -> int:
        """A number in the address's path."""
        return int(self.request.url_vars[name])

    def path(self, path: str) -> str:
        """A path of ours as it stands in a link, whatever the base under which Datasette is
        served."""
        return str(self.datasette.urls.path(path))

    def address(self, path: str) -> str:
        """A path of ours as a whole address, as feeds want it."""
        return str(self.datasette.absolute_url(self.request, self.path(path)))

    def questions(self) -> list[tuple[str, str, str]]:
        """The archive's canned questions: path, title and description."""
        return [
            (self.path(f"/{self.name}/{name}"), told["title"], told["description"])
            for name, told in QUESTIONS.items()
        ]

    async def page(self, template: str, /, *, status: int = 200, **context: Any) -> Response:
        """A page from one of the room's templates."""
        names = {"database": self.name, "room": self}
        html = await self.datasette.render_template(
            f"room/{template}", {**context, **names}, request=self.request
        )
        return Response.html(html, status=status)

    async def check(self) -> None:
        """Ask Datasette whether this person may see what the pages show. Raises Forbidden."""
        for table in TABLES:
            if not await _may_view(self.datasette, self.request.actor, self.name, table):
                raise Forbidden(f"you may not view {table}")


def page(view: Callable[[PageContext], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """A view of Datasette from one of ours: permission asked first, and every trouble told in the
    room's own words."""

    @wraps(view)
    async def answer(datasette: Datasette, request: Any) -> Response:
        room = PageContext(datasette, request)
        await room.check()
        try:
            return await view(room)
        except NoAnswer as error:
            return await room.page(
                "error.html",
                status=HTTPStatus.SERVICE_UNAVAILABLE,
                title="No answer",
                detail=str(error),
            )
        except BlogkeepError as error:
            return await room.page(
                "error.html",
                status=HTTPStatus.NOT_FOUND,
                title="There is no such page",
                detail=str(error),
            )

    # `wraps` would have Datasette look at the parameters of the inner view.
    del answer.__wrapped__
    return answer


async def _may_view(datasette: Datasette, actor: Any, database: str, table: str) -> bool:
    """Datasette 1.0 asks by resource, 0.65 by pairs of permission and place, the widest of which
    has the last word."""
    if TableResource is not None:
        allowed: bool = await datasette.allowed(
            action="view-table", resource=TableResource(database, table), actor=actor
        )
        return allowed
    try:
        await datasette.ensure_permissions(
            actor, [("view-table", (database, table)), ("view-database", database), "view-instance"]
        )
    except Forbidden:
        return False
    return True
