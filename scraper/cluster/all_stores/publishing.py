"""Archives of one machine become those of a cluster's stores."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from scraper.archive.database import open_for_reading
from scraper.archive.maintenance.catalogue import read_catalogue_rows
from scraper.archive.queries.notices import unprocessed_crawls
from scraper.archive.queries.stores import read_origins
from scraper.archive.store_history import read_store_history
from scraper.archive.write.outbox import ArchiveOutbox
from scraper.cluster.catalogue import write_catalogue
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ArchivePair, ObjectDepot
from scraper.cluster.generations import Generation
from scraper.cluster.queue import plan_stores
from scraper.exceptions import ClusterError
from scraper.history.humanize import plural
from scraper.history.store_addresses import host_key
from scraper.schedule.health import latest_credible


def check_alerts(archive: Path) -> None:
    """Raises ClusterError while alerts of an archive wait: workers read no archive's outbox, and
    process only crawls of their own. A store that never had alerts begins with those."""
    with closing(open_for_reading(archive)) as db:
        messages = len(ArchiveOutbox(db).rows())
        crawls = sum(not crawl.is_first_check for crawl in unprocessed_crawls(db))
    if messages or crawls:
        raise ClusterError(
            f"{plural(messages, 'message')} not sent yet, {plural(crawls, 'crawl')} not processed: "
            "no worker would send these alerts; run blogkeep alerts send, see blogkeep alerts"
        )


def name_stores(database: ClusterDatabase, archive: Path) -> dict[str, str]:
    """The names in the cluster of an archive's stores, by their hosts without ``www.``. Raises
    ClusterError for a host that the cluster does not crawl."""
    with closing(open_for_reading(archive)) as db:
        hosts = [host_key(origin) for origin in read_origins(db)]
    with database.transaction() as connection:
        rows = connection.execute("SELECT name, host FROM stores").fetchall()
    names = {host_key(f"https://{row['host']}"): row["name"] for row in rows}
    if lacking := [host for host in hosts if host not in names]:
        raise ClusterError(
            f"the cluster has no store at {', '.join(lacking)}: add it to the file of stores, and "
            "run blogkeep cluster import"
        )
    return {host: names[host] for host in hosts}


def publish_archive(
    database: ClusterDatabase, depot: ObjectDepot, store: str, pair: ArchivePair
) -> str:
    """Store the files of an archive in the depot, and name them, its catalogue and the next run of
    the store in one transaction; returns the key, empty where the store has an archive already.
    Raises ClusterError."""
    if depot.keys(store):
        return ""
    with database.transaction() as connection:
        row = connection.execute(_TAKE_FENCE, [store]).fetchone()
    if row is None:
        return ""
    key = Generation(number=1, fence=row["fence"]).key(store)
    size = depot.store(key, pair)
    until = latest_credible(datetime.now(UTC))
    with closing(open_for_reading(pair.archive)) as db:
        rows = read_catalogue_rows(db, 0)
        history = read_store_history(db, row["host"], until)
    with database.transaction() as connection:
        values = {"store": store, "key": key, "size": size, "fence": row["fence"]}
        if not connection.execute(_PUBLISH, values).rowcount:
            raise ClusterError(f"{store} was being crawled meanwhile: its first archive stays")
        write_catalogue(connection, store, rows)
        plan_stores(connection, [store], history)
    return key


# No claim may have the fence, and so the key, of this archive.
_TAKE_FENCE = """
    UPDATE archives SET fence = fence + 1
    FROM stores WHERE name = store AND store = %s AND key = ''
    RETURNING host, fence
"""
# Whoever crawls the store at the moment began from nothing, and may not publish over this.
_PUBLISH = """
    UPDATE archives SET key = %(key)s, generation = 1, bytes = %(size)s,
        published_at = clock_timestamp()
    WHERE store = %(store)s AND key = '' AND fence = %(fence)s
"""
