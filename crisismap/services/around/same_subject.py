"""Other reports about the same shelter or road, newest first; older ones stay visible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crisismap.core.clock import Clock
from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import distances_m
from crisismap.core.ports import Store
from crisismap.rule_files import RuleFiles
from crisismap.services.lists.read import find_row
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.board.near import rows_near
from crisismap.situation.record.record import Record

MOST = 20


@dataclass(frozen=True, slots=True)
class RelatedReport:
    """Another report about the same thing. `status` is what it reports; `agrees`: the given report says the same."""

    record: Record
    status: str
    agrees: bool
    distance_m: float


def related_reports(
    store: Store, views: Views, rules: RuleFiles, clock: Clock, person: Person, report_id: str
) -> list[RelatedReport]:
    """Return reports of the same category that report a status, within the distance for corroboration, newest first.

    Read from the board of the person's own audience. Raises NotFound.
    """
    board, row = find_row(store, views.situation, audience_of(person), report_id)
    if not board.has_place[row] or board["asks"][row]:
        return []
    statuses = views.situation.vocabularies.reported_status
    silent = statuses.number("")
    rows = rows_near(board, row, rules.verification.near_m)
    keep = (
        (board["category"][rows] == board["category"][row]) & (board["reported_status"][rows] != silent) & (rows != row)
    )
    rows = rows[keep]
    rows = rows[np.argsort(-board["at"][rows], kind="stable")][:MOST]
    metres = distances_m(float(board["lon"][row]), float(board["lat"][row]), board["lon"][rows], board["lat"][rows])
    reported, own_status = board["reported_status"][rows].tolist(), int(board["reported_status"][row])
    records = views.features.records(board, rows, clock())
    return [
        RelatedReport(record, statuses.items[status], status == own_status, away)
        for record, status, away in zip(records, reported, metres.tolist(), strict=True)
    ]
