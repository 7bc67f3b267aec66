"""Facts about a report as plain lines: verification, outcome, joined requests, nearby shelters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from crisismap.core import moment
from crisismap.core.errors import shorten
from crisismap.core.place.place import PlacementStatus
from crisismap.i18n import english
from crisismap.services.around.offers import NearbyOffer
from crisismap.services.around.route import NO_ROUTE, Route
from crisismap.services.around.same_subject import RelatedReport
from crisismap.services.around.shelters import Shelter
from crisismap.services.requests.location_moves import LocationMove
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.situation.record.record import Record
from crisismap.ui.frame.local_time import short_time
from crisismap.ui.frame.wording import age, ago, count_phrase, distance, role_group
from crisismap.ui.requests.card import TURNS

OFF_ROAD_M = 20.0  # a shorter walk to or from a road is left out
MOVERS = {"volunteer": "a volunteer", "responder": "a responder", "file": "a row of an imported file"}
SHORT = 120  # characters of another request's text


def verification(detail: ReportDetail) -> list[str]:
    """Return who verified or disputed the report and why, and how many people report the same."""
    record, current = detail.record, detail.current
    status = record.verification or "unverified"
    reporters = record.reporters or 1
    reporters_text = f"{count_phrase(reporters, 'independent person says', 'independent people say')} the same"
    if current is None:
        return [status.capitalize() + (f": {reporters_text}" if reporters > 1 else "")]
    standing = current.standing
    lines = []
    if standing.verdict:
        person_name = detail.names.get(standing.by or "", "")
        lines.append(f"{standing.verdict.capitalize()}{f' by {person_name}' if person_name else ''}: {standing.reason}")
    if reporters > 1:
        lines.append(f"Corroborated: {reporters_text}" if not standing.verdict else reporters_text.capitalize())
    return lines or ["Unverified: one report, and nobody has checked it."]


def outcome(detail: ReportDetail, zone: tzinfo) -> list[str]:
    """Return the answer of a team and the confirmation of the requester as two separate facts."""
    record, current = detail.record, detail.current
    request = current.request if current is not None else None
    if request is None:
        return []
    lines = []
    if request.answer is not None:
        team = detail.names.get(request.answer.by, "") or "a team"
        lines.append(f"Answered by a team: {short_time(request.answer.at_ms, zone)}, {team}")
        reply = f"yes, {short_time(request.confirmed_at, zone)}" if request.confirmed_at is not None else "not yet"
        lines.append(f"Confirmed by the requester: {reply}")
    if request.why and record.state == "cannot_meet":
        lines.append(f"Unable to help: {request.why}")
    if record.escalated_to:
        lines.append(f"Escalated to {role_group(record.escalated_to)}")
    return lines


def priority_override(detail: ReportDetail) -> list[str]:
    """Return who overrode the priority, and why."""
    request = detail.current.request if detail.current is not None else None
    if request is None or request.overruling is None:
        return []
    person_name = detail.names.get(request.overruling.by, "") or "someone"
    return [f"Priority overridden by {person_name}: {request.overruling.reason}"]


def location_move(move: LocationMove) -> str:
    """Return what was moved or is proposed, by whom, and where it was before."""
    role = MOVERS.get(move.by_role, "somebody")
    who = f"{move.by}, {role}" if move.by else role
    where, was = _point(move.lon, move.lat), "" if move.was is None else f", was {_point(*move.was)}"
    away = "" if move.moved_m is None else distance(move.moved_m)
    if move.status is PlacementStatus.PROPOSED:
        far = f"{away} away" if away else "outside of the incident"
        begun = f"{who[:1].upper()}{who[1:]} proposes another location {far}"
        return f"{begun}: {where} ({move.source}). The location has not changed."
    done = f"Moved {away} by {who}{was}" if away else f"Set outside of the incident by {who}"
    return f"{done}. Confirmed." if move.status is PlacementStatus.CONFIRMED else f"{done}. Check it."


def _point(lon: float, lat: float) -> str:
    return f"{lat:.5f}, {lon:.5f}"


def place_in_list(detail: ReportDetail) -> list[str]:
    """Return why it comes sooner or later than its waiting time says, while many wait in its priority."""
    return [TURNS[detail.lane][1]] if detail.lane in TURNS else []


def freshness(detail: ReportDetail, now_ms: int) -> str:
    """Return when an information-only report was last known to be correct; "" for requests."""
    if detail.record.asks:
        return ""
    last_ms, times = moment.parse(detail.record.observed_at)[0], ""
    standing = detail.current.standing if detail.current is not None else None
    if standing is not None and standing.reconfirmed_at:
        last_ms = max(last_ms, standing.reconfirmed_at)
        times = f", confirmed again {count_phrase(standing.reconfirmed, 'time')}"
    return f"last known to be correct {ago(last_ms, now_ms)}{times}"


def joined_requests(detail: ReportDetail, now_ms: int) -> list[str]:
    """Return the request that this one is joined to, and the requests joined to it."""
    lines = [f"Joined to: {brief(detail.head, now_ms)}"] if detail.head is not None else []
    if detail.record.asking > 1:
        lines.append(f"{detail.record.asking} joined requests:")
        lines += [f"also {brief(each, now_ms)}" for each in detail.members]
    return lines


def offers(nearby: Sequence[NearbyOffer]) -> list[str]:
    """Return the offers of help nearby, with what they say."""
    lines = []
    for offer in nearby:
        away = f"{distance(offer.distance_m)} away" if offer.distance_m is not None else "place not known"
        lines.append(f"{away}: {shorten(offer.record.text or 'no text', SHORT)}")
    return lines


def related_reports(others: Sequence[RelatedReport], now_ms: int) -> list[str]:
    """Return what other reports say about the same shelter or road, newest first."""
    return [
        f"{other.status}{'' if other.agrees else ' (contradicts this report)'} · "
        f"seen {ago(moment.parse(other.record.observed_at)[0], now_ms)} · {distance(other.distance_m)} away"
        for other in others
    ]


def shelters(nearest: Sequence[Shelter], now_ms: int) -> list[str]:
    """Return the nearest open shelters: distance, direction, what the layer says and what people report."""
    return [" · ".join(_shelter(each, now_ms)) for each in nearest]


def _shelter(each: Shelter, now_ms: int) -> Iterator[str]:
    yield f"{each.name or each.id}: {distance(each.distance_m or 0)} {each.direction} in a straight line"
    if each.route is not None:
        yield _route_line(each.route)
    yield each.facility.wording() or "free places not stated"
    yield f"as of {ago(each.as_of_ms, now_ms)}"
    for claims in each.people:
        confirmed = f", {claims.verified} verified" if claims.verified else ""
        count_text = count_phrase(claims.reports, "report says", "reports say")
        yield f"{count_text} {claims.status}{confirmed}, {ago(claims.last_ms, now_ms)}"


def route_steps(shelter: Shelter) -> list[str]:
    """Return the steps to a shelter, road by road; none where no route by road is known."""
    route = shelter.route
    if route is None or not route.by_road:
        return []
    lines = [
        f"{distance(step.metres)} along {step.name or 'an unnamed road'}, {step.direction}" for step in route.steps
    ]
    if route.start_m >= OFF_ROAD_M:
        lines.insert(0, f"{distance(route.start_m)} {route.start_direction} to the road")
    if route.end_m >= OFF_ROAD_M:
        lines.append(f"{distance(route.end_m)} {route.end_direction} from the road")
    return [*lines, "Not known to be blocked does not mean safe."]


def _route_line(route: Route) -> str:
    stretches = count_phrase(route.avoided, "stretch", "stretches")
    if route.by_road:
        closures = f", avoiding {stretches} known to be closed" if route.avoided else ""
        return f"{distance(route.metres)} along roads not known to be blocked{closures}"
    if route.why == NO_ROUTE:
        closures = f": {stretches} of the shortest route known to be closed" if route.avoided else ""
        return f"no route found along roads not known to be blocked{closures}"
    return "no road layer is loaded"


def brief(record: Record, now_ms: int) -> str:
    """Return another request in one line."""
    return " · ".join(_parts(record, now_ms))


def _parts(record: Record, now_ms: int) -> Iterator[str]:
    yield f"{record.priority or ''} {english().category(record.category)}".strip()
    yield f"{age((now_ms - moment.parse(record.received_at)[0]) / 1000)} ago"
    if text := shorten(record.text or record.place or "", SHORT):
        yield text
    if record.area and record.lon is not None:
        yield record.area.name
