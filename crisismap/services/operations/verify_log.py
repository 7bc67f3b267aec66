"""log: proving that the log of events is whole and unchanged."""

from __future__ import annotations

from crisismap.core.event import Chain
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.runtime.context import require


def verify_log(store: Store, person: Person, known: tuple[int, str] | None = None) -> Chain:
    """Follow the chain of hashes from the first event to the last; reads all of it.

    `known`: a revision and the hash it had, as a backup's manifest keeps them.
    """
    require(person, "log.verify")
    return store.events.verify(known)
