"""bulk: one verb on many requests, each outcome told by itself, and a way back that really reverts.

Each request is changed only if it is still as it was seen, and taken back only if nobody has touched it since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crisismap.core.errors import CrisismapError, Forbidden, Stale
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport, require_request
from crisismap.core.report.request import Request
from crisismap.core.verb import Body, JoinBody, Verb
from crisismap.core.verbs import VERBS
from crisismap.problems import sentence
from crisismap.rule_files import RuleFiles
from crisismap.services.requests.perform import Act, Doing, attempt, begin, require_visible
from crisismap.services.runtime.context import require

MOST = 200  # requests changed at once


@dataclass(frozen=True, slots=True)
class Item:
    """A request and the version that was seen."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one request: `refused` is the sentence why not, `before` how it stood, for the way back."""

    item: Item
    verb: str
    refused: str = ""
    before: Request | None = None


def act(
    store: Store,
    rules: RuleFiles,
    clock: Callable[[], int],
    person: Person,
    items: Sequence[Item],
    verb: str,
    body: Body,
) -> tuple[BulkOutcome, ...]:
    """Do it to each. Raises NotSignedIn or Forbidden when the person may not do it at all, or nobody to many."""
    if not VERBS[verb].bulk:
        raise Forbidden("one_request_at_a_time", verb=VERBS[verb].permission)
    require(person, VERBS[verb].permission)

    def change(item: Item, before: Request) -> Doing:
        now_ms = clock()
        held = before.claimed_by not in (None, person.id) and not before.claim_is_over(now_ms)
        if isinstance(body, JoinBody) and held:
            # The other one's claim could not be given back by an undo.
            raise Forbidden("join_claimed_by_another")
        return begin(store, rules, now_ms, Act(person, item.id, item.version, verb, body))

    return _each(store, rules, person, items[:MOST], verb, change)


def undo(
    store: Store, rules: RuleFiles, clock: Callable[[], int], person: Person, outcomes: Sequence[BulkOutcome]
) -> tuple[BulkOutcome, ...]:
    """Take back what was done; what somebody has changed since stays as it is and is told."""
    done = [outcome for outcome in outcomes if not outcome.refused]
    if not done:
        return ()
    verb, was = VERBS[done[0].verb], {outcome.item.id: outcome.before or Request() for outcome in done}
    items = [Item(each.item.id, each.item.version + 1) for each in done]
    return _each(
        store,
        rules,
        person,
        items,
        verb.name,
        lambda item, _now: _back(store, rules, clock(), person, item, verb, was[item.id]),
    )


def _back(
    store: Store, rules: RuleFiles, now_ms: int, person: Person, item: Item, verb: Verb, before: Request
) -> Doing:
    taken_back = verb.undo
    if taken_back is None:
        raise Forbidden("no_undo", verb=verb.permission)

    def decide(now: CurrentReport) -> Change:
        require_visible(rules, person, now)
        change = taken_back(attempt(rules, verb, person, now, now_ms), before)
        require(person, change.event.verb)
        return change

    return store.requests.change(item.id, item.version, decide)


def _each(
    store: Store,
    rules: RuleFiles,
    person: Person,
    items: Sequence[Item],
    verb: str,
    change: Callable[[Item, Request], Doing],
) -> tuple[BulkOutcome, ...]:
    """All are handed to the writer before the first is waited for, so that they share one commit."""
    begun: list[tuple[Item, Request | None, Doing | str]] = []
    for item in items:
        try:
            now = store.reports.one(item.id)
            before = require_request(now)
            require_visible(rules, person, now)
            begun.append((item, before, change(item, before)))
        except CrisismapError as problem:
            begun.append((item, None, sentence(problem)))
    return tuple(_outcome(verb, *each) for each in begun)


def _outcome(verb: str, item: Item, before: Request | None, done: Doing | str) -> BulkOutcome:
    if isinstance(done, str):
        return BulkOutcome(item, verb, done)
    try:
        done.result()
    except Stale:
        return BulkOutcome(item, verb, "It has changed since you looked and was left as it is.")
    except CrisismapError as problem:
        return BulkOutcome(item, verb, sentence(problem))
    return BulkOutcome(item, verb, "", before)
