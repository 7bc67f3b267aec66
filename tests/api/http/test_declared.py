"""What routes declare is what the API's document says."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.api.app import make_api
from crisismap.api.http.answers import ANSWERS
from crisismap.api.http.declared import EVERYWHERE, media_types, query_parameters, refusals

DOCUMENT: dict[str, Any] = make_api([]).openapi()
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
    assert [each["name"] for each in query_parameters("until", "area")["parameters"]] == ["area", "until"]
    assert refusals(413)[413]["description"] == "Request Entity Too Large"
    picture = DOCUMENT["paths"]["/api/v1/layers/{layer_id}/picture/{z}/{x}/{y}"]["get"]
    assert picture["responses"]["200"]["content"].keys() == {"image/png", "image/jpeg"}
    assert {"304", "502"} <= picture["responses"].keys()
    with pytest.raises(KeyError):
        query_parameters("nothing-of-ours")
