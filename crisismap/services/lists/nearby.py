"""Lists for people in the field: their own claims, unanswered requests, and reports to check.

All are read from the columns of the person's audience, so a volunteer's distance is to the published cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisismap.core.errors import Invalid
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.geodesy import distances_m
from crisismap.core.text.storable import check_length
from crisismap.rule_files import RuleFiles
from crisismap.services.lists.queue import QueueQuery, claimed_by, queue
from crisismap.services.lists.search import MAX_QUERY, PlaceHit, find_places
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.selection import Selection, in_areas
from crisismap.situation.record.features import Features
from crisismap.situation.record.record import Record

PAGE = 20


@dataclass(frozen=True, slots=True)
class NearbyQuery:
    """A query around a place (nearest first unless `urgent`) or in an area (code or name), and its page."""

    around: PlaceHit | None = None
    urgent: bool = False
    area: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class NearbyItem:
    """A record and its distance; None when either place is unknown."""

    record: Record
    metres: float | None


@dataclass(frozen=True, slots=True)
class NearbyPage:
    """One page of items, the total, and the number that follows."""

    items: tuple[NearbyItem, ...]
    total: int
    more: bool


def place_of(views: Views, typed: str) -> PlaceHit | None:
    """Return the place of typed coordinates or of a layer's name; None for empty text. Raises Invalid."""
    query = " ".join(typed.split())
    if not query:
        return None
    check_length("near", query, MAX_QUERY)
    places = find_places(views, query, 1)
    if not places:
        raise Invalid("near", query, "not_a_place")
    return places[0]


def own_claims(
    views: Views, rules: RuleFiles, now_ms: int, person: Person, around: PlaceHit | None = None
) -> tuple[NearbyItem, ...]:
    """Return the person's claims, the one that expires first on top."""
    if person == STRANGER:
        return ()
    claims = queue(views, rules, now_ms, audience_of(person), QueueQuery(claimed_by=person.id))
    ends = claims.board.part(claims.rows)["claim_until"]
    return _items(views.features, now_ms, claims.board, claims.rows[np.argsort(ends, kind="stable")], around)


def requests(views: Views, rules: RuleFiles, now_ms: int, person: Person, query: NearbyQuery) -> NearbyPage:
    """Return unanswered requests of others; those without a place last if ordered by distance."""
    selection = Selection(area=(query.area,)) if query.area else Selection()
    unanswered = queue(views, rules, now_ms, audience_of(person), QueueQuery(selection))
    rows = unanswered.rows[~claimed_by(views.situation, unanswered.board.part(unanswered.rows), person.id)]
    return _page(views.features, now_ms, unanswered.board, rows, query)


def checks(views: Views, now_ms: int, person: Person, query: NearbyQuery) -> NearbyPage:
    """Return information-only reports that were not checked recently, longest ago first."""
    board = views.situation.board(audience_of(person))
    keep = board.stale(views.situation.rules.clocks.stale_ms, now_ms)
    if query.area:
        keep = keep & in_areas(board, (query.area,), views.situation.areas)
    rows = np.flatnonzero(keep)
    checked_at = np.maximum(board["at"][rows], board["reconfirmed_at"][rows])
    return _page(views.features, now_ms, board, rows[np.argsort(checked_at, kind="stable")], query)


def _page(features: Features, now_ms: int, board: Board, rows: Rows, query: NearbyQuery) -> NearbyPage:
    if query.around is not None and not query.urgent:
        rows = rows[np.argsort(_metres(board, rows, query.around), kind="stable")]  # NaN comes last
    begin = (max(1, query.page) - 1) * PAGE
    page_rows = rows[begin : begin + PAGE]
    return NearbyPage(_items(features, now_ms, board, page_rows, query.around), len(rows), begin + PAGE < len(rows))


def _items(
    features: Features, now_ms: int, board: Board, rows: Rows, around: PlaceHit | None
) -> tuple[NearbyItem, ...]:
    records = features.records(board, rows, now_ms)
    metres: list[float | None] = [None] * len(records) if around is None else _metres(board, rows, around).tolist()
    return tuple(NearbyItem(r, m if m == m else None) for r, m in zip(records, metres, strict=True))  # noqa: PLR0124 - NaN


def _metres(board: Board, rows: Rows, around: PlaceHit) -> NDArray[np.float64]:
    """Return distances, NaN for rows without a place."""
    return distances_m(around.lon, around.lat, board["lon"][rows], board["lat"][rows])
