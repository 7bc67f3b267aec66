"""Columns of a board: name, type, and how the value is computed from one report.

Times are ms UTC. Numbers of a vocabulary are indexes into `Vocabularies`, those of the merge into the merger's facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from crisismap.core.need.need import NEEDS, Need
from crisismap.core.priority import Assessed
from crisismap.core.privacy import Audience, ModerationStatus, RedactedReport
from crisismap.core.report.report import CurrentReport, Report
from crisismap.core.report.request import STATES as STATES
from crisismap.core.report.request import Request
from crisismap.core.report.verification import VERIFICATIONS as VERIFICATIONS
from crisismap.situation.board.vocabularies import Vocabularies

NONE = -1  # no value, in columns of list indexes
NO_STATE = 255
NEVER = 0  # no value, in columns of times
NO_NEED = 255  # for the public, who must not tell who may need help from who asks
ASKS, MAY, OFFER = (NEEDS.index(need) for need in (Need.ASKS, Need.MAY, Need.OFFER))

MODERATION_STATUSES: tuple[str, ...] = tuple(ModerationStatus)
PLACE_KINDS = ("exact", "cell", "area", "none")


@dataclass(frozen=True, slots=True)
class IntakeSetting:
    """What all reports of one audience have in common."""

    audience: Audience
    categories: dict[str, int]  # category number by id
    vocabularies: Vocabularies
    code: Callable[[str], int]  # computes the number of a report's tracking code


class IntakeRow(msgspec.Struct, gc=False):
    """One report as one audience sees it: the input for the values of its columns."""

    setting: IntakeSetting
    vocabularies: Vocabularies
    current: CurrentReport
    report: Report
    request: Request | None
    redacted: RedactedReport
    detail: Request | None  # the request, if the audience may know who claimed it and why it is urgent
    id_number: int
    dry: Assessed  # assessment outside an official hazard
    wet: Assessed  # inside one
    words: tuple[int, int]  # marks of the words of a request; see core/text/word_marks.py

    def overruling(self) -> str:
        """Return the reason of a priority override: a person's text, which may have to be erased."""
        if self.detail is None or self.detail.overruling is None:
            return ""
        return f"set to P{self.detail.overruling.priority} by a person: {self.detail.overruling.reason}"

    def answer_note(self) -> str:
        """Return what the team that answered wrote."""
        return "" if self.detail is None or self.detail.answer is None else self.detail.answer.note


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `of` computes its value from a report; None: the merge computes it. A board of a past moment has the columns that
    are `in_past`; there `later` replaces times after that moment, and `unplaced` replaces values that depend on a
    place that was not known yet.
    """

    name: str
    dtype: type[np.generic]
    of: Callable[[IntakeRow], float] | None = None
    in_past: bool = False
    later: Any = None
    unplaced: Any = None


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A text that people wrote, or their fields, stored in the heap: two columns, `NAME_at` and `NAME_len`."""

    name: str
    of: Callable[[IntakeRow], str | Mapping[str, Any]]

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of its two columns."""
        return f"{self.name}_at", f"{self.name}_len"


class ColumnTable:
    """All columns of a board, grouped by how their values are computed."""

    def __init__(self, entries: tuple[Column | TextColumn, ...]) -> None:
        columns = [entry for entry in entries if isinstance(entry, Column)]
        self.texts = tuple(entry for entry in entries if isinstance(entry, TextColumn))
        by_type: dict[type[np.generic], list[tuple[str, Callable[[IntakeRow], float]]]] = {}
        for column in columns:
            if column.of is not None:
                by_type.setdefault(column.dtype, []).append((column.name, column.of))
        self.report_columns = tuple(by_type.items())
        self.merge_names = tuple(column.name for column in columns if column.of is None)
        self.past = tuple(column for column in columns if column.in_past)
        self.layout: dict[str, type[np.generic]] = {column.name: column.dtype for column in columns}
        for at, length in (text.names for text in self.texts):
            self.layout |= {at: np.int64, length: np.int32}


def or_nan(value: float | None) -> float:
    """Return a number, NaN for none."""
    return np.nan if value is None else value
