"""Keys of the depot: ``STORE/GENERATION-FENCE``, and which of them the cluster should name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from scraper.cluster.database import ClusterDatabase
from scraper.cluster.depot import ObjectDepot


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


def repair_keys(database: ClusterDatabase, depot: ObjectDepot) -> dict[str, str]:
    """Name the newest archive in the depot for each store whose own is not there, or is older than
    one of a claim that the database does not know, as after a restore; returns the keys by store,
    empty where the depot has none. Raises ClusterError."""
    with database.transaction() as connection:
        known = connection.execute(_KNOWN).fetchall()
    repaired: dict[str, str] = {}
    for row in known:
        store, key = row["store"], row["key"]
        keys = depot.keys(store)
        newest = newest_generation(keys)
        is_behind = newest and newest.number > row["generation"] and newest.fence > row["fence"]
        if (key in keys and not is_behind) or not (key or keys):
            continue
        repaired[store] = newest.key(store) if newest else ""
        if newest:
            with database.transaction() as connection:
                # The fence moves: whoever crawls the store at the moment began from another state.
                values = [repaired[store], newest.number, newest.fence, store]
                connection.execute(_NAME, values)
    return repaired


_KNOWN = "SELECT store, key, generation, fence FROM archives ORDER BY store"
# No later claim may have the fence, and so the keys, of one that the database has forgotten.
_NAME = """
    UPDATE archives SET key = %s, generation = greatest(generation, %s),
        fence = greatest(fence, %s) + 1
    WHERE store = %s
"""
