"""The document tells of every verb, of the paths that the front answers, and of every refusal."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.api.app import make_api
from crisismap.core.verbs import VERBS


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = make_api([]).openapi()
    return found


def test_tells_of_paths_that_never_reach_the_framework(document: dict[str, Any]) -> None:
    for path in ("/api/v1/tiles/{z}/{x}/{y}.mvt", "/api/v1/live"):
        assert document["paths"][path]["get"]["responses"]["200"]["content"]


def test_names_each_verb_with_its_roles_and_its_body(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/v1/requests/{report_id}/{verb}"]["post"]
    [name] = [each for each in operation["parameters"] if each["name"] == "verb"]
    assert name["schema"]["enum"] == list(VERBS)
    for verb in VERBS.values():
        assert f"{verb.name} ({', '.join(sorted(verb.roles))}): {verb.body.__name__}" in name["description"]
        assert verb.body.__name__ in document["components"]["schemas"]


def test_promises_a_problem_document_for_every_refusal(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            refused = {status for status in operation["responses"] if status[0] in "45"}
            assert refused, (method, path)
            for status in refused:
                assert "application/problem+json" in operation["responses"][status]["content"], (method, path, status)


def test_leads_to_schemas_that_are_there(document: dict[str, Any]) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for each in part.values() for found in references(each)]
        return [found for each in part for found in references(each)] if isinstance(part, list) else []

    found = set(references(document))
    assert found
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found <= known


def test_asks_for_the_headers_that_a_route_needs(document: dict[str, Any]) -> None:
    def headers(path: str) -> dict[str, bool]:
        parameters = document["paths"][path]["post"]["parameters"]
        return {each["name"]: each["required"] for each in parameters if each["in"] == "header"}

    assert headers("/api/v1/requests/{report_id}/{verb}")["If-Match"] is True
    assert headers("/api/v1/reports")["Idempotency-Key"] is False
