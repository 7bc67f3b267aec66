"""Raw rows: the output of a format, before a mapping makes a report of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crisismap.core.errors import Malformed


@dataclass(frozen=True, slots=True)
class RawRow:
    """Properties and geometry of a row, or the reason why it is broken; and the row as it is in the file."""

    raw: dict[str, Any] | str
    properties: Mapping[str, Any] = field(default_factory=dict)
    geometry: Any = None
    problem: Malformed | None = None
