"""bulk: one verb on many requests, each outcome told by itself, and a way back that really reverts.

Each request is changed only if it is still as it was seen, and taken back only if nobody has touched it since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from crisismap.core.errors import CrisismapError, Forbidden, Stale
from crisismap.core.people.person import Person
from crisismap.core.report.request import MAX_CLAIM_MINUTES, Request
from crisismap.problems import sentence
from crisismap.services.requests import respond
from crisismap.services.runtime.context import Context, require
from crisismap.store.writer import Committed

Verb = Literal["claim", "release", "priority", "join"]
Done = Future[Committed[None]]
MOST = 200  # requests changed at once
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Item:
    """A request and the version that was seen."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done: `minutes` for claim, `priority` and `reason` for priority, `to` for join."""

    verb: Verb
    minutes: int = 60
    priority: int = 0
    reason: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: `refused` is the sentence why not, `before` how it stood, for the way back."""

    item: Item
    verb: Verb
    refused: str = ""
    before: Request | None = None


def act(context: Context, person: Person, items: Sequence[Item], wish: Wish) -> tuple[Outcome, ...]:
    """Do it to each. Raises NotSignedIn or Forbidden when the person may not do it at all."""
    require(person, f"request.{wish.verb}")
    return _each(
        context, person, items[:MOST], wish.verb, lambda item, before: _do(context, person, item, before, wish)
    )


def undo(context: Context, person: Person, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Take back what was done; what somebody has changed since stays as it is and is told."""
    was = {outcome.item.id: outcome.before for outcome in outcomes if not outcome.refused}
    verb = outcomes[0].verb if outcomes else "claim"
    items = [Item(each.item.id, each.item.version + 1) for each in outcomes if not each.refused]

    def back(item: Item, _now: Request) -> Done:
        before = was[item.id]
        return _back(context, person, item, verb, before if before is not None else Request())

    found = _each(context, person, items, verb, back)
    if verb != "join":
        return found
    return tuple(_claimed_again(context, person, outcome, was[outcome.item.id]) for outcome in found)


def _each(
    context: Context, person: Person, items: Sequence[Item], verb: Verb, change: Callable[[Item, Request], Done]
) -> tuple[Outcome, ...]:
    """All are handed to the writer before the first is waited for, so that they share one commit."""
    begun: list[tuple[Item, Request | None, Done | str]] = []
    for item in items:
        try:
            now = context.store.report(item.id)
            before = respond.asked(now)
            respond.must_know(context, person, now)
            begun.append((item, before, change(item, before)))
        except CrisismapError as problem:
            begun.append((item, None, sentence(problem)))
    return tuple(_outcome(verb, *each) for each in begun)


def _outcome(verb: Verb, item: Item, before: Request | None, done: Done | str) -> Outcome:
    if isinstance(done, str):
        return Outcome(item, verb, done)
    try:
        done.result()
    except Stale:
        return Outcome(item, verb, "It has changed since you looked and was left as it is.")
    except CrisismapError as problem:
        return Outcome(item, verb, sentence(problem))
    return Outcome(item, verb, "", before)


def _do(context: Context, person: Person, item: Item, before: Request, wish: Wish) -> Done:
    if wish.verb == "claim":
        return respond.claim(context, person, item.id, item.version, minutes=wish.minutes)
    if wish.verb == "release":
        return respond.release(context, person, item.id, item.version)
    if wish.verb == "priority":
        return respond.priority(context, person, item.id, item.version, priority=wish.priority, reason=wish.reason)
    if before.claimed_by not in (None, person.id) and not before.claim_is_over(context.clock()):
        # The other one's claim could not be given back by an undo.
        raise Forbidden("join_claimed_by_another")
    return respond.join(context, person, item.id, item.version, to=wish.to)


def _back(context: Context, person: Person, item: Item, verb: Verb, before: Request) -> Done:
    if verb == "priority":
        return respond.put_back_priority(context, person, item.id, item.version, before.overruling)
    if verb == "join":
        return respond.separate(context, person, item.id, item.version)
    if before.claimed_by == person.id:
        return respond.claim(context, person, item.id, item.version, minutes=_left(context, before))
    return respond.release(context, person, item.id, item.version)


def _claimed_again(context: Context, person: Person, outcome: Outcome, before: Request | None) -> Outcome:
    """A join gives a claim up; the own one comes back with it."""
    if outcome.refused or before is None or before.claimed_by != person.id:
        return outcome
    item = Item(outcome.item.id, outcome.item.version + 1)
    done = respond.claim(context, person, item.id, item.version, minutes=_left(context, before))
    return _outcome("join", item, before, done)


def _left(context: Context, before: Request) -> int:
    """Minutes that a claim still had, at least one."""
    left_ms = (before.claim_until or 0) - context.clock()
    return max(1, min(MAX_CLAIM_MINUTES, round(left_ms / MINUTE_MS)))
