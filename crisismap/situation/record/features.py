"""Rows as JSON, CSV and records: the output of the situation, made from the facts of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.heap import NO_TEXT
from crisismap.situation.record.encoding import Batch, Meanings, ToJson, ids, points
from crisismap.situation.record.fact import Member, members_of
from crisismap.situation.record.field_columns import FieldColumns, columns_of, declared
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

CHUNK = 4096


class Features:
    """Encodes rows of a situation's boards. Needs no lock: its caches only grow, with equal values."""

    def __init__(self, situation: Situation) -> None:
        self.record = situation.record
        members = members_of(self.record)
        self._files = {audience: _File.of(members, audience) for audience in Audience}
        self._item = _Template(b"", members)
        self._records = msgspec.json.Decoder(self.record)
        self._fields = declared(situation.rules.categories.values())
        self._meanings = Meanings(
            vocabularies=situation.vocabularies,
            facts=situation.merger.facts,
            heap=situation.heap,
            clocks=situation.rules.clocks,
            categories=tuple(situation.rules.categories),
            person_name=situation.person_name,
        )

    def features(self, board: Board, rows: Rows, now_ms: int, audience: Audience) -> Iterator[list[bytes]]:
        """Yield GeoJSON features, some thousand at a time. `audience` is that of the board."""
        for part in _parts(rows):
            yield self._encoded(self._files[audience].feature, board, part, now_ms)

    def items(self, board: Board, rows: Rows, now_ms: int) -> list[bytes]:
        """Return requests (or reports) as flat JSON objects."""
        return self._encoded(self._item, board, rows, now_ms)

    def records(self, board: Board, rows: Rows | list[int], now_ms: int) -> list[Record]:
        """Return the items as records."""
        return [self._records.decode(item) for item in self.items(board, np.asarray(rows, np.int64), now_ms)]

    def grid(
        self, board: Board, rows: Rows, now_ms: int, audience: Audience
    ) -> tuple[tuple[str, ...], Iterator[list[list[Any]]]]:
        """Return column names, and the values in each row, some thousand rows at a time."""
        file = self._files[audience]
        names = tuple(name for name, _, _ in file.cells)
        if not file.has_fields:
            return names, self._cells(file, board, rows, now_ms, None)
        texts = zip(board["fields_at"][rows].tolist(), board["fields_len"][rows].tolist(), strict=True)
        take = self._meanings.heap.take
        fields = columns_of(self._fields, (take(at, length) for at, length in texts if length > NO_TEXT[1]))
        return (*names, *fields.names), self._cells(file, board, rows, now_ms, fields)

    def _cells(
        self, file: _File, board: Board, rows: Rows, now_ms: int, fields: FieldColumns | None
    ) -> Iterator[list[list[Any]]]:
        decode, cells = file.decoder.decode, file.cells
        for part in _parts(rows):
            found = [msgspec.structs.astuple(decode(row)) for row in self._encoded(file.row, board, part, now_ms)]
            values = [[row[at] if of is None else of(row[at]) for _, at, of in cells] for row in found]
            if fields is not None:  # the last member
                values = [[*cells, *fields.cells(row[-1])] for cells, row in zip(values, found, strict=True)]
            yield values

    def _encoded(self, template: _Template, board: Board, rows: Rows, now_ms: int) -> list[bytes]:
        return template.encode(Batch(board.part(rows), now_ms, self._meanings, board))


@dataclass(frozen=True, slots=True)
class _File:
    """What is written of a report into the files for one audience."""

    feature: _Template
    row: _Template
    decoder: msgspec.json.Decoder[Any]
    cells: tuple[tuple[str, int, Callable[[Any], Any] | None], ...]  # column name, number of the member, its value
    has_fields: bool

    @classmethod
    def of(cls, members: Sequence[Member], audience: Audience) -> _File:
        """Return the files' members for an audience."""
        told = [each for each in members if audience is Audience.AGENCY or not each.fact.staff]
        properties = [each for each in told if each.fact.feature]
        # Columns of earlier releases stay where scripts look for them: those of staff follow.
        cells = sorted((each for each in told if each.cells), key=lambda each: (each.fact.staff, each.fact.feature))
        fields = [each for each in told if each.name == "fields"]
        decoded = [*cells, *fields]
        return cls(
            _Template(b'{"type":"Feature","id":%b,"geometry":%b,"properties":', properties, (ids, points), b"}"),
            _Template(b"", decoded),
            msgspec.json.Decoder(msgspec.defstruct("Row", [(each.name, each.type) for each in decoded])),
            tuple((cell.name, at, cell.of) for at, each in enumerate(cells) for cell in each.cells),
            bool(fields),
        )


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
