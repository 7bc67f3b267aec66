"""What a job is and what it gives: figures with a unit and a side, and the checks that a figure can be true."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Side(StrEnum):
    """Whose figure it is. `floor` and `ceiling` bound what is possible; `goal` is what we promise ourselves."""

    OURS = "ours"
    PEER = "peer"
    FLOOR = "floor"  # nobody can need less
    CEILING = "ceiling"  # nobody can reach more
    GOAL = "goal"
    NOTE = "note"  # belongs beside the others, compared with nothing


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: the median of the rounds. Figures of one `group` measure the same work."""

    group: str
    name: str
    value: float
    unit: str
    side: Side
    low: float
    high: float
    rounds: int
    note: str = ""

    @property
    def more_is_better(self) -> bool:
        """Rates want to be high; everything else (times, bytes) wants to be low."""
        return self.unit.endswith("/s")


def figure(group: str, name: str, values: Sequence[float], unit: str, side: Side, note: str = "") -> Figure:
    """The median of some rounds, with the lowest and the highest."""
    if not values:
        raise ValueError(f"{group}, {name}: no round gave a value")
    return Figure(group, name, statistics.median(values), unit, side, min(values), max(values), len(values), note)


@dataclass(frozen=True, slots=True)
class Size:
    """How much to do: `name` picks a row of the job's own table of sizes, each measured piece does `rounds`."""

    name: str  # full, quick or tiny
    rounds: int


class Job(Protocol):
    """One thing that is measured beside its peers."""

    @property
    def name(self) -> str:
        """The word that chooses it on the command line."""

    @property
    def title(self) -> str:
        """What is measured, in a few words."""

    def run(self, size: Size) -> list[Figure]:
        """Measure; the peers in the same run."""


class Skipped(Exception):
    """A piece cannot be measured on this machine; the message says why."""


def skipped(group: str, name: str, reason: str) -> Figure:
    """Stands where a figure would have been."""
    return Figure(group, name, float("nan"), "", Side.NOTE, float("nan"), float("nan"), 0, f"left out: {reason}")


def ratio(group: Sequence[Figure], one: Figure) -> float | None:
    """How many times better ours (the first of the group) is than `one`; None where there is nothing to compare."""
    ours = next((f for f in group if f.side is Side.OURS and f.unit == one.unit), None)
    if ours is None or one.side in (Side.OURS, Side.NOTE) or not ours.value or not one.value:
        return None
    return ours.value / one.value if one.more_is_better else one.value / ours.value


def impossible(group: Sequence[Figure]) -> list[str]:
    """Figures that beat what bounds them: not good news but a wrong measurement. Empty when all can be true.

    Medians of noisy rounds may cross by chance, so a figure is named only when it is better by a tenth.
    """
    found = []
    for bound in group:
        if bound.side not in (Side.FLOOR, Side.CEILING):
            continue
        for one in group:
            if one.side not in (Side.OURS, Side.PEER) or one.unit != bound.unit:
                continue
            better = one.value / bound.value if one.more_is_better else bound.value / one.value
            if better > 1.1:
                found.append(
                    f"{one.group}: {one.name} ({one.value:.4g} {one.unit}) beats the {bound.side} "
                    f"{bound.name} ({bound.value:.4g} {bound.unit}); one of the two is measured wrongly"
                )
    return found


def missed(group: Sequence[Figure]) -> list[str]:
    """Goals that ours (the first of the group in the goal's unit) does not reach."""
    found = []
    for goal in group:
        if goal.side is not Side.GOAL:
            continue
        ours = next((f for f in group if f.side is Side.OURS and f.unit == goal.unit), None)
        if ours is None:
            continue
        short = ours.value < goal.value if goal.more_is_better else ours.value > goal.value
        if short:
            found.append(f"{ours.group}: {ours.name} is {ours.value:.4g} {ours.unit}, the goal {goal.value:.4g}")
    return found


def groups(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Figures by group, in the order of their first appearance."""
    found: dict[str, list[Figure]] = {}
    for one in figures:
        found.setdefault(one.group, []).append(one)
    return found
