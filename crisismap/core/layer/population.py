"""The population of a feature, as layers give it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crisismap.core.text.number import read_count

MAPPED = "population_count"  # the property that a mapping's `population_field` is stored as
# Property names for a population, in lower case without punctuation, with or without a year at the end.
_PEOPLE = re.compile(
    r"(?:pop|population|popest|popul|poptotal|totpop|totalpop|totalpopulation|populationtotal|totp|"
    r"people|inhabitants|residents)((?:19|20)\d\d)?"
)
_MOST = 100_000_000_000
EXAMPLES = "population, POP_TOTAL, TOT_P, pop_2020"


def people_of(properties: Mapping[str, Any]) -> int | None:
    """Return the population of a feature, if given: the mapped field, else the newest of several years."""
    mapped = _count(properties.get(MAPPED))
    if mapped is not None:
        return mapped
    found: list[tuple[str, int]] = []
    for name, value in properties.items():
        match = _PEOPLE.fullmatch(_bare(name))
        number = _count(value)
        if match is not None and number is not None:
            found.append((match[1] or "", number))
    return max(found, default=(None, None))[1]


def is_population(name: str) -> bool:
    """Return whether a property of this name is a population."""
    return _PEOPLE.fullmatch(_bare(name)) is not None


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _count(value: object) -> int | None:
    if isinstance(value, str):
        number = read_count(value, rough=True)
        return number if number is not None and number < _MOST else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MOST:
        return None
    return round(value)
