"""Job "claims": opens claimed requests that were not answered in time, so that others can claim them."""

from __future__ import annotations

import logging
from concurrent.futures import Future

import numpy as np

from crisismap.core.done import Done
from crisismap.core.errors import CrisismapError
from crisismap.core.event import EventDraft
from crisismap.core.people.identity import id_text
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport, require_request
from crisismap.core.report.request import expire
from crisismap.problems import sentence
from crisismap.services.runtime.context import Context
from crisismap.situation.board.column import STATES

log = logging.getLogger(__name__)
AT_ONCE = 500  # claims in the writer's queue together


def expire_claims(context: Context) -> None:
    """Open every request whose claim has expired."""
    if context.guards.clock.jumped():  # after a clock change jobs/clock.py must move the ends first
        return
    board = context.views.situation.board(Audience.AGENCY).waiting
    claimed = board["state"] == STATES.index("claimed")
    rows = np.flatnonzero(claimed & (board["claim_until"] <= context.clock())).tolist()
    for part in context.guards.batches(rows, AT_ONCE):
        ids = [id_text(board.id_raw(row)) for row in part]
        waiting = [expire_claim(context.store, context.clock(), report_id) for report_id in ids]
        for future in waiting:
            try:
                future.result()
            except CrisismapError as refusal:  # answered or extended since the board was made
                log.info("a claim did not expire: %s", sentence(refusal))


def expire_claim(store: Store, now_ms: int, report_id: str) -> Future[Done[str]]:
    """Open a claimed request that was not answered in time."""

    def decide(now: CurrentReport) -> Change:
        event = EventDraft("claim.expire", report_id, "system", now_ms)
        return Change(event, request=expire(require_request(now), now_ms))

    return store.requests.change(report_id, None, decide)
