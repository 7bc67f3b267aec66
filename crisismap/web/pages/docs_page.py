"""/api/v1/docs: the OpenAPI document as a page that loads nothing from other servers."""

from __future__ import annotations

import inspect
import re
from typing import Any

from starlette.responses import Response

from crisismap.core.errors import KINDS
from crisismap.web.render import page
from crisismap.web.visit import Visit

_METHODS = ("get", "post", "put", "delete")


def show(visit: Visit) -> Response:
    """Show the page."""
    document = visit.request.app.openapi()
    return page(
        visit,
        "docs.html",
        packed=True,
        operations=operations(document),
        schemas=schemas(document),
        problems=problems(),
        base=visit.base,
        title=document["info"]["title"],
    )


def operations(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the operations of the document by tag, in the document's order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if operation := methods.get(method):
                tag = (operation.get("tags") or ["other"])[0]
                found.setdefault(tag, []).append(_operation(method, path, operation))
    return found


def schemas(document: dict[str, Any]) -> dict[str, tuple[str, list[tuple[str, str, bool]]]]:
    """Return the description and the members (name, kind, required) of each body, by the name of its schema."""
    found = {}
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        required = schema.get("required", ())
        members = [(key, _kind(kind), key in required) for key, kind in schema.get("properties", {}).items()]
        found[name] = (schema.get("description", ""), members)
    return found


def problems() -> list[tuple[str, str]]:
    """Return the last part of every problem's `type`, and its meaning."""
    return sorted((kind.kind, inspect.getdoc(kind) or "") for kind in KINDS)


def _kind(schema: dict[str, Any]) -> str:
    """Return a schema as a short text, such as `number or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items') or {})}"
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    return str(schema.get("type", "any"))


def _operation(method: str, path: str, described: dict[str, Any]) -> dict[str, Any]:
    """Return one method of one path; `anchor` is the id of its heading."""
    body = described.get("requestBody", {}).get("content", {})
    return {
        "anchor": re.sub("[{}]", "", f"{method}-{path}".strip("/").replace("/", "-")),
        "method": method,
        "path": path,
        "text": described.get("description") or described.get("summary", ""),
        "parameters": described.get("parameters", ()),
        "body": ", ".join(f"{kind}{_schema(content)}" for kind, content in body.items()),
        "answers": [(status, each.get("description", "")) for status, each in described.get("responses", {}).items()],
    }


def _schema(content: dict[str, Any]) -> str:
    reference = content.get("schema", {}).get("$ref", "")
    return f" ({reference.rpartition('/')[2]})" if reference else ""
