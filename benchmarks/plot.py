"""Figures as a picture in SVG that follows the reader's light or dark theme; nothing is needed to draw it.

Each group has a logarithmic scale of its own, because peers differ by up to a thousand times: a dot is the median, the
line through it reaches from the lowest to the highest round. The number stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from benchmarks import table
from benchmarks.figure import Figure, Side, groups

WIDTH, LEFT, RIGHT = 860, 400, 720  # of the picture; where the scale begins and ends
ROW, GAP, TOP = 20, 34, 64
SHOWN = (Side.OURS, Side.PEER, Side.FLOOR, Side.CEILING, Side.GOAL)
LEGEND = (("ours", "crisismap"), ("peer", "peers"), ("floor", "floor or ceiling"), ("goal", "target"))
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px } .group { font-weight: 600 } .quiet { fill: #59636e }
  .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .spread { stroke-width: 2 }
  .ours { fill: #0550ae; stroke: #0550ae } .peer { fill: #bc4c00; stroke: #bc4c00 }
  .floor, .ceiling { fill: #59636e; stroke: #59636e } .goal { fill: none; stroke: #1a7f37; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .quiet { fill: #9198a1 } .page { fill: #0d1117 } .grid { stroke: #3d444d }
    .ours { fill: #58a6ff; stroke: #58a6ff } .peer { fill: #f0883e; stroke: #f0883e }
    .floor, .ceiling { fill: #9198a1; stroke: #9198a1 } .goal { stroke: #3fb950 }
  }
"""


def compared(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Return the groups in which ours stands beside something in the same unit, without notes and zeros."""
    found = {}
    for group, members in groups(figures).items():
        ours = next((one for one in members if one.side is Side.OURS), None)
        if ours is None:
            continue
        shown = [one for one in members if one.side in SHOWN and one.unit == ours.unit and one.value > 0]
        if len(shown) > 1 and ours in shown:
            found[group] = shown
    return found


def svg(title: str, figures: Sequence[Figure]) -> str:
    """Return the picture; "" when nothing can be compared."""
    shown = compared(figures)
    if not shown:
        return ""
    parts, y = [_text(16, 26, title, "title"), *_legend()], TOP
    for group, members in shown.items():
        y += GAP
        parts.append(_text(16, y, f"{group} ({members[0].unit}, {_better(members[0])})", "group"))
        scale = _Scale(members)
        begin = y + 8
        end = begin + ROW * len(members)
        parts += [f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{begin}" y2="{end}"/>' for x in scale.decades()]
        for one in members:
            y += ROW
            parts += _row(one, scale, y)
    height = y + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n<style>{STYLE}</style>\n'
        f'<rect class="page" width="{WIDTH}" height="{height}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _better(one: Figure) -> str:
    return "right is better" if one.more_is_better else "left is better"


class _Scale:
    """From the lowest value of a group to its highest, logarithmic."""

    def __init__(self, members: Sequence[Figure]) -> None:
        self._low = math.log10(min(one.low or one.value for one in members)) - 0.1
        self._high = math.log10(max(one.high for one in members)) + 0.1

    def x(self, value: float) -> float:
        """Return the place of a value."""
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return LEFT + share * (RIGHT - LEFT)

    def decades(self) -> list[float]:
        """Return the places of the powers of ten."""
        return [self.x(10.0**power) for power in range(math.ceil(self._low), math.floor(self._high) + 1)]


def _row(one: Figure, scale: _Scale, y: int) -> list[str]:
    x, middle = scale.x(one.value), y - 4
    low, high = scale.x(one.low or one.value), scale.x(one.high)
    name = one.name if len(one.name) <= 62 else one.name[:60] + "..."
    parts = [_text(30, y, name, "" if one.side is Side.OURS else "quiet")]
    if high - low > 1:
        line = f'x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"'
        parts.append(f'<line class="{one.side} spread" {line}/>')
    parts.append(_mark(one.side, x, middle))
    parts.append(_text(RIGHT + 14, y, table.number(one.value), "group" if one.side is Side.OURS else "quiet"))
    return parts


def _mark(side: str, x: float, y: float) -> str:
    """Return a mark whose shape alone tells what it is: dot, square, bar, ring."""
    if side in (Side.FLOOR, Side.CEILING):
        return f'<rect class="{side}" x="{x - 1:.1f}" y="{y - 7}" width="2" height="14"/>'
    if side == Side.PEER:
        return f'<rect class="{side}" x="{x - 4:.1f}" y="{y - 4}" width="8" height="8"/>'
    return f'<circle class="{side}" cx="{x:.1f}" cy="{y}" r="5"/>'


def _legend() -> list[str]:
    parts = []
    for number, (side, name) in enumerate(LEGEND):
        x = 24 + 150 * number
        parts += [_mark(side, x, 46), _text(x + 12, 50, name, "quiet")]
    return [*parts, _text(24 + 150 * len(LEGEND), 50, "from line to line ten times", "quiet")]


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>'
