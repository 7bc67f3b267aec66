"""Counts of the situation, for one audience, at one revision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import OFFER
from crisismap.situation.situation import Situation

_NAMES = ("reports", "requests", "unanswered", "overdue")


def totals(situation: Situation, board: Board, now_ms: int) -> dict[str, int]:
    """Return the counts at the top of every page."""
    waiting = board.waiting
    return {
        "revision": board.revision,
        "reports": board.n,
        "requests": int(board.tally.by_category[1].sum()),
        "unanswered": waiting.n,
        "overdue": int(np.count_nonzero(waiting.overdue(situation.rules.clocks.due, now_ms))),
        "unplaced": int(np.count_nonzero(~waiting.has_place)),
        "urgent": int(np.count_nonzero(waiting.priority == 1)),
    }


def of_need(board: Board) -> dict[str, int]:
    """Return the counts that only staff see: what nobody has looked at yet, and offers of help."""
    return {
        "may_need_help": int(np.count_nonzero(board.waiting.in_doubt)),
        "offers": int(board.tally.by_need[OFFER]),
    }


def by_area(situation: Situation, board: Board, now_ms: int) -> list[dict[str, Any]]:
    """Return counts per area that has reports, most unanswered first; reports in no area come last, without a code.

    Areas of several layers with the same code and name are merged, because they are selected and shown as one.
    """
    areas = situation.areas
    found: dict[tuple[str | None, str | None], list[int]] = {}
    counted = _counts(board.tally.by_area, board.waiting["area"] + 1, board.waiting, situation, now_ms)
    for n in np.flatnonzero(counted[0]).tolist():
        ref = areas[n - 1] if n else None
        area = (ref.code or None, ref.name) if ref is not None else (None, None)
        found.setdefault(area, []).append(n)
    rows: list[dict[str, Any]] = [
        {"code": code, "name": name, **dict(zip(_NAMES, numbers, strict=True))}
        for (code, name), numbers in zip(found, _summed(counted, list(found.values())), strict=True)
    ]
    return sorted(
        rows, key=lambda a: (a["name"] is None, -a["unanswered"], -a["reports"], a["name"] or "", a["code"] or "")
    )


def by_category(
    situation: Situation, audience: Audience, board: Board, now_ms: int, *, whole: Board | None = None
) -> list[dict[str, Any]]:
    """Return counts per category. The public gets sensitive ones only as a sum, and null for small counts.

    `listed` is false for those: their reports are in no list, tile, export or other count of the public.

    `whole`: the agency's board of the same moment, for a board other than the live one.
    """
    categories = list(situation.rules.categories.values())
    whole = situation.boards()[Audience.AGENCY] if whole is None else whole

    def counted(of: Board, waiting: Board) -> list[dict[str, int]]:
        numbers = _counts(of.tally.by_category, waiting["category"], waiting, situation, now_ms)
        return [dict(zip(_NAMES, each, strict=True)) for each in numbers.T.tolist()]

    hides = audience is Audience.PUBLIC and any(category.sensitive for category in categories)
    visible = counted(board, board.waiting)
    hidden = counted(whole, whole.waiting.without_doubt()) if hides else []
    found = []
    for number, category in enumerate(categories):
        numbers: dict[str, int | None] = {**visible[number]}
        listed = not (category.sensitive and hidden)
        if not listed:
            least = situation.rules.privacy.small_count
            numbers = {name: count if count >= least else None for name, count in hidden[number].items()}
        found.append({"category": category.id, "listed": listed, **numbers})
    return found


def _counts(
    of_all: NDArray[np.int64], waiting_in: NDArray[Any], waiting: Board, situation: Situation, now_ms: int
) -> NDArray[np.int64]:
    """Return the counts of _NAMES for each number: of all reports and requests, and of those that wait in it."""
    late = waiting.overdue(situation.rules.clocks.due, now_ms)
    size = of_all.shape[1]
    return np.vstack([of_all, np.bincount(waiting_in, minlength=size), np.bincount(waiting_in[late], minlength=size)])


def _summed(counted: NDArray[np.int64], groups: list[list[int]]) -> list[list[int]]:
    """Return the counts of groups of numbers, of which nearly all have one."""
    firsts = counted[:, [group[0] for group in groups]]
    for at, group in enumerate(groups):
        if len(group) > 1:
            firsts[:, at] = counted[:, group].sum(axis=1)
    summed: list[list[int]] = firsts.T.tolist()
    return summed
