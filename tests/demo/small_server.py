"""A real HTTP server with the few endpoints the feeder uses, by the contract and nothing more."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from crisismap.core.errors import CrisismapError
from crisismap.core.report.read_draft import read_draft
from crisismap.problems import sentence

ASKS = {"rescue", "medical", "water_food"}
AFTER = {"claim": "claimed", "release": "open", "answer": "answered", "place": ""}


class SmallServer:
    """What it holds, and how it answers; `failures` next calls get the status in it."""

    def __init__(self) -> None:
        self.layers: dict[str, tuple[str, dict[str, Any]]] = {}
        self.reports: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self.requests: dict[str, dict[str, Any]] = {}
        self.verbs: list[tuple[str, str]] = []
        self.batches: list[int] = []
        self.failures: list[int] = []
        self.refuse_stale = 0
        self.lock = threading.Lock()
        self.url = ""

    def add(self, raw: bytes) -> dict[str, Any]:
        """One report: 201, 200 for a repeat, 422 for the same key with another payload or a body that cannot be."""
        try:
            draft = read_draft(raw)
        except CrisismapError as problem:
            return {"status": 422, "problem": {"type": problem.kind, "detail": sentence(problem)}}
        body = msgspec.to_builtins(draft)
        key = body["client_id"]
        if key in self.reports:
            same = self.reports[key] == body
            return {"status": 200, "id": key} if same else {"status": 422, "problem": {"type": "key-reused"}}
        self.reports[key] = body
        self.order.append(key)
        if body["category"] in ASKS:
            priority = "P1" if body["category"] == "rescue" else "P2"
            self.requests[key] = {"state": "open", "version": 1, "priority": priority, "owner": "", **self._seen(body)}
        return {"status": 201, "id": key}

    @staticmethod
    def _seen(body: dict[str, Any]) -> dict[str, Any]:
        kept = {name: body.get(name) for name in ("category", "text", "place", "lon", "lat", "people")}
        return kept | {"id": body["client_id"]}

    def item(self, id_: str) -> dict[str, Any]:
        """A request as the list shows it."""
        request = self.requests[id_]
        return {k: v for k, v in request.items() if k not in ("version", "owner")} | {"etag": f'"{request["version"]}"'}

    def act(self, id_: str, verb: str, token: str, match: str | None, body: dict[str, Any]) -> tuple[int, Any]:
        """428, 412, 403, 409 or the new item."""
        request = self.requests.get(id_)
        if request is None:
            return 404, {"detail": "unknown"}
        if match is None:
            return 428, {"detail": "If-Match is missing"}
        if match != f'"{request["version"]}"' or self.refuse_stale > 0:
            self.refuse_stale -= 1
            return 412, {"detail": "stale"}
        if verb in ("answer", "release") and request["owner"] != token:
            return 403, {"detail": "not yours"}
        if verb == "claim":
            if request["state"] != "open" or not 1 <= body.get("minutes", 30) <= 720:
                return 409, {"detail": "not open"}
            request["owner"] = token
        if verb == "answer" and not body.get("note"):
            return 422, {"detail": "note"}
        if verb == "place":
            assert set(body) == {"lon", "lat", "accuracy_m", "source"}
            request |= {"lon": body["lon"], "lat": body["lat"]}
        request["state"] = AFTER[verb] or request["state"]
        request["version"] += 1
        self.verbs.append((verb, id_))
        return 200, self.item(id_)


def _answer(server: SmallServer, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Any]:
    url, token = urlsplit(target), headers.get("Authorization", "")
    path, query = url.path, parse_qs(url.query)
    if server.failures:
        return server.failures.pop(0), {"detail": "made to fail"}
    if (method, path) == ("POST", "/api/v1/reports"):
        answer = server.add(body)
        return answer["status"], answer
    if not token.startswith("Bearer "):
        return 401, {"detail": "no token"}
    if (method, path) == ("POST", "/api/v1/reports:batch"):
        rows = body.splitlines()
        server.batches.append(len(rows))
        return (200, [server.add(row) for row in rows]) if len(rows) <= 1_000 else (413, {"detail": "too many"})
    if (method, path) == ("GET", "/api/v1/situation"):
        return 200, {"reports": len(server.reports), "layers": [{"id": id_} for id_ in server.layers]}
    if (method, path) == ("GET", "/api/v1/requests"):
        limit = int(query["limit"][0])
        waiting = [server.item(i) for i, r in server.requests.items() if r["state"] in ("open", "claimed")]
        return (200, {"items": waiting[:limit], "total": len(waiting)}) if limit <= 1_000 else (422, {})
    if method == "PUT" and path.startswith("/api/v1/layers/"):
        server.layers[path.rsplit("/", 1)[1]] = (query["role"][0], json.loads(body))
        return 200, {}
    if method == "POST" and path.startswith("/api/v1/requests/"):
        id_, verb = path.split("/")[-2:]
        return server.act(id_, verb, token, headers.get("If-Match"), json.loads(body))
    return 404, {"detail": "no such path"}


@contextmanager
def small_server() -> Iterator[SmallServer]:
    """It listens on a free port of loopback for as long as the block lasts."""
    held = SmallServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # head and body in one packet, or every answer waits for the client's late ACK

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with held.lock:
                status, answer = _answer(held, self.command, self.path, self.headers, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _do

        def log_message(self, format: str, *args: Any) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    held.url = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield held
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
