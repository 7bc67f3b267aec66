"""Counts of unanswered requests per H3 cell, from one audience's columns.

Cells are as large as the published ones for every audience, so a printed page reveals no exact place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import h3
import numpy as np

from crisismap.core.privacy import Audience
from crisismap.rule_files import RuleFiles
from crisismap.situation.board.column import NONE
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class CellCount:
    """One H3 cell: its index, centre in degrees, number of requests, and their most urgent priority.

    `area` is the name of the area that contains most of them, "" for none.
    """

    cell: str
    lon: float
    lat: float
    count: int
    priority: int
    area: str


def unanswered_cells(situation: Situation, rules: RuleFiles, audience: Audience) -> list[CellCount]:
    """Return the cells that contain located unanswered requests, largest count first."""
    board, resolution = situation.board(audience), resolution_of(rules)
    placed = board.waiting.part(np.flatnonzero(board.waiting.has_place))
    inside: dict[str, list[int]] = {}
    for row, (lat, lon) in enumerate(zip(placed["lat"].tolist(), placed["lon"].tolist(), strict=True)):
        inside.setdefault(h3.latlng_to_cell(lat, lon, resolution), []).append(row)
    priority, area = placed.priority, placed["area"]
    cells = []
    for cell, members in sorted(inside.items(), key=lambda item: (-len(item[1]), item[0])):
        lat, lon = h3.cell_to_latlng(cell)
        [(area_number, _)] = Counter(area[members].tolist()).most_common(1)
        name = situation.areas[area_number].name if area_number != NONE else ""
        cells.append(CellCount(cell, round(lon, 6), round(lat, 6), len(members), int(priority[members].min()), name))
    return cells


def resolution_of(rules: RuleFiles) -> int:
    """Return the H3 resolution, never finer than a published place."""
    privacy = rules.privacy
    return min([privacy.cell_resolution, *privacy.by_category.values()])
