"""Row 30: no path, no id and no name of an attachment reaches a file outside its own place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.core.people.identity import id_bytes
from crisismap.settings import SECRET_FILE
from crisismap.web.routes import routes
from crisismap.web.static_files import STATIC
from tests.conftest import FakeClock
from tests.photos import jpeg
from tests.services.deployment import ask, opened
from tests.worlds import Answer, World

UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "%252e%252e%252f", "..%c0%af", "..%00/", "%2f", "/")
BELOW = (
    "/assets/",
    "/assets/vendor/",
    "/api/v1/photos/",
    "/api/v1/layers/",
    "/api/v1/tiles/1/0/",
    "/api/v1/basemap/1/0/",
    "/api/v1/reports.",
    "/api/v1/reports/",
    "/api/v1/requests/",
    "/api/v1/docs/",
    "/t/",
    "/t/AAAA-BBBB-CCCC/photos/",
    "/report/thanks/",
    "/tasks/",
    "/login/",
)


@pytest.fixture
def held(tmp_path: Path, clock: FakeClock) -> Iterator[World]:
    own = make_api(routes())
    with opened(tmp_path / "data", clock, CRISISMAP_RATE_LIMIT="off") as context:
        bootstrap.install(context)
        yield World(context, clock, Front(own, own))
        bootstrap.install(None)


def targets(folder: Path) -> list[Path]:
    """What somebody would want to read: a file of everybody's, the deployment's secret, our own source."""
    return [Path("/etc/passwd"), folder / SECRET_FILE, STATIC.parent / "routes.py"]


def paths(folder: Path) -> Iterator[tuple[str, Path]]:
    """Addresses that climb out of each place to each target, absolute and as deep as it takes."""
    for begin in BELOW:
        for up in UP:
            for target in targets(folder):
                yield f"{begin}{up * 12}{str(target).lstrip('/')}", target
        yield f"{begin}../routes.py", targets(folder)[2]
        yield f"{begin}..%2froutes.py", targets(folder)[2]


def leaks(answer: Answer, target: Path) -> bool:
    return target.read_bytes().strip()[:60] in answer.body


def test_reads_no_file_outside_its_place(held: World) -> None:
    folder = held.context.settings.data_dir

    async def go() -> None:
        for path, target in paths(folder):
            answer = await held.ask("GET", path, {}, b"", "203.0.113.9")
            assert 300 <= answer.status < 500 or path.startswith("/report/thanks/"), (path, answer.status)
            assert not leaks(answer, target), path
        assert (await held.ask("GET", "/healthz", {}, b"", "203.0.113.9")).status == 200

    asyncio.run(go())


def test_would_find_a_way_out(held: World) -> None:
    """The same addresses, given to a handler that joins paths as they come, read all three files."""
    folder, found = held.context.settings.data_dir, set()
    for path, target in paths(folder):
        name = unquote(path.removeprefix("/assets/")) if path.startswith("/assets/") else ""
        if name and "\0" not in name and (STATIC / name).is_file():
            answer = Answer(200, {}, (STATIC / name).read_bytes())
            found |= {target} if leaks(answer, target) else set()
    assert found == set(targets(folder))


@pytest.mark.parametrize(
    "name", ["../../../evil.jpg", "/var/evil.jpg", "..\\evil.jpg", "a/../../evil.jpg", "evil\x00.jpg"]
)
def test_keeps_an_attachment_under_a_random_name_whatever_it_is_called(held: World, name: str) -> None:
    report, code = ask(held.context)
    folder = held.context.settings.data_dir
    before = set(folder.parent.rglob("*"))
    head = f'--b\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = head.encode() + jpeg() + b"\r\n--b--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b", "x-tracking-code": code}
    path = f"/api/v1/reports/{report}/photos"
    answer = asyncio.run(held.ask("POST", path, headers, body, "203.0.113.9"))
    assert answer.status == 201, answer.body
    assert id_bytes(answer.json()["id"]) is not None, "an id, nothing of the name"
    assert set(folder.parent.rglob("*")) == before, "it is in the database"
    assert b"evil" not in answer.body


def test_takes_no_layer_whose_id_is_a_path(held: World) -> None:
    headers = {"authorization": f"Bearer {held.context.keys.admin_token}"}
    body = b'{"type":"FeatureCollection","features":[]}'
    for name in ("..%2fevil", "%2e%2e", "a%2fb", ".hidden", "evil%00", "c:%5cevil"):
        for path in (f"/api/v1/layers/{name}?role=area", f"/api/v1/layers/{name}/source"):
            answer = asyncio.run(held.ask("PUT", path, headers, body, "203.0.113.9"))
            assert 400 <= answer.status < 500, (path, answer.body)
    assert held.context.views.situation.layers == {}
