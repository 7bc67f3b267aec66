"""What a snapshot holds: the boards, the lists that their numbers point into, and the texts.

Lists and texts are reduced to what the boards still use, and numbers and positions are changed with them, so that
neither removed texts nor the marks of a sender who was erased are written, and a start begins without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NONE
from crisismap.situation.board.heap import FIRST, NO_TEXT, Heap
from crisismap.situation.board.vocabularies import Vocabularies
from crisismap.situation.merge.layer_index import AreaRef, Disagreement, Facts, HazardRef, ShelterRef

Array = NDArray[Any]
Texts = Sequence[tuple[str, str]]  # the columns of position and length of each text
_AT_ONCE = 1 << 20  # bytes of texts in one part


class Lists(msgspec.Struct):
    """The values of the vocabularies and of the merge's facts, in the order of their numbers."""

    flags: list[tuple[str, ...]]
    reasons: list[tuple[str, ...]]
    lang: list[str]
    channel: list[str]
    source: list[str]
    reported_status: list[str]
    person: list[str]
    sender: list[str]
    areas: list[AreaRef]
    hazards: list[tuple[HazardRef, ...]]
    shelters: list[ShelterRef]
    disagreements: list[tuple[Disagreement, ...]]


# The columns with numbers of each list.
NUMBERED: Mapping[str, tuple[str, ...]] = {
    "flags": ("flags",),
    "reasons": ("reasons_dry", "reasons_wet"),
    "lang": ("lang",),
    "channel": ("channel",),
    "source": ("source",),
    "reported_status": ("reported_status",),
    "person": ("claimed_by",),
    "sender": ("sender", "network"),
    "areas": ("area",),
    "hazards": ("hazards",),
    "shelters": ("shelter",),
    "disagreements": ("disagrees",),
}


class About(msgspec.Struct):
    """What a snapshot says of itself, and its lists. `log` is the hash of the event of its revision."""

    revision: int
    layers: dict[str, int]  # version by id
    rows: dict[Audience, int]
    changed: dict[Audience, int]
    lists: Lists
    log: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A situation to be written."""

    about: About
    arrays: list[tuple[str, Array]]
    texts: Iterator[bytes]
    text_bytes: int

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        return sum(array.nbytes for _, array in self.arrays) + self.text_bytes


def _growing(vocabularies: Vocabularies, facts: Facts) -> dict[str, tuple[Sequence[Any], Callable[[Any], int]]]:
    """Return each list with the function that numbers its values."""
    found: dict[str, tuple[Sequence[Any], Callable[[Any], int]]] = {
        name: (each.items, each.number) for name, each in vars(vocabularies).items()
    }
    found |= {name: (each.items, each.number) for name, each in (("areas", facts.areas), ("shelters", facts.shelters))}
    found |= {
        name: (each.sets, each.number)
        for name, each in (("hazards", facts.hazards), ("disagreements", facts.disagreements))
    }
    return found


def content_of(
    boards: Mapping[Audience, Board],
    layers: Mapping[str, int],
    texts: Texts,
    meanings: tuple[Vocabularies, Facts, Heap],
) -> Content:
    """Return what is to be written of boards of one revision, while newer ones are made."""
    vocabularies, facts, heap = meanings
    columns = {audience: {name: board[name] for name in board.columns} for audience, board in boards.items()}
    kept: dict[str, list[Any]] = {}
    for name, (values, _) in _growing(vocabularies, facts).items():
        kept[name] = _renumber([(of, column) for of in columns.values() for column in NUMBERED[name]], values)
    positions, lengths = _move_texts(columns, texts)
    return Content(
        About(
            next(iter(boards.values())).revision,
            dict(layers),
            {audience: board.n for audience, board in boards.items()},
            {audience: board.changed for audience, board in boards.items()},
            Lists(**kept),
        ),
        [(f"{audience} {name}", column) for audience, of in columns.items() for name, column in of.items()],
        _gathered(heap, positions, lengths),
        int(lengths.sum()),
    )


def _renumber(columns: Iterable[tuple[dict[str, Array], str]], values: Sequence[Any]) -> list[Any]:
    """Number the used values anew in these columns, in their order, and return them."""
    where, size = list(columns), len(values)
    used = np.zeros(size + 1, np.bool_)
    for of, name in where:
        used[of[name]] = True  # NONE is the last
    kept = np.flatnonzero(used[:size])
    new = np.full(size + 1, NONE, np.int32)
    new[kept] = np.arange(len(kept))
    for of, name in where:
        of[name] = new[of[name]]
    return [values[number] for number in kept.tolist()]


def _move_texts(columns: Mapping[Audience, dict[str, Array]], texts: Texts) -> tuple[Array, Array]:
    """Give texts their positions one after the other; return the old position and the length of each.

    Those at one position are one text.
    """
    pairs = [(of, *names) for of in columns.values() for names in texts]
    at = np.concatenate([of[position] for of, position, _ in pairs])
    length = np.concatenate([of[size] for of, _, size in pairs]).astype(np.int64)
    said = np.flatnonzero(length > NO_TEXT[1])
    old, first, inverse = np.unique(at[said], return_index=True, return_inverse=True)
    lengths = length[said][first]
    new = np.full(len(at), NO_TEXT[0], np.int64)
    new[said] = (FIRST + np.cumsum(lengths) - lengths)[inverse]
    end = 0
    for of, position, _ in pairs:
        begin, end = end, end + len(of[position])
        of[position] = new[begin:end]
    return old, lengths


def _gathered(heap: Heap, positions: Array, lengths: Array) -> Iterator[bytes]:
    """Yield texts in some large parts; those that follow each other in the heap are copied at once."""
    if not len(positions):
        return
    breaks = np.flatnonzero(positions[1:] != positions[:-1] + lengths[:-1]) + 1
    begins = np.concatenate([[0], breaks])
    runs = zip(positions[begins].tolist(), np.add.reduceat(lengths, begins).tolist(), strict=True)
    part: list[memoryview] = []
    size = 0
    for at, length in runs:
        part.append(heap.part(at, length))
        size += length
        if size >= _AT_ONCE:
            yield b"".join(part)
            part, size = [], 0
    yield b"".join(part)


def boards_of(about: About, arrays: Mapping[str, Array]) -> dict[Audience, Board]:
    """Return the boards that were written."""
    columns: dict[Audience, dict[str, Array]] = {audience: {} for audience in about.rows}
    for name, array in arrays.items():
        audience, _, column = name.partition(" ")
        columns[Audience(audience)][column] = array
    return {
        audience: Board(about.revision, n, columns[audience], about.changed[audience])
        for audience, n in about.rows.items()
    }


def fill(lists: Lists, vocabularies: Vocabularies, facts: Facts) -> None:
    """Give the values of empty lists the numbers that they have in the columns."""
    for name, (_, number) in _growing(vocabularies, facts).items():
        for value in getattr(lists, name):
            number(value)
