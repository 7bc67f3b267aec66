"""Job "feeds": fetches layers from their sources when they are due, each at its own interval."""

from __future__ import annotations

import logging

from crisismap.services.layers.feeds import client, refresh
from crisismap.services.runtime.context import Context

log = logging.getLogger(__name__)


def refresh_feeds(context: Context) -> None:
    """Fetch every source that is due, one after the other; a failure does not stop the others."""
    for followed in context.store.layers.sources():
        if context.guards.stopping.is_set():
            return
        if followed.health.due_ms > context.clock():
            continue
        try:
            fetch_client = client(context.guards.stopping, context.settings)
            refresh(context.store, context.views, context.clock, followed, fetch_client)
        except Exception:
            log.exception("the layer %s could not be refreshed; trying again later", followed.source.layer_id)
