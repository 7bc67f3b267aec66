"""A client of the public HTTP API with the few paths that the demo needs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from crisismap.core.errors import CrisismapError

Rest = Callable[[float], bool | None]

BATCH = 1_000  # the limit per POST in CONTRACT
BUSY = frozenset({429, 502, 503, 504})
LONGEST_WAIT_S = 30.0


class Refused(CrisismapError):
    """A request that the server refused; `status` is the HTTP status."""

    def __init__(self, problem: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__("refused_by_server", problem=problem)
        self.status = status
        self.retry_after_s = retry_after_s


class Client:
    """One connection pool to one server. Every call raises Refused, or httpx.HTTPError without an answer.

    It tries `tries` times while the server is away or busy, with growing pauses; `rest(seconds)` returns True to give
    up. A refusal that another try cannot change is raised at once.
    """

    def __init__(self, base_url: str, timeout_s: float = 60.0, *, tries: int = 1, rest: Rest = time.sleep) -> None:
        self._tries, self._rest = tries, rest
        self._http = httpx.Client(base_url=base_url, timeout=timeout_s, trust_env=False)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def put_layer(
        self, token: str, layer_id: str, role: str, collection: Mapping[str, Any], as_of: str | None = None
    ) -> None:
        """Put a layer or its next version; `as_of` is the time of the data, if not now."""
        body = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
        headers = _bearer(token) | {"Content-Type": "application/geo+json"}
        params = {"role": role} | ({"as_of": as_of} if as_of else {})
        self._request("PUT", f"/api/v1/layers/{layer_id}", headers, params=params, content=body)

    def layer_ids(self, token: str) -> set[str]:
        """Return the ids of the situation's layers."""
        return {str(layer["id"]) for layer in self.situation(token).get("layers", [])}

    def situation(self, token: str) -> dict[str, Any]:
        """Return counts, layers and revision."""
        return _object(self._request("GET", "/api/v1/situation", _bearer(token)))

    def post_report(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post one report as a stranger, without a token."""
        return _object(self._request("POST", "/api/v1/reports", {}, json=body))

    def post_batch(self, token: str, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Post at most BATCH reports in one commit; return status, and id or problem, for each in order."""
        content = b"\n".join(json.dumps(body, ensure_ascii=False).encode() for body in bodies)
        headers = _bearer(token) | {"Content-Type": "application/x-ndjson"}
        answer = _json(self._request("POST", "/api/v1/reports:batch", headers, content=content))
        if not isinstance(answer, list) or len(answer) != len(bodies):
            raise Refused("the answer to a batch does not match it", 502)
        return answer

    def requests(self, token: str, limit: int = 1_000) -> list[dict[str, Any]]:
        """Return unanswered requests, most urgent first, each with its `etag`."""
        answer = _object(self._request("GET", "/api/v1/requests", _bearer(token), params={"limit": limit}))
        return list(answer["items"])

    def act(self, token: str, item: Mapping[str, Any], verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Perform a verb on a request as last seen; return its current state with its new `etag`."""
        headers = _bearer(token) | {"If-Match": str(item["etag"])}
        answer = self._request("POST", f"/api/v1/requests/{item['id']}/{verb}", headers, json=body)
        current = _object(answer)
        return current | {"etag": current.get("etag") or answer.headers.get("etag", "")}

    def _request(self, method: str, path: str, headers: Mapping[str, str], **options: Any) -> httpx.Response:
        failures = 0
        while True:
            try:
                return self._send(method, path, headers, **options)
            except (httpx.TransportError, Refused) as problem:
                failures += 1
                final = isinstance(problem, Refused) and problem.status not in BUSY
                if final or failures == self._tries or self._rest(pause(failures, problem)):
                    raise

    def _send(self, method: str, path: str, headers: Mapping[str, str], **options: Any) -> httpx.Response:
        answer = self._http.request(method, path, headers=headers, **options)
        if answer.status_code >= 300:
            raise Refused(
                f"{method} {path}: {answer.status_code} {_cause(answer)}", answer.status_code, _retry_after(answer)
            )
        return answer


def pause(failures: int, problem: Exception) -> float:
    """Return seconds to wait after this many consecutive failures, or as the server asked; at most 30."""
    retry_after_s = problem.retry_after_s if isinstance(problem, Refused) else None
    return float(min(LONGEST_WAIT_S, retry_after_s if retry_after_s is not None else 0.25 * 2**failures))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _object(answer: httpx.Response) -> dict[str, Any]:
    body = _json(answer)
    if not isinstance(body, dict):
        raise Refused("an object was expected", 502)
    return body


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise Refused("the answer is not JSON", 502) from None


def _cause(answer: httpx.Response) -> str:
    """Return the problem's own sentence in one line."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    detail = body.get("detail") or body.get("title") if isinstance(body, dict) else answer.text
    return " ".join(str(detail).split())[:200]


def _retry_after(answer: httpx.Response) -> float | None:
    seconds = answer.headers.get("retry-after", "")
    return float(seconds) if seconds.isdigit() else None
