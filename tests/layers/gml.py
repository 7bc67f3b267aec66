"""GML as servers write it: by hand in the versions and the names of systems that there are, and by GDAL."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely
from pyproj import Transformer

WHERE = (80.05, 13.05)  # longitude, latitude of the first feature
NAMESPACES = {
    "2": "http://www.opengis.net/gml",
    "3": "http://www.opengis.net/gml",
    "3.2": "http://www.opengis.net/gml/3.2",
}
MEMBERS = {"2": "gml:featureMember", "3": "gml:featureMember", "3.2": "wfs:member"}


def gml(version: str, system: str, *positions: tuple[float, float], first: int = 0, **counts: object) -> bytes:
    """A collection of points `app:ward`, their numbers in the order in which they are given."""
    named = f' srsName="{system}"' if system else ""
    shape = "<gml:coordinates>{},{}</gml:coordinates>" if version == "2" else "<gml:pos>{} {}</gml:pos>"
    member = MEMBERS[version]
    features = "".join(
        f'<{member}><app:ward gml:id="ward.{n}"><app:name>Ward {n}</app:name><app:code>0{n}</app:code>'
        f"<app:geom><gml:Point{named}>{shape.format(*position)}</gml:Point></app:geom></app:ward></{member}>"
        for n, position in enumerate(positions, first)
    )
    attributes = "".join(f' {name}="{value}"' for name, value in counts.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" '
        f'xmlns:gml="{NAMESPACES[version]}" xmlns:app="http://app.example"{attributes}>{features}</wfs:FeatureCollection>'
    ).encode()


def in_system(code: int, *, northing_first: bool) -> tuple[float, float]:
    """WHERE, or for systems of elsewhere a place of theirs, in a system of EPSG."""
    east, north = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}", always_xy=True).transform(*place_in(code))
    return (north, east) if northing_first else (east, north)


def place_in(code: int) -> tuple[float, float]:
    """Longitude and latitude of a place where a system is used."""
    places = {
        31468: (11.57, 48.14),
        2193: (172.63, -43.53),
        3035: (10.4, 53.1),
        3067: (25.1, 60.2),
        25832: (9.5, 51.3),
        4258: (9.5, 51.3),
        2180: (21.0, 52.2),
    }
    return places.get(code, WHERE)


def written(folder: Path, kind: str, code: int, *, urn: bool) -> bytes:
    """What GDAL writes of one point in a system of EPSG; `urn`: with the axes of that system."""
    file = folder / "points.gml"
    pyogrio.raw.write(
        file,
        shapely.to_wkb(np.array([shapely.Point(*in_system(code, northing_first=False))], dtype=object)),
        [np.array(["Ward 1"], dtype=object)],
        np.array(["name"]),
        geometry_type="Point",
        crs=f"EPSG:{code}",
        driver="GML",
        FORMAT=kind,
        GML3_LONGSRS="YES" if urn else "NO",
    )
    return file.read_bytes()
