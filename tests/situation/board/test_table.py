"""The columns of a board: those of the record's facts, and those that only the program reads."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np

from crisismap.situation.board.column import Column
from crisismap.situation.board.table import INTERNAL, TABLE, table_of
from crisismap.situation.record import encoding
from crisismap.situation.record.fact import Fact


class Loud(
    msgspec.defstruct(  # type: ignore[misc]
        "Base",
        [("loudness", Annotated[int, Fact("How loud.", encoding.number("loudness"), Column("loudness", np.int32))])],
    )
):
    """A record of one fact."""


def test_has_the_columns_of_the_facts_and_its_own() -> None:
    made = table_of(Loud)
    assert set(made.layout) == {"loudness", *(column.name for column in INTERNAL)}
    assert "loudness" in made.merge_names


def test_names_no_column_twice() -> None:
    names = [name for _, columns in TABLE.report_columns for name, _ in columns] + list(TABLE.merge_names)
    assert len(names) == len(set(names))
    assert len(TABLE.layout) == len(names) + 2 * len(TABLE.texts)


def test_keeps_who_sent_a_report_out_of_every_record() -> None:
    from crisismap.situation.record.fact import members_of
    from crisismap.situation.record.record import Record

    told = {column.name for member in members_of(Record) for column in member.fact.columns}
    assert told.isdisjoint({"sender", "network", "code", "seq"})
    assert {"sender", "network", "code", "seq"} <= set(TABLE.layout)
