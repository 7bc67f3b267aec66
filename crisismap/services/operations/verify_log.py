"""Verification that the event log is complete and unchanged."""

from __future__ import annotations

from crisismap.core.event import Chain
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.runtime.context import require


def verify_log(store: Store, person: Person, known: tuple[int, str] | None = None) -> Chain:
    """Verify the chain of hashes from the first event to the last, reading all of them.

    `known` is a revision with its hash, as in a backup's manifest.
    """
    require(person, "log.verify")
    return store.events.verify(known)
