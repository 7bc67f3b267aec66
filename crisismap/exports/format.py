"""The interface of an export format: a media type and a function that streams reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class ReportTable(Protocol):
    """Selected reports of one audience at one revision.

    `care` is the data notice, `taken_by` who took it and when, both "" for public data. The latter is for heads only,
    because rows would change every time.
    """

    @property
    def revision(self) -> int: ...
    @property
    def made_up(self) -> bool: ...
    @property
    def care(self) -> str: ...
    @property
    def taken_by(self) -> str: ...
    @property
    def columns(self) -> Sequence[str]: ...

    def features(self) -> Iterator[list[bytes]]:
        """Yield GeoJSON features in blocks of some thousand."""

    def cells(self) -> Iterator[list[list[Any]]]:
        """Yield the columns' values in blocks of some thousand rows; None for nothing."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `label` is its displayed name and purpose."""

    media_type: str
    write: Callable[[ReportTable], Iterator[bytes]]
    label: str
