"""The interface of a job and its figures, with checks that a figure is possible."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Side(StrEnum):
    """Who or what a figure is of. `floor` and `ceiling` bound what is possible; `goal` is our own target."""

    OURS = "ours"
    PEER = "peer"
    FLOOR = "floor"  # nobody can need less
    CEILING = "ceiling"  # nobody can reach more
    GOAL = "goal"
    NOTE = "note"  # shown beside the others, compared with nothing


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
        """Return True for rates; for everything else (times, bytes) less is better."""
        return self.unit.endswith("/s")


def figure(group: str, name: str, values: Sequence[float], unit: str, side: Side, note: str = "") -> Figure:
    """Return the median of some rounds, with the lowest and the highest."""
    if not values:
        raise ValueError(f"{group}, {name}: no round gave a value")
    return Figure(group, name, statistics.median(values), unit, side, min(values), max(values), len(values), note)


@dataclass(frozen=True, slots=True)
class Size:
    """How much to do: `name` selects a row of the job's table of sizes, each piece runs `rounds` times."""

    name: str  # full, quick or tiny
    rounds: int


class Job(Protocol):
    """A job that is measured beside its peers."""

    @property
    def name(self) -> str:
        """Return the word that selects it on the command line."""

    @property
    def title(self) -> str:
        """Return what is measured, in a few words."""

    def run(self, size: Size) -> list[Figure]:
        """Measure it and its peers in the same run."""


class Skipped(Exception):
    """A piece cannot be measured on this machine; the message says why."""


def skipped(group: str, name: str, reason: str) -> Figure:
    """Return the entry of a skipped figure."""
    return Figure(group, name, float("nan"), "", Side.NOTE, float("nan"), float("nan"), 0, f"left out: {reason}")


def ratio(group: Sequence[Figure], one: Figure) -> float | None:
    """Return how many times better ours (the first of the group) is than `one`; None if not comparable."""
    ours = next((f for f in group if f.side is Side.OURS and f.unit == one.unit), None)
    if ours is None or one.side in (Side.OURS, Side.NOTE) or not ours.value or not one.value:
        return None
    return ours.value / one.value if one.more_is_better else one.value / ours.value


def impossible_figures(group: Sequence[Figure]) -> list[str]:
    """Return figures that exceed their bounds, which means a wrong measurement. Empty if all are possible.

    Medians of noisy rounds may cross by chance, so only a difference above a tenth counts.
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


def missed_goals(group: Sequence[Figure]) -> list[str]:
    """Return goals that ours (the first of the group in the goal's unit) does not reach."""
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
    """Return figures by group, in the order of their first appearance."""
    found: dict[str, list[Figure]] = {}
    for one in figures:
        found.setdefault(one.group, []).append(one)
    return found
