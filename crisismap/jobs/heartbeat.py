"""Job "heartbeat": a small write every few seconds, so that health is known without reports and recovers by itself.

Without it a server that a proxy has removed because its disk was full would never write again and so never recover.
"""

from __future__ import annotations

import logging

from crisismap.core.errors import Unavailable
from crisismap.core.ports import Store
from crisismap.problems import sentence

log = logging.getLogger(__name__)


def beat(store: Store, now_ms: int) -> None:
    """Write the current time."""
    try:
        store.upkeep.set_fact("heartbeat", str(now_ms)).result()
    except Unavailable as problem:
        log.warning("the heartbeat could not be written: %s", sentence(problem))
