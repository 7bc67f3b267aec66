"""story: everything one audience may know of one report, for the page that shows it whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crisismap.core.event import Event
from crisismap.core.person import Person
from crisismap.core.photo import Photo
from crisismap.core.privacy import PUBLIC_TIME_STEP_MS, Audience
from crisismap.core.report import CurrentReport
from crisismap.services import look, photo
from crisismap.services.context import Context, audience_of

TEAM = "a team"  # what the public is told of who did something
_UNTOLD = frozenset({"contact.read"})  # looks are for the log, not for the public


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened; `until_ms` for a claim, `note` for an answer."""

    at_ms: int
    verb: str
    who: str  # "" for the requester and for nobody in particular
    until_ms: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """`record` as `look.record` gives it; `current` only for those who may read what was said."""

    record: dict[str, Any]
    steps: tuple[Step, ...]
    version: int
    current: CurrentReport | None
    mine: bool  # the person who asks holds the claim
    photos: tuple[Photo, ...] = ()  # for those who may read what was said


def story(context: Context, person: Person, report_id: str) -> Story:
    """One report as the person may see it. Raises NotFound, alike for unknown and hidden."""
    record = look.record(context, person, report_id)
    current = context.store.report(report_id)
    request, events = current.request, context.store.timeline(current.seq)
    if audience_of(person) is Audience.PUBLIC:
        steps = tuple(_public(event) for event in events if event.verb not in _UNTOLD)
        return Story(record, steps, current.version, None, False)
    steps = tuple(_whole(context, current, event, event is _last_answer(events)) for event in events)
    mine = request is not None and request.claimed_by == person.id and not request.claim_is_over(context.clock())
    return Story(record, steps, current.version, current, mine, photo.of_report(context, current))


def _last_answer(events: list[Event]) -> Event | None:
    return next((event for event in reversed(events) if event.verb == "request.answer"), None)


def _public(event: Event) -> Step:
    """Who is a team or nobody; the moment as coarse as everything the public learns of times."""
    who = TEAM if event.verb.startswith("request.") else ""
    return Step(event.at_ms - event.at_ms % PUBLIC_TIME_STEP_MS, event.verb, who)


def _whole(context: Context, current: CurrentReport, event: Event, newest_answer: bool) -> Step:
    until = event.data.get("until")
    answer = current.request.answer if current.request is not None and newest_answer else None
    return Step(
        at_ms=event.at_ms,
        verb=event.verb,
        who=_who(context, event.actor),
        until_ms=until if isinstance(until, int) else None,
        note=answer.note if answer is not None else "",
    )


def _who(context: Context, actor: str) -> str:
    if actor == "system":
        return "the program"
    person = context.situation.people.get(actor)
    return person.shown() if person is not None else ""
