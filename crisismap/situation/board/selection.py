"""Selection of rows: the filters that maps, lists, tiles and exports share, always on an audience's own columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from crisismap.core.deadlines import DueTable
from crisismap.core.errors import Invalid
from crisismap.core.need.need import NEEDS
from crisismap.core.place.place import Extent
from crisismap.core.text.names import find_name, near_names
from crisismap.situation.board.board import Board, Mask
from crisismap.situation.board.column import NO_STATE, NONE, STATES, VERIFICATIONS
from crisismap.situation.merge.merge import AreaRef


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters; empty means no limit. Times in ms UTC, `since` is inclusive, `until` exclusive."""

    bbox: Extent | None = None
    since: int | None = None
    until: int | None = None
    category: tuple[str, ...] = ()
    status: tuple[str, ...] = ()  # verification
    state: tuple[str, ...] = ()  # of the request
    area: tuple[str, ...] = ()  # codes or names
    priority: tuple[int, ...] = ()
    need: tuple[str, ...] = ()  # for staff
    overdue: bool = False
    unplaced: bool = False

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) != f.default for f in fields(self))


ALL = Selection()


@dataclass(frozen=True, slots=True)
class SelectionContext:
    """What a selection needs besides the board: names, due times and the current time."""

    categories: tuple[str, ...]
    areas: Sequence[AreaRef]
    due: DueTable
    now_ms: int


def select_rows(board: Board, selection: Selection, context: SelectionContext) -> Mask:
    """Return which rows match every filter. Raises Invalid for an unknown value."""
    keep = _in_time(board, selection)
    if selection.bbox is not None:
        keep &= inside(board, selection.bbox)
    if selection.category:
        keep &= np.isin(board["category"], _numbers("category", selection.category, context.categories))
    if selection.status:
        keep &= np.isin(board["verification"], _numbers("status", selection.status, VERIFICATIONS))
    if selection.state:
        keep &= np.isin(board["state"], _numbers("state", selection.state, STATES)) & (board["state"] != NO_STATE)
    if selection.area:
        keep &= in_areas(board, selection.area, context.areas)
    if selection.priority:
        keep &= np.isin(board.priority, selection.priority)
    if selection.need:
        keep &= np.isin(board["need"], _numbers("need", selection.need, NEEDS))
    if selection.overdue:
        keep &= board.overdue(context.due, context.now_ms)
    if selection.unplaced:
        keep &= ~board.has_place
    return keep


def _in_time(board: Board, selection: Selection) -> Mask:
    keep: Mask = np.ones(board.n, np.bool_)
    if selection.since is not None:
        keep &= board["at"] >= selection.since
    if selection.until is not None:
        keep &= board["at"] < selection.until
    return keep


def inside(board: Board, box: Extent) -> Mask:
    """Return which rows are drawn in a box; west > east crosses 180 degrees."""
    west, south, east, north = box
    lon, lat = board["lon"], board["lat"]
    across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
    return across & (lat >= south) & (lat <= north)


def in_areas(board: Board, names: tuple[str, ...], areas: Sequence[AreaRef]) -> Mask:
    """Return which rows are in an area with one of the codes or names. Raises Invalid for an unknown one."""
    mask: Mask = np.isin(board["area"], np.array(area_numbers(names, areas), np.int32)) & (board["area"] != NONE)
    return mask


def area_numbers(names: Sequence[str], areas: Sequence[AreaRef]) -> list[int]:
    """Return the places in `areas` of those with one of the codes or names. Raises Invalid for an unknown one."""
    known = [(area.code, area.name) for area in areas]
    return [number for name in names for number in find_area(name, known)]


def find_area(name: str, areas: Sequence[Sequence[str]]) -> list[int]:
    """Return which areas a code or name means; `areas` are the names of each. Raises Invalid naming near ones."""
    found = find_name(name, areas)
    if not found:
        near = near_names(name, (each for names in areas for each in names))
        raise Invalid("area", name, "no_area_but_near", near=near) if near else Invalid("area", name, "no_area")
    return found


def _numbers(field: str, values: tuple[str, ...], vocabulary: Sequence[str]) -> list[int]:
    for value in values:
        if value not in vocabulary:
            raise Invalid(field, value, "unknown_value", choices=list(vocabulary))
    return [vocabulary.index(value) for value in values]
