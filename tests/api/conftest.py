"""The server of the API tests: one on SQLite, one on PostgreSQL, each for all tests; with three layers put in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.api.desk import Desk
from tests.postgres import database
from tests.processes import free_port
from tests.server import launch

SECRET = "a secret of forty characters for the tests"
BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def square(west: float, south: float, east: float, north: float) -> dict[str, object]:
    # Clockwise on purpose: what goes out must be turned.
    ring = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(*features: tuple[dict[str, object], dict[str, object]]) -> bytes:
    """A FeatureCollection of (geometry, properties)."""
    made = [{"type": "Feature", "geometry": geometry, "properties": properties} for geometry, properties in features]
    return json.dumps({"type": "FeatureCollection", "features": made}).encode()


LAYERS = {
    "wards": (
        "area",
        collection(
            (square(80.0, 12.9, 80.2, 13.2), {"code": "W-1", "name": "Adyar"}),
            (square(80.2, 12.9, 80.4, 13.2), {"code": "W-2", "name": "Marina"}),
        ),
    ),
    "flooded": ("hazard", collection((square(80.24, 13.04, 80.26, 13.06), {"id": "f1", "name": "River flood"}))),
    "shelters": (
        "shelter",
        collection(
            ({"type": "Point", "coordinates": [80.26, 13.05]}, {"id": "s1", "name": "School", "status": "open"}),
            ({"type": "Point", "coordinates": [80.251, 13.05]}, {"id": "s2", "name": "Hall", "status": "full"}),
        ),
    ),
}


@pytest.fixture(scope="session", params=BOTH)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A client of a server on one of the two databases."""
    folder = tmp_path_factory.mktemp(f"api-{request.param}")
    env = {"CRISISMAP_RATE_LIMIT": "off"}
    with ExitStack() as stack:
        if request.param == "postgres":
            url = stack.enter_context(database(request.getfixturevalue("postgres_url")))
            env |= {"CRISISMAP_DATABASE_URL": url, "CRISISMAP_SECRET_KEY": SECRET}
            _migrate(folder / "data", env)
        server = launch(folder / "data", free_port(), env, "serve", folder / "server.log")
        stack.callback(server.stop)
        found = Desk(server)
        stack.callback(found.client.close)
        for name, (role, body) in LAYERS.items():
            assert found.put(f"/api/v1/layers/{name}?role={role}", body, "agency").status_code == 201
        yield found
    assert "Traceback" not in (folder / "server.log").read_text(), "the server's log tells of an unexpected error"


def _migrate(data_dir: Path, env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crisismap", "migrate"],
        cwd="/",
        env={**os.environ, **env, "CRISISMAP_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
