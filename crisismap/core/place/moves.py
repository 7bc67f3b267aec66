"""Moves of a location: which are far, who may make them, and how they are confirmed and put back; pure.

Every path by which a location changes comes here: the verbs, and a changed row of an imported file. A far move of
somebody who may not make it alone is kept as a proposal. `data/rules/moves.toml` says what is far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from crisismap.core.errors import Misconfigured, WrongState
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.place import Extent, Placement, PlacementStatus, place_flags

FAR, PROPOSED = PlacementStatus.FAR, PlacementStatus.PROPOSED
CONFIRMED, DECLINED, NEAR, SET = (PlacementStatus[name] for name in ("CONFIRMED", "DECLINED", "NEAR", "SET"))
PROPOSE_PLACE = "report.propose_place"  # the event of a location that waits for a second person
MOST_PLACES = 40  # of a report; beyond it the oldest that nothing depends on are dropped
Places = tuple[Placement, ...]


@dataclass(frozen=True, slots=True)
class MoveRules:
    """When a move is far, in metres."""

    far_m: float = 5_000.0
    accuracy_most_m: float = 20_000.0


@dataclass(frozen=True, slots=True)
class Moving:
    """The circumstances of a move: the place sent with the report, the incident, and who moves.

    `seen` returns a place as the mover may see it, so that the answer tells nothing of the exact one. `may_far`:
    whether the mover may make a far move alone.
    """

    sent: Placement | None
    extent: Extent | None
    rules: MoveRules
    seen: Callable[[Placement], Placement]
    may_far: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """All places after a move, its outcome, and how far it was: None from no place at all."""

    places: Places
    status: PlacementStatus
    metres: float | None

    @property
    def facts(self) -> dict[str, Any]:
        """Return the facts of its event: of a far move only, as events have no personal data."""
        if self.status not in (FAR, PROPOSED):
            return {}
        return {"far": True, "moved_m": None if self.metres is None else round(self.metres, -2)}


def move(places: Places, new: Placement, moving: Moving) -> Moved:
    """Return the places with a new one, which counts unless it is a far move that the mover may not make alone."""
    origin = _origin(places, moving.sent, new.by)
    seen = moving.seen(origin) if origin is not None else None
    metres = None if seen is None else distance_m(seen.lon, seen.lat, new.lon, new.lat)
    is_far = _is_far(seen, new, moving)
    if is_far and not moving.may_far:
        others = tuple(each for each in places if each.status is not PROPOSED or each.by != new.by)
        return Moved(_bounded((*others, replace(new, status=PROPOSED))), PROPOSED, metres)
    placed = replace(new, status=(FAR if is_far else SET) if moving.may_far else NEAR)
    return _counted(places, placed, moving, metres)


def confirm(places: Places, number: int | None, by: str, moving: Moving) -> Moved:
    """Return the places after a second person confirmed a proposal or a far move. Raises WrongState.

    `number`: the place's, from 1; None for the newest proposal, else for what was moved far.
    """
    at = _chosen(places, number, (PROPOSED, FAR) if moving.may_far else (PROPOSED,))
    target = places[at]
    if target.by == by:
        raise WrongState("own_move")
    if target.status is FAR:
        return Moved(_with_status(places, {FAR}, CONFIRMED), CONFIRMED, None)
    rest = (*places[:at], *places[at + 1 :])
    return _counted(rest, replace(target, status=CONFIRMED if moving.may_far else FAR), moving, None)


def put_back(places: Places, number: int | None) -> Places:
    """Return the places without a far move and what followed it, or without a proposal. Raises WrongState.

    `number`: the place's, from 1; None for what is flagged, else for the newest proposal, else for a confirmed move.
    """
    at = _chosen(places, number, (FAR, PROPOSED, CONFIRMED))
    if places[at].status is PROPOSED:
        return (*places[:at], replace(places[at], status=DECLINED), *places[at + 1 :])
    return _without_counting(places, _beginning(places, at))


def reviewable(places: Places) -> list[int]:
    """Return the numbers of the places that wait for somebody's word: proposals, and what was moved far."""
    numbers = [at + 1 for at, each in enumerate(places) if each.status is PROPOSED]
    newest = [at + 1 for at, each in enumerate(places) if each.status is FAR][-1:]
    return newest + numbers


def can_put_back(places: Places) -> bool:
    """Return whether there is a far move or a proposal."""
    return any(each.status in (FAR, CONFIRMED, PROPOSED) for each in places)


def before(places: Places, at: int, sent: Placement | None) -> Placement | None:
    """Return the place to which a move is put back, or that a proposal would replace; `at` is its index."""
    first = len(places) if places[at].status is PROPOSED else _beginning(places, at)
    return next((each for each in reversed(places[:first]) if each.counts), sent)


def move_rules_from(data: Mapping[str, Any], name: str) -> MoveRules:
    """Return the rules from their TOML table; `name` is the file that an error names."""
    values = {each.name: data.get(each.name, each.default) for each in fields(MoveRules)}
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise Misconfigured("rule_not_positive", file=name, key=key, given=repr(value))
    return MoveRules(**values)


def _counted(places: Places, new: Placement, moving: Moving, metres: float | None) -> Moved:
    """Return the places with a new one that counts, and what follows from it for those that waited."""
    if FAR in {each.status for each in places} and new.status is not NEAR:
        first = _beginning(places, _chosen(places, None, (FAR,)))
        origin = _origin(places[:first], moving.sent, new.by)
        if not _is_far(None if origin is None else moving.seen(origin), new, moving):
            # It is where it was before the far move: that one is put back.
            places, new = _without_counting(places, first), replace(new, status=SET)
        elif new.status is SET:
            places = _with_status(places, {FAR}, CONFIRMED)
    if moving.may_far:  # what was proposed about there is done
        places = tuple(each for each in places if each.status is not PROPOSED or _is_far(each, new, moving))
    return Moved(_bounded((*places, new)), new.status, metres)


def _is_far(origin: Placement | None, new: Placement, moving: Moving) -> bool:
    if place_flags(new.lon, new.lat, moving.extent):
        return True
    if origin is None:
        return False
    accuracy = min(origin.accuracy_m or 0.0, moving.rules.accuracy_most_m)
    return distance_m(origin.lon, origin.lat, new.lon, new.lat) > max(moving.rules.far_m, accuracy)


def _origin(places: Places, sent: Placement | None, mover: str) -> Placement | None:
    """Return the place from which a move is measured: the last trusted one that somebody else set, else the first."""
    known = [each for each in (sent, *places) if each is not None and each.counts]
    trusted = [each for each in known if each.is_trusted and (each is sent or each.by != mover)]
    return trusted[-1] if trusted else known[0] if known else None


def _chosen(places: Places, number: int | None, statuses: Sequence[PlacementStatus]) -> int:
    """Return the index of the place with this number, or of the newest with the first of these statuses there is."""
    if number is not None:
        if not 1 <= number <= len(places) or places[number - 1].status not in statuses:
            raise WrongState("no_such_move")
        return number - 1
    for status in statuses:
        found = [at for at, each in enumerate(places) if each.status is status]
        if found:
            return found[-1]
    raise WrongState("no_such_move")


def _beginning(places: Places, at: int) -> int:
    """Return the index of the first step of a move: the first that is flagged, or the confirmed one itself."""
    return next(n for n, each in enumerate(places) if each.status is FAR) if places[at].status is FAR else at


def _with_status(places: Places, old: Iterable[PlacementStatus], new: PlacementStatus) -> Places:
    return tuple(replace(each, status=new) if each.status in old else each for each in places)


def _without_counting(places: Places, first: int) -> Places:
    """Return the places with those from `first` on declined that count."""
    return (*places[:first], *(replace(e, status=DECLINED) if e.counts else e for e in places[first:]))


def _bounded(places: Places) -> Places:
    kept = list(places)
    while len(kept) > MOST_PLACES:
        idle = (at for at, each in enumerate(kept[:-1]) if each.status in (DECLINED, NEAR))
        del kept[next(idle, 1)]  # the first stays: moves may be measured from it
    return tuple(kept)
