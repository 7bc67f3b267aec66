"""The state of a report for the holder of its tracking code."""

from __future__ import annotations

from dataclasses import dataclass

from crisismap.core import moment
from crisismap.core.clock import Clock
from crisismap.core.errors import NotFound
from crisismap.core.event import Event
from crisismap.core.people.identity import code_number, id_text, read_code
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request, State
from crisismap.services.lists import read
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.guards import Guards
from crisismap.services.runtime.keys import Keys
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class Tracked:
    """The requester's own report and the actions on it, named by organisation and not by person."""

    current: CurrentReport
    area: str | None
    shelter: tuple[str, int] | None  # name of the nearest open one, distance in metres
    steps: tuple[tuple[Event, str], ...]  # (event, organisation)
    request: Request | None  # of the request itself, or of the one it was joined to
    due_at: int | None  # ms UTC, when `request` must be answered; None without a deadline


def track(store: Store, views: Views, code_tries: FailedTries, clock: Clock, code: str, address: str) -> Tracked:
    """Return the report of a code. Raises NotFound alike for all wrong codes, TooManyTries after ten in an hour."""
    current = store.reports.one(report_of(store, views.situation, code_tries, clock(), code, address))
    record = read.requester_record(store, views, clock, current.report.id)
    request, due_at = current.request, record.due_at
    if request is not None and request.state is State.JOINED:
        # Only its state and deadline are shown: its text and answer belong to another requester.
        head = store.requests.head(current.report.id)
        request, due_at = head.request, read.requester_record(store, views, clock, head.report.id).due_at
    nearest = record.nearest_shelter
    events = [event for event in store.events.of_report(current.seq) if event.verb != "contact.read"]
    return Tracked(
        current,
        record.area.name if record.area else None,
        (nearest.name, nearest.distance_m) if nearest else None,
        tuple((event, _by_organisation(views.situation, event.actor)) for event in events),
        request,
        moment.parse(due_at)[0] if due_at else None,
    )


def report_of(store: Store, situation: Situation, code_tries: FailedTries, now_ms: int, code: str, address: str) -> str:
    """Return the report id of a code. Raises NotFound alike for all wrong codes, TooManyTries after ten in an hour."""
    code_tries.check(address, now_ms)
    try:
        return id_of_code(store, situation, code)
    except NotFound:
        code_tries.failed(address, now_ms)
        raise


def id_of_code(store: Store, situation: Situation, code: str) -> str:
    """Return the report id of a code, without counting tries: for people who may read all reports. Raises NotFound."""
    number = read_code(code)
    if number is not None:
        board, row = read.wait_for_row(store, situation, Audience.AGENCY, lambda board: board.row_of_code(number))
        if row is not None:
            return id_text(board.id_raw(row))
    raise NotFound("no_report_with_code")


def require_code(
    store: Store, keys: Keys, guards: Guards, now_ms: int, code: str, address: str, report_id: str
) -> None:
    """Raise NotFound unless the code is this report's; a wrong one counts as a try, TooManyTries after ten in an hour.

    The code is derived from the id, so no lookup is needed and very recent reports are accepted.
    """
    guards.code_tries.check(address, now_ms)
    if read_code(code) != code_number(keys.tracking_code, report_id.lower()):
        guards.code_tries.failed(address, now_ms)
        raise NotFound("no_report")
    store.reports.one(report_id)  # the code of an unused id must not be accepted


def _by_organisation(situation: Situation, actor: str) -> str:
    person = situation.people.get(actor)
    return (person.org or "a team") if person else ""
