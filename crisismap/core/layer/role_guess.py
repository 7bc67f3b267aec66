"""The role that a file of official data probably has, by its name, columns and shapes, and the reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from unicodedata import normalize

from crisismap.core.layer.facility import CAPACITY, FREE, OCCUPANCY
from crisismap.core.layer.gauge import LEVEL
from crisismap.core.layer.layer import LayerVersion, Role

_NAME, _COLUMN, _SHAPE = 3, 2, 1  # weights; a shape alone suggests nothing
_POLYGONS, _LINES, _POINTS = "areas", "lines", "points"
_BETWEEN = re.compile(r"[\s\d!-/:-@\[-`{-~]+")  # not \W, which splits a word of Tamil or Hindi at its vowel signs
_KIND = {"Polygon": _POLYGONS, "MultiPolygon": _POLYGONS, "LineString": _LINES, "MultiLineString": _LINES}
_SHAPES: Mapping[str, tuple[Role, ...]] = MappingProxyType(
    {_POLYGONS: (Role.AREA, Role.HAZARD), _LINES: (Role.TRANSPORT,), _POINTS: (Role.SHELTER, Role.CONTEXT)}
)
# Beginnings of words in names of files and titles, folded, in the languages of the program.
_WORDS: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.SHELTER: (
            *("shelter", "camp", "evac", "refuge", "refugio", "albergue", "pengungsian", "posko", "relief"),
            *("आश्रय", "शिविर", "राहत", "முகாம்", "தங்குமிட", "ملجأ", "ملاجئ", "مأوى", "إيواء"),
        ),
        Role.HAZARD: (
            *("flood", "inund", "hazard", "banjir", "genangan", "warning", "alert", "surge", "landslide", "cyclone"),
            *("risk", "बाढ़", "बाढी", "जोखिम", "வெள்ள", "فيضان", "فيضانات", "خطر"),
        ),
        Role.AREA: (
            *("ward", "district", "admin", "adm", "boundar", "municipal", "block", "county", "kelurahan", "kecamatan"),
            *("distrito", "barrio", "comuna", "वार्ड", "वडा", "जिला", "जिल्ला", "வார்டு", "மாவட்ட", "حي", "أحياء", "منطقة"),
        ),
        Role.TRANSPORT: (
            *("road", "street", "highway", "rail", "bridge", "bus", "route", "metro", "ferry", "jalan", "calle"),
            *("carretera", "puente", "सड़क", "सडक", "पुल", "சாலை", "பாலம்", "طريق", "طرق", "جسر", "جسور"),
        ),
        Role.CONTEXT: (
            *("gauge", "sensor", "rain", "station", "population", "penduduk", "sungai", "river", "level"),
            *("मापक", "वर्षा", "மழை", "நிலைய", "أمطار", "محطة"),
        ),
    }
)
_COLUMNS: Mapping[Role, re.Pattern[str]] = MappingProxyType(
    {
        Role.SHELTER: re.compile("|".join(map(re.escape, (*CAPACITY, *OCCUPANCY[:3], *FREE)))),
        Role.HAZARD: re.compile(r"(flood_?)?depth(_\w+)?|severity|certainty|urgency|hazard\w*|return_period|flood\w*"),
        Role.AREA: re.compile(r"adm(in)?\d\w*|\w*pcode|ward(_?(no|name|code))?|district(_?(name|code))?|geoid\d*"),
        Role.TRANSPORT: re.compile(r"highway|railway|oneway|maxspeed|lanes|surface|road_?(name|class|type)|bridge"),
        Role.CONTEXT: re.compile("|".join(map(re.escape, LEVEL))),
    }
)


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """A suggested role and why, as phrases: at least one, the strongest first."""

    role: Role
    reasons: tuple[str, ...]


def guess_role(names: Iterable[str], version: LayerVersion) -> RoleGuess | None:
    """Return the role that names, columns and shapes suggest; None where they say nothing, or as much for two."""
    words = [word for name in names for word in _BETWEEN.split(normalize("NFC", name.casefold())) if word]
    columns = list(dict.fromkeys(name for feature in version.features[:1000] for name in feature.properties))
    shapes = _shape_kinds(version)
    found: dict[Role, tuple[int, tuple[str, ...]]] = {}
    for role in Role:
        beginnings = tuple(normalize("NFC", each) for each in _WORDS[role])
        in_name = next((word for word in words if word.startswith(beginnings)), "")
        in_columns = [each for each in columns if _COLUMNS[role].fullmatch(each.strip().casefold())]
        if not in_name and not in_columns:
            continue
        suits = len(shapes) == 1 and role in _SHAPES[shapes[0]]
        reasons = [f"it is called “{in_name}”"] if in_name else []
        reasons += [f"it has the column “{each}”" for each in in_columns[:2]]
        reasons += [f"it has only {shapes[0]}"] if suits else []
        weight = _NAME * bool(in_name) + _COLUMN * min(len(in_columns), 2) + _SHAPE * suits
        found[role] = weight, tuple(reasons)
    ranked = sorted(found, key=lambda role: -found[role][0])
    if not ranked or (len(ranked) > 1 and found[ranked[0]][0] == found[ranked[1]][0]):
        return None
    return RoleGuess(ranked[0], found[ranked[0]][1])


def _shape_kinds(version: LayerVersion) -> Sequence[str]:
    kinds = (each.geometry.geom_type for each in version.features if each.geometry is not None)
    return tuple(dict.fromkeys(_KIND.get(kind, _POINTS) for kind in kinds))
