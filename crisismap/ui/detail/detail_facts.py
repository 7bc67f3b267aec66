"""Facts about a report as plain lines: verification, outcome, joined requests, nearby shelters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from crisismap.core import moment
from crisismap.core.errors import shorten
from crisismap.i18n import english
from crisismap.services.around.route import NO_ROUTE, Route
from crisismap.services.around.same_subject import RelatedReport
from crisismap.services.around.shelters import Shelter
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.situation.record.record import Record
from crisismap.ui.frame.local_time import short_time
from crisismap.ui.frame.wording import age, ago, count_phrase, distance, role_group

OFF_ROAD_M = 20.0  # a shorter walk to or from a road is left out
SHORT = 120  # characters of another request's text


def verification(story: ReportDetail) -> list[str]:
    """Return who verified or disputed the report and why, and how many people report the same."""
    record, current = story.record, story.current
    status = record.verification or "unverified"
    reporters = record.reporters or 1
    many = f"{count_phrase(reporters, 'independent person says', 'independent people say')} the same"
    if current is None:
        return [status.capitalize() + (f": {many}" if reporters > 1 else "")]
    standing = current.standing
    lines = []
    if standing.verdict:
        who = story.names.get(standing.by or "", "")
        lines.append(f"{standing.verdict.capitalize()}{f' by {who}' if who else ''}: {standing.reason}")
    if reporters > 1:
        lines.append(f"Corroborated: {many}" if not standing.verdict else many.capitalize())
    return lines or ["Unverified: one report, and nobody has checked it."]


def outcome(story: ReportDetail, zone: tzinfo) -> list[str]:
    """Return the answer of a team and the confirmation of the requester as two separate facts."""
    record, current = story.record, story.current
    request = current.request if current is not None else None
    if request is None:
        return []
    lines = []
    if request.answer is not None:
        who = story.names.get(request.answer.by, "") or "a team"
        lines.append(f"Answered by a team: {short_time(request.answer.at_ms, zone)}, {who}")
        confirmed = f"yes, {short_time(request.confirmed_at, zone)}" if request.confirmed_at is not None else "not yet"
        lines.append(f"Confirmed by the requester: {confirmed}")
    if request.why and record.state == "cannot_meet":
        lines.append(f"Unable to help: {request.why}")
    if record.escalated_to:
        lines.append(f"Escalated to {role_group(record.escalated_to)}")
    return lines


def overruled(story: ReportDetail) -> list[str]:
    """Return who overrode the priority, and why."""
    request = story.current.request if story.current is not None else None
    if request is None or request.overruling is None:
        return []
    who = story.names.get(request.overruling.by, "") or "someone"
    return [f"Priority overridden by {who}: {request.overruling.reason}"]


def freshness(story: ReportDetail, now_ms: int) -> str:
    """Return when an information-only report was last known to be correct; "" for requests."""
    record, current = story.record, story.current
    if record.asks:
        return ""
    seen = moment.parse(record.observed_at)[0]
    again = current.standing.reconfirmed_at if current is not None else None
    times = (
        f", confirmed again {count_phrase(current.standing.reconfirmed, 'time')}"
        if again and current is not None
        else ""
    )
    return f"last known to be correct {ago(max(seen, again or 0), now_ms)}{times}"


def asking(story: ReportDetail, now_ms: int) -> list[str]:
    """Return the request that this one is joined to, and the requests joined to it."""
    lines = [f"Joined to: {brief(story.head, now_ms)}"] if story.head is not None else []
    if story.record.asking > 1:
        lines.append(f"{story.record.asking} joined requests:")
        lines += [f"also {brief(each, now_ms)}" for each in story.members]
    return lines


def related_reports(others: Sequence[RelatedReport], now_ms: int) -> list[str]:
    """Return what other reports say about the same shelter or road, newest first."""
    return [
        f"{other.status}{'' if other.agrees else ' (contradicts this report)'} · "
        f"seen {ago(moment.parse(other.record.observed_at)[0], now_ms)} · {distance(other.distance_m)} away"
        for other in others
    ]


def shelters(found: Sequence[Shelter], now_ms: int) -> list[str]:
    """Return the nearest open shelters: distance, direction, what the layer says and what people report."""
    return [" · ".join(_shelter(each, now_ms)) for each in found]


def _shelter(each: Shelter, now_ms: int) -> Iterator[str]:
    yield f"{each.name or each.id}: {distance(each.distance_m or 0)} {each.direction} in a straight line"
    if each.route is not None:
        yield _route_line(each.route)
    yield each.facility.wording() or "free places not stated"
    yield f"as of {ago(each.as_of_ms, now_ms)}"
    for claims in each.people:
        checked = f", {claims.verified} verified" if claims.verified else ""
        many = count_phrase(claims.reports, "report says", "reports say")
        yield f"{many} {claims.status}{checked}, {ago(claims.last_ms, now_ms)}"


def route_steps(shelter: Shelter) -> list[str]:
    """Return the steps to a shelter, road by road; none where no route by road is known."""
    found = shelter.route
    if found is None or not found.by_road:
        return []
    lines = [
        f"{distance(step.metres)} along {step.name or 'an unnamed road'}, {step.direction}" for step in found.steps
    ]
    if found.start_m >= OFF_ROAD_M:
        lines.insert(0, f"{distance(found.start_m)} {found.start_direction} to the road")
    if found.end_m >= OFF_ROAD_M:
        lines.append(f"{distance(found.end_m)} {found.end_direction} from the road")
    return [*lines, "Not known to be blocked does not mean safe."]


def _route_line(way: Route) -> str:
    many = count_phrase(way.avoided, "stretch", "stretches")
    if way.by_road:
        closures = f", avoiding {many} known to be closed" if way.avoided else ""
        return f"{distance(way.metres)} along roads not known to be blocked{closures}"
    if way.why == NO_ROUTE:
        closures = f": {many} of the shortest route known to be closed" if way.avoided else ""
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
