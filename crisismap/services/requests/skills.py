"""People's skills, the requests they match, and candidates for a request."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.priority import Case
from crisismap.core.report.report import CurrentReport
from crisismap.rule_files import RuleFiles
from crisismap.services.lists.queue import claim_counts
from crisismap.services.runtime.context import require
from crisismap.situation.situation import Situation

MOST = 6  # candidates for one request


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who could go: their matching skills (labels) and the number of requests they have claimed."""

    person: Person
    fits: tuple[str, ...]
    claims: int


def choose_skills(
    store: Store, rules: RuleFiles, now_ms: int, person: Person, abilities: Collection[str]
) -> Done[None]:
    """Replace the person's skills. Raises Invalid for an unknown one."""
    require(person, "ability.set")
    known = rules.matching.abilities
    for each in abilities:
        if each not in known:
            raise Invalid("ability", each, "unknown_value", choices=list(known))
    # A person's skills are private, so the log does not name them.
    event = EventDraft("ability.set", person.id, person.id, now_ms)
    return wait_for(store.dispatch.put_abilities(person.id, abilities, event))


def own_skills(store: Store, rules: RuleFiles, person: Person) -> frozenset[str]:
    """Return the person's skills that the matching file still has."""
    return store.dispatch.abilities().get(person.id, frozenset()) & rules.matching.abilities.keys()


def fitting(rules: RuleFiles, current: CurrentReport) -> dict[str, str]:
    """Return matching skills, each with its reason; none for a report that is information only."""
    if not current.asks:
        return {}
    report = current.report
    return rules.matching.fitting(Case(report.category, current.full_text(), report.people, report.fields))


def fitting_of(store: Store, rules: RuleFiles, seqs: Iterable[int]) -> dict[str, list[str]]:
    """Return the matching skills of several rows of the store, by report id."""
    return {current.report.id: list(fitting(rules, current)) for current in store.reports.some(seqs)}


def could_go(
    store: Store, situation: Situation, rules: RuleFiles, person: Person, current: CurrentReport
) -> list[Candidate]:
    """Return people with matching skills, best match and fewest claims first, for readers of exact places."""
    require(person, "situation.read_exact")
    reasons, labels = fitting(rules, current), rules.matching.abilities
    claims, candidates = claim_counts(situation), []
    for person_id, abilities in store.dispatch.abilities().items():
        who = situation.people.get(person_id)
        fits = tuple(labels[each] for each in reasons if each in abilities)
        if who is not None and fits:
            candidates.append(Candidate(who, fits, claims.get(person_id, 0)))
    candidates.sort(key=lambda each: (-len(each.fits), each.claims, each.person.name))
    return candidates[:MOST]
