"""Job "clock": after a jump of the system clock, running claims keep their remaining time."""

from __future__ import annotations

import logging

from crisismap.core.event import EventDraft
from crisismap.logs import count
from crisismap.services.runtime.context import Context

log = logging.getLogger(__name__)


def watch_clock(context: Context) -> None:
    """Move the ends of running claims with the clock, and store the jump."""
    jump = context.guards.clock.update()
    if jump is None:
        return
    log.warning("the system clock jumped by %s s", count(jump.by_ms // 1000))
    event = EventDraft("clock.jump", "", "system", jump.after, {"before": jump.before, "after": jump.after})
    done = context.store.requests.move_claims(jump.by_ms, event, context.guards.clock.jumps).result()
    context.views.situation.wait(done.revision)
