"""Places by code: features that only give area codes get the outlines of these areas from the loaded area layers.

Codes are text and compared as a whole, case-insensitively. Parents are found by the columns of the layer (a district's
row has its province's code), never by splitting codes; the one exception is FIPS within SAME, which is defined as
state and county digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.layers.normalise.field_guesses import as_text

BY_CODE = "located_by_code"  # property: the codes that gave the geometry
MISSING = "unknown_codes"  # property: the codes that no loaded layer has
_CODE_COLUMN = re.compile(r".*(p[-_ ]?code|fips|geoid|ugc|same|zone|nuts|emma|clc|iso|code|id)\d?", re.IGNORECASE)
_FIPS_SYSTEMS = frozenset({"same", "fips6"})


def needs_outline(feature: Feature) -> bool:
    """Return whether the outline is looked up by code: it has none, or got it from a code before."""
    return bool(codes_of(feature)) and (feature.geometry is None or BY_CODE in feature.properties)


def codes_of(feature: Feature) -> dict[str, list[str]]:
    """Return the codes by system; a feature with a code of its own and no list of codes has that one."""
    geocodes = feature.properties.get("geocodes")
    if isinstance(geocodes, dict):
        return {str(system): [str(code) for code in codes] for system, codes in geocodes.items() if codes}
    return {"code": [feature.code]} if feature.code else {}


def locate(version: LayerVersion, areas: Sequence[LayerVersion]) -> LayerVersion:
    """Return the version with outlines for all known codes; the same object if nothing changes."""
    if not any(needs_outline(feature) for feature in version.features):
        return version
    outlines = _Outlines(version.features, [area for area in areas if area.layer.id != version.layer.id])
    features = tuple(outlines.place(feature) if needs_outline(feature) else feature for feature in version.features)
    return version if features == version.features else replace(version, features=features)


class _Outlines:
    """The outlines of all requested codes, collected in one pass over the area layers."""

    def __init__(self, features: Iterable[Feature], areas: Sequence[LayerVersion]) -> None:
        code_sets = [codes_of(feature) for feature in features if needs_outline(feature)]
        self._shapes: dict[str, list[BaseGeometry]] = {
            key: []
            for systems in code_sets
            for system, codes in systems.items()
            for code in codes
            for key in _keys(system, code)
        }
        for area in areas:
            self._collect(area)
        self._unions: dict[str, BaseGeometry] = {}

    def _collect(self, area: LayerVersion) -> None:
        names = {name for feature in area.features for name in feature.properties if _CODE_COLUMN.fullmatch(name)}
        for feature in area.features:
            if feature.geometry is None:
                continue
            values = {feature.code, feature.id, *(as_text(feature.properties.get(name)) for name in names)}
            for value in values:
                found = self._shapes.get(value.casefold())
                if found is not None:
                    found.append(feature.geometry)

    def place(self, feature: Feature) -> Feature:
        """Return the feature with the outline by its best system: fewest unknown codes, then the smallest outline."""
        best: tuple[int, float, list[str], list[str], BaseGeometry] | None = None
        for system, codes in codes_of(feature).items():
            outlines = {code: outline for code in codes if (outline := self._outline(system, code)) is not None}
            if not outlines:
                continue
            shape = next(iter(outlines.values())) if len(outlines) == 1 else shapely.union_all(list(outlines.values()))
            missing = [code for code in codes if code not in outlines]
            offer = (len(missing), float(shape.area), list(outlines), missing, shape)
            if best is None or offer[:2] < best[:2]:
                best = offer
        properties = {key: value for key, value in feature.properties.items() if key not in (BY_CODE, MISSING)}
        if best is None:
            return replace(feature, geometry=None, properties=properties)
        _, _, matched, missing, shape = best
        properties |= {BY_CODE: matched} | ({MISSING: missing} if missing else {})
        return replace(feature, geometry=shape, properties=properties)

    def _outline(self, system: str, code: str) -> BaseGeometry | None:
        for key in _keys(system, code):
            found = self._shapes.get(key)
            if found:
                if key not in self._unions:
                    self._unions[key] = found[0] if len(found) == 1 else shapely.union_all(found)
                return self._unions[key]
        return None


def _keys(system: str, code: str) -> list[str]:
    """Return the forms of a code in layers: as it is; SAME (part of county, state, county) also as FIPS codes."""
    plain = code.strip().casefold()
    keys = [plain] if plain else []
    if system.casefold() in _FIPS_SYSTEMS and re.fullmatch(r"\d{6}", plain):
        keys.append(plain[1:] if plain[3:] != "000" else plain[1:3])
    return keys
