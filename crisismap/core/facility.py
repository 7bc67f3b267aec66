"""What an official shelter says of itself: how many fit in, how many are there, what is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# As makers write them, without case; the first that holds a value counts.
CAPACITY = ("capacity", "max_capacity", "evacuation_capacity", "evac_cap", "total_capacity", "beds", "#capacity")
OCCUPANCY = ("occupancy", "occupied", "current_population", "population", "persons", "#population+current")
FREE = ("free_places", "free", "available", "vacancy", "vacancies")
NEEDS = ("needs", "urgent_needs", "needed")
LONGEST_NEEDS = 200


@dataclass(frozen=True, slots=True)
class Facility:
    """People each; None where it does not say. `needs` are its own words."""

    capacity: int | None = None
    occupancy: int | None = None
    said_free: int | None = None
    needs: str = ""

    @property
    def free(self) -> int | None:
        """Free places: as said, else counted; never below zero."""
        if self.said_free is not None:
            return self.said_free
        if self.capacity is None or self.occupancy is None:
            return None
        return max(0, self.capacity - self.occupancy)

    def words(self) -> str:
        """`40 of 200 places free · needs blankets`; "" when nothing is said."""
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
    """Read from a feature's properties, whatever its maker calls them."""
    known = {str(name).strip().lower(): value for name, value in properties.items()}

    def count(names: tuple[str, ...]) -> int | None:
        return next((n for name in names if (n := _count(known.get(name))) is not None), None)

    needs = next((v.strip() for name in NEEDS if isinstance(v := known.get(name), str) and v.strip()), "")
    return Facility(count(CAPACITY), count(OCCUPANCY), count(FREE), needs[:LONGEST_NEEDS])


def _count(value: Any) -> int | None:
    """A whole number of people from 0 to ten million; a word or a yes is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value).strip().replace(",", ""))
    except ValueError:
        return None
    return int(number) if math.isfinite(number) and 0 <= number <= 10_000_000 else None
