"""Job "snapshot": writes the situation to the data folder, so that the next start need not read every report."""

from __future__ import annotations

from crisismap.services.runtime.context import Context

AGE_S = 600.0  # a start after a crash reads again what came since


def save_snapshot(context: Context) -> None:
    """Write it at first, after something was erased, and when it has become old."""
    context.views.situation.save(AGE_S)
