"""Job "corroboration": counts for each new report how many independent people agree, nearby in place and time.

Only reports whose exact place is public count and are counted. If requests or hidden places were counted, a stranger
could locate them by sending reports all around until the status of one, or just the revision, showed an agreement.
"""

from __future__ import annotations

import logging

import numpy as np

from crisismap.core.errors import CrisismapError
from crisismap.core.event import EventDraft
from crisismap.core.people.identity import id_text
from crisismap.core.place.geodesy import distance_m
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.verification import Witness, corroborate, reporters
from crisismap.problems import sentence
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.context import Context
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import PLACE_KINDS
from crisismap.situation.board.near import rows_near

log = logging.getLogger(__name__)
FACT = "corroborated_until"  # the fact with the last processed revision
AT_ONCE = 2_000  # reports per run, so that a flood of them does not delay other jobs
MOST = 200  # neighbours compared; more would not change the result
EXACT = PLACE_KINDS.index("exact")


def count_reporters(context: Context) -> None:
    """Process the reports that were received or placed since the last run."""
    boards = context.views.situation.boards()
    board, last_revision = boards[Audience.AGENCY], int(context.store.upkeep.fact(FACT) or 0)
    new = np.flatnonzero(board["updated_revision"] > last_revision)
    if not len(new):
        return
    public_exact = _public_exact(board, boards[Audience.PUBLIC])
    new = new[public_exact[new]]
    new = new[np.argsort(board["updated_revision"][new], kind="stable")][:AT_ONCE]
    if not len(new):
        return
    senders = context.store.reports.senders(board["seq"][new].tolist())
    rows: set[int] = set()
    for row in new.tolist():
        if int(board["seq"][row]) in senders:
            rows.update(_rows_with_same_claim(context.rules, board, row, public_exact).tolist())
    for row in sorted(rows):
        if context.guards.stopping.is_set():
            return  # counted again after the next start
        _update_count(context.store, context.rules, context.clock(), board, row, public_exact)
    context.store.upkeep.set_fact(FACT, str(int(board["updated_revision"][new].max()))).result()


def _public_exact(board: Board, public: Board) -> Mask:
    """Return the rows of the agency's board whose exact place is public."""
    return np.isin(board["seq"], public["seq"][public["place_kind"] == EXACT])


def _rows_with_same_claim(rule_files: RuleFiles, board: Board, row: int, public_exact: Mask) -> Rows:
    """Return the rows near it with the same claim, including it, in order of arrival."""
    rules = rule_files.verification
    rows = rows_near(board, row, rules.near_m)
    same = public_exact[rows] & (np.abs(board["at"][rows] - board["at"][row]) <= rules.within_ms)
    for name in ("category", "reported_status"):
        same &= board[name][rows] == board[name][row]
    matches: Rows = rows[same][:MOST]
    return matches


def _update_count(store: Store, rules: RuleFiles, now_ms: int, board: Board, row: int, public_exact: Mask) -> None:
    rows = _rows_with_same_claim(rules, board, row, public_exact).tolist()
    senders = store.reports.senders([int(board["seq"][other]) for other in rows])
    witnesses = [
        Witness(sender, float(board["lon"][other]), float(board["lat"][other]), int(board["at"][other]))
        for other in rows
        if (sender := senders.get(int(board["seq"][other]))) is not None
    ]
    count = reporters(witnesses, lambda a, b: distance_m(a.lon, a.lat, b.lon, b.lat))
    if count <= int(board["reporters"][row]):
        return
    report_id = id_text(board.id_raw(row))

    def decide(now: CurrentReport) -> Change:
        event = EventDraft("report.corroborate", report_id, "system", now_ms, {"reporters": count})
        return Change(event, standing=corroborate(now.standing, count))

    try:
        store.requests.change(report_id, None, decide).result()
    except CrisismapError as refusal:
        log.info("the number of reporters of a report was not updated: %s", sentence(refusal))
