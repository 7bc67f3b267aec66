"""/api/v1/docs: the API's own description as a page, made here from the OpenAPI document; nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from crisismap.web.render import page
from crisismap.web.visit import Visit

_METHODS = ("get", "post", "put", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, as the page shows it."""

    method: str
    path: str
    text: str
    parameters: tuple[dict[str, Any], ...]
    body: str
    answers: tuple[tuple[str, str], ...]

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return f"{self.method}-{self.path}".strip("/").replace("/", "-").replace("{", "").replace("}", "")


def show(visit: Visit) -> Response:
    """The page."""
    document = visit.request.app.openapi()
    return page(visit, "docs.html", packed=True, operations=operations(document), title=document["info"]["title"])


def operations(document: dict[str, Any]) -> dict[str, list[Operation]]:
    """The document's operations by tag, in the order they stand there."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                described = methods[method]
                tag = (described.get("tags") or ["other"])[0]
                found.setdefault(tag, []).append(_operation(method, path, described))
    return found


def _operation(method: str, path: str, described: dict[str, Any]) -> Operation:
    body = described.get("requestBody", {}).get("content", {})
    return Operation(
        method=method,
        path=path,
        text=described.get("description") or described.get("summary", ""),
        parameters=tuple(described.get("parameters", ())),
        body=", ".join(f"{kind}{_schema(content)}" for kind, content in body.items()),
        answers=tuple(
            (status, answer.get("description", "")) for status, answer in described.get("responses", {}).items()
        ),
    )


def _schema(content: dict[str, Any]) -> str:
    reference = content.get("schema", {}).get("$ref", "")
    return f" ({reference.rpartition('/')[2]})" if reference else ""
