"""Choice of the fields for id, name, code and status: from the mapping, or from common field names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from crisismap import i18n
from crisismap.core.text.table_names import column_by_name
from crisismap.layers.formats.raw import RawLayer
from crisismap.layers.normalise.mapping import LayerMapping, find

# Most detailed administrative level first: a district file also contains the names of its provinces.
_LEVELS = ("4", "3", "2", "1", "0")
_PCODES = tuple(rf"adm(in)?{n}[_ ]?pcode" for n in _LEVELS) + (r".*p[-_ ]?code", r"#adm[0-9]\+code.*")
_NUMBERED = r"(ward|zone|district|block|tract|sector)[_ ]?(no|num|number|code|id)\.?"

# Always names, even when they repeat: streets share names.
_NAMES = (
    r"name([_: ]?en)?",
    r"(ward|area|site|shelter|facility|place|camp|road|street|station|village|town|city)[_ ]?name",
    r"namelsad",
)
# Names only when they distinguish the features: every ward also has its zone's name.
_NAMES_IF_TELLING = (
    *(rf"adm(in)?{n}[_ ]?(name|en|name[_ ]?en)" for n in _LEVELS),
    r".*[_ ]name",
    r"ward|village|municipality|neighbou?rhood|vdc|district|zone|title|label",
)
_CODES = (*_PCODES, r"geoid(10|20)?", _NUMBERED, r"code", r"iso.*", r"fips.*", r".*[_ ]code")
_IDS = (
    *("id", "pkey", "uuid", "osm_id", "geom_id", "unique_key"),
    r"(site|shelter|camp|facility|building|station|gauge|area|place|road|bridge|segment|feature|asset)[_ -]?id",
    *_PCODES,
    *(r"geoid(10|20)?", "gid", "fid", "objectid", "cartodb_id", "gml_id"),
)
_STATUSES = (r"status", r"(shelter|road|bridge|camp|evac|operational|opening)[_ ]?status", r"condition", r"is_?open")


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """The file's own spelling of each field, None where there is none. `label` makes "Ward 119" of a number."""

    id: str | None
    name: str | None
    code: str | None
    status: str | None
    valid_from: str | None
    valid_to: str | None
    label: str = ""


def choose_fields(raw: RawLayer, mapping: LayerMapping) -> FieldChoice:
    """Return the fields of a file. Raises Invalid when the mapping names a missing field."""
    names = raw.field_names()
    usable = [feature for feature in raw.features if not feature.problem]
    columns = {name: [feature.properties.get(name) for feature in usable] for name in names}

    def guess(patterns: Sequence[str], least_share: float) -> str | None:
        matches = (name for each in patterns for name in names if re.fullmatch(each, name.strip(), re.IGNORECASE))
        return next((name for name in matches if _distinct_share(columns[name]) >= least_share), None)

    code = find(names, mapping.code_field) or guess(_CODES, 0.9)
    name = find(names, mapping.name_field) or guess(_NAMES, 0.0) or guess(_NAMES_IF_TELLING, 0.8)
    name = name or column_by_name(names, _name_words())
    unique_code = code if code and _distinct_share(columns[code]) >= 1.0 else None
    return FieldChoice(
        id=find(names, mapping.id_field) or guess(_IDS, 1.0) or unique_code,
        name=name,
        code=code,
        status=find(names, mapping.status_field) or guess(_STATUSES, 0.0),
        valid_from=find(names, mapping.valid_from),
        valid_to=find(names, mapping.valid_to),
        label="" if name else _label(code),
    )


@cache
def _name_words() -> tuple[str, ...]:
    """Return how the other languages of the program call a column of names; their further words are of people."""
    return tuple(each.columns["name"][0] for each in i18n.languages().values() if each.code != i18n.DEFAULT)


def _distinct_share(values: list[Any]) -> float:
    """Return the share of different values in a column; -1 when the column is empty."""
    present = [text for text in map(as_text, values) if text]
    return len(set(present)) / len(values) if present else -1.0


def _label(code: str | None) -> str:
    match = re.fullmatch(_NUMBERED, (code or "").strip(), re.IGNORECASE)
    return match[1].capitalize() if match else ""


def as_text(value: Any) -> str:
    """Return a value as stripped text: leading zeros kept, 12.0 as 12; "" for null and for structures."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else ""
