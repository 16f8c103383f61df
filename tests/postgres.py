"""A real PostgreSQL in a temporary folder, reached through a socket in it: for tests, the campaign
and measurements."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Where Debian installs it, the newest version last."""

NEEDED = "BLOGKEEP_NEEDS_POSTGRES"
"""The environment variable that makes its absence an error."""

WAIT_S = 300.0


def binaries() -> Path | None:
    """The folder of its programs, or None."""
    if FOLDERS:
        return FOLDERS[-1]
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """A server with an empty cluster of its own.

    As root it runs as the user `postgres` or `nobody`, for it refuses to run as root. Nothing is
    flushed to the disk: a power cut is not tested here.
    """

    def __init__(self, options: tuple[str, ...] = ()) -> None:
        found = binaries()
        assert found is not None, "there is no PostgreSQL on this machine"
        self.bin = found
        self.folder = Path(tempfile.mkdtemp(prefix="blogkeep-pg-"))
        self.user = _unprivileged_user() if os.getuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None
        initdb = ["initdb", "--no-sync", "-A", "trust", "-U", "blogkeep", "-E", "UTF8"]
        self._run(*initdb, "--locale=C", "-D", str(self.data))
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def conninfo(self) -> str:
        return self.database("postgres")

    def database(self, name: str) -> str:
        """The connection string of a database."""
        return f"host={self.folder} user=blogkeep dbname={name}"

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        quick = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", *self.options)
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", *quick]
        words = [str(self.bin / "postgres"), "-D", str(self.data)]
        for setting in settings:
            words += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, user=self.user, stdout=log, stderr=log, cwd=self.folder, process_group=0
            )
        end = time.monotonic() + WAIT_S
        ready = [str(self.bin / "pg_isready"), "-q", "-h", str(self.folder), "-U", "blogkeep"]
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end, "PostgreSQL does not start"
            time.sleep(0.05)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """Stop: at once by SIGINT, as after a crash by SIGQUIT."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(sign)
            self._process.wait(WAIT_S)
            self._process = None

    def remove(self) -> None:
        """Stop, and remove the folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [str(self.bin / name), *words],
            user=self.user,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def _unprivileged_user() -> str:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise AssertionError("PostgreSQL does not run as root, and there is no other user")
