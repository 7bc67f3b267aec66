"""Figures as a table: plain for the terminal, Markdown for docs/performance.md."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.ceilings import Ceilings, share
from benchmarks.figure import Figure, Side, groups, ratio


def number(value: float) -> str:
    """Return three significant digits, with separators of thousands."""
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def spread(one: Figure) -> str:
    """Return the lowest and highest round, "" for a single one."""
    return f"{number(one.low)} to {number(one.high)}" if one.rounds > 1 else ""


def comparison(group: Sequence[Figure], one: Figure) -> str:
    """Return how ours compares with this figure, in words that need no legend."""
    times = ratio(group, one)
    if times is None:
        return ""
    if one.side in (Side.FLOOR, Side.CEILING):
        return f"ours is at {100 * times:.0f} %" if times >= 0.01 else f"ours is at {100 * times:.2g} %"
    if one.side is Side.GOAL:
        return "kept" if times >= 1 else "missed"
    return f"ours {number(times)}x better" if times >= 1 else f"ours {number(1 / times)}x worse"


def rows(figures: Sequence[Figure], ceilings: Ceilings | None) -> list[tuple[str, tuple[str, ...]]]:
    """Return (group, cells) of each figure: side, name, median, unit, spread, share, comparison, note."""
    entries: list[tuple[str, tuple[str, ...]]] = []
    for group, members in groups(figures).items():
        for one in members:
            cells = (
                str(one.side),
                one.name,
                number(one.value),
                one.unit,
                spread(one),
                share(one, ceilings),
                comparison(members, one),
                one.note,
            )
            entries.append((group, cells))
    return entries


def plain(title: str, figures: Sequence[Figure], ceilings: Ceilings | None = None) -> str:
    """Return the table for the terminal."""
    lines, last = [f"\n{title}"], ""
    for group, (side, name, value, unit, over, part, against, note) in rows(figures, ceilings):
        if group != last:
            lines.append(f"  {group}")
            last = group
        remarks = "  ".join(
            text for text in (over and f"[{over}]", against, part and f"= {part}", note and f"({note})") if text
        )
        lines.append(f"    {side:8}{name:52}{value:>10} {unit:10}{remarks}")
    return "\n".join(lines)


def markdown(figures: Sequence[Figure], ceilings: Ceilings | None = None) -> str:
    """Return the table for the documentation."""
    lines = ["| what | whose | | median | lowest to highest | share | |", "|---|---|---|---|---|---|---|"]
    last = ""
    for group, (side, name, value, unit, over, part, against, note) in rows(figures, ceilings):
        label = group if group != last else ""
        last = group
        median = f"**{value} {unit}**" if side == Side.OURS else f"{value} {unit}".strip()
        remarks = "; ".join(text for text in (against, note) if text)
        lines.append(f"| {label} | {side} | {name} | {median} | {over} | {part} | {remarks} |")
    return "\n".join(lines)
