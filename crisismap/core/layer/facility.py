"""What a layer says about an official shelter: capacity, occupancy, needs, and the time of the information."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core import moment
from crisismap.core.text.number import read_count
from crisismap.core.text.table_names import NamedValues, folded

# Property names in use, compared as `table_names` folds them; the first that has a value counts.
CAPACITY = ("capacity", "max_capacity", "evacuation_capacity", "evac_cap", "total_capacity", "beds", "#capacity")
OCCUPANCY = ("occupancy", "occupied", "current_population", "population", "persons", "#population+current")
FREE = ("free_places", "free", "available", "vacancy", "vacancies")
NEEDS = ("needs", "urgent_needs", "needed")
AS_OF = ("as_of", "updated_at", "last_updated", "last_update", "updated", "timestamp", "reported_at", "date_updated")
_CAPACITY, _OCCUPANCY, _FREE, _NEEDS, _AS_OF = map(folded, (CAPACITY, OCCUPANCY, FREE, NEEDS, AS_OF))
LONGEST_NEEDS = 200
MOST_PEOPLE = 10_000_000  # in one shelter; more is a code or a telephone number
_EPOCH_MS = range(10**11, 10**14)  # numbers that services use for a time: 1973 to 5138, in ms


@dataclass(frozen=True, slots=True)
class Facility:
    """Numbers of people, None where not given. `needs` is the publisher's text, `as_of_ms` (UTC) its date."""

    capacity: int | None = None
    occupancy: int | None = None
    said_free: int | None = None
    needs: str = ""
    as_of_ms: int | None = None

    @property
    def free(self) -> int | None:
        """Return the free places, as given or else computed; never below zero."""
        if self.said_free is not None:
            return self.said_free
        if self.capacity is None or self.occupancy is None:
            return None
        return max(0, self.capacity - self.occupancy)

    def wording(self) -> str:
        """Return a text such as `40 of 200 places free · needs blankets`; "" when nothing is known."""
        parts = []
        if self.free is not None:
            of = f" of {self.capacity:,}" if self.capacity is not None else ""
            parts.append(f"{self.free:,}{of} places free")
        elif self.capacity is not None:
            parts.append(f"{self.capacity:,} places")
        elif self.occupancy is not None:
            parts.append(f"{self.occupancy:,} people there")
        if self.needs:
            parts.append(f"needs {self.needs}")
        return " · ".join(parts)


def facility_of(properties: Mapping[str, Any]) -> Facility:
    """Return the facility of a feature's properties, under any of the known property names."""
    values = NamedValues(properties)

    def count(names: tuple[str, ...]) -> int | None:
        return next((n for value in values.of(names) if (n := people_count(value)) is not None), None)

    needs = next((v.strip() for v in values.of(_NEEDS) if isinstance(v, str) and v.strip()), "")
    as_of = next((ms for value in values.of(_AS_OF) if (ms := as_moment(value)) is not None), None)
    return Facility(count(_CAPACITY), count(_OCCUPANCY), count(_FREE), needs[:LONGEST_NEEDS], as_of)


def as_moment(value: Any) -> int | None:
    """Return the ms UTC of a time written as text or as ms since 1970; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and value in _EPOCH_MS:
        return value
    return moment.read_ms(value)


def people_count(value: Any) -> int | None:
    """Return a whole number of people from 0 to ten million; None for anything else, also for half a person."""
    if isinstance(value, str):
        number: float | None = read_count(value, rough=True)
    else:
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None or not math.isfinite(number) or number != int(number):
        return None
    return int(number) if 0 <= number <= MOST_PEOPLE else None
