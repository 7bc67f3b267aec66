"""The small map of a print sheet: shapes and names of the loaded layers, and a number where each request is.

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
from crisismap.core.text.map_label import LabelBox, label_points, shortened
from crisismap.core.text.symbols import LIGHT, Symbol
from crisismap.exports.lettering import MARK, Lettering, from_right

Frame = tuple[float, float, float, float]  # x, y, width, height in millimetres
ToPaper = Callable[[BaseGeometry], BaseGeometry]
SMALLEST = 0.004  # degrees; a smaller map shows nothing for orientation
FINENESS = 0.15  # mm; finer detail is dropped
HATCH = 2.2  # mm between the hatching lines of a hazard
MOST_NAMES = 150  # names that are tried
SYMBOL, CROWDED, SHELTER = 7.5, 5.0, 6.0  # mm
CROWD = 60  # number of requests from which symbols are smaller
LABEL = 6.5  # points
SCALE_W, SCALE_H = 56.0, 8.5  # mm at the lower left that the scale bar may take
NAME_APART = 0.6  # mm between two names
# kind: colour, width in mm, dashes in mm; drawn in this order
STYLE: dict[str, tuple[str, float, str]] = {
    "waiting": (LIGHT.priority[3], 0.2, ""),
    "urgent": (LIGHT.priority[1], 0.2, ""),
    "context": (LIGHT.context, 0.12, ""),
    "hazard": (LIGHT.hazard, 0.2, ""),
    "road": (LIGHT.road, 0.3, ""),
    "road_closed": (LIGHT.road_closed, 0.5, "1.4 0.9"),
    "area": (LIGHT.area, 0.2, ""),
    "here": (LIGHT.choice, 0.55, ""),
    "shelter": (LIGHT.shelter, 0.2, ""),
}
FILLS = {"hazard": 0.1, "waiting": 0.14, "urgent": 0.22}  # opacity
LEGEND = {
    "urgent": "red: areas with P1 requests",
    "waiting": "blue: areas with other requests",
    "hazard": "hatched: official hazard",
    "road_closed": "red dashes: road closed",
    "here": "thick line: this area",
    "shelter": "squares: shelters, filled open, half full, crossed closed",
}

# kind: size in points, bold, colour; the first are written first
NAME_STYLE: dict[str, tuple[float, bool, str]] = {
    "urgent": (7.0, True, LIGHT.choice),
    "waiting": (7.0, True, LIGHT.choice),
    "here": (8.0, True, LIGHT.label),
    "area": (7.0, True, LIGHT.label),
    "shelter": (6.0, False, LIGHT.shelter),
    "context": (6.0, False, LIGHT.label),
    "road_closed": (5.5, False, LIGHT.road_closed),
    "road": (5.5, False, LIGHT.label),
}
AREAS = frozenset({"urgent", "waiting", "here", "area"})
BELOW = {"shelter": 4.4}  # mm from the middle of a symbol to that of its name


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of an official layer. `kind` is one of STYLE, `status` is for shelters.

    `number` is written instead of the name where both have no room together; an area of the index has one.
    """

    kind: str
    geometry: BaseGeometry
    name: str = ""
    status: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A request's number and place."""

    number: int
    symbol: Symbol
    point: tuple[float, float]


def draw_map(
    letters: Lettering, frame: Frame, box: Extent, shapes: Sequence[Shape], marks: Sequence[Mark], about: str
) -> None:
    """Draw the map of an unrolled box into a frame, with names, scale and legend; the most urgent request is on top.

    `about` is the first sentence of the legend.
    """
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
    taken = [LabelBox(*at, size / 2 + 2, size / 2) for _, at in places]
    taken.append(LabelBox(x + SCALE_W / 2, y + height - SCALE_H / 2, SCALE_W / 2, SCALE_H / 2))
    _names(letters, frame, visible, taken)
    pdf.set_text_color(*symbols.rgb(LIGHT.choice))
    for mark, (left, top) in places:
        _number(letters, mark.number, (left + size / 3, top))
    pdf.set_draw_color(*symbols.rgb(LIGHT.choice))
    pdf.set_line_width(0.3)
    pdf.rect(*frame)
    _scale(letters, box, frame)
    legend = " · ".join(text for kind, text in LEGEND.items() if any(shape.kind == kind for shape, _ in visible))
    letters.write((x, y + height + 1), f"{about} {legend[:1].upper()}{legend[1:]}", LABEL)


def _names(
    letters: Lettering, frame: Frame, visible: Sequence[tuple[Shape, BaseGeometry]], taken: list[LabelBox]
) -> None:
    """Write names that lie on nothing that is taken: areas, then shelters, background and streets, the larger first."""
    named = [each for each in visible if (each[0].name or each[0].number) and each[0].kind in NAME_STYLE]
    order = list(NAME_STYLE)
    shapes = np.array([on_paper for _, on_paper in named], dtype=object)
    points = label_points(shapes)
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    across = bounds[:, 2] - bounds[:, 0]
    extents = np.hypot(across, bounds[:, 3] - bounds[:, 1])
    ranks = sorted(range(len(named)), key=lambda n: (order.index(named[n][0].kind), -extents[n]))
    written: set[tuple[str, str]] = set()
    for n in [n for n in ranks if not points[n].is_empty][:MOST_NAMES]:
        shape, x, y = named[n][0], float(points[n].x), float(points[n].y)
        size, bold, colour = NAME_STYLE[shape.kind]
        for text in _texts(letters, shape):
            half = letters.width(text, size, bold=bold) / 2
            room = LabelBox(x, y + BELOW.get(shape.kind, 0.0), half, size * 0.18)
            length = across[n] if shape.kind in AREAS else extents[n]
            if (shape.kind, text) in written or (extents[n] > 0 and length < 1.6 * half and text != shape.number):
                continue  # a street of many parts is named once, and a shape too small for its name not at all
            if not _inside(room, frame) or any(room.hits(other, NAME_APART) for other in taken):
                continue
            taken.append(room)
            written.add((shape.kind, text))
            letters.pdf.set_text_color(*symbols.rgb(colour))
            _centred(letters, room, text, size, bold=bold)
            break


def _texts(letters: Lettering, shape: Shape) -> list[str]:
    """Return what may be written on a shape, the best first; a name that the fonts here lack is left out."""
    unprinted = letters.unprinted
    name = letters.clean(shortened(shape.name))
    letters.unprinted = unprinted
    name = "" if MARK in name else name
    texts = [f"{shape.number} {name}", shape.number] if shape.number else [name]
    return [text.strip() for text in texts if text.strip()]


def _inside(room: LabelBox, frame: Frame) -> bool:
    x, y, width, height = frame
    return LabelBox(room.x - x, room.y - y, room.half_width, room.half_height).fits(width, height)


def _centred(letters: Lettering, room: LabelBox, text: str, size: float, *, bold: bool) -> None:
    """Write a name in its room on a white veil, which keeps it readable on lines."""
    pdf, right = letters.pdf, from_right(text)
    left, top = room.x - room.half_width, room.y - room.half_height
    with pdf.local_context(fill_opacity=0.75):
        pdf.set_fill_color(255, 255, 255)
        pdf.rect(left - 0.2, top, 2 * room.half_width + 0.4, 2 * room.half_height, style="F")
    letters.write((left + 2 * room.half_width if right else left, top - 0.2), text, size, bold=bold, right=right)


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
    opacity = FILLS.get(shape.kind)
    fill = f'fill="{colour}" fill-opacity="{opacity}" fill-rule="evenodd"' if opacity else 'fill="none"'
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
