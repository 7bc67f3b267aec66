"""The server as a process: its note for commands, who may start a second one, how it stops, what a restart keeps."""

from __future__ import annotations

import json
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.command import Done, call, refused, run
from tests.processes import free_port
from tests.server import Server, StartServer, serving

REPORT = {"category": "rescue", "text": "on the roof", "lon": 80.25, "lat": 13.05, "client_id": "the-key"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the tests that leave it as it is."""
    with serving(tmp_path_factory.mktemp("running")) as one:
        yield one


def get(server: Server, path: str, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(server.url + path, headers=headers, trust_env=False, timeout=30)


def test_leaves_a_note_that_only_its_owner_can_read(running: Server) -> None:
    note = running.data_dir / "server.json"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    told = json.loads(note.read_text())
    assert (told["url"], told["pid"]) == (running.url, running.pid)
    assert get(running, "/api/v1/reports.geojson?audience=agency", told["token"]).status_code == 200


def test_serves_the_desk_and_the_api_from_any_folder(running: Server) -> None:
    assert "<html" in get(running, "/").text.lower()
    assert get(running, "/_stcore/health").status_code == 200
    assert get(running, "/readyz").json()["status"] == "ok"


def test_refuses_a_second_server_on_its_folder(running: Server) -> None:
    done = run(["serve", "--port", str(free_port())], running.data_dir)
    refused(done, 1, str(running.data_dir), "in use by another crisismap", str(running.pid))
    assert get(running, "/readyz").status_code == 200
    refused(call(["migrate"], running.data_dir), 1, "in use")


def test_refuses_a_port_that_is_taken(running: Server, tmp_path: Path) -> None:
    done = call(["serve", "--port", str(running.port)], tmp_path / "data")
    refused(done, 1, f"Port {running.port}", "--port")
    assert not (tmp_path / "data" / "server.json").exists()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused(call(["demo", "--port", str(other.getsockname()[1])], tmp_path / "data"), 1, "in use")


def test_takes_commands_while_it_runs(running: Server, tmp_path: Path) -> None:
    def done(*words: str | Path) -> Done:
        found = call(words, running.data_dir)
        assert found.code == 0, found.err
        return found

    file = tmp_path / "reports.geojson"
    body = {**REPORT, "client_id": "from-a-file"}
    feature = {
        "type": "Feature",
        "properties": {name: body[name] for name in ("category", "text", "client_id")},
        "geometry": {"type": "Point", "coordinates": [80.2501, 13.05]},
    }
    bad = {**feature, "properties": {**feature["properties"], "category": "weather"}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature, bad]}))
    first, again = (done("import", "reports", file, "--json").json for _ in range(2))
    assert (first["stored"], first["refused"], again["stored"], again["repeated"]) == (1, 1, 0, 1)
    ring = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]
    ward = {"type": "Feature", "properties": {"name": "Ward"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    layer = tmp_path / "wards.geojson"
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [ward]}))
    assert done("import", "layer", layer, "--id", "wards", "--role", "area", "--json").json["version"] == 1
    for form in ("geojson", "geojsonl", "csv"):
        done("export", tmp_path / f"out.{form}", "--audience", "agency", "--bbox", "80,13,81,14")
    found = json.loads((tmp_path / "out.geojson").read_text())["features"]
    assert [f["properties"]["area"]["name"] for f in found] == ["Ward"]
    assert found[0]["geometry"]["coordinates"] == [80.2501, 13.05]
    done("export", tmp_path / "public.geojson")
    assert "80.2501" not in (tmp_path / "public.geojson").read_text()
    token = done("token", "create", "--role", "agency").out.splitlines()[-1]
    assert get(running, "/api/v1/reports.geojson?audience=agency", token).status_code == 200
    assert done("user", "add", "Meena", "--role", "responder").out.startswith(f"{running.url}/login?invitation=")
    refused(call(["user", "add", " ", "--role", "admin"], running.data_dir), 1, "name")
    refused(call(["import", "layer", file, "--id", "No Id", "--role", "area"], running.data_dir), 1, "No Id")


def test_stops_when_asked_and_begins_anew(server: StartServer, tmp_path: Path) -> None:
    first = server(data_dir=tmp_path / "data")
    receipt = httpx.post(f"{first.url}/api/v1/reports", json=REPORT, trust_env=False)
    assert receipt.status_code == 201
    with httpx.stream("GET", f"{first.url}/api/v1/live", trust_env=False, timeout=30) as watching:
        assert watching.status_code == 200
        began = time.monotonic()
        first.process.send_signal(signal.SIGTERM)
        code = first.process.wait(20)
        took = time.monotonic() - began
    assert code in (0, -signal.SIGTERM)
    assert took < 8, f"it took {took:.1f} s to stop while somebody watched"
    assert not (first.data_dir / "server.json").exists()
    assert "Traceback" not in first.log.read_text()
    second = server(data_dir=first.data_dir)
    assert second.token != first.token
    assert get(second, "/api/v1/requests", first.token).status_code == 401, "the token of the last run is over"
    assert get(second, "/api/v1/requests", second.token).json()["total"] == 1
    again = httpx.post(f"{second.url}/api/v1/reports", json=REPORT, trust_env=False)
    assert (again.status_code, again.content) == (200, receipt.content)


def test_starts_again_after_it_was_killed(server: StartServer, tmp_path: Path) -> None:
    first = server(data_dir=tmp_path / "data")
    first.kill()
    assert (first.data_dir / "server.json").exists()
    done = call(["token", "create", "--role", "agency"], first.data_dir)
    assert done.code == 0, done.err
    other = server(data_dir=tmp_path / "other", port=first.port)
    left = call(["token", "create", "--role", "agency"], first.data_dir)
    assert left.code == 0, "another server at the old address is not taken for its own"
    token = left.out.splitlines()[-1]
    assert get(other, "/api/v1/requests", token).status_code == 401
