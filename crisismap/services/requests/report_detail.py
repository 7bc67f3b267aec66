"""Everything that one audience may know about one report, for its detail page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crisismap.core.clock import Clock
from crisismap.core.event import Event
from crisismap.core.people.identity import id_bytes
from crisismap.core.people.person import Person
from crisismap.core.place.moves import PROPOSE_PLACE
from crisismap.core.ports import Store
from crisismap.core.privacy import PUBLIC_TIME_STEP_MS, Audience
from crisismap.core.report.photo import Photo
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import UNANSWERED
from crisismap.core.verb import Verb
from crisismap.core.verbs import VERBS, of_event
from crisismap.rule_files import RuleFiles
from crisismap.services.lists import read
from crisismap.services.requests.location_moves import LocationMove, location_moves
from crisismap.services.requests.perform import offered
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.board.unanswered import ORDINARY, lanes_of
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

TEAM = "a team"  # what the public sees instead of a name
# Reading is logged but not shown; urgency and the number of requesters are for staff only. Secret verbs, such as text
# review decisions, are left out too because they reveal something about a person.
_NOT_PUBLIC = frozenset(
    {"contact.read", "request.escalate", "request.age", "request.asking", "report.corroborate", PROPOSE_PLACE}
)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a report; `until_ms` for a claim, `note` the text written with it, `facts` the event's data."""

    at_ms: int
    verb: str
    who: str  # "" for the requester or unknown
    until_ms: int | None = None
    note: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class ReportDetail:
    """A report in detail. `current`, `head`, `members`, `names` and `photos` are only for those who may read its text.

    `head` is the request it was joined to, `members` those joined to it, `names` maps person ids to names.
    """

    record: Record
    steps: tuple[TimelineEntry, ...]
    version: int
    current: CurrentReport | None
    holds_claim: bool  # of the reader
    head: Record | None = None
    members: tuple[Record, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()  # oldest first
    offered: Mapping[str, Verb] = field(default_factory=dict, hash=False)  # verbs that the reader can perform now
    moves: tuple[LocationMove, ...] = ()  # of its location, that are far or wait
    lane: int = ORDINARY  # in which it waits within its priority; see situation/board/unanswered.py


def report_detail(
    store: Store, views: Views, rules: RuleFiles, clock: Clock, person: Person, report_id: str
) -> ReportDetail:
    """Return one report as the person may see it. Raises NotFound alike for unknown and hidden reports."""
    record = read.record(store, views, clock, person, report_id)
    current = store.reports.one(report_id)
    request, events = current.request, store.events.of_report(current.seq)
    verbs = offered(rules, person, current, clock())
    moves = tuple(location_moves(rules, views.situation.people, person, current))
    if audience_of(person) is Audience.PUBLIC:
        entries = tuple(_public_entries(events))
        return ReportDetail(record, entries, current.version, None, False, offered=verbs, moves=moves)
    holds_claim = request is not None and request.claimed_by == person.id and not request.claim_is_over(clock())
    head = [store.requests.head(report_id)] if request is not None and request.joined_to is not None else []
    members = store.requests.joined(current.seq) if record.asking > 1 else []
    return ReportDetail(
        record,
        tuple(_full_entries(views.situation, current, events)),
        current.version,
        current,
        holds_claim,
        next(_visible_records(views, clock(), person, head), None),
        tuple(_visible_records(views, clock(), person, members)),
        {each: _display_name(views.situation, each) for each in _people(current)},
        tuple(store.photos.of_report(current.seq)),
        verbs,
        moves,
        _lane(views.situation, report_id) if record.state in UNANSWERED else ORDINARY,
    )


def _lane(situation: Situation, report_id: str) -> int:
    board = situation.board(Audience.AGENCY)
    row = board.row_of_id(id_bytes(report_id) or b"")
    return ORDINARY if row is None else int(lanes_of(board, np.array([row]), situation.rules.ranking)[0])


def _visible_records(views: Views, now_ms: int, person: Person, reports: list[CurrentReport]) -> Iterator[Record]:
    """Yield the records of those reports that are on the audience's board."""
    if reports:
        board = views.situation.board(audience_of(person))
        rows = board.rows_of_ids([id_bytes(each.report.id) or b"" for each in reports])
        yield from views.features.records(board, [row for row in rows if row is not None], now_ms)


def _people(current: CurrentReport) -> set[str]:
    decisions: list[Any] = [current.standing, current.moderation]
    if current.request is not None:
        decisions += [current.request.answer, current.request.overruling]
    return {each.by for each in decisions if each is not None and each.by}


def _notes(current: CurrentReport, events: list[Event]) -> dict[int, str]:
    """Return notes by revision of their event; events themselves contain no text."""
    newest = {event.verb: event.revision for event in events}
    texts = {verb.permission: verb.text(current) for verb in VERBS.values() if verb.text is not None}
    notes = {newest[event]: text for event, text in texts.items() if text and event in newest}
    for addition in current.additions:
        at_once = (e for e in events if e.at_ms == addition.at_ms and e.verb != "report.submit")
        matching = (e for e in at_once if e.actor == "" or e.verb == "report.update")
        event = next(matching, None)
        if event is not None:
            notes[event.revision] = addition.text
    return notes


def _public_entries(events: list[Event]) -> Iterator[TimelineEntry]:
    """Yield the events that the public may know, without names and with its coarse time."""
    for event in events:
        verb = of_event(event.verb)
        if not (verb.secret if verb is not None else event.verb in _NOT_PUBLIC):
            who = TEAM if event.verb.startswith("request.") else ""
            yield TimelineEntry(event.at_ms - event.at_ms % PUBLIC_TIME_STEP_MS, event.verb, who)


def _full_entries(situation: Situation, current: CurrentReport, events: list[Event]) -> Iterator[TimelineEntry]:
    notes = _notes(current, events)
    for event in events:
        who, until = _display_name(situation, event.actor), event.data.get("until")
        until_ms = until if isinstance(until, int) else None
        yield TimelineEntry(event.at_ms, event.verb, who, until_ms, notes.get(event.revision, ""), event.data)


def _display_name(situation: Situation, actor: str) -> str:
    if actor == "system":
        return "the program"
    person = situation.people.get(actor)
    return person.label() if person is not None else ""
