"""The small map of a print sheet: shapes of the loaded layers, and a number where each request is.

It is drawn as vectors from the deployment's own data, and nothing is fetched. Coordinates are scaled about the middle
of the box, which is accurate to a few per mille over a city.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import part_in
from crisismap.core.place.geodesy import DEGREE_M, narrowing
from crisismap.core.place.place import Extent, turned_to
from crisismap.core.text import symbols
from crisismap.core.text.symbols import LIGHT, Symbol
from crisismap.exports.lettering import Lettering

Frame = tuple[float, float, float, float]  # x, y, width, height in millimetres
ToPaper = Callable[[BaseGeometry], BaseGeometry]
SMALLEST = 0.004  # degrees; a smaller map shows nothing for orientation
FINENESS = 0.15  # mm; finer detail is dropped
HATCH = 2.2  # mm between the hatching lines of a hazard
MOST_NAMES = 15
SYMBOL, CROWDED, SHELTER = 7.5, 5.0, 6.0  # mm
CROWD = 60  # number of requests from which symbols are smaller
LABEL = 6.5  # points
# kind: colour, width in mm, dashes in mm; drawn in this order
STYLE: dict[str, tuple[str, float, str]] = {
    "context": (LIGHT.context, 0.12, ""),
    "hazard": (LIGHT.hazard, 0.2, ""),
    "road": (LIGHT.road, 0.3, ""),
    "road_closed": (LIGHT.road_closed, 0.5, "1.4 0.9"),
    "area": (LIGHT.area, 0.2, ""),
    "here": (LIGHT.choice, 0.55, ""),
    "shelter": (LIGHT.shelter, 0.2, ""),
}
LEGEND = {
    "hazard": "Hatched: official hazard",
    "road_closed": "red dashes: road closed",
    "here": "thick line: this area",
    "shelter": "squares: shelters, filled open, half full, crossed closed",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of an official layer. `kind` is one of STYLE; `status` and `name` are for shelters."""

    kind: str
    geometry: BaseGeometry
    name: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A request's number and place."""

    number: int
    symbol: Symbol
    point: tuple[float, float]


def draw_map(letters: Lettering, frame: Frame, box: Extent, shapes: Sequence[Shape], marks: Sequence[Mark]) -> None:
    """Draw the map of an unrolled box into a frame, with scale and legend; the most urgent request is on top."""
    pdf, box = letters.pdf, _fit(box, frame)
    to_paper = _projection(box, frame)
    inside = [(shape, part_in(shape.geometry, box)) for shape in shapes]
    visible = [(shape, to_paper(part)) for shape, part in inside if not part.is_empty]
    places = [(mark, _xy(to_paper(Point(turned_to(mark.point[0], box), mark.point[1])))) for mark in reversed(marks)]
    drawn = "".join(
        part for kind in STYLE for shape, on_paper in visible if shape.kind == kind for part in _svg(shape, on_paper)
    )
    size = SYMBOL if len(places) < CROWD else CROWDED
    drawn += "".join(_place_symbol(symbols.drawing(mark.symbol), place, size) for mark, place in places)
    x, y, width, height = frame
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {width} {height}">'
    pdf.image(io.BytesIO(f"{head}{drawn}</svg>".encode()), x=x, y=y, w=width, h=height)
    labels = [(shape.name, _xy(on_paper)) for shape, on_paper in visible if shape.kind == "shelter" and shape.name]
    pdf.set_text_color(*symbols.rgb(LIGHT.shelter))
    for name, (left, top) in labels if len(labels) <= MOST_NAMES else []:
        for line in letters.lines(name, 40, LABEL)[:1]:
            letters.write((left + 3, top - 1.3), line, LABEL)
    pdf.set_text_color(*symbols.rgb(LIGHT.choice))
    for mark, (left, top) in places:
        _number(letters, mark.number, (left + size / 3, top))
    pdf.set_draw_color(*symbols.rgb(LIGHT.choice))
    pdf.set_line_width(0.3)
    pdf.rect(*frame)
    _scale(letters, box, frame)
    legend = " · ".join(text for kind, text in LEGEND.items() if any(shape.kind == kind for shape, _ in visible))
    letters.write((x, y + height + 1), f"Numbers: the requests below. {legend}", LABEL)


def _fit(box: Extent, frame: Frame) -> Extent:
    """Return the box with a margin, widened to the frame's aspect ratio."""
    west, south, east, north = box
    shrink = narrowing((south + north) / 2)
    wide, high = max((east - west) * shrink, SMALLEST) * 1.12, max(north - south, SMALLEST) * 1.12
    wide, high = max(wide, high * frame[2] / frame[3]), max(high, wide * frame[3] / frame[2])
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / shrink / 2, y - high / 2, x + wide / shrink / 2, y + high / 2


def _projection(box: Extent, frame: Frame) -> ToPaper:
    west, south, east, north = box
    x, y, width, height = frame
    scale = np.array([width / (east - west), -height / (north - south)])

    def scale_points(points: NDArray[Any]) -> NDArray[Any]:
        scaled: NDArray[Any] = (points - [west, north]) * scale + [x, y]
        return scaled

    return lambda geometry: shapely.transform(geometry, scale_points)


def _svg(shape: Shape, on_paper: BaseGeometry) -> Iterator[str]:
    """Yield a shape as SVG; made only of numbers and our own text."""
    if shape.kind == "shelter":
        status = shape.status if shape.status in symbols.SHELTER_STATUSES else "open"
        yield _place_symbol(symbols.official_shelter(status), _xy(on_paper), SHELTER)
        return
    colour, width, dashes = STYLE[shape.kind]
    drawn = shapely.simplify(on_paper, FINENESS)
    stroke = f'stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"'
    stroke += f' stroke-dasharray="{dashes}"' if dashes else ""
    fill = f'fill="{colour}" fill-opacity="0.1" fill-rule="evenodd"' if shape.kind == "hazard" else 'fill="none"'
    if path := _path(drawn):
        yield f'<path d="{path}" {fill} {stroke}/>'
    if shape.kind == "hazard" and (lines := _path(_hatch(drawn))):
        yield f'<path d="{lines}" fill="none" {stroke}/>'


def _hatch(geometry: BaseGeometry) -> BaseGeometry:
    """Return hatching lines over the polygons, which stay visible on copies."""
    valid = [
        shapely.make_valid(part) for part in _parts(geometry) if isinstance(part, Polygon)
    ]  # clipping may invalidate one
    area = shapely.union_all([part for each in valid for part in _parts(each) if isinstance(part, Polygon)])
    if area.is_empty:
        return area
    west, top, east, bottom = area.bounds
    high = bottom - top
    starts = np.arange(math.floor((west - high) / HATCH), math.ceil(east / HATCH) + 1) * HATCH
    return MultiLineString([LineString([(start, bottom), (start + high, top)]) for start in starts]).intersection(area)


def _path(geometry: BaseGeometry) -> str:
    """Return the lines of a geometry as path data; points have none."""
    steps = []
    for part in _parts(geometry):
        rings = [part.exterior, *part.interiors] if isinstance(part, Polygon) else [part]
        for ring in rings:
            points = [f"{x:.2f} {y:.2f}" for x, y in shapely.get_coordinates(ring)]
            if len(points) > 1:
                steps.append(f"M{'L'.join(points)}{'Z' if isinstance(part, Polygon) else ''}")
    return "".join(steps)


def _parts(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in getattr(geometry, "geoms", [geometry]):
        if hasattr(part, "geoms"):
            yield from _parts(part)
        elif not part.is_empty:
            yield part


def _xy(geometry: BaseGeometry) -> tuple[float, float]:
    x, y = shapely.get_coordinates(geometry.representative_point())[0]
    return float(x), float(y)


def _place_symbol(drawing: str, place: tuple[float, float], size: float) -> str:
    """Return a symbol of the 64 by 64 box centred at a place."""
    x, y, scale = place[0] - size / 2, place[1] - size / 2, size / symbols.CELL
    return f'<g transform="translate({x:.2f} {y:.2f}) scale({scale:.4f})">{drawing}</g>'


def _number(letters: Lettering, number: int, at: tuple[float, float]) -> None:
    """Draw the number beside its symbol, on white."""
    x, y = at
    wide = letters.width(str(number), LABEL, bold=True)
    letters.pdf.set_fill_color(255, 255, 255)
    letters.pdf.rect(x, y - 1.3, wide + 0.6, 2.6, style="F")
    letters.write((x + 0.3, y - 1.4), str(number), LABEL, bold=True)


def _scale(letters: Lettering, box: Extent, frame: Frame) -> None:
    """Draw a scale bar of round length in the lower left corner, and a north arrow."""
    metres = (box[3] - box[1]) * DEGREE_M
    per_mm = metres / frame[3]
    power = 10 ** math.floor(math.log10(per_mm * 40))
    length = max(step * power for step in (1, 2, 5) if step * power <= per_mm * 40)
    pdf = letters.pdf
    x, y, wide = frame[0] + 3, frame[1] + frame[3] - 3, length / per_mm
    pdf.set_fill_color(255, 255, 255)
    pdf.rect(x - 1.5, y - 5, wide + 12, 6.5, style="F")
    pdf.line(x, y, x + wide, y)
    pdf.line(x, y - 1, x, y + 1)
    pdf.line(x + wide, y - 1, x + wide, y + 1)
    letters.write((x + 1, y - 4), f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m", LABEL)
    letters.write((x + wide + 3, y - 4), "N up", LABEL, bold=True)
