"""The process that crawls are forked from, as a fork of a process that has the program loaded:
a schedule of tests does not import it once more, which takes a second of CPU."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from scraper.schedule import crawl_process, fork_server

FORK_CRAWLS = ("schedule", "worker")
"""Commands that begin a fork server."""

LONGEST = 2**20
"""Bytes of an order: its words and its environment."""


class EarlyForkServer:
    """A process that is forked before a command begins, of which it knows nothing therefore, and
    becomes its fork server once it is asked to; a second fork server is begun as ever."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self._begin_another = crawl_process.begin
        self.pid = os.fork()
        if not self.pid:
            self._ours.close()
            _await_order(theirs)
        theirs.close()
        crawl_process.begin = self.begin

    def begin(
        self, words: Sequence[str], descriptor: int, environment: Mapping[str, str]
    ) -> crawl_process.Begun:
        """In the place of `crawl_process.begin`."""
        crawl_process.begin = self._begin_another
        order = {"words": list(words), "environment": {**os.environ, **environment}}
        socket.send_fds(self._ours, [json.dumps(order).encode()], [descriptor])
        self._ours.close()
        return self

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _await_order(asked: socket.socket) -> NoReturn:
    """Become the fork server, or end where the command ends without one."""
    order, descriptors, *_ = socket.recv_fds(asked, LONGEST, 1)
    asked.close()
    if not order:
        os._exit(0)
    called = json.loads(order)
    os.environ.clear()
    os.environ.update(called["environment"])
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    sys.argv = ["-c", str(descriptors[0]), *called["words"][1:]]
    fork_server.run_to_end(lambda: fork_server.main() or 0)
