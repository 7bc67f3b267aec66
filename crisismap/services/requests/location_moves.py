"""Far moves and proposals of a report's location, as the person who reads them may know the places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from crisismap.core.own_channels import FILE
from crisismap.core.people.person import Person
from crisismap.core.place import moves
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.place import Placement, PlacementStatus
from crisismap.core.ports import Store
from crisismap.core.privacy import MOVE_PROPOSED, MOVED_FAR, Audience, published_place
from crisismap.core.report.report import CurrentReport
from crisismap.rule_files import RuleFiles
from crisismap.services.lists.queue import claimed_by
from crisismap.services.requests.perform import require_visible
from crisismap.services.runtime.context import audience_of, require
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class LocationMove:
    """A location that was moved far, or that somebody proposes; places and names as the reader may know them."""

    number: int  # for confirm_place and put_back
    status: PlacementStatus
    lon: float
    lat: float
    accuracy_m: float | None
    source: str
    at_ms: int
    by: str  # who moved it: a name, "" where the reader may not know it
    by_role: str  # volunteer, responder or file; "" for unknown
    was: tuple[float, float] | None  # longitude and latitude before; None: it had none
    moved_m: float | None
    can_confirm: bool  # by the reader


def moves_of(
    store: Store, rules: RuleFiles, people: Mapping[str, Person], person: Person, report_id: str
) -> list[LocationMove]:
    """Return what waits or was moved far of one report. Raises NotSignedIn, Forbidden, NotFound."""
    require(person, "report.confirm_place")
    now = store.reports.one(report_id)
    require_visible(rules, person, now)
    return location_moves(rules, people, person, now)


def location_moves(
    rules: RuleFiles, people: Mapping[str, Person], person: Person, now: CurrentReport
) -> list[LocationMove]:
    """Return what waits or was moved far, that which is on the map first; nothing for who could not confirm it."""
    if not now.places or not person.may("report.confirm_place"):
        return []
    exact = audience_of(person) is Audience.AGENCY

    def seen(place: Placement) -> Placement:
        return place if exact else published_place(now, place, rules.privacy)

    def shown(number: int) -> LocationMove:
        place = now.places[number - 1]
        earlier = moves.before(now.places, number - 1, now.sent_place())
        there, was = seen(place), None if earlier is None else seen(earlier)
        mover = people.get(place.by)
        return LocationMove(
            number=number,
            status=place.status,
            lon=there.lon,
            lat=there.lat,
            accuracy_m=there.accuracy_m,
            source=place.source,
            at_ms=place.at_ms,
            by=mover.label() if mover is not None and exact else "",
            by_role=_role(place, mover),
            was=None if was is None else (was.lon, was.lat),
            moved_m=None if was is None else distance_m(was.lon, was.lat, there.lon, there.lat),
            can_confirm=place.by != person.id and (exact or place.status is PlacementStatus.PROPOSED),
        )

    return [shown(number) for number in _numbers(now.places)]


def moved_claims(situation: Situation, person: Person) -> int:
    """Return how many requests that the person has claimed wait for a word about a move of their location."""
    board = situation.board(Audience.AGENCY)
    flags = board["flags"][claimed_by(situation, board, person.id)]
    moved = [
        number
        for number, names in enumerate(situation.vocabularies.flags.items)
        if MOVED_FAR in names or MOVE_PROPOSED in names
    ]
    return int(np.count_nonzero(np.isin(flags, moved)))


def _numbers(places: moves.Places) -> Iterator[int]:
    waiting = moves.reviewable(places)
    if not waiting:  # the last far move that somebody has confirmed can still be put back
        waiting = [at for at, each in enumerate(places, 1) if each.status is PlacementStatus.CONFIRMED][-1:]
    yield from waiting


def _role(place: Placement, mover: Person | None) -> str:
    if place.source == FILE:
        return "file"
    return next((role for role in ("responder", "volunteer") if mover is not None and role in mover.roles), "")
