"""`blogkeep serve`: the web interface, for this machine alone unless asked otherwise."""

from __future__ import annotations

import argparse
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scraper.archive.database import pending_migrations
from scraper.archive.queries.run_query import limit_heap
from scraper.cli.base import ArchiveCommand
from scraper.cli.main import signals_wait
from scraper.cli.output import console, print_error
from scraper.cli.resources import (
    CLUSTER_DESCRIPTORS,
    NEEDED_DESCRIPTORS,
    open_cluster_and_depot,
    require_descriptors,
)
from scraper.exceptions import ArchiveTooOld, BlogkeepError, UsageProblem
from scraper.hosts import is_loopback
from scraper.schedule.stores_editor import StoresEditor
from scraper.web.request_checks import parse_host
from scraper.web.server import make_datasette

if TYPE_CHECKING:
    from datasette.app import Datasette

LOOPBACK = "127.0.0.1"


class Command(ArchiveCommand):
    example = "blogkeep serve --port 8001"
    with_json = False

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=8001,
            help="port to listen on (default: 8001; 0: a free one)",
        )
        parser.add_argument(
            "--host",
            default=LOOPBACK,
            help=f"address to listen on (default: {LOOPBACK}, this machine alone)",
        )
        parser.add_argument(
            "--host-name",
            metavar="NAME",
            action="append",
            default=[],
            help="host name by which readers may ask, besides loopback and --host; may be repeated",
        )
        parser.add_argument(
            "--password-file",
            metavar="FILE",
            help="ask every reader for the password in this file's first line",
        )
        parser.add_argument(
            "--migrate",
            action="store_true",
            help="update an archive of an older version first",
        )
        parser.add_argument(
            "--cluster",
            action="store_true",
            help="all stores of a cluster: its catalogue, its merged index, and each archive",
        )
        parser.add_argument(
            "--open-to-all",
            action="store_true",
            help="listen beyond this machine without a password",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve the archive until Ctrl+C."""
        password = _read_password(opts.password_file) if opts.password_file else ""
        if not (is_loopback(opts.host) or password or opts.open_to_all):
            raise UsageProblem(
                f"{opts.host} can be reached from other machines: give --password-file,"
                " or --open-to-all if anybody may read"
            )
        hosts = self._host_names(opts)
        require_descriptors(CLUSTER_DESCRIPTORS if opts.cluster else NEEDED_DESCRIPTORS)
        with signals_wait():
            from scraper.cli import serving  # noqa: PLC0415 - see make_datasette

        make = self._of_cluster if opts.cluster else self._of_archive
        # It listens before its address is printed, so the first request waits until it is answered.
        with make(opts, password, hosts) as datasette, _listen(opts.host, opts.port) as listener:
            limit_heap()
            host = f"[{opts.host}]" if ":" in opts.host else opts.host
            console().print(f"http://{host}:{listener.getsockname()[1]}/  (Ctrl+C ends it)")
            sys.stdout.flush()
            serving.run(datasette.app(), sockets=[listener])

    @contextmanager
    def _of_archive(
        self, opts: argparse.Namespace, password: str, hosts: set[str]
    ) -> Iterator[Datasette]:
        """The Datasette of one archive. Raises ArchiveError, UsageProblem."""
        editor = self._editor(opts, password)
        archive = self.archive_path(opts)
        if (older := pending_migrations(archive)) and not opts.migrate:
            raise ArchiveTooOld(
                f"{archive} is of an older version: serve --migrate updates it ({', '.join(older)})"
            )
        self.open_archive(opts).close()
        yield make_datasette(
            archive,
            captures=self.captures_path(opts),
            stores_file=self.stores_path(opts),
            password=password,
            hosts=hosts,
            editor=editor,
        )

    @contextmanager
    def _of_cluster(
        self, opts: argparse.Namespace, password: str, hosts: set[str]
    ) -> Iterator[Datasette]:
        """The Datasette of the merged index of a cluster, with the archives of its stores. Raises
        ClusterError, UsageProblem."""
        if opts.db or self.settings.getbool("ARCHIVE_WEB_EDIT"):
            raise UsageProblem("--cluster goes with neither --db nor ARCHIVE_WEB_EDIT")
        from scraper.archive.maintenance.merged_index import open_index  # noqa: PLC0415
        from scraper.web.cluster.archives import StoreArchives  # noqa: PLC0415

        with (
            open_cluster_and_depot(self.settings) as (database, depot),
            TemporaryDirectory(prefix="blogkeep-") as folder,
            ExitStack() as stack,
        ):
            from scraper.cluster.all_stores.indexing import filled_index  # noqa: PLC0415
            from scraper.cluster.all_stores.reader import ClusterReader  # noqa: PLC0415 - an extra

            with open_index(self.index_path()):
                pass  # an empty one where there is none yet
            if every_s := self.settings.getfloat("ARCHIVE_INDEX_SECONDS"):
                index = filled_index(
                    database, depot, self.index_path(), every_s=every_s, report=print_error
                )
                stack.enter_context(index)
            reader = ClusterReader(database, depot)

            def make(archive: Path, base_url: str) -> Datasette:
                return make_datasette(archive, hosts=hosts, base_url=base_url)

            cluster = StoreArchives(reader, Path(folder), make=make)
            yield make_datasette(self.index_path(), password=password, hosts=hosts, cluster=cluster)

    def _editor(self, opts: argparse.Namespace, password: str) -> StoresEditor | None:
        """Return the editor of the file of stores, if readers may edit it. Raises UsageProblem."""
        if not self.settings.getbool("ARCHIVE_WEB_EDIT"):
            return None
        if not password:
            raise UsageProblem(
                "ARCHIVE_WEB_EDIT lets readers add stores: give --password-file with it"
            )
        return StoresEditor(
            file=self.stores_path(opts),
            assignments=[f"{name}={value}" for name, value in self.settings.overrides.items()],
            allow_private=self.settings.getbool("ARCHIVE_ALLOW_PRIVATE"),
        )

    def _host_names(self, opts: argparse.Namespace) -> set[str]:
        """Return the host names that are allowed: those given, the one of ARCHIVE_WEB_URL, and the
        address that is listened on. Raises UsageProblem."""
        names = {parse_host(name) for name in opts.host_name}
        if "" in names:
            wrong = next(name for name in opts.host_name if not parse_host(name))
            raise UsageProblem(f"--host-name {wrong!r} is no host name: give one like blog.example")
        names.add(parse_host(f"[{opts.host}]" if ":" in opts.host else opts.host))
        names.add(urlsplit(self.settings["ARCHIVE_WEB_URL"]).hostname or "")
        return names - {"", "0.0.0.0", "::"}


def _read_password(name: str) -> str:
    """Return the first line of a file. Raises UsageProblem if it is empty, BlogkeepError if the
    file cannot be read. Warns if other users may read it."""
    try:
        password = Path(name).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BlogkeepError(f"--password-file {name} cannot be read: {error}") from error
    if not password:
        raise UsageProblem(f"the first line of {name} holds no password")
    if Path(name).stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        print_error(f"warning: other users may read {name}: chmod 600 {name} prevents it")
    return password


def _listen(host: str, port: int) -> socket.socket:
    """Listen on a port, or a free one for 0. Raises BlogkeepError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", "") or "a port is 0 to 65535"
        raise BlogkeepError(
            f"cannot listen on port {port} of {host}: {reason}; give another --port"
        ) from error
