"""past: the situation in numbers and layers as an audience knew them at an earlier moment."""

from __future__ import annotations

from typing import Any

from crisismap.core import moment
from crisismap.core.layer.layer import VersionHead
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import Context
from crisismap.services.runtime.time_travel import PastLayer, PastMoment, since_ms
from crisismap.situation.board import counts


def look_at(context: Context, audience: Audience, at_ms: int) -> PastMoment:
    """What an audience may know of a past moment."""
    return context.past.look(audience, at_ms)


def span(context: Context, audience: Audience) -> tuple[int, int] | None:
    """When the first and the last report was known; None while there is none."""
    known_at = context.situation.board(audience)["known_at"]
    return (int(known_at.min()), int(known_at.max())) if len(known_at) else None


def layers_at(context: Context, at_ms: int) -> list[PastLayer]:
    """Today's layers, each with the version that was known at a moment. What was taken back is not shown any more."""
    found = []
    for layer_id, version in context.situation.layers.items():
        heads = context.store.layers.versions(layer_id)
        by_then = [head for head in heads if since_ms(head) <= at_ms]
        head = max(by_then, key=lambda each: (since_ms(each), each.version), default=None)
        found.append(PastLayer(version.layer, head, bool(heads) and min(each.version for each in heads) > 1))
    return found


def numbers(context: Context, audience: Audience, at_ms: int) -> dict[str, Any]:
    """The situation in numbers as it was known at a moment, with the members of the live one and `at`."""
    looked = look_at(context, audience, at_ms)
    board, then_ms = looked.board, looked.at_ms
    whole = look_at(context, Audience.AGENCY, then_ms).board
    layers = [
        {
            "id": each.layer.id,
            "role": str(each.layer.role),
            "age_s": max(0, then_ms - each.moment_ms) // 1000,
            "version": each.head.version,
            "features": _count(context, each.layer.id, each.head),
        }
        for each in layers_at(context, then_ms)
        if each.head is not None
    ]
    return {
        "at": moment.rfc3339(then_ms),
        "made_up": context.made_up,
        **counts.totals(context.situation, board, then_ms),
        "by_area": counts.by_area(context.situation, board, then_ms),
        "by_category": counts.by_category(context.situation, audience, board, then_ms, whole=whole),
        "layers": layers,
    }


def _count(context: Context, layer_id: str, head: VersionHead) -> int:
    if head.count is not None:
        return head.count
    return len(context.past.version(layer_id, head.version).features)
