"""Job "retention": removes data past its retention, at start and every hour; paused while the clock is unreliable."""

from __future__ import annotations

import logging

from crisismap.core.people.person import Person
from crisismap.logs import count
from crisismap.services.operations.retention import retain
from crisismap.services.runtime.context import Context

PROGRAM = Person("system", "the program", "", frozenset({"admin"}))
log = logging.getLogger(__name__)


def remove_expired(context: Context) -> None:
    """Remove all data past its retention."""
    if context.guards.clock.jumped() or context.guards.clock.warning() is not None:
        return
    counts = {kind: number for kind, number in retain(context, PROGRAM).items() if number}
    if counts:
        log.info("retention removed: %s", ", ".join(f"{count(number)} {kind}" for kind, number in counts.items()))
