"""Printed sheets for tests: a row, a sheet, and its bytes."""

from __future__ import annotations

from typing import Any

from shapely.geometry import LineString, MultiPolygon, Point, box

from crisismap.core.text import symbols
from crisismap.exports.sheet import Sheet, SheetRow, write_sheet
from crisismap.exports.sheet_map import Shape

WARD = (80.19, 12.99, 80.23, 13.02)


SHAPES = (
    Shape("here", box(*WARD)),
    Shape("area", box(80.23, 12.99, 80.27, 13.02)),
    Shape("hazard", Point(80.21, 13.005).buffer(0.007).difference(Point(80.21, 13.005).buffer(0.003))),
    Shape("road", LineString([(80.1, 13), (80.3, 13.01)])),
    Shape("road_closed", LineString([(80.2, 12.9), (80.21, 13.1)])),
    Shape("shelter", Point(80.222, 13.014), "St. Mary's School", "open"),
    Shape("context", MultiPolygon([box(80.195, 13.0, 80.197, 13.002), box(80.199, 13.0, 80.2, 13.002)])),
)


def entry(words: str = "on the roof", **said: Any) -> SheetRow:
    known = {
        "symbol": symbols.of_report("rescue", priority=1, state="open", overdue=True),
        "priority": "P1",
        "waiting": "42 min",
        "overdue": "overdue 12 min",
        "title": "Rescue · 5 people",
        "text": words,
        "notes": ("Place: behind the mill", "Nearest open shelter: School, 1.2 km"),
        "point": (80.21, 13.005),
    }
    return SheetRow(**{**known, **said})


def sheet(*entries: SheetRow, **said: Any) -> Sheet:
    known = {
        "incident": "Chennai flood",
        "area": "Adyar (W-1)",
        "made_at": "2015-12-02 06:30",
        "zone": "India Standard Time",
        "revision": 1234,
        "made_up": False,
        "entries": entries,
        "box": WARD,
        "shapes": SHAPES,
    }
    return Sheet(**{**known, **said})


def made(one: Sheet) -> bytes:
    return write_sheet(one)
