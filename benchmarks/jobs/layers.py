"""Many official layers: duration of a start with all of them, and of merging a changed one again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import shapely

from benchmarks import data, servers
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.rounds import Piece, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.worker import Numbers
from crisismap import bootstrap
from crisismap.api.routes.layers import PACKED
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.services.layers.publish import pack_layer, put_layer
from crisismap.services.runtime.context import COMMAND_LINE
from crisismap.settings import read_settings, with_secret
from crisismap.store.store import Store

SIZES = {  # layers, features of each, reports
    "full": (50, 4_000, 100_000),
    "quick": (10, 2_000, 20_000),
    "tiny": (5, 20, 500),
}
ROLES = (Role.AREA, Role.HAZARD, Role.HAZARD, Role.SHELTER, Role.TRANSPORT)  # repeated in turn
START_S, CHANGE_S = 20.0, 2.0  # the goals
QUIET_S, PAUSE_S = 2.0, 0.005  # how long a server is measured while nothing changes, and the pause between two requests


def layer(number: int, count: int, *, shift: float = 0.0) -> LayerVersion:
    """Return round polygons of 25 corners that together cover most of data.BOX; points of shelters, pieces of road."""
    role = ROLES[number % len(ROLES)]
    west, south, east, north = data.BOX
    side = int(np.ceil(np.sqrt(count)))
    place = np.arange(count)
    x = west + (place % side + 0.5) * (east - west) / side + shift
    y = south + (place // side + 0.5) * (north - south) / side
    points = shapely.points(x, y)
    if role is Role.SHELTER:
        shapes = points
    elif role is Role.TRANSPORT:
        shapes = shapely.linestrings(np.stack([np.column_stack([x, y]), np.column_stack([x + 0.05, y + 0.05])], axis=1))
    else:
        shapes = shapely.buffer(points, 0.55 * (east - west) / side, quad_segs=6)
    status = "open" if role in (Role.SHELTER, Role.TRANSPORT) else ""
    features = tuple(
        Feature(str(i), f"Feature {i}", f"C{i:05d}", shape, {"source": "made up", "number": i}, status)
        for i, shape in enumerate(shapes)
    )
    return LayerVersion(Layer(f"layer-{number:02d}", f"Layer {number}", role, made_up=True), 0, data.NOW_MS, features)


def store_layers(folder: str, layers: int, count: int) -> None:
    """Put all layers into the store, without a situation that would merge every report with each of them in turn."""
    settings = with_secret(read_settings({"CRISISMAP_DATA_DIR": folder}))
    store = Store(settings.database_url, settings.data_dir, settings.key("contact"))
    try:
        for number in range(layers):
            version = layer(number, count)
            store.layers.put(version, EventDraft("layer.put", version.layer.id, "benchmark", data.NOW_MS)).result()
    finally:
        store.close()


def start(folder: str) -> Iterator[Numbers]:
    """Measure building a situation with all layers merged into all reports; services and jobs are not counted."""
    settings = read_settings({"CRISISMAP_DATA_DIR": folder})
    yield {}
    while True:
        began, busy = time.perf_counter(), time.process_time()
        with bootstrap.opened(settings, demo=None) as context:
            seconds, cpu = time.perf_counter() - began, time.process_time() - busy
            numbers = {
                "s": seconds,
                "cpu_s": cpu,
                "features": sum(len(v.features) for v in context.views.situation.layers.values()),
            }
        yield numbers


def change(folder: str, count: int) -> Iterator[Numbers]:
    """Measure replacing a hazard layer by one with all features moved, until the boards have it, on disk as well."""
    settings = read_settings({"CRISISMAP_DATA_DIR": folder})
    with bootstrap.opened(settings, demo=None) as context:
        moves = 0
        yield {}
        while True:
            moves += 1
            version = layer(1, count, shift=0.001 * moves)
            began, busy = time.perf_counter(), time.process_time()
            put_layer(context.store, context.views, context.clock(), COMMAND_LINE, version)
            assert context.views.situation.wait(context.store.events.revision(), 120)
            yield {"s": time.perf_counter() - began, "cpu_s": time.process_time() - busy}


def latency(folder: str, count: int) -> Iterator[Numbers]:
    """Measure small requests to a running server, while nothing happens and while one layer changes."""
    with (
        servers.crisismap(Path(folder)) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=120) as client,
        ThreadPoolExecutor(1) as aside,
    ):
        headers = {"Authorization": f"Bearer {server.token}", "Content-Type": PACKED}
        moves = 0
        yield {}
        while True:
            quiet = _longest(client, aside.submit(time.sleep, QUIET_S))
            moves += 1
            body = pack_layer(layer(1, count, shift=0.002 * moves))
            upload = aside.submit(
                httpx.put,
                f"{server.url}/api/v1/layers/layer-01?role=hazard",
                content=body,
                headers=headers,
                timeout=120,
                trust_env=False,
            )
            busy = _longest(client, upload)
            upload.result().raise_for_status()
            yield {"quiet_ms": 1000 * quiet, "busy_ms": 1000 * busy}


def _longest(client: httpx.Client, until: Future[Any]) -> float:
    """Return seconds of the slowest of many consecutive small requests until something is done."""
    longest = 0.0
    while not until.done():
        began = time.perf_counter()
        client.get("/api/v1/situation").raise_for_status()
        longest = max(longest, time.perf_counter() - began)
        time.sleep(PAUSE_S)
    return longest


def spatial_join(n: int, count: int) -> Iterator[Numbers]:
    """Measure geopandas.sjoin of all reports with the changed layer: only the join, nothing stored or served."""
    import geopandas as gpd

    lon, lat = data.places(n)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    yield {}
    moves = 0
    while True:
        moves += 1
        shapes = [feature.geometry for feature in layer(1, count, shift=0.001 * moves).features]
        hazard = gpd.GeoDataFrame({"number": range(count)}, geometry=shapes, crs=4326)
        began = time.perf_counter()
        gpd.sjoin(points, hazard, how="left", predicate="intersects")
        yield {"s": time.perf_counter() - began}


class Layers:
    """The layers job; see docs/performance.md."""

    name = "layers"
    title = "Official layers: start with many, one changes"

    def run(self, size: Size) -> list[Figure]:
        """Measure the start and the change on one folder, one after the other, and the peer beside the change."""
        layers, count, n = SIZES[size.name]
        here = "benchmarks.jobs.layers"
        with tempfile.TemporaryDirectory() as name:
            home = seeded_folder(Path(name) / "data", n)
            folder = str(home.folder)
            store_layers(folder, layers, count)
            build = interleave([Piece("start", f"{here}:start", {"folder": folder})], size.rounds)["start"]
            merge = interleave(
                [
                    Piece("ours", f"{here}:change", {"folder": folder, "count": count}),
                    Piece("sjoin", f"{here}:spatial_join", {"n": n, "count": count}),
                ],
                size.rounds,
            )
            stalls = interleave([Piece("ours", f"{here}:latency", {"folder": folder, "count": count})], size.rounds)
        all_features = layers * count
        group = f"start with {layers} layers of {all_features:,} features and {n:,} reports"
        changing = f"one layer of {count:,} features changes under {n:,} reports"
        stall = "slowest of many answers to GET /api/v1/situation meanwhile"
        return [
            figure(group, "crisismap", build.values("s"), "s", Side.OURS),
            figure(group, "promised", [START_S], "s", Side.GOAL),
            figure(
                group, "processor time of it", build.values("cpu_s"), "s", Side.NOTE, "on a busy machine the truer one"
            ),
            figure(group, "features there", build.values("features"), "features", Side.NOTE),
            figure(changing, "put, synced, merged, on the boards", merge["ours"].values("s"), "s", Side.OURS),
            figure(changing, "processor time of it", merge["ours"].values("cpu_s"), "s", Side.NOTE),
            figure(changing, "geopandas.sjoin", merge["sjoin"].values("s"), "s", Side.PEER, "the joining alone"),
            figure(changing, "promised", [CHANGE_S], "s", Side.GOAL),
            figure(stall, "while the layer changes", stalls["ours"].values("busy_ms"), "ms", Side.NOTE),
            figure(stall, "while nothing changes", stalls["ours"].values("quiet_ms"), "ms", Side.NOTE),
        ]
