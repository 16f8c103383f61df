"""The tests in several processes, each forked from the one that has collected them: to import and
collect them takes five seconds of CPU, which each process of pytest-xdist takes anew.

A module's tests run in one process, which takes the next module when it is through.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import struct
import traceback
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from _pytest._io import TerminalWriter

from tests.warm import Warm

if TYPE_CHECKING:
    from _pytest.capture import CaptureManager

SHARED_FOLDER = pytest.StashKey[Path]()
"""The folder of all processes, in which each has one of its own."""

SHARED_WARM = pytest.StashKey[Warm]()
"""The process that all have their commands forked from."""

_PLACE = struct.Struct("H")


@dataclass
class _Process:
    """A process that tests, and the test that it is at."""

    pid: int
    test: str = ""


def run_in_processes(session: pytest.Session, number: int) -> None:
    """Run what was collected; report as if it ran here.

    Raises Session.Failed or Session.Interrupted where the run is to stop.
    """
    modules = [list(items) for _, items in itertools.groupby(session.items, lambda one: one.path)]
    queue = _queue(len(modules))
    shared = session.config.stash[SHARED_FOLDER] = _temporary_folders(session).getbasetemp()
    # What tests print is captured in files, of which each process needs its own.
    _capture(session).stop_global_capturing()
    processes: dict[Connection, _Process] = {}
    for place in range(number):
        ours, theirs = Pipe(duplex=False)
        if not (pid := os.fork()):
            for connection in (ours, *processes):
                connection.close()
            _temporary_folders(session)._basetemp = shared / f"process-{place}"
            _become_tester(session, modules, queue, theirs)
        theirs.close()
        processes[ours] = _Process(pid)
    os.close(queue)
    try:
        while processes:
            for connection in wait(list(processes)):
                _receive(session, connection, processes)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
    finally:
        for process in processes.values():
            os.kill(process.pid, signal.SIGINT)
        for process in processes.values():
            os.waitpid(process.pid, 0)


def _capture(session: pytest.Session) -> CaptureManager:
    manager: CaptureManager = session.config.pluginmanager.getplugin("capturemanager")
    return manager


def _temporary_folders(session: pytest.Session) -> pytest.TempPathFactory:
    factory: pytest.TempPathFactory = session.config._tmp_path_factory
    return factory


def _queue(length: int) -> int:
    """A pipe with the places of all modules in it: whoever reads one tests that module."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(map(_PLACE.pack, range(length))))
    os.close(writing)
    return reading


def _receive(session: pytest.Session, ours: Any, processes: dict[Connection, _Process]) -> None:
    """Pass on what a process says."""
    hook, process = session.config.hook, processes[ours]
    try:
        kind, content = ours.recv()
    except EOFError:
        del processes[ours]
        _, status = os.waitpid(process.pid, 0)
        if status:
            where = process.test or "the end of its tests"
            session.shouldfail = f"a process ended by itself in {where}: {status}"
        return
    if kind == "test":
        process.test = content
    elif kind == "report":
        report = hook.pytest_report_from_serializable(config=session.config, data=content)
        hook.pytest_runtest_logreport(report=report)
    else:
        hook.pytest_warning_recorded.call_historic(kwargs=content)


def _become_tester(
    session: pytest.Session, modules: list[list[pytest.Item]], queue: int, theirs: Any
) -> NoReturn:
    """Test module by module; the process does not outlive its last one."""
    status = 1
    try:
        _temporary_folders(session).getbasetemp().mkdir()
        random.seed()  # else all would draw the same numbers
        plugins = session.config.pluginmanager
        # Others ask it how to write an assertion, so that it cannot be left out.
        nowhere = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
        plugins.getplugin("terminalreporter")._tw = TerminalWriter(nowhere)
        plugins.register(_Sender(session.config, theirs))
        _capture(session).start_global_capturing()
        _capture(session).suspend_global_capture()  # between tests
        try:
            while read := os.read(queue, _PLACE.size):
                _test_module(session, modules[_PLACE.unpack(read)[0]], theirs)
        finally:
            session._setupstate.teardown_exact(None)
        status = 0
    except KeyboardInterrupt:
        pass
    except BaseException:  # noqa: BLE001 - as at the end of any program
        _capture(session).stop_global_capturing()
        traceback.print_exc()
    finally:
        os._exit(status)


def _test_module(session: pytest.Session, items: list[pytest.Item], theirs: Any) -> None:
    for item, following in itertools.zip_longest(items, items[1:], fillvalue=session):
        theirs.send(("test", item.nodeid))
        # What belongs to all of the session stays, whichever module comes next.
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        theirs.send(("test", ""))


@dataclass(eq=False)
class _Sender:
    """A plugin that sends what a process reports."""

    config: pytest.Config
    theirs: Any

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self.config.hook
        content = hook.pytest_report_to_serializable(config=self.config, report=report)
        self.theirs.send(("report", content))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        content = {"when": when, "nodeid": nodeid, "location": location}
        # The warning itself may hold what cannot be sent.
        warning = warnings.WarningMessage(
            str(warning_message.message),
            warning_message.category,
            warning_message.filename,
            warning_message.lineno,
        )
        self.theirs.send(("warning", {"warning_message": warning, **content}))
