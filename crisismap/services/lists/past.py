"""The numbers and layers of a past moment, for one audience."""

from __future__ import annotations

from typing import Any

from crisismap.core import moment
from crisismap.core.layer.layer import VersionHead
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.services.lists.read import numbers_json
from crisismap.services.runtime.time_travel import PastLayer, TimeTravel
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation


def span(situation: Situation, audience: Audience) -> tuple[int, int] | None:
    """Return when the first and the last report became known; None without reports."""
    known_at = situation.board(audience)["known_at"]
    return (int(known_at.min()), int(known_at.max())) if len(known_at) else None


def layers_at(store: Store, situation: Situation, at_ms: int) -> list[PastLayer]:
    """Return current layers with their versions at a moment; withdrawn layers are left out."""
    layers = []
    for layer_id, version in situation.layers.items():
        heads = store.layers.versions(layer_id)
        past_heads = [head for head in heads if head.moment_ms <= at_ms]
        head = max(past_heads, key=lambda each: (each.moment_ms, each.version), default=None)
        layers.append(PastLayer(version.layer, head, bool(heads) and min(each.version for each in heads) > 1))
    return layers


def numbers(store: Store, views: Views, audience: Audience, at_ms: int) -> dict[str, Any]:
    """Return the numbers of a past moment, in the same form as the live ones, with `at`."""
    past = views.history.at(audience, at_ms)
    agency_board = views.history.at(Audience.AGENCY, past.at_ms).board
    layers = [
        (each.layer, each.moment_ms, each.head.version, _count(views.history, each.layer.id, each.head))
        for each in layers_at(store, views.situation, past.at_ms)
        if each.head is not None
    ]
    then = numbers_json(views, audience, past.board, past.at_ms, layers, whole=agency_board)
    return {"at": moment.rfc3339(past.at_ms), **then}


def _count(history: TimeTravel, layer_id: str, head: VersionHead) -> int:
    return head.count if head.count is not None else len(history.version(layer_id, head.version).features)
