"""Intake of reports: each is first redacted for the audience, then converted to columns and merged at the place
that the audience sees, so that no fact of the merge reveals more than the published place does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.layer import Role
from crisismap.core.people.identity import id_bytes
from crisismap.core.priority import LOWEST, Assessed
from crisismap.core.privacy import RedactedReport, redact
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request, effective_priority
from crisismap.core.text.word_marks import NO_WORDS, marks_of_texts
from crisismap.situation.board.assessment import Assessor
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import ColumnTable, IntakeRow, IntakeSetting
from crisismap.situation.board.heap import NO_TEXT, Heap
from crisismap.situation.board.table import TABLE
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.merge import MergeBatch, Merger
from crisismap.situation.rules import Rules

_LayerRole = tuple[str, Role]  # a layer's id and role
_UNRATED: Assessed = (0, ())
_DOUBT_PRIORITY = 2  # of a request that nobody has looked at, when its words have none
_encode = msgspec.json.Encoder().encode


class BoardIntake:
    """Converts reports to columns for one audience. Used by one thread."""

    def __init__(
        self, setting: IntakeSetting, rules: Rules, assessor: Assessor, heap: Heap, table: ColumnTable = TABLE
    ) -> None:
        self.audience = setting.audience
        self._setting = setting
        self._rules = rules
        self._assessor = assessor
        self._heap = heap
        self._table = table
        self._categories = tuple(rules.categories)

    def columns(self, reports: Sequence[CurrentReport], merger: Merger) -> dict[str, NDArray[Any]]:
        """Return all columns of those reports that the audience may know of, in their order."""
        rules, rows = self._rules, list[IntakeRow]()
        for current in reports:
            redacted = redact(current, self.audience, rules.categories[current.report.category], rules.privacy)
            if redacted is not None:
                rows.append(self._row(current, redacted))
        self._add_words(rows)
        values = self._report_columns(rows) | self._texts(rows)
        found = merger.merge(self._merge_batch(values))
        return values | {name: getattr(found, name) for name in self._table.merge_names}

    def _report_columns(self, rows: Sequence[IntakeRow]) -> dict[str, NDArray[Any]]:
        """Return the columns that are computed from a report, those of one type as one array: that costs least."""
        values: dict[str, NDArray[Any]] = {}
        for dtype, columns in self._table.report_columns:
            members = chain.from_iterable(map(of, rows) for _, of in columns)
            array = np.fromiter(members, dtype, len(columns) * len(rows)).reshape(len(columns), len(rows))
            values |= zip((name for name, _ in columns), array, strict=True)
        return values

    def _texts(self, rows: Sequence[IntakeRow]) -> dict[str, NDArray[Any]]:
        """Add texts to the heap; return the columns of their positions and lengths."""
        add, texts = self._heap.add, self._table.texts
        written = (column.of(row) for column in texts for row in rows)
        places = [add(_encode(text)) if text else NO_TEXT for text in written]
        array = np.array(places, np.int64).reshape(len(texts), len(rows), 2)
        values: dict[str, NDArray[Any]] = {}
        for column, part in zip(texts, array, strict=True):
            at, length = column.names
            values[at], values[length] = part[:, 0].copy(), part[:, 1].astype(np.int32)
        return values

    @staticmethod
    def _add_words(rows: Iterable[IntakeRow]) -> None:
        """Set the marks of the words of requests. Without a network there is no crowd in it, and no need of them."""
        marked = [row for row in rows if row.report.network and row.request is not None]
        for row, marks in zip(marked, marks_of_texts(row.redacted.text for row in marked), strict=True):
            row.words = marks

    def again(
        self, board: Board, rows: NDArray[np.int64], places: Places, merger: Merger, changes: Collection[_LayerRole]
    ) -> dict[str, NDArray[Any]]:
        """Return the merge's columns that a change of these layers can alter, for existing rows."""
        batch = self._merge_batch(
            {name: board[name][rows] for name in ("lon", "lat", "category", "at", "reported_status")}
        )
        return merger.again(batch, board["hazards"][rows], changes, places)

    def _merge_batch(self, values: dict[str, NDArray[Any]]) -> MergeBatch:
        statuses = self._setting.vocabularies.reported_status.items
        return MergeBatch(
            lon=values["lon"],
            lat=values["lat"],
            category=values["category"],
            at_ms=values["at"],
            status=[statuses[number] for number in values["reported_status"].tolist()],
            categories=self._categories,
        )

    def _row(self, current: CurrentReport, redacted: RedactedReport) -> IntakeRow:
        report, request = current.report, current.request
        dry, wet = self._priorities(current, redacted)
        return IntakeRow(
            self._setting,
            self._setting.vocabularies,
            current,
            report,
            request,
            redacted,
            request if redacted.tells_reasons else None,
            int.from_bytes(id_bytes(report.id) or b"", "big"),
            dry,
            wet,
            NO_WORDS,
        )

    def _priorities(self, current: CurrentReport, redacted: RedactedReport) -> tuple[Assessed, Assessed]:
        """Return priority and reasons outside and inside an official hazard."""
        request = current.request
        if request is None:
            return _UNRATED, _UNRATED
        if request.aged and not redacted.tells_raise:
            request = msgspec.structs.replace(request, aged=0)
        (dry, dry_reasons), (wet, wet_reasons) = self._assessor.of(current)
        if request.in_doubt and redacted.need is not None:
            # Before anybody has looked it must not wait at the end of the list, even if no rule knows how urgent it is.
            # The public would learn of the doubt from the priority when it ends.
            heard = current.heard(self._rules.detector).priority
            least = _DOUBT_PRIORITY if heard == LOWEST else heard
            dry, wet = min(dry, least), min(wet, least)
        if not redacted.tells_reasons:
            return (effective_priority(request, dry), ()), (effective_priority(request, wet), ())
        raise_reason = self._raise_reason(request)
        return (
            (effective_priority(request, dry), (*raise_reason, *dry_reasons)),
            (effective_priority(request, wet), (*raise_reason, *wet_reasons)),
        )

    def _raise_reason(self, request: Request) -> tuple[str, ...]:
        if request.overruling is not None or not request.aged:
            return ()
        return tuple(r.reason for r in self._rules.clocks.raises if r.to == request.aged)[:1]
