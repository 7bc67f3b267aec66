"""track: what happened to my request, for whoever holds its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crisismap.core import moment
from crisismap.core.errors import NotFound
from crisismap.core.event import Event
from crisismap.core.people.identity import code_number, id_text, read_code
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request, State
from crisismap.services.lists import read
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class Tracked:
    """The requester's own report, and what was done; by organisation, not by person."""

    current: CurrentReport
    area: str | None
    shelter: tuple[str, int] | None  # nearest open one and metres to it
    steps: tuple[tuple[Event, str], ...]  # event and who did it
    standing: Request | None  # of the request that stands for this one: its own, or what it was joined to
    due_at: int | None  # ms UTC, when that one has to be answered; None: nothing runs


def track(
    store: Store, views: Views, code_tries: FailedTries, clock: Callable[[], int], code: str, address: str
) -> Tracked:
    """The report of a code. Raises NotFound alike for all wrong codes, TooManyTries after ten in an hour."""
    current = store.reports.one(report_of(store, views.situation, code_tries, clock(), code, address))
    record = read.requester_record(store, views, clock, current.report.id)
    standing, due_at = current.request, record.due_at
    if standing is not None and standing.state is State.JOINED:
        # Only its state and its clock are told: its words and its answer are another requester's.
        head = store.requests.head(current.report.id)
        standing, due_at = head.request, read.requester_record(store, views, clock, head.report.id).due_at
    nearest = record.nearest_shelter
    steps = tuple(
        (event, _by_organisation(views.situation, event.actor)) for event in store.events.of_report(current.seq)
    )
    return Tracked(
        current,
        record.area.name if record.area else None,
        (nearest.name, nearest.distance_m) if nearest else None,
        tuple(step for step in steps if step[0].verb != "contact.read"),
        standing,
        moment.parse(due_at)[0] if due_at else None,
    )


def report_of(store: Store, situation: Situation, code_tries: FailedTries, now_ms: int, code: str, address: str) -> str:
    """The id of a code's report. Raises NotFound alike for all wrong codes, TooManyTries after ten in an hour."""
    code_tries.check(address, now_ms)
    found = id_of_code(store, situation, code)
    if found is None:
        code_tries.failed(address, now_ms)
        raise NotFound("no_report_with_code")
    return found


def id_of_code(store: Store, situation: Situation, code: str) -> str | None:
    """The id of a code's report; None where there is none. Counts no tries: for those who may look at all reports."""
    number = read_code(code)
    if number is None:
        return None
    board = situation.board(Audience.AGENCY)
    row = board.row_of_code(number)
    if row is None:
        # It may be so new that the situation has not heard of it yet.
        situation.wait(store.events.revision(), read.CATCH_UP_S)
        board = situation.board(Audience.AGENCY)
        row = board.row_of_code(number)
    return None if row is None else id_text(board.id_raw(row))


def require_code(
    store: Store, tracking_code: bytes, code_tries: FailedTries, now_ms: int, code: str, address: str, report_id: str
) -> None:
    """Raise NotFound unless the code is this report's; a wrong one counts as a try, TooManyTries after ten in an hour.

    The code follows from the id, so that nothing has to be looked up, and a report that came a moment ago is known.
    """
    code_tries.check(address, now_ms)
    if read_code(code) != code_number(tracking_code, report_id.lower()):
        code_tries.failed(address, now_ms)
        raise NotFound("no_report")
    store.reports.one(report_id)  # the code of an id that nobody was given opens nothing


def _by_organisation(situation: Situation, actor: str) -> str:
    person = situation.people.get(actor)
    return (person.org or "a team") if person else ""
