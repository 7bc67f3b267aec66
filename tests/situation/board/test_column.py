"""Columns by name: how their values come about, and what a board of the past keeps of them."""

from __future__ import annotations

import numpy as np

from crisismap.situation.board.column import NEVER, Column, ColumnTable, TextColumn, or_nan

SEQ = Column("seq", np.int64, lambda row: row.current.seq, in_past=True)
ANSWERED = Column("answered_at", np.int64, lambda row: 5, in_past=True, later=NEVER)
AREA = Column("area", np.int32)
TEXT = TextColumn("text", lambda row: row.redacted.text)
TABLE = ColumnTable((SEQ, TEXT, AREA, ANSWERED))


def test_tells_what_is_taken_from_a_report_from_what_the_merge_computes() -> None:
    [(dtype, columns)] = TABLE.report_columns
    assert dtype is np.int64
    assert [name for name, _ in columns] == ["seq", "answered_at"]
    assert TABLE.merge_names == ("area",)
    assert TABLE.texts == (TEXT,)


def test_lays_a_text_out_as_where_and_how_long() -> None:
    assert TEXT.names == ("text_at", "text_len")
    assert TABLE.layout == {
        "seq": np.int64,
        "area": np.int32,
        "answered_at": np.int64,
        "text_at": np.int64,
        "text_len": np.int32,
    }


def test_keeps_for_the_past_only_what_says_so() -> None:
    assert TABLE.past == (SEQ, ANSWERED)


def test_writes_no_number_as_none() -> None:
    assert np.isnan(or_nan(None))
    assert or_nan(0.0) == 0.0
