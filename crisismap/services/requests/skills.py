"""ability: what people can do and bring along, which requests it fits, and who could go to one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.priority import Case
from crisismap.core.privacy import Audience
from crisismap.core.report.report import CurrentReport
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.context import require
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could go: what of theirs fits (labels), and how many requests they hold already."""

    person: Person
    fits: tuple[str, ...]
    holds: int


def choose_skills(
    store: Store, rules: RuleFiles, now_ms: int, person: Person, abilities: Collection[str]
) -> Done[None]:
    """Say what one can do, in place of what was said before. Raises Invalid for an unknown one."""
    require(person, "ability.set")
    known = rules.matching.abilities
    for each in abilities:
        if each not in known:
            raise Invalid("ability", each, "unknown_value", choices=list(known))
    # Which ones is the person's own business: it stays out of the log.
    event = EventDraft("ability.set", person.id, person.id, now_ms)
    return wait_for(store.dispatch.put_abilities(person.id, abilities, event))


def own_skills(store: Store, rules: RuleFiles, person: Person) -> frozenset[str]:
    """What a person has said to be able to do, of what the file still knows."""
    return store.dispatch.abilities().get(person.id, frozenset()) & rules.matching.abilities.keys()


def fitting(rules: RuleFiles, current: CurrentReport) -> dict[str, str]:
    """Abilities that fit a request, each with the reason; nothing fits a report that asks for nothing."""
    if not current.asks:
        return {}
    report = current.report
    return rules.matching.fitting(Case(report.category, current.said(), report.people, report.fields))


def fitting_of(store: Store, rules: RuleFiles, seqs: Iterable[int]) -> dict[str, list[str]]:
    """The same for several rows of the store at once, by report id."""
    return {current.report.id: list(fitting(rules, current)) for current in store.reports.some(seqs)}


def could_go(
    store: Store, situation: Situation, rules: RuleFiles, person: Person, current: CurrentReport, most: int = 6
) -> list[Candidate]:
    """People whose abilities fit, those who fit best and hold least first. For those who read exact places."""
    require(person, "situation.read_exact")
    wanted, labels = fitting(rules, current), rules.matching.abilities
    board = situation.board(Audience.AGENCY)
    known = situation.person_ids  # those who have ever held a claim
    found = []
    for person_id, abilities in store.dispatch.abilities().items():
        who = situation.people.get(person_id)
        fits = tuple(labels[each] for each in wanted if each in abilities)
        if who is not None and fits:
            number = known.index(person_id) if person_id in known else None
            holds = int(np.count_nonzero(board["claimed_by"] == number)) if number is not None else 0
            found.append(Candidate(who, fits, holds))
    found.sort(key=lambda each: (-len(each.fits), each.holds, each.person.name))
    return found[:most]
