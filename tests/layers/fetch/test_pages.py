"""Pages of services: what they claim, and that each feature is taken once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.fetch.pages import ServicePages, query_of, with_query
from tests.layers.fetch.test_paged_service import page, source


def pages(*answers: Any) -> ServicePages:
    bodies = iter(json.dumps(each).encode() for each in answers)
    return ServicePages(source("ogc"), lambda _url, _accept: next(bodies))


def test_takes_a_feature_once_and_again_after_it_was_forgotten() -> None:
    one = pages(page(1, 2), page(2, 3), page(1, 2), page(1, 2))
    assert [one.take("a").repeated for _ in range(3)] == [False, False, True]
    assert len(one.features) == 3
    one.forget()
    assert not one.take("a").repeated
    assert len(one.features) == 2


@pytest.mark.parametrize(
    ("members", "claimed"),
    [({"numberMatched": 7}, 7), ({"totalFeatures": 7}, 7), ({"numberMatched": "unknown"}, None), ({}, None)],
)
def test_reads_how_many_there_are(members: dict[str, Any], claimed: int | None) -> None:
    assert pages(page(1, **members)).take("a").claimed == claimed


def test_refuses_pages_in_two_systems_but_not_an_empty_one_without() -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    one = pages(page(1, crs=crs), page(), page(2))
    assert [len(one.take("a").features) for _ in range(2)] == [1, 0]
    with pytest.raises(Malformed, match="different systems"):
        one.take("a")
    assert one.system == {"crs": crs}


def test_reads_the_parameters_of_an_address_whatever_their_case() -> None:
    assert query_of("https://a.example/x?Where=a&F=&f2=1") == {"where": "a", "f": "", "f2": "1"}
    assert with_query("https://a.example/x?Where=a", where="b") == "https://a.example/x?where=b"
