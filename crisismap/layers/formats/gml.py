"""What GDAL does not tell of a GML document: the coordinate systems that it names, and whether it has features.

GDAL orders coordinates by the form of these names: a URN or a URI of EPSG has the axes of the system, which often is
latitude or northing first; `EPSG:4326` and the older `epsg.xml#4326` are x before y. Runs in the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from crisismap.core.errors import Malformed, shorten

_MOST_NAMES = 20
_OLD_FORM = "http://www.opengis.net/gml/srs/epsg.xml#"
_LONGEST = 200  # characters of a name
_BOXES = frozenset({"Envelope", "Box"})  # some servers give these in degrees, whatever the features are in
_MEMBERS = frozenset({"member", "featureMember", "featureMembers"})


@dataclass(slots=True)
class GmlNames:
    """The values of `srsName` of geometries and of boxes, each once, and whether the collection is empty."""

    of_geometries: dict[str, None] = field(default_factory=dict)
    of_boxes: dict[str, None] = field(default_factory=dict)
    is_empty: bool = False

    @property
    def names(self) -> list[str]:
        """Return the names of the geometries' systems; without any, those of the boxes, which hold for them then."""
        return list(self.of_geometries or self.of_boxes)


def names(path: Path) -> GmlNames:
    """Return what a file names. Raises Malformed for XML that is broken or has a document type."""
    found = GmlNames()
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not inside:
            found.is_empty = local == "FeatureCollection"
        elif inside[-1] in _MEMBERS:
            found.is_empty = False
        inside.append(local)
        system = attributes.get("srsName", "").strip()[:_LONGEST]
        place = found.of_boxes if local in _BOXES else found.of_geometries
        if system and len(place) < _MOST_NAMES:
            place[system] = None

    def end(name: str) -> None:
        inside.pop()

    def refuse(*_: Any) -> None:
        raise Malformed("xml_with_entities")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Malformed("xml_broken", problem=shorten(str(error), 80)) from None
    return found


def rename_systems(path: Path, found: GmlNames) -> None:
    """Write names of the form of GML 2 as `EPSG:4326`, which means the same: GDAL takes them for addresses to fetch."""
    old = [name for name in (*found.of_geometries, *found.of_boxes) if name.startswith(_OLD_FORM)]
    if old:
        path.write_bytes(path.read_bytes().replace(_OLD_FORM.encode(), b"EPSG:"))
