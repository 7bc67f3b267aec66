"""The small inputs made after public fault reports, and an incident to try them on; nothing of them is copied here."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.core.layer.layer import LayerVersion
from crisismap.core.moment import parse
from crisismap.services.runtime.context import Context
from crisismap.settings import read_settings
from crisismap.web.routes import routes
from tests.cli.command import call
from tests.conftest import FakeClock
from tests.services.deployment import opened

OWN = make_api(routes())
APP = Front(OWN, OWN)
DAY_MS = parse("2026-11-27T15:00:00Z")[0]  # the warnings of the cases are of this day


class Case(Protocol):
    """The `case` fixture: a copy of the folder with this number, since refused rows are written beside a file."""

    def __call__(self, number: str) -> Path: ...


@pytest.fixture
def case(shared_data: Path, tmp_path: Path) -> Case:
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip("The folder of cases is not here. To get it: put it beside the folder of the real data sets.")

    def copied(number: str) -> Path:
        [found] = folder.glob(f"{number}-*")
        return Path(shutil.copytree(found, tmp_path / found.name))

    return copied


class Incident:
    """An open deployment behind the ASGI app of the program, asked as an agency unless `who` is another role, or ""."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.tokens: dict[str, str] = {"admin": context.keys.admin_token, "": ""}
        for role in ("agency", "responder"):
            made = self.ask("POST", "/api/v1/tokens", {"role": role, "org": "City Relief Office"}, who="admin")
            self.tokens[role] = made.json()["token"]

    def ask(self, method: str, path: str, body: Any = None, *, who: str = "agency", **query: Any) -> httpx.Response:
        """Ask once, and wait until the map has what was said; `body` is bytes, or what becomes JSON."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}

        async def go() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://case.test") as client:
                return await client.request(method, path, content=content, headers=headers, params=query or None)

        answer = asyncio.run(go())
        assert self.context.views.situation.wait(self.context.store.events.revision())
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of an answer that must be good."""
        answer = self.ask("GET", f"/api/v1/{path}", **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, layer: str, role: str, file: Path) -> httpx.Response:
        """The answer to a layer."""
        return self.ask("PUT", f"/api/v1/layers/{layer}", file.read_bytes(), role=role)

    def report(self, **said: Any) -> dict[str, Any]:
        """The receipt of a report that must be kept."""
        answer = self.ask("POST", "/api/v1/reports", said, who="")
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def rescue(self, **said: Any) -> str:
        """The id of a rescue that must be kept."""
        return str(self.report(**{"category": "rescue", **said})["id"])

    def places(self, **said: Any) -> list[dict[str, Any]]:
        """The places that are suggested for a rescue."""
        found: list[dict[str, Any]] = self.get(f"requests/{self.rescue(**said)}/places", who="responder")["items"]
        return found

    def feature(self, report_id: str) -> dict[str, Any]:
        """The properties of a report as the agency sees it."""
        properties: dict[str, Any] = self.get(f"reports/{report_id}")["properties"]
        return properties


@pytest.fixture
def incident(tmp_path: Path) -> Iterator[Incident]:
    """A fresh one, on the day of the cases."""
    with opened(tmp_path / "incident", FakeClock(DAY_MS), CRISISMAP_RATE_LIMIT="off") as context:
        bootstrap.install(context)
        yield Incident(context)
        bootstrap.install(None)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data folder of the commands."""
    return tmp_path / "home"


def imported(home: Path, *words: str | Path) -> Any:
    """What `import ... --json` prints; the command must succeed."""
    done = call(["import", *words, "--json"], home)
    assert done.code == 0, done.err
    return done.json


def layer_of(home: Path, role: str, file: Path, *words: str | Path) -> tuple[Any, LayerVersion]:
    """What the command says of a layer, and the version that is live then."""
    said = imported(home, "layer", file, "--id", "it", "--role", role, *words)
    with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(home)})) as context:
        return said, context.views.situation.layers["it"]
