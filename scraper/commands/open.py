"""`blogkeep open [POST]`: the web interface in a browser, at the page of a post."""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import webbrowser

from scraper.archive.queries.posts import find_post
from scraper.archive.queries.run_query import limit_heap
from scraper.cli.base import ArchiveCommand
from scraper.cli.main import signals_wait
from scraper.cli.output import console
from scraper.exceptions import UsageProblem
from scraper.history.web_paths import post_path
from scraper.web.server import make_datasette

LOOPBACK = "127.0.0.1"


class Command(ArchiveCommand):
    usage = "[options] [POST]"
    example = "blogkeep open journal/teapot-care"
    with_json = False

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Open a page of ARCHIVE_WEB_URL, or else of a server for this machine, until Ctrl+C."""
        if len(args) > 1:
            raise UsageProblem("give one post, or none for the front page")
        db = self.open_archive(opts)
        path = post_path(find_post(db, args[0]).id) if args else "/"
        db.close()
        if public := self.settings["ARCHIVE_WEB_URL"].rstrip("/"):
            console().print(public + path)
            webbrowser.open(public + path)
            return
        self._serve(opts, path)

    def _serve(self, opts: argparse.Namespace, path: str) -> None:
        with signals_wait():
            from scraper.cli import serving  # noqa: PLC0415 - see make_datasette

        archive = self.archive_path(opts)
        limit_heap()
        datasette = make_datasette(
            archive,
            captures=self.captures_path(opts),
            stores_file=self.stores_path(opts),
        )
        # It listens before the browser asks, so the first request waits until it is answered.
        with socket.create_server((LOOPBACK, 0)) as listener:
            url = f"http://{LOOPBACK}:{listener.getsockname()[1]}{path}"
            console().print(f"{url}  (Ctrl+C ends it)")
            sys.stdout.flush()
            # A browser of text takes the terminal until it ends.
            threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()
            serving.run(datasette.app(), sockets=[listener])
