"""What a column of a table looks like by its name, in the languages of the program and some of their neighbours.

The names are those of `[columns]` in `crisismap/locale/`, as for reports; here are the words that only layers know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from crisismap import i18n
from crisismap.core.text.table_names import fold_name


class ColumnKind(StrEnum):
    """What the values of a column seem to be; the value is the phrase that messages use."""

    LON = "a longitude"
    LAT = "a latitude"
    POINT = "coordinates"
    SHAPE = "a geometry"
    PLACE = "a place"
    PHONE = "a telephone number"
    TIME = "a time"
    CAPACITY = "a capacity"
    PEOPLE = "a number of people"


# The lists of `[columns]` in the languages' files whose names mean a kind.
_LISTS = {
    ColumnKind.LON: "lon",
    ColumnKind.LAT: "lat",
    ColumnKind.POINT: "position",
    ColumnKind.SHAPE: "shape",
    ColumnKind.PHONE: "phone",
    ColumnKind.PEOPLE: "people",
    ColumnKind.TIME: "observed_at",
    ColumnKind.PLACE: "place",
}
# Names that mean a place in layers only: in reports `location` is words, and longitude never comes first.
_OF_LAYERS = {ColumnKind.POINT: ("lonlat", "lon_lat", "lnglat", "longlat", "location")}
# Words of longer names that hint at a kind, but are not how a report says it, in our languages and their neighbours.
_HINTS = {
    ColumnKind.POINT: "lonlat",
    ColumnKind.SHAPE: "wkb",
    ColumnKind.PHONE: "phones cellphone hotline fax telp telefon handy هاتف جوال 电话",
    ColumnKind.CAPACITY: (
        "capacity cap beds seats places capacidad plazas camas cupo kapasitas tampung capacité kapazität "
        "plätze क्षमता கொள்ளளவு سعة السعة 容量 vacancy vacancies"
    ),
    ColumnKind.PEOPLE: (
        "occupancy occupied occupants evacuees population residents inhabitants families households idps "
        "ocupación población habitantes familias penghuni pengungsi penduduk personen einwohner belegt "
        "जनसंख्या परिवार குடும்பங்கள் أشخاص سكان السكان عائلات 人数 人口"
    ),
    ColumnKind.TIME: "updated modified measured hours since until actualizado datum zeit stand heure تاريخ وقت 日期",
    ColumnKind.PLACE: "addr municipality postcode zip adresse ort lieu عنوان موقع مكان 地址",
}
# Names that say little as one word of several: `x_ray`, `area_km2`, `shape_length`.
_BROAD = frozenset({"x", "y", "long", "point", "shape", "geo", "pin", "position", "area", "where", "when", "start"})
_OTHER_NAME = re.compile(r"(alt_|local_|old_)?name([_:][a-z]{2,3})?")
_SPLIT = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|[\s_./\\,;:()\[\]#+|&'\"-]+")


def is_other_name(name: str) -> bool:
    """Return whether a column holds other names of the same thing: `name_ta`, `name:hi`, `alt_name`."""
    return _OTHER_NAME.fullmatch(name.casefold()) is not None


@cache
def place_names(kind: ColumnKind) -> tuple[str, ...]:
    """Return the whole names of a column of places, folded, in all languages; the usual ones first."""
    return tuple(map(fold_name, (*i18n.column_names()[_LISTS[kind]], *_OF_LAYERS.get(kind, ()))))


def column_kind(name: str) -> ColumnKind | None:
    """Return what a column looks like by the words of its name; None for anything else."""
    if fold_name(name) in ("x", "y"):
        return ColumnKind.LON if fold_name(name) == "x" else ColumnKind.LAT
    words = {fold_name(word) for word in _SPLIT.split(unicodedata.normalize("NFKC", name)) if word}
    return next((kind for kind, known in _words().items() if not words.isdisjoint(known)), None)


@cache
def _words() -> Mapping[ColumnKind, frozenset[str]]:
    """Return the words that hint at each kind: the names of one word in all languages, and the hints."""
    names = i18n.column_names()
    return {
        kind: frozenset(
            word
            for given in (*names.get(_LISTS.get(kind, ""), ()), *_HINTS.get(kind, "").split())
            if " " not in (word := fold_name(given)) and word not in _BROAD
        )
        for kind in ColumnKind
    }
