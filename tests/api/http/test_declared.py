"""What routes declare is what the API's document says."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.api.app import make_api
from crisismap.api.http.declared import EVERYWHERE, SCHEMAS, media_types, refusals
from crisismap.api.http.query import parameters

DOCUMENT: dict[str, Any] = make_api([]).openapi()
# (path, method) -> schema of a success
ANSWERS: dict[tuple[str, str], dict[str, Any]] = {
    ("/api/v1/reports/{report_id}", "get"): {"$ref": f"{SCHEMAS}Feature"},
    ("/api/v1/requests", "get"): {"$ref": f"{SCHEMAS}RequestList"},
    ("/api/v1/requests/{report_id}", "get"): {"$ref": f"{SCHEMAS}RequestItem"},
    ("/api/v1/requests/{report_id}/contact", "get"): {"$ref": f"{SCHEMAS}Reachable"},
    ("/api/v1/requests/{report_id}/{verb}", "post"): {"$ref": f"{SCHEMAS}RequestItem"},
    ("/api/v1/requests/{report_id}/shelters", "get"): {"$ref": f"{SCHEMAS}ShelterList"},
    ("/api/v1/shelters", "get"): {"$ref": f"{SCHEMAS}ShelterList"},
    ("/api/v1/situation", "get"): {"$ref": f"{SCHEMAS}SituationNumbers"},
    ("/api/v1/layers", "get"): {"type": "array", "items": {"$ref": f"{SCHEMAS}LayerInfo"}},
    ("/api/v1/layers/{layer_id}", "put"): {"$ref": f"{SCHEMAS}LayerInfo"},
    ("/healthz", "get"): {"$ref": f"{SCHEMAS}Health"},
    ("/readyz", "get"): {"$ref": f"{SCHEMAS}Health"},
}
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_names_the_refusals_that_any_address_may_give(path: str, method: str) -> None:
    answers = DOCUMENT["paths"][path][method]["responses"]
    assert {str(status) for status in EVERYWHERE} <= answers.keys()
    assert all("problem+json" in next(iter(answers[str(status)]["content"])) for status in EVERYWHERE)


@pytest.mark.parametrize(("path", "method"), ANSWERS)
def test_shows_the_shape_of_each_answer_that_has_one(path: str, method: str) -> None:
    """FastAPI's own empty schema once hid them."""
    content = DOCUMENT["paths"][path][method]["responses"]["200"]["content"]
    assert [each["schema"] for each in content.values()] == [ANSWERS[path, method]]


def test_keeps_the_frameworks_own_validation_errors_out() -> None:
    assert "HTTPValidationError" not in DOCUMENT["components"]["schemas"]


def test_declares_media_types_parameters_and_refusals() -> None:
    assert media_types("image/png") == {200: {"content": {"image/png": {}}}}
    sheet = DOCUMENT["paths"]["/api/v1/sheet.pdf"]["get"]
    declared = [(each["name"], each["in"]) for each in sheet["parameters"]]
    names = ("area", "zone", "category", "priority", "overdue", "unplaced", "after")
    assert declared == [(name, "query") for name in names]
    assert refusals(413)[413]["description"] == "Request Entity Too Large"
    picture = DOCUMENT["paths"]["/api/v1/layers/{layer_id}/picture/{z}/{x}/{y}"]["get"]
    assert picture["responses"]["200"]["content"].keys() == {"image/png", "image/jpeg"}
    assert {"304", "502"} <= picture["responses"].keys()
    with pytest.raises(KeyError):
        parameters("nothing-of-ours")
