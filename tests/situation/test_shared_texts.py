"""A text stands once in the heap, for all audiences, and is gone for everybody when none may read it any more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crisismap.core.privacy import Audience
from crisismap.situation.board.column import NONE
from crisismap.situation.board.columns import LAYOUT, Columns
from crisismap.situation.board.heap import Heap
from crisismap.situation.shared_texts import SharedTexts

AT, LENGTH = "text_at", "text_len"


class Boards:
    """Both audiences' columns, into which one report is written at a time."""

    def __init__(self) -> None:
        self.heap = Heap()
        self.columns = {audience: Columns() for audience in Audience}
        self.texts = SharedTexts(self.heap, [(AT, LENGTH)], self.columns)

    def write(self, audience: Audience, seq: int, text: bytes) -> None:
        mark, columns = self.heap.mark(), self.columns[audience]
        values: dict[str, Any] = {name: np.array([seq]).astype(kind) for name, kind in LAYOUT.items()}
        at, length = self.heap.add(text)
        values |= {AT: np.array([at], LAYOUT[AT]), LENGTH: np.array([length], LAYOUT[LENGTH])}
        rows = columns.rows_of_seqs(values["seq"])
        self.texts.share(audience, rows, values, mark)
        columns.write(columns.board.revision + 1, rows, values)

    def read(self, audience: Audience, seq: int) -> bytes:
        board = self.columns[audience].board
        [row] = board.rows_of_seqs(np.array([seq])).tolist()
        assert row != NONE
        return self.heap.take(int(board[AT][row]), int(board[LENGTH][row]))


@pytest.fixture
def boards() -> Boards:
    return Boards()


def test_holds_an_equal_text_of_both_audiences_once(boards: Boards) -> None:
    for audience in Audience:
        boards.write(audience, 1, b'"zanzibar"')
        boards.write(audience, 2, b'"another"')
        boards.write(audience, 1, b'"zanzibar"')
    assert boards.heap.content().count(b"zanzibar") == 1
    assert {boards.read(audience, seq) for audience in Audience for seq in (1, 2)} == {b'"zanzibar"', b'"another"'}


def test_keeps_a_text_that_only_another_audience_may_read_still(boards: Boards) -> None:
    for audience in Audience:
        boards.write(audience, 1, b'"zanzibar"')
    boards.write(Audience.PUBLIC, 1, b'""')
    assert boards.read(Audience.AGENCY, 1) == b'"zanzibar"'
    assert boards.read(Audience.PUBLIC, 1) == b'""'


def test_writes_it_anew_for_them_so_that_boards_that_the_others_hold_can_read_it_no_more(boards: Boards) -> None:
    for audience in Audience:
        boards.write(audience, 1, b'"zanzibar"')
    older = boards.columns[Audience.PUBLIC].board
    boards.write(Audience.PUBLIC, 1, b'""')
    boards.write(Audience.AGENCY, 1, b'"zanzibar"')  # with the same change
    assert boards.heap.take(int(older[AT][0]), int(older[LENGTH][0])).strip(b' "') == b""
    assert boards.read(Audience.AGENCY, 1) == b'"zanzibar"'
    assert boards.heap.content().count(b"zanzibar") == 1


def test_overwrites_a_text_that_nobody_may_read_any_more(boards: Boards) -> None:
    for audience in Audience:
        boards.write(audience, 1, b'"zanzibar"')
    older = boards.columns[Audience.AGENCY].board
    for audience in Audience:
        boards.write(audience, 1, b'"corrected"')
    assert b"zanzibar" not in boards.heap.content()
    assert boards.heap.take(int(older[AT][0]), int(older[LENGTH][0])).strip(b' "') == b""
    assert boards.read(Audience.PUBLIC, 1) == b'"corrected"'


def test_overwrites_the_texts_of_rows_that_are_hidden_from_all(boards: Boards) -> None:
    boards.write(Audience.AGENCY, 1, b'"zanzibar"')
    boards.write(Audience.AGENCY, 2, b'"another"')
    boards.texts.blank(Audience.AGENCY, np.array([0]))
    assert b"zanzibar" not in boards.heap.content()
    assert boards.read(Audience.AGENCY, 2) == b'"another"'
