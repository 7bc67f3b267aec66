"""Reads TopoJSON, the form in which the counties of the test data come; the program does not read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def features(path: Path, name: str) -> bytes:
    """One object of a topology as a GeoJSON FeatureCollection."""
    topology = json.loads(path.read_text())
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            line.append([x * sx + tx, y * sy + ty])
        arcs.append(line)

    def ring(numbers: list[int]) -> list[list[float]]:
        points: list[list[float]] = []
        for number in numbers:
            line = arcs[number] if number >= 0 else arcs[~number][::-1]
            points += line[1:] if points else line
        return points

    def feature(made: dict[str, Any]) -> dict[str, Any]:
        if made["type"] == "Polygon":
            shape = [ring(numbers) for numbers in made["arcs"]]
        else:
            rings = [[ring(numbers) for numbers in polygon] for polygon in made["arcs"]]
            shape = [polygon for polygon in rings if len(polygon[0]) > 3]  # islands that the grid made lines of
        geometry = {"type": made["type"], "coordinates": shape}
        return {"type": "Feature", "id": made["id"], "properties": made["properties"], "geometry": geometry}

    kept = [feature(made) for made in topology["objects"][name]["geometries"]]
    return json.dumps({"type": "FeatureCollection", "features": kept}).encode()
