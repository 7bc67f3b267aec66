"""Rows as JSON, CSV and records: the output of the situation, made from the facts of a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from crisismap.situation.board.board import Board, Rows
from crisismap.situation.record.encoding import Batch, Meanings, ToJson, ids, points
from crisismap.situation.record.fact import Member, members_of
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

CHUNK = 4096


class Features:
    """Encodes rows of a situation's boards. Needs no lock: its caches only grow, with equal values."""

    def __init__(self, situation: Situation) -> None:
        self.record = situation.record
        members = members_of(self.record)
        properties = [member for member in members if member.fact.feature]
        cells = sorted((member for member in members if member.cells), key=lambda member: member.fact.feature)
        self.columns = tuple(cell.name for member in cells for cell in member.cells)
        self._feature = _Template(
            b'{"type":"Feature","id":%b,"geometry":%b,"properties":', properties, (ids, points), b"}"
        )
        self._item = _Template(b"", members)
        self._row = _Template(b"", cells)
        self._cells = [(member.name, cell.of) for member in cells for cell in member.cells]
        self._records = msgspec.json.Decoder(self.record)
        self._rows = msgspec.json.Decoder(msgspec.defstruct("Row", [(each.name, each.type) for each in cells]))
        self._meanings = Meanings(
            vocabularies=situation.vocabularies,
            facts=situation.merger.facts,
            heap=situation.heap,
            clocks=situation.rules.clocks,
            categories=tuple(situation.rules.categories),
            person_name=situation.person_name,
        )

    def features(self, board: Board, rows: Rows, now_ms: int) -> Iterator[list[bytes]]:
        """Yield GeoJSON features, some thousand at a time."""
        for part in _parts(rows):
            yield self._encoded(self._feature, board, part, now_ms)

    def items(self, board: Board, rows: Rows, now_ms: int) -> list[bytes]:
        """Return requests (or reports) as flat JSON objects."""
        return self._encoded(self._item, board, rows, now_ms)

    def records(self, board: Board, rows: Rows | list[int], now_ms: int) -> list[Record]:
        """Return the items as records."""
        return [self._records.decode(item) for item in self.items(board, np.asarray(rows, np.int64), now_ms)]

    def cells(self, board: Board, rows: Rows, now_ms: int) -> Iterator[list[list[Any]]]:
        """Yield the values of `columns`, some thousand rows at a time."""
        decode, cells = self._rows.decode, self._cells
        for part in _parts(rows):
            found = [decode(row) for row in self._encoded(self._row, board, part, now_ms)]
            yield [[of(getattr(row, name)) for name, of in cells] for row in found]

    def _encoded(self, template: _Template, board: Board, rows: Rows, now_ms: int) -> list[bytes]:
        return template.encode(Batch(board.part(rows), now_ms, self._meanings))


class _Template:
    """A JSON object with some members, as bytes with placeholders."""

    def __init__(
        self, head: bytes, members: Sequence[Member], before: Sequence[ToJson] = (), tail: bytes = b""
    ) -> None:
        self._bytes = head + b"{" + b",".join(b'"%b":%%b' % member.name.encode() for member in members) + b"}" + tail
        self._values = (*before, *(member.fact.json for member in members))

    def encode(self, batch: Batch) -> list[bytes]:
        """Return an object for each row."""
        columns = {to_json: to_json(batch) for to_json in dict.fromkeys(self._values)}  # two members may be equal
        return [self._bytes % values for values in zip(*map(columns.__getitem__, self._values), strict=True)]


def _parts(rows: Rows) -> Iterator[Rows]:
    for at in range(0, len(rows), CHUNK):
        yield rows[at : at + CHUNK]
