"""The data of the Situation page, all from one board of the reader's audience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crisismap.core.privacy import PUBLIC_TIME_STEP_MS, Audience
from crisismap.services.lists import trends
from crisismap.services.lists.first_answers import first_answers
from crisismap.situation.board import counts
from crisismap.situation.board.board import Board
from crisismap.ui.frame import shell


@dataclass(frozen=True, slots=True)
class SituationSnapshot:
    """The data of the page, all from one board, so that no two numbers disagree."""

    audience: Audience
    board: Board
    now_ms: int
    totals: dict[str, int]
    lives: trends.RequestTimes
    areas: list[dict[str, Any]]
    categories: list[dict[str, Any]]

    @property
    def rounded_ms(self) -> int:
        """Return the step that this audience's times are rounded down to."""
        return PUBLIC_TIME_STEP_MS if self.audience is Audience.PUBLIC else 0

    @property
    def reopened(self) -> int:
        """Return the number of requests that were reopened at least once."""
        return int(np.count_nonzero(self.board["reopened"] > 0))

    @property
    def escalated(self) -> int:
        """Return the number of unanswered requests that were escalated; it is not for the public."""
        return int(np.count_nonzero((self.board["escalated"] > 0) & self.board.unanswered))


def snapshot(audience: Audience) -> SituationSnapshot | None:
    """Return the current data; None before the first report."""
    context = shell.context()
    situation, now_ms = context.views.situation, context.clock()
    board = situation.board(audience)
    if not board.n:
        return None
    return SituationSnapshot(
        audience=audience,
        board=board,
        now_ms=now_ms,
        totals=counts.totals(situation, board, now_ms),
        lives=trends.request_times(board, first_answers(context.store, context.views.caches, audience, board)),
        areas=counts.by_area(situation, board, now_ms),
        categories=counts.by_category(situation, audience, board, now_ms),
    )
