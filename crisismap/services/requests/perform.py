"""Carrying out the verbs of `core.verbs`, and listing those to offer.

Pages, API, desk and bulk only decode what was sent and phrase the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import msgspec

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Forbidden, NotFound, Stale
from crisismap.core.people.permission import REQUESTER
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience, redact
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport
from crisismap.core.text.storable import storable
from crisismap.core.verb import Attempt, Body, Verb, VerbRules
from crisismap.core.verbs import VERBS
from crisismap.rule_files import RuleFiles
from crisismap.services.requests.photo import check_usable
from crisismap.services.runtime.context import audience_of, require

Pending = Future[Done[str]]


@dataclass(frozen=True, slots=True)
class Act:
    """A verb to perform on a report. `version` is the one that the person saw, None for any.

    `person` is None for the holder of the report's tracking code, which the caller has checked. `extent` is that of the
    incident, None where it is not known.
    """

    person: Person | None
    report_id: str
    version: int | None
    verb: str
    body: Body
    extent: Extent | None


def perform(store: Store, rules: RuleFiles, now_ms: int, act: Act) -> Done[str]:
    """Carry out a verb with its event in one transaction, wait until it is on disk, and return the event's verb.

    Raises what `begin` raises, at once or through its future, and Unavailable when the disk does not answer in time.
    """
    return wait_for(begin(store, rules, now_ms, act))


def begin(store: Store, rules: RuleFiles, now_ms: int, act: Act) -> Pending:
    """Hand a verb to the writer without waiting: several of them share one commit.

    Raises NotSignedIn, Forbidden, or Invalid at once; through the future NotFound, Stale, and what
    the transition raises: WrongState, Invalid, TooLarge.
    """
    require_verb(act.person, VERBS[act.verb])
    act.body.check()
    body = _storable(store, act)

    def decide(now: CurrentReport, other: CurrentReport | None = None) -> Change:
        return _decide(rules, now_ms, act, body, now, other)

    to: str | None = getattr(body, "to", None)
    if to is not None:
        return store.requests.join(act.report_id, act.version, to, decide)
    return store.requests.change(act.report_id, act.version, decide)


def check(store: Store, rules: RuleFiles, now_ms: int, act: Act) -> None:
    """Raise what `begin` would raise now, and do nothing: before work that would be in vain."""
    require_verb(act.person, VERBS[act.verb])
    act.body.check()
    now = store.reports.one(act.report_id)
    if act.version not in (None, now.version):
        raise Stale("changed_meanwhile")
    _decide(rules, now_ms, act, act.body, now, None)


def offered(rules: RuleFiles, person: Person | None, now: CurrentReport, now_ms: int) -> Mapping[str, Verb]:
    """Return the verbs to show to a person (None: the holder of the tracking code) for a report as it is, by name."""
    return {
        verb.name: verb
        for verb in VERBS.values()
        if _may(person, verb) and verb.offered(attempt(rules, verb, person, now, now_ms))
    }


def attempt(
    rules: RuleFiles,
    verb: Verb,
    person: Person | None,
    now: CurrentReport,
    now_ms: int,
    other: CurrentReport | None = None,
    extent: Extent | None = None,
) -> Attempt:
    """Return what the verb's functions decide on."""
    escalations = tuple(step.to for step in rules.clocks.escalations)
    verb_rules = VerbRules(rules.categories, rules.privacy, rules.detector, rules.priority, escalations, rules.moves)
    sees_exact = person is not None and audience_of(person) is Audience.AGENCY
    actor = person.id if person else ""
    return Attempt(verb.permission, now, actor, now_ms, verb_rules, other, extent, sees_exact)


def require_verb(person: Person | None, verb: Verb) -> None:
    """Raise NotSignedIn or Forbidden unless the person may do it."""
    if person is not None:
        require(person, verb.permission)
    elif not _may(None, verb):
        raise Forbidden("not_by_tracking_code", verb=verb.permission)


def require_visible(rules: RuleFiles, person: Person, now: CurrentReport) -> None:
    """Raise NotFound, as for an unknown one, when the person's audience may not know of this report singly."""
    if redact(now, audience_of(person), rules.categories[now.report.category], rules.privacy) is None:
        raise NotFound("no_report")


def _may(person: Person | None, verb: Verb) -> bool:
    return person.may(verb.permission) if person is not None else verb.permission in REQUESTER


def _decide(
    rules: RuleFiles, now_ms: int, act: Act, body: Body, now: CurrentReport, other: CurrentReport | None
) -> Change:
    if act.person is not None:
        for report in filter(None, (now, other)):
            require_visible(rules, act.person, report)
    verb = VERBS[act.verb]
    return verb.transition(attempt(rules, verb, act.person, now, now_ms, other, act.extent), body)


def _storable(store: Store, act: Act) -> Body:
    """Return the body with storable values: texts without NUL, photos that exist."""
    members = msgspec.structs.asdict(act.body)
    replacements: dict[str, Any] = {name: storable(value) for name, value in members.items() if isinstance(value, str)}
    if act.person is not None and "photo_ids" in members:
        replacements["photo_ids"] = check_usable(store, act.report_id, members["photo_ids"], act.person)
    return msgspec.structs.replace(act.body, **replacements)
