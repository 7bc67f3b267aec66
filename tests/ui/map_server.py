"""A small desk for the browser tests of the map: real tiles of five reports, one official layer, one page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from crisismap.situation.tiles import mvt
from crisismap.situation.tiles.points import Attribute, Points
from crisismap.situation.tiles.tiles import TileIndex
from crisismap.web.assets import STATIC

CENTRE = (80.24, 13.05)
PLACES = [(80.24, 13.05), (80.246, 13.053), (80.233, 13.047), (80.2395, 13.0555), (80.2465, 13.0465)]
CATEGORIES = ("rescue", "medical", "flooding", "water_food", "shelter")
ATTRIBUTES = (
    Attribute("category", CATEGORIES),
    Attribute("priority", ("P1", "P2", "P3", "P4")),
    Attribute("state", ("open", "claimed", "answered")),
    Attribute("verification", ("unverified", "verified")),
    Attribute("overdue", (False, True)),
    Attribute("place_kind", ("exact", "cell")),
)
revision = 1
asked: list[str] = []


def index() -> TileIndex:
    """Row 11 is a report of flooding, which asks nothing; the others ask."""
    codes = [[0, 0, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0], [2, mvt.ABSENT, mvt.ABSENT, 0, 0, 1], [3, 2, 2, 0, 0, 0]]
    codes.append([4, 3, 0, 1, 0, 0])
    return TileIndex.build(
        Points(
            row=np.arange(9, 14, dtype=np.uint32),
            lon=np.array([lon for lon, _ in PLACES]),
            lat=np.array([lat for _, lat in PLACES]),
            codes=np.array(codes, np.uint8),
            urgency=np.array([1, 2, 0, 3, 4], np.uint8),
            unanswered=np.array([True, True, False, False, True]),
        ),
        ATTRIBUTES,
        1,
    )


INDEX = index()


async def tile(request: Request) -> Response:
    z, x, y = (request.path_params[name] for name in "zxy")
    asked.append(f"{z}/{x}/{y}?{request.url.query}")
    return Response(INDEX.tile(z, x, y), media_type="application/vnd.mapbox-vector-tile")


async def layer(request: Request) -> Response:
    ring = [[80.2, 13.0], [80.26, 13.0], [80.26, 13.06], [80.2, 13.06], [80.2, 13.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "id": "1", "properties": {"name": "low ground"}, "geometry": shape}
    return JSONResponse({"type": "FeatureCollection", "features": [feature]})


async def tell(request: Request) -> Response:
    """The revision; with `?next=1` a new one, told with what was asked for since the last."""
    global revision
    said = list(asked)
    if "next" in request.query_params:
        revision += 1
        asked.clear()
    return JSONResponse({"revision": revision, "asked": said})


app = st.App(
    Path(__file__).parent / "map" / "map_page.py",
    routes=[
        Route("/api/v1/tiles/{z:int}/{x:int}/{y:int}.mvt", tile),
        Route("/api/v1/layers/{id}.geojson", layer),
        Route("/api/v1/tell", tell),
        Mount("/assets", StaticFiles(directory=STATIC)),
    ],
)
