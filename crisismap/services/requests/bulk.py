"""One verb on many requests, with an outcome for each and an undo.

A request is changed only if its version is the one that was shown, and undone only if nobody changed it since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crisismap.core.clock import Clock
from crisismap.core.errors import CrisismapError, Forbidden, Stale
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request
from crisismap.core.verb import Before, Body, JoinBody
from crisismap.core.verbs import VERBS
from crisismap.problems import sentence
from crisismap.rule_files import RuleFiles
from crisismap.services.requests.perform import Act, Pending, attempt, begin, require_visible
from crisismap.services.runtime.context import require

MOST = 200  # requests changed at once


@dataclass(frozen=True, slots=True)
class Item:
    """A request and the version that was shown."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """The result for one request: `refused` is the error sentence, `before` what an undo restores."""

    item: Item
    verb: str
    refused: str = ""
    before: Before | None = None


def act(
    store: Store, rules: RuleFiles, clock: Clock, person: Person, items: Sequence[Item], verb: str, body: Body
) -> tuple[BulkOutcome, ...]:
    """Perform the verb on each request. Raises NotSignedIn, or Forbidden for the person or for a verb without bulk."""
    if not VERBS[verb].bulk:
        raise Forbidden("one_request_at_a_time", verb=VERBS[verb].permission)
    require(person, VERBS[verb].permission)

    def change(item: Item, before: Before) -> Pending:
        now_ms, request = clock(), before.request or Request()
        claimed_by_other = request.claimed_by not in (None, person.id) and not request.claim_is_over(now_ms)
        if isinstance(body, JoinBody) and claimed_by_other:
            # An undo could not give the other person's claim back.
            raise Forbidden("join_claimed_by_another")
        return begin(store, rules, now_ms, Act(person, item.id, item.version, verb, body, None))

    return _change_each(store, rules, person, items[:MOST], verb, change)


def undo(
    store: Store, rules: RuleFiles, clock: Clock, person: Person, outcomes: Sequence[BulkOutcome]
) -> tuple[BulkOutcome, ...]:
    """Undo the changes; requests that somebody changed since are left alone and reported."""
    done = [outcome for outcome in outcomes if not outcome.refused]
    if not done:
        return ()
    verb, states = VERBS[done[0].verb], {outcome.item.id: outcome.before for outcome in done if outcome.before}
    reverse = verb.undo

    def change(item: Item, _before: Before) -> Pending:
        if reverse is None:
            raise Forbidden("no_undo", verb=verb.permission)
        now_ms = clock()

        def decide(now: CurrentReport) -> Change:
            require_visible(rules, person, now)
            change = reverse(attempt(rules, verb, person, now, now_ms), states[item.id])
            require(person, change.event.verb)
            return change

        return store.requests.change(item.id, item.version, decide)

    items = [Item(each.item.id, each.item.version + 1) for each in done]
    return _change_each(store, rules, person, items, verb.name, change)


def _change_each(
    store: Store,
    rules: RuleFiles,
    person: Person,
    items: Sequence[Item],
    verb: str,
    change: Callable[[Item, Before], Pending],
) -> tuple[BulkOutcome, ...]:
    """Change each request. All are handed to the writer before waiting, so that they share one commit."""
    begun: list[tuple[Item, Before | None, Pending | str]] = []
    for item in items:
        try:
            now = store.reports.one(item.id)
            before = Before(now.need, now.request)
            require_visible(rules, person, now)
            begun.append((item, before, change(item, before)))
        except CrisismapError as problem:
            begun.append((item, None, sentence(problem)))
    return tuple(_outcome(verb, *each) for each in begun)


def _outcome(verb: str, item: Item, before: Before | None, done: Pending | str) -> BulkOutcome:
    if isinstance(done, str):
        return BulkOutcome(item, verb, done)
    try:
        done.result()
    except CrisismapError as problem:
        refusal = Stale("left_as_changed") if isinstance(problem, Stale) else problem
        return BulkOutcome(item, verb, sentence(refusal))
    return BulkOutcome(item, verb, "", before)
