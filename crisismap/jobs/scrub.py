"""scrub: what was erased while others were reading is cut out of the database's files as soon as they are done."""

from __future__ import annotations

from crisismap.core.ports import Store


def scrub(store: Store) -> None:
    """Try again when an erasure could not finish its cleaning."""
    if store.upkeep.unscrubbed:
        store.upkeep.scrub().result()
