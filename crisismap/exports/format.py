"""The interface of an export format: a media type and a function that streams reports."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from crisismap.core.errors import Invalid


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

    def features(self) -> Iterator[list[bytes]]:
        """Yield GeoJSON features in blocks of some thousand."""

    def grid(self) -> tuple[Sequence[str], Iterator[list[list[Any]]]]:
        """Return column names, and the rows' values in blocks of some thousand; None for nothing."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `label` is its displayed name and purpose. `takes_bom`: whether a byte order mark may precede it."""

    media_type: str
    write: Callable[[ReportTable], Iterator[bytes]]
    label: str
    takes_bom: bool = False

    def stream(self, reports: ReportTable, *, bom: bool = False) -> Iterator[bytes]:
        """Return the file, after a byte order mark if asked for. Raises Invalid where the format has none."""
        if not bom:
            return self.write(reports)
        if not self.takes_bom:
            raise Invalid("bom", "true", "bom_not_in_format")
        return chain((codecs.BOM_UTF8,), self.write(reports))
