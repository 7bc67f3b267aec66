"""Mapping files: which field of a file of official data has which meaning; TOML, all optional. And their lookup."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from crisismap.core.errors import Invalid, Misconfigured


@dataclass(frozen=True, slots=True)
class LayerMapping:
    """Names of the file's fields, as its publisher wrote them; "" means: guess.

    `status` translates values of the status field ("Full" -> "full"), ignoring case and surrounding spaces.
    `utc_offset` applies to times without a zone ("+05:45"). `level_unit` is the unit itself ("ft"), not a field.
    `axes` is "swapped" where the coordinates are in the other order than the format or their system says.
    """

    id_field: str = ""
    name_field: str = ""
    code_field: str = ""
    status_field: str = ""
    valid_from: str = ""
    valid_to: str = ""
    capacity_field: str = ""
    occupancy_field: str = ""
    free_field: str = ""
    needs_field: str = ""
    as_of_field: str = ""
    level_field: str = ""
    level_unit: str = ""
    measured_field: str = ""
    warning_field: str = ""
    danger_field: str = ""
    previous_level_field: str = ""
    previous_measured_field: str = ""
    population_field: str = ""
    lon_field: str = ""
    lat_field: str = ""
    crs: str = ""
    axes: str = ""
    encoding: str = ""
    source_layer: str = ""
    utc_offset: str = ""
    status: dict[str, str] = field(default_factory=dict)

    @property
    def swaps(self) -> bool:
        """Return whether longitude and latitude are swapped when the file is read."""
        return self.axes == SWAPPED

    def tables(self) -> dict[str, Any]:
        """Return the tables of a mapping file that `parse_layer_mapping` reads as this mapping; {} for an empty one."""
        texts = {name: value for name in sorted(_TEXTS) if (value := getattr(self, name))}
        return {name: table for name, table in (("layer", texts), ("status", dict(self.status))) if table}


SWAPPED = "swapped"
_TEXTS = {f.name for f in fields(LayerMapping)} - {"status"}


def load_layer_mapping(path: Path) -> LayerMapping:
    """Return the mapping of a file. Raises Misconfigured, naming file and key."""
    try:
        with path.open("rb") as handle:
            table = tomllib.load(handle)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured("mapping_unreadable", file=path.name, problem=str(error)) from None
    return parse_layer_mapping(table, path.name)


def parse_layer_mapping(table: Mapping[str, Any], where: str) -> LayerMapping:
    """Return the mapping in `[layer]` and `[status]` of a TOML table; other tables are for other readers."""
    texts = table.get("layer", {})
    status = table.get("status", {})
    if not isinstance(texts, dict) or not isinstance(status, dict):
        raise Misconfigured("mapping_tables_wrong", file=where)
    for name, entries in (("layer", texts), ("status", status)):
        for key, value in entries.items():
            if entries is texts and key not in _TEXTS:
                raise Misconfigured("mapping_key_unknown", file=where, key=key, known=sorted(_TEXTS))
            if not isinstance(value, str):
                raise Misconfigured("mapping_not_text", file=where, key=f"[{name}] {key}")
    if texts.get("axes", "") not in ("", SWAPPED):
        raise Misconfigured("axes_wrong", file=where, given=texts["axes"])
    return LayerMapping(**texts, status={key.strip().lower(): value for key, value in status.items()})


def find(names: Sequence[str], field_name: str, guesses: Iterable[str] = ()) -> str | None:
    """Return the file's own spelling of the field `field_name`; without one, of the first guess that exists; else None.

    Exact spelling first, then whatever the case.

    Raises Invalid when the mapping's `field_name` does not exist, listing the fields that do.
    """
    if field_name:
        found = _spelling(names, field_name)
        if found is None:
            raise Invalid("mapping", field_name, "no_field", known=", ".join(names) or "none")
        return found
    spellings = (_spelling(names, guess) for guess in guesses)
    return next((found for found in spellings if found is not None), None)


def _spelling(names: Sequence[str], field_name: str) -> str | None:
    if field_name in names:
        return field_name
    folded = field_name.strip().casefold()
    return next((name for name in names if name.strip().casefold() == folded), None)
