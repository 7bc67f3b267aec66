"""What people do to reports and requests in tests: each verb as a call, carried out by `perform`."""

from __future__ import annotations

from collections.abc import Sequence

from crisismap.core.done import Done
from crisismap.core.people.person import Person
from crisismap.core.place.place import Placement
from crisismap.core.report.report import Contact
from crisismap.core.verb import (
    AnswerBody,
    Body,
    ClaimBody,
    JoinBody,
    MoveBody,
    PlaceBody,
    PriorityBody,
    ReasonBody,
    VerifyBody,
)
from crisismap.core.verbs import VERBS
from crisismap.services.requests import contact
from crisismap.services.requests.perform import Act, Pending, begin
from crisismap.services.runtime.context import Context


def do(context: Context, person: Person | None, report_id: str, version: int | None, verb: str, body: Body) -> Pending:
    act = Act(person, report_id, version, verb, body, context.views.extent)
    return begin(context.store, context.rules, context.clock(), act)


def by_code(context: Context, report_id: str, verb: str, version: int | None, note: str = "") -> Pending:
    """What the holder of the tracking code does."""
    body = VERBS[verb].body
    return do(
        context, None, report_id, version, verb, body(**{"note": note} if "note" in body.__struct_fields__ else {})
    )


def claim(c: Context, person: Person, report: str, version: int | None, *, minutes: int | None = None) -> Pending:
    return do(c, person, report, version, "claim", ClaimBody(minutes))


def release(c: Context, person: Person, report: str, version: int | None) -> Pending:
    return do(c, person, report, version, "release", Body())


def answer(
    c: Context, person: Person, report: str, version: int | None, *, note: str, photo_ids: Sequence[str] = ()
) -> Pending:
    return do(c, person, report, version, "answer", AnswerBody(note, tuple(photo_ids)))


def cannot_meet(c: Context, person: Person, report: str, version: int | None, *, reason: str) -> Pending:
    return do(c, person, report, version, "cannot_meet", ReasonBody(reason))


def priority(c: Context, person: Person, report: str, version: int | None, *, priority: int, reason: str) -> Pending:
    return do(c, person, report, version, "priority", PriorityBody(f"P{priority}", reason))


def join(c: Context, person: Person, report: str, version: int | None, *, to: str) -> Pending:
    return do(c, person, report, version, "join", JoinBody(to))


def separate(c: Context, person: Person, report: str, version: int | None) -> Pending:
    return do(c, person, report, version, "separate", Body())


def reopen(c: Context, person: Person, report: str, version: int | None) -> Pending:
    return do(c, person, report, version, "reopen", VERBS["reopen"].body())


def place(c: Context, person: Person, report: str, version: int | None, at: Placement) -> Pending:
    return do(c, person, report, version, "place", PlaceBody(at.lon, at.lat, at.source, at.accuracy_m))


def confirm_place(c: Context, person: Person, report: str, version: int | None, number: int | None = None) -> Pending:
    return do(c, person, report, version, "confirm_place", MoveBody(number))


def put_back(c: Context, person: Person, report: str, version: int | None, number: int | None = None) -> Pending:
    return do(c, person, report, version, "put_back", MoveBody(number))


def verify(c: Context, person: Person, report: str, version: int | None, *, status: str, reason: str) -> Pending:
    return do(c, person, report, version, "verify", VerifyBody(status, reason))


def reconfirm(c: Context, person: Person, report: str, version: int | None) -> Pending:
    return do(c, person, report, version, "reconfirm", Body())


def clear(c: Context, person: Person, report: str, version: int | None) -> Pending:
    return do(c, person, report, version, "clear", Body())


def withhold(c: Context, person: Person, report: str, version: int | None, *, reason: str) -> Pending:
    return do(c, person, report, version, "withhold", ReasonBody(reason))


def reconsider(c: Context, person: Person, report: str, version: int | None) -> Pending:
    return do(c, person, report, version, "reconsider", Body())


def read_contact(c: Context, person: Person, report: str) -> Done[Contact]:
    return contact.read_contact(c.store, c.clock(), person, report)
