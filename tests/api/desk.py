"""A client of the real server that acts in every role, as programs of agencies and volunteers do."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.server import Server

ROLES = ("volunteer", "responder", "agency", "admin")
HERE: dict[str, Any] = {"lon": 80.25, "lat": 13.05}  # in ward W-2 of the layers that `conftest` puts in
RESCUE: dict[str, Any] = {"category": "rescue", "text": "Water is rising, we are on the roof", **HERE}


class Desk:
    """One running server. `role=None` is a stranger; `role="responder2"` and so on are further people."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = httpx.Client(base_url=server.url, timeout=30, trust_env=False)
        self.tokens: dict[str, str] = {}

    def headers(self, role: str | None) -> dict[str, str]:
        """The Authorization header of a role; its token is made when it is first needed."""
        if role is None:
            return {}
        if role not in self.tokens:
            body = {"role": role.rstrip("0123456789"), "org": f"Org of {role}"}
            made = self.client.post("/api/v1/tokens", json=body, headers=self.server.auth)
            assert made.status_code == 200, made.text
            self.tokens[role] = made.json()["token"]
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    def get(self, path: str, role: str | None = None, **options: Any) -> httpx.Response:
        """GET in a role."""
        return self._send("GET", path, role, **options)

    def post(self, path: str, body: Any = None, role: str | None = None, **options: Any) -> httpx.Response:
        """POST JSON (or bytes as they are) in a role."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return self._send("POST", path, role, content=content, **options)

    def put(self, path: str, body: bytes, role: str | None = None, **options: Any) -> httpx.Response:
        """PUT in a role."""
        return self._send("PUT", path, role, content=body, **options)

    def _send(self, method: str, path: str, role: str | None, **options: Any) -> httpx.Response:
        headers = {**self.headers(role), **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def report(self, role: str | None = None, **said: Any) -> dict[str, Any]:
        """Post a report that must be kept (RESCUE with `said` on top); gives the receipt, when the map has it."""
        body = {name: value for name, value in {**RESCUE, **said}.items() if value is not None}
        answer = self.post("/api/v1/reports", body, role)
        assert answer.status_code in (200, 201), answer.text
        receipt: dict[str, Any] = answer.json()
        self.wait(receipt["revision"])
        return receipt

    def wait(self, revision: int) -> None:
        """Until the situation has reached a revision."""
        eventually(lambda: self.get("/readyz").json().get("revision", 0) >= revision)

    def item(self, report_id: str, role: str | None = "responder") -> dict[str, Any]:
        """A request's item that must be there."""
        answer = self.get(f"/api/v1/requests/{report_id}", role)
        assert answer.status_code == 200, answer.text
        item: dict[str, Any] = answer.json()
        return item

    def feature(self, report_id: str, role: str | None = "agency") -> dict[str, Any]:
        """A report's feature that must be there."""
        answer = self.get(f"/api/v1/reports/{report_id}", role)
        assert answer.status_code == 200, answer.text
        feature: dict[str, Any] = answer.json()
        return feature

    def act(
        self, verb: str, report_id: str, body: Any = None, role: str | None = "responder", etag: str | None = "*"
    ) -> httpx.Response:
        """A verb on a request, with If-Match unless `etag` is None."""
        headers = {"If-Match": etag} if etag is not None else {}
        return self.post(f"/api/v1/requests/{report_id}/{verb}", body, role, headers=headers)

    def features(self, role: str | None = "agency", **query: Any) -> list[dict[str, Any]]:
        """All features that a query gives."""
        answer = self.get("/api/v1/reports.geojson", role, params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["features"]
        return found

    @contextmanager
    def live(self, role: str | None = None) -> Iterator[Iterator[dict[str, Any]]]:
        """The frames of the stream as they come."""
        with self.client.stream("GET", "/api/v1/live", headers=self.headers(role), timeout=30) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")
            yield (json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:"))


def key() -> str:
    """A key that nobody has used."""
    return uuid.uuid4().hex


def eventually(holds: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until it holds."""
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.01)


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem document of a refusal that must have this status; looks that nothing of our inside shows."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["type"].startswith("urn:crisismap:problem:")
    assert found["title"]
    assert found["detail"]
    if code is not None:
        assert found["type"] == f"urn:crisismap:problem:{code}"
    for inside in ("Traceback", "sqlalchemy", "SELECT ", "INSERT ", "psycopg", "sqlite3.", '.py"', "site-packages"):
        assert inside not in answer.text
    return found
