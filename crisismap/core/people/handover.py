"""Shift handover: a note from one shift to the next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """A stored handover note. `by` is a person's id, `summary` JSON."""

    id: int
    at_ms: int
    by: str
    note: str
    summary: str
