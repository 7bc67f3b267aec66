"""scrub: what was erased while others were reading is cut out of the database's files as soon as they are done."""

from __future__ import annotations

from crisismap.services.runtime.context import Context


def scrub(context: Context) -> None:
    """Try again when an erasure could not finish its cleaning."""
    if context.store.upkeep.unscrubbed:
        context.store.upkeep.scrub().result()
