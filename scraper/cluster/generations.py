"""Keys of the depot: ``STORE/GENERATION-FENCE``, and which of them the cluster should name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from scraper.cluster.database import ClusterDatabase
from scraper.schedule.depot import Depot


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Generation:
    """A state of a store's archive in the depot: its number, and the fence it was written under."""

    number: int
    fence: int

    def key(self, store: str) -> str:
        """Its key."""
        return f"{store}/{self.number:09d}-{self.fence}"


def newest_generation(keys: Collection[str]) -> Generation | None:
    """The newest of a store's keys; None where there is none."""
    return max((found for key in keys if (found := parse_key(key))), default=None)


def parse_key(key: str) -> Generation | None:
    """The generation of a key; None for one of another form."""
    number, _, fence = key.rpartition("/")[2].partition("-")
    if not (number.isdecimal() and fence.isdecimal()):
        return None
    return Generation(number=int(number), fence=int(fence))


def repair_keys(database: ClusterDatabase, depot: Depot) -> dict[str, str]:
    """Name the newest archive in the depot for each store whose own is not there, as after a
    restore; returns the keys by store, empty where the depot has none. Raises ClusterError."""
    with database.transaction() as connection:
        known = connection.execute("SELECT store, key FROM archives ORDER BY store").fetchall()
    repaired: dict[str, str] = {}
    for row in known:
        store, key = row["store"], row["key"]
        keys = depot.keys(store)
        if key in keys or not (key or keys):
            continue
        newest = newest_generation(keys)
        repaired[store] = newest.key(store) if newest else ""
        if newest:
            with database.transaction() as connection:
                # The fence moves: whoever crawls the store at the moment began from another state.
                values = [repaired[store], newest.number, store]
                connection.execute(_NAME, values)
    return repaired


_NAME = """
    UPDATE archives SET key = %s, generation = greatest(generation, %s), fence = fence + 1
    WHERE store = %s
"""
