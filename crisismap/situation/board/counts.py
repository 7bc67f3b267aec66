"""Counts of the situation, for one audience, at one revision."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board, Mask
from crisismap.situation.board.column import NONE, OFFER
from crisismap.situation.situation import Situation


def totals(situation: Situation, board: Board, now_ms: int) -> dict[str, int]:
    """Return the counts at the top of every page."""
    unanswered = board.unanswered
    return {
        "revision": board.revision,
        "reports": board.n,
        "requests": int(np.count_nonzero(board["asks"])),
        "unanswered": int(np.count_nonzero(unanswered)),
        "overdue": int(np.count_nonzero(board.overdue(situation.rules.clocks.due, now_ms))),
        "unplaced": int(np.count_nonzero(unanswered & ~board.has_place)),
        "urgent": int(np.count_nonzero(unanswered & (board.priority == 1))),
    }


def of_need(board: Board) -> dict[str, int]:
    """Return the counts that only staff see: what nobody has looked at yet, and offers of help."""
    return {
        "may_need_help": int(np.count_nonzero(board.unanswered & board.in_doubt)),
        "offers": int(np.count_nonzero(board["need"] == OFFER)),
    }


def by_area(situation: Situation, board: Board, now_ms: int) -> list[dict[str, Any]]:
    """Return counts per area that has reports, most unanswered first; reports in no area come last, without a code.

    Areas of several layers with the same code and name are merged, because they are selected and shown as one.
    """
    areas = situation.areas
    found: dict[tuple[str | None, str | None], Counter[str]] = {}
    for n, numbers in _counts(board["area"], len(areas), board, situation, now_ms):
        area = (None, None) if n == NONE else (areas[n].code or None, areas[n].name)
        found.setdefault(area, Counter()).update(numbers)
    rows = [{"code": code, "name": name, **numbers} for (code, name), numbers in found.items()]
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

    def counted(of: Board) -> dict[int, dict[str, int]]:
        return dict(_counts(of["category"].astype(np.int32), len(categories), of, situation, now_ms, every=True))

    hides = audience is Audience.PUBLIC and any(category.sensitive for category in categories)
    visible, hidden = counted(board), counted(whole.without_doubt()) if hides else {}
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
    key: NDArray[np.int32], size: int, board: Board, situation: Situation, now_ms: int, *, every: bool = False
) -> list[tuple[int, dict[str, int]]]:
    """Return (key, counts) for each key that occurs, NONE last; `every`: for each possible key."""
    masks: dict[str, Mask] = {
        "reports": np.ones(board.n, np.bool_),
        "requests": board["asks"],
        "unanswered": board.unanswered,
        "overdue": board.overdue(situation.rules.clocks.due, now_ms),
    }
    bins = key.astype(np.int64) + 1  # NONE becomes 0
    counts = {name: np.bincount(bins[mask], minlength=size + 1) for name, mask in masks.items()}
    present = np.flatnonzero(counts["reports"]).tolist()
    keys = list(range(1, size + 1)) if every else sorted(present, key=lambda k: (k == 0, k))
    return [(k - 1, {name: int(count[k]) for name, count in counts.items()}) for k in keys]
