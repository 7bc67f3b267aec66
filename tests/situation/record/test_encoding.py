"""JSON column by column: what is none is null, and what many rows share is encoded once."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from crisismap.core.people.identity import id_bytes, new_id
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NEVER, NONE
from crisismap.situation.board.heap import Heap
from crisismap.situation.record import encoding
from crisismap.situation.record.encoding import Batch, JsonList, Meanings

NAN = float("nan")


def batch(heap: Heap | None = None, **columns: Any) -> Batch:
    made = {name: np.array(values) for name, values in columns.items()}
    meanings: Any = Meanings(None, None, heap or Heap(), None, (), str)  # type: ignore[arg-type]
    board = Board(1, len(next(iter(made.values()))), made)
    return Batch(board, 0, meanings, board)


def read(values: list[bytes]) -> list[Any]:
    return [json.loads(value) for value in values]


def test_encodes_each_value_of_a_growing_list_once() -> None:
    asked: list[str] = []

    def upper(value: str) -> str:
        asked.append(value)
        return value.upper()

    values = ["a", "b"]
    encoded = JsonList(values, upper)
    assert encoded.of(np.array([1, NONE, 0, 1])) == [b'"B"', b"null", b'"A"', b'"B"']
    values.append("c")
    assert encoded.of(np.array([2, 0])) == [b'"C"', b'"A"']
    assert asked == ["a", "b", "c"]
    assert JsonList([], absent=b"[]").of(np.array([NONE])) == [b"[]"]


def test_writes_numbers_that_json_has() -> None:
    made = batch(n=np.array([0, -3, NONE], np.int32), x=[80.123456789, NAN, 12.0], yes=np.array([True, False, True]))
    assert encoding.number("n")(made) == [b"0", b"-3", b"-1"]
    assert encoding.count("n")(made) == [b"0", b"-3", b"null"]
    assert read(encoding.decimal("x")(made)) == [80.1234568, None, 12.0]
    assert read(encoding.decimal("x", 1)(made)) == [80.1, None, 12.0]
    assert read(encoding.truth("yes")(made)) == [True, False, True]


def test_writes_moments_to_the_millisecond_and_never_as_null() -> None:
    made = batch(at=np.array([1_449_037_800_001, NEVER], np.int64))
    assert read(encoding.moment("at")(made)) == ["2015-12-02T06:30:00.001Z", None]
    assert read(encoding.moment("at", never=None)(made)) == ["2015-12-02T06:30:00.001Z", "1970-01-01T00:00:00.000Z"]


@pytest.mark.parametrize("words", ["மூன்று பேர் 🛶", 'a "quote" \\ and\nnewline'])
def test_copies_texts_as_they_are(words: str) -> None:
    heap = Heap()
    places = [heap.add(json.dumps(each).encode()) for each in (words, "")]
    made = batch(heap, text_at=[at for at, _ in places], text_len=[length for _, length in places])
    assert read(encoding.text("text")(made)) == [words, None]


def test_writes_ids_and_points() -> None:
    report_id = new_id(1_449_037_800_000, bytes(range(10)))
    raw = id_bytes(report_id) or b""
    made = batch(
        id_high=np.array([int.from_bytes(raw[:8], "big")] * 2, np.uint64),
        id_low=np.array([int.from_bytes(raw[8:], "big")] * 2, np.uint64),
        lon=[80.2, NAN],
        lat=[13.0, NAN],
    )
    assert read(encoding.ids(made)) == [report_id, report_id]
    assert read(encoding.points(made)) == [{"type": "Point", "coordinates": [80.2, 13.0]}, None]
