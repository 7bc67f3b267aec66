"""place, verify, reconfirm: what people find out about a report, whether it asks for help or not."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.place.place import Placement, check_coordinates
from crisismap.core.report import verification
from crisismap.core.report.report import CurrentReport
from crisismap.services.intake.submit import storable
from crisismap.services.requests.respond import must_know
from crisismap.services.runtime.context import Context, require
from crisismap.store.store import Change
from crisismap.store.writer import Committed

MAX_SOURCE = 200  # characters


def place(
    context: Context, person: Person, report_id: str, version: int | None, placement: Placement
) -> Future[Committed[None]]:
    """Give a report a place, or a better one; what was said stays beside it."""
    require(person, "report.place")
    check_coordinates(placement.lon, placement.lat)
    if not placement.source.strip() or len(placement.source) > MAX_SOURCE:
        raise Invalid("source", placement.source, "source_of_place_missing", most=MAX_SOURCE)
    if placement.accuracy_m is not None and not 0 <= placement.accuracy_m <= 1e7:
        raise Invalid("accuracy_m", placement.accuracy_m, "not_metres", most=10000000)
    now_ms = context.clock()
    kept = replace(placement, source=storable(placement.source))

    def decide(now: CurrentReport) -> Change:
        must_know(context, person, now)
        return Change(EventDraft("report.place", report_id, person.id, now_ms), placement=kept)

    return context.store.change(report_id, version, decide)


def verify(
    context: Context, person: Person, report_id: str, version: int | None, *, status: str, reason: str
) -> Future[Committed[None]]:
    """Say that a report is true, or disputed, or that neither is known after all; with the reason."""
    require(person, "report.verify")
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        must_know(context, person, now)
        found = verification.verify(now.standing, person.id, status, storable(reason))
        event = EventDraft("report.verify", report_id, person.id, now_ms, {"status": status})
        return Change(event, standing=found)

    return context.store.change(report_id, version, decide)


def reconfirm(context: Context, person: Person, report_id: str, version: int | None) -> Future[Committed[None]]:
    """It still holds: the report is fresh again."""
    require(person, "report.reconfirm")
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        must_know(context, person, now)
        event = EventDraft("report.reconfirm", report_id, person.id, now_ms)
        return Change(event, standing=verification.reconfirm(now.standing, now_ms))

    return context.store.change(report_id, version, decide)
