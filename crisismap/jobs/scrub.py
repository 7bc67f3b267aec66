"""Job "scrub": removes erased data from the database's files that readers blocked before."""

from __future__ import annotations

from crisismap.core.ports import Store


def scrub(store: Store) -> None:
    """Scrub again when an erasure could not."""
    if store.upkeep.unscrubbed:
        store.upkeep.scrub().result()
