"""What a format is: a media type and a function that streams; and what it is given to stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class ReportTable(Protocol):
    """Chosen reports of one audience at one revision."""

    @property
    def revision(self) -> int:
        """The revision that all of it belongs to."""

    @property
    def made_up(self) -> bool:
        """Whether this is the demo."""

    @property
    def care(self) -> str:
        """How the file is to be handled; "" for what everybody may have."""

    @property
    def taken(self) -> str:
        """Who took it, and when; "" as well. For a head alone: in a row it would change every row at every export."""

    def features(self) -> Iterator[list[bytes]]:
        """GeoJSON features, some thousand at a time."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns of a table of them."""

    def cells(self) -> Iterator[list[list[Any]]]:
        """The values of these columns, some thousand rows at a time; None for nothing."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `label` says to people what it is and what it is good for."""

    media_type: str
    write: Callable[[ReportTable], Iterator[bytes]]
    label: str
