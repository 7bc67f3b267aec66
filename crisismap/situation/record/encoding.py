"""JSON of columns, encoded by column: shared values once, texts copied, times by numpy; a few microseconds per row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core.deadlines import Deadlines
from crisismap.core.people.identity import id_texts
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NEVER, NONE
from crisismap.situation.board.heap import NO_TEXT, Heap
from crisismap.situation.board.vocabularies import Vocabularies
from crisismap.situation.merge.layer_index import Facts

DECIMALS = 7  # of coordinates: about a centimetre

_encode = msgspec.json.Encoder().encode


def same(value: Any) -> Any:
    """Return the value as it is."""
    return value


class JsonList:
    """JSON of the values of a growing list, each encoded once; number NONE is null (or `absent`)."""

    def __init__(self, values: Sequence[Any], encode: Callable[[Any], Any] = same, absent: bytes = b"null") -> None:
        self._values = values
        self._encode = encode
        self._items: list[bytes] = []
        self._absent = absent

    def of(self, numbers: NDArray[Any]) -> list[bytes]:
        """Return the JSON of each number."""
        items, absent = self._items, self._absent
        if len(items) < len(self._values):  # replaced, not extended, for thread safety
            items = self._items = [*items, *(_encode(self._encode(value)) for value in self._values[len(items) :])]
        return [items[n] if n >= 0 else absent for n in numbers.tolist()]


@dataclass(frozen=True, slots=True)
class Meanings:
    """What numbers in columns stand for. `encoded` has each list that was used, and only grows."""

    vocabularies: Vocabularies
    facts: Facts
    heap: Heap
    clocks: Deadlines
    categories: tuple[str, ...]
    person_name: Callable[[str], str]
    encoded: dict[ToJson, JsonList] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to be encoded, as a separate board, at one moment."""

    board: Board
    now_ms: int
    meanings: Meanings
    whole: Board  # the board that the rows are of

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.board[name]


ToJson = Callable[[Batch], list[bytes]]  # a JSON value for each row


def or_null(value: str) -> str | None:
    """Return the text, None for ""."""
    return value or None


def list_json(column: str | Callable[[Batch], NDArray[Any]], encoded: Callable[[Meanings], JsonList]) -> ToJson:
    """Encode numbers that are indexes into a list of values: those of a column, or computed from columns."""

    def to_json(batch: Batch) -> list[bytes]:
        cache = batch.meanings.encoded
        if to_json not in cache:
            cache[to_json] = encoded(batch.meanings)
        return cache[to_json].of(batch[column] if isinstance(column, str) else column(batch))

    return to_json


def number(name: str) -> ToJson:
    """Encode whole numbers."""
    return lambda batch: [b"%d" % n for n in batch[name].tolist()]


def count(name: str) -> ToJson:
    """Encode whole numbers, NONE as null."""
    return lambda batch: [b"%d" % n if n != NONE else b"null" for n in batch[name].tolist()]


def decimal(name: str, decimals: int = DECIMALS) -> ToJson:
    """Encode numbers, rounded, NaN as null."""
    return lambda batch: decimals_json(batch[name].astype(np.float64), decimals)


def truth(name: str) -> ToJson:
    """Encode true and false."""
    return lambda batch: truths_json(batch[name])


def moment(name: str, never: int | None = NEVER) -> ToJson:
    """Encode RFC 3339 times, `never` as null. A column without missing values may contain 0 from an unset clock."""
    return lambda batch: moments_json(batch[name], never)


def text(name: str, absent: bytes = b"null") -> ToJson:
    """Copy texts or objects from the heap, empty ones as `absent`."""

    def to_json(batch: Batch) -> list[bytes]:
        take, lengths = batch.meanings.heap.take, batch[f"{name}_len"]
        found, rows = [absent] * len(lengths), np.flatnonzero(lengths > NO_TEXT[1])
        places = zip(rows.tolist(), batch[f"{name}_at"][rows].tolist(), lengths[rows].tolist(), strict=True)
        for row, at, length in places:
            found[row] = take(at, length)
        return found

    return to_json


def decimals_json(values: NDArray[np.float64], decimals: int = DECIMALS) -> list[bytes]:
    """Encode numbers, rounded, NaN as null."""
    return [b"null" if v != v else repr(v).encode() for v in np.round(values, decimals).tolist()]  # noqa: PLR0124 - NaN


def truths_json(values: NDArray[np.bool_]) -> list[bytes]:
    """Encode true and false."""
    return [b"true" if value else b"false" for value in values.tolist()]


def moments_json(ms: NDArray[np.int64], never: int | None = NEVER) -> list[bytes]:
    """Encode RFC 3339 times, `never` as null."""
    found, rows = [b"null"] * len(ms), np.arange(len(ms)) if never is None else np.flatnonzero(ms != never)
    texts = np.datetime_as_string(ms[rows].astype("datetime64[ms]"), unit="ms").tolist()
    for row, text in zip(rows.tolist(), texts, strict=True):
        found[row] = b'"%bZ"' % text.encode()
    return found


def ids(batch: Batch) -> list[bytes]:
    """Encode the ids."""
    raws = np.column_stack((batch["id_high"], batch["id_low"])).astype(">u8").tobytes()
    return [b'"%b"' % text.encode() for text in id_texts(raws)]


def points(batch: Batch) -> list[bytes]:
    """Encode the places as GeoJSON points, null for none."""
    lon, lat = decimals_json(batch["lon"]), decimals_json(batch["lat"])
    return [
        b'{"type":"Point","coordinates":[%b,%b]}' % (x, y) if x != b"null" else b"null"
        for x, y in zip(lon, lat, strict=True)
    ]
