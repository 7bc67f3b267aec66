"""The verbs of POST /api/v1/requests/{id}/VERB: what each takes, who may, and the use case behind it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import msgspec

from crisismap.core.errors import Invalid, Malformed, unexpected
from crisismap.core.people.person import Person
from crisismap.core.place.place import Placement
from crisismap.services.requests import assess, moderation, respond
from crisismap.services.runtime.context import Context
from crisismap.store.writer import Committed

Done = Future[Committed[None]]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a verb takes; the bare one takes nothing."""


class ClaimBody(Body, frozen=True):
    """claim: for how long; again = extend."""

    minutes: int | None = None


class AnswerBody(Body, frozen=True):
    """answer: what was done, and ids of photos that a team has added to this request."""

    note: str
    photo_ids: tuple[str, ...] = ()


class ReasonBody(Body, frozen=True):
    """cannot_meet, withhold: why."""

    reason: str


class PriorityBody(Body, frozen=True):
    """priority: P1 to P4, and why."""

    priority: str
    reason: str


class JoinBody(Body, frozen=True):
    """join: the id of the request that is to stand for both."""

    to: str


class PlaceBody(Body, frozen=True):
    """place: where it is, how exactly that is known, and how."""

    lon: float
    lat: float
    source: str
    accuracy_m: float | None = None


class VerifyBody(Body, frozen=True):
    """verify: verified, disputed, or unverified to take that back; and how that is known."""

    status: str
    reason: str


class NoteBody(Body, frozen=True):
    """confirm, reopen, withdraw: words to be added to what was said."""

    note: str | None = None


class AddBody(Body, frozen=True):
    """add: more words of the requester."""

    note: str


@dataclass(frozen=True, slots=True)
class Verb:
    """`permission`: what a person needs. `act` is None where only the holder of the tracking code may."""

    permission: str
    body: type[Body]
    act: Callable[[Context, Person, str, int | None, Any], Done] | None


def _place(context: Context, person: Person, report_id: str, version: int | None, body: PlaceBody) -> Done:
    placement = Placement(body.lon, body.lat, body.accuracy_m, body.source)
    return assess.place(context, person, report_id, version, placement)


def _priority(context: Context, person: Person, report_id: str, version: int | None, body: PriorityBody) -> Done:
    level = body.priority.strip().upper()
    if level not in ("P1", "P2", "P3", "P4"):
        raise Invalid("priority", body.priority, "not_a_priority")
    return respond.priority(context, person, report_id, version, priority=int(level[1]), reason=body.reason)


VERBS: dict[str, Verb] = {
    "claim": Verb("request.claim", ClaimBody, lambda c, p, r, v, b: respond.claim(c, p, r, v, minutes=b.minutes)),
    "release": Verb("request.release", Body, lambda c, p, r, v, _: respond.release(c, p, r, v)),
    "answer": Verb(
        "request.answer",
        AnswerBody,
        lambda c, p, r, v, b: respond.answer(c, p, r, v, note=b.note, photo_ids=b.photo_ids),
    ),
    "cannot_meet": Verb(
        "request.cannot_meet", ReasonBody, lambda c, p, r, v, b: respond.cannot_meet(c, p, r, v, reason=b.reason)
    ),
    "priority": Verb("request.priority", PriorityBody, _priority),
    "join": Verb("request.join", JoinBody, lambda c, p, r, v, b: respond.join(c, p, r, v, to=b.to)),
    "separate": Verb("request.separate", Body, lambda c, p, r, v, _: respond.separate(c, p, r, v)),
    "place": Verb("report.place", PlaceBody, _place),
    "verify": Verb(
        "report.verify",
        VerifyBody,
        lambda c, p, r, v, b: assess.verify(c, p, r, v, status=b.status, reason=b.reason),
    ),
    "reconfirm": Verb("report.reconfirm", Body, lambda c, p, r, v, _: assess.reconfirm(c, p, r, v)),
    "clear": Verb("report.clear", Body, lambda c, p, r, v, _: moderation.clear(c, p, r, v)),
    "withhold": Verb(
        "report.withhold", ReasonBody, lambda c, p, r, v, b: moderation.withhold(c, p, r, v, reason=b.reason)
    ),
    "reconsider": Verb("report.reconsider", Body, lambda c, p, r, v, _: moderation.reconsider(c, p, r, v)),
    "reopen": Verb("request.reopen", NoteBody, lambda c, p, r, v, _: respond.reopen(c, p, r, v)),
    "confirm": Verb("request.confirm", NoteBody, None),
    "withdraw": Verb("request.withdraw", NoteBody, None),
    "add": Verb("report.add", AddBody, None),
}
BODIES: tuple[type[Body], ...] = tuple(dict.fromkeys(verb.body for verb in VERBS.values()))


def decode(raw: bytes, kind: type[Body]) -> Body:
    """The body of a verb. Raises Malformed, or Invalid naming the member."""
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as problem:
        why, _, path = str(problem).partition(" - at `$.")
        code, details = unexpected(why)
        raise Invalid(path.rstrip("`") or "body", raw.decode(errors="replace"), code, **details) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Malformed("not_json", problem=str(problem)) from None
