"""Escalation: which roles are called for an unanswered request; each is called once."""

from __future__ import annotations

from collections.abc import Sequence

from crisismap.core.event import EventDraft
from crisismap.core.report.request import Request, escalate


def call_roles(
    roles: Sequence[str], report_id: str, request: Request, steps: int, now_ms: int
) -> tuple[Request, tuple[EventDraft, ...]]:
    """Return the request with roles called up to `steps`, and the event of each new call.

    `roles`: those of data/rules/clocks.toml, in their order.
    """
    steps = min(steps, len(roles))
    if steps <= request.escalated:
        return request, ()
    calls = tuple(
        EventDraft("request.escalate", report_id, "system", now_ms, {"step": n + 1, "to": roles[n]})
        for n in range(request.escalated, steps)
    )
    return escalate(request, steps), calls
