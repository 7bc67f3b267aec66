"""Offers of help near a request: shown to those who dispatch, never to the public."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crisismap.core.clock import Clock
from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import distances_m
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.services.lists.read import find_row
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.board.column import OFFER
from crisismap.situation.record.record import Record

MOST = 5
DAY_MS = 24 * 60 * 60 * 1000  # an older offer has to be asked for in its own queue


@dataclass(frozen=True, slots=True)
class NearbyOffer:
    """An offer of help; `distance_m` is None where the place of either is not known."""

    record: Record
    distance_m: float | None


def nearby_offers(store: Store, views: Views, clock: Clock, person: Person, report_id: str) -> list[NearbyOffer]:
    """Return the offers of the last day, nearest first, then those without a place, newest first.

    Nothing for an audience that may not see them. Raises NotFound.
    """
    audience = audience_of(person)
    board, row = find_row(store, views.situation, audience, report_id)
    if audience is not Audience.AGENCY:
        return []
    rows = np.flatnonzero((board["need"] == OFFER) & (board["received_at"] > clock() - DAY_MS))
    placed = board.has_place[rows] & board.has_place[row]
    lon, lat = float(board["lon"][row]), float(board["lat"][row])
    metres = np.where(placed, distances_m(lon, lat, board["lon"][rows], board["lat"][rows]), np.inf)
    order = np.lexsort((-rows, metres))[:MOST]
    records = views.features.records(board, rows[order], clock())
    return [
        NearbyOffer(record, away if np.isfinite(away) else None)
        for record, away in zip(records, metres[order].tolist(), strict=True)
    ]
