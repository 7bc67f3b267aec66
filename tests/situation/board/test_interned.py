"""Numbers for values and for tuples of values: the same for ever, and the way back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.board.interned import InternedSets

tuples = st.lists(st.lists(st.sampled_from("abcdef"), max_size=5), max_size=30)


def column(facts: InternedSets[str], wanted: list[list[str]]) -> list[int]:
    rows = [row for row, values in enumerate(wanted) for _ in values]
    members = [facts.values.number(value) for values in wanted for value in values]
    return facts.column(len(wanted), np.array(rows, np.intp), np.array(members, np.intp)).tolist()


def without_repeats(values: list[str]) -> tuple[str, ...]:
    return tuple(value for at, value in enumerate(values) if at == 0 or values[at - 1] != value)


@given(tuples, tuples)
def test_numbers_stand_for_the_tuples_and_stay(first: list[list[str]], later: list[list[str]]) -> None:
    facts: InternedSets[str] = InternedSets()
    numbers = column(facts, first)
    kept = list(facts.sets)
    again = column(facts, later)
    assert facts.sets[: len(kept)] == kept
    assert len(set(facts.sets)) == len(facts.sets)
    for wanted, given_numbers in ((first, numbers), (later, again)):
        told = [facts.sets[number] if number >= 0 else () for number in given_numbers]
        assert told == [without_repeats(values) for values in wanted]


@given(tuples)
def test_gives_the_members_back(wanted: list[list[str]]) -> None:
    facts: InternedSets[str] = InternedSets()
    numbers = column(facts, wanted)
    position, member = facts.members(numbers)
    found: list[list[str]] = [[] for _ in wanted]
    for at, number in zip(position.tolist(), member.tolist(), strict=True):
        found[at].append(facts.values.items[number])
    assert [tuple(values) for values in found] == [without_repeats(values) for values in wanted]
