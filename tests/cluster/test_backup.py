"""A cluster is backed up and restored by the commands of the how-to, as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import closing

import psycopg

from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ArchivePair, ObjectDepot
from scraper.cluster.queue import PostgresQueue
from tests.cluster.running import Cluster
from tests.conftest import ENDS_S, ROOT, quiet_environment
from tests.postgres import PostgresServer


def printed(heading: str) -> list[str]:
    """The commands below a heading of the how-to, block by block."""
    text = (ROOT / "docs" / "how-to" / "run-a-cluster.md").read_text("utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def run(cluster: Cluster, server: PostgresServer, commands: str, conninfo: str) -> str:
    """Run commands as a shell would whose path has PostgreSQL's programs and ours."""
    program = cluster.folder / "bin"
    program.mkdir(exist_ok=True)
    (program / "blogkeep").write_text(f'#!/bin/sh\nexec {sys.executable} -m scraper "$@"\n')
    (program / "blogkeep").chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", commands],
        cwd=cluster.folder,
        env={
            **quiet_environment(),
            "PATH": f"{program}:{server.bin}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "ARCHIVE_CLUSTER": conninfo,
            "ARCHIVE_DEPOT": str(cluster.depot),
        },
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_restored_cluster_goes_on_where_its_depot_is(
    cluster: Cluster, postgres: PostgresServer
) -> None:
    back_up, restore = printed("Back up and restore")
    cluster.use({"ash": "http://ash.example"})
    run(cluster, postgres, back_up, cluster.conninfo)
    pair = ArchivePair(
        archive=cluster.folder / "archive.db", captures=cluster.folder / "captures.db"
    )
    pair.archive.write_bytes(b"an archive")
    ObjectDepot.at(str(cluster.depot)).store("ash/000000003-2", pair)  # after the dump
    with closing(psycopg.connect(postgres.conninfo, autocommit=True)) as connection:
        connection.execute("CREATE DATABASE restored TEMPLATE template0")
    restored = postgres.database("restored")
    assert run(cluster, postgres, restore, restored) == "ash: ash/000000003-2\n1 store repaired\n"
    with closing(ClusterDatabase(restored)) as database:
        queue = PostgresQueue(database, "one")
        queue.register()
        assert queue.enqueue_due() == 1
        claim = queue.claim()
    assert claim is not None
    assert (claim.key, claim.generation, claim.fence) == ("ash/000000003-2", 3, 4)
