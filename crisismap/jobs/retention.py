"""retention: once an hour, and at start, what has had its time is taken out; silent while the clock is in doubt."""

from __future__ import annotations

import logging

from crisismap.core.people.person import Person
from crisismap.logs import count
from crisismap.services.operations.retention import retain
from crisismap.services.runtime.context import Context

PROGRAM = Person("system", "the program", "", frozenset({"admin"}))
log = logging.getLogger(__name__)


def keep_terms(context: Context) -> None:
    """Take out what is over."""
    if context.guards.clock.jumped() or context.guards.clock.notice() is not None:
        return
    counts = {kind: number for kind, number in retain(context, PROGRAM).items() if number}
    if counts:
        log.info("retention took out: %s", ", ".join(f"{count(number)} {kind}" for kind, number in counts.items()))
