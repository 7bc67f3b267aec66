"""/shelters: the nearest open shelters for everybody, on a page without JavaScript that keeps nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from crisismap.i18n import languages
from tests.server import Server
from tests.web.visitor import Visitor

TRICK = "<em>trick</em>"


@pytest.fixture(autouse=True, scope="module")
def listed(site: Server) -> Iterator[None]:
    """Shelters round 100, 10, where no other test of these pages looks."""
    features = [
        ([100.02, 10.0], {"id": "1", "name": "Kite School", "status": "open", "capacity": 90, "occupancy": 30}),
        ([100.0, 10.03], {"id": "2", "name": f"Hall {TRICK}", "status": "open", "needs": "water & blankets"}),
        ([100.01, 10.0], {"id": "3", "name": "Full Hall", "status": "full"}),
    ]
    body = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": at}, "properties": said}
            for at, said in features
        ],
    }
    address = f"{site.url}/api/v1/layers/far-shelters?role=shelter"
    assert httpx.put(address, json=body, headers=site.auth, trust_env=False, timeout=60).is_success
    yield
    # With these as the only layer, where the others report would be far from this incident.
    gone = httpx.delete(f"{site.url}/api/v1/layers/far-shelters", headers=site.auth, trust_env=False, timeout=60)
    assert gone.is_success, gone.text


def test_answers_coordinates_with_shelters_and_how_old_each_fact_is(visitor: Visitor):
    visitor.report(category="shelter", text="the hall", lat="10.0", lon="100.0201", **{"f.shelter.status": "full"})
    visitor.open("/shelters").send("/shelters", near="10.0, 100.0")
    said = visitor.text
    assert said.index("Kite School") < said.index("Hall <em>")
    assert "2.2 km to the east" in said
    assert "Officially open · Free places: 60 of 90" in said
    assert "From the official list, just now" in said
    assert re.search(r"“full” · reports: 1 · the latest (just now|\d+ min ago)", said)
    assert "It needs: water & blankets" in said
    assert "In a straight line. No road map is loaded" in said
    assert "Full Hall" not in said
    assert TRICK not in visitor.page.text
    assert "112" in said


def test_finds_a_place_by_its_name_and_offers_others(visitor: Visitor):
    visitor.open("/shelters").send("/shelters", near="hall")
    assert "Near Hall <em>" in visitor.text
    assert "Not this place? Try one of these: Full Hall" in visitor.text
    visitor.page = visitor.http.post("/shelters", data={"near": "Hall", "at": "10.03, 100.0"})
    assert "Near Hall" in visitor.text
    assert "10 m to the north" in visitor.text
    # The chosen place goes along with its words, also into another language, and is forgotten with other words.
    form = visitor.form("/shelters")
    assert (form["at"], form["of"]) == ("10.03, 100.0", "Hall")
    spanish = visitor.http.post("/shelters", data=form | {"switch": "es"})
    assert "Refugio abierto más cercano" in spanish.text and "10 m hacia el norte" in spanish.text.replace(
        "\u00a0", " "
    )
    visitor.page = visitor.http.post("/shelters", data=form | {"near": "Kite School", "switch": "en"})
    assert "Near Kite School" in visitor.text


@pytest.mark.parametrize("typed", ["no such place", "91, 181", "x" * 500])
def test_says_when_a_place_is_not_known(visitor: Visitor, typed: str):
    visitor.open("/shelters").send("/shelters", near=typed)
    assert visitor.page.status_code == 422
    assert "Place not found." in visitor.text


def test_says_when_none_is_near(visitor: Visitor):
    visitor.open("/shelters").send("/shelters", near="-60, -150")
    assert visitor.page.status_code == 200
    assert "We know of no open shelter with room within 100 km" in visitor.text


def test_speaks_every_language(visitor: Visitor):
    for code, words in languages().items():
        page = visitor.http.post("/shelters", data={"near": "10, 100", "switch": code})
        assert words("shelters.title") in page.text
        assert words("shelters.d_east") in page.text


def test_is_linked_from_the_form_the_receipt_and_the_tracking_page(visitor: Visitor):
    assert 'href="/shelters"' in visitor.open("/report").page.text
    visitor.report(category="rescue", text="on the roof", lat="10.001", lon="100.0")
    assert "Kite School" in visitor.text
    assert visitor.form("/shelters") == {}
    assert 'name="at" value="10.001, 100.0"' in visitor.page.text
    visitor.open(f"/t/{visitor.code}")
    assert 'name="at" value="10.001, 100.0"' in visitor.page.text
    visitor.page = visitor.http.post("/shelters", data={"at": "10.001, 100.0"})
    assert "Near the place you gave" in visitor.text
    assert "Kite School" in visitor.text


def test_keeps_nothing_of_who_asks(site: Server, visitor: Visitor):
    events = len(httpx.get(f"{site.url}/api/v1/audit.csv", headers=site.auth, trust_env=False).text.splitlines())
    visitor.open("/shelters").send("/shelters", near="10.04321, 100.04321")
    assert visitor.page.headers["x-robots-tag"] == "noindex, nofollow"
    assert visitor.page.headers["cache-control"] == "no-store"
    after = httpx.get(f"{site.url}/api/v1/audit.csv", headers=site.auth, trust_env=False).text
    assert len(after.splitlines()) == events + 1  # that the log itself was read
    assert "100.04321" not in after + json.dumps(dict(visitor.page.headers))


def test_tells_the_way_and_that_it_may_still_be_unsafe(site: Server, visitor: Visitor):
    """On the other side of the world from the shelters above: the roads change what the page says of a way."""
    made = {
        "halls": (
            "shelter",
            [({"type": "Point", "coordinates": [-100.0, 10.0]}, {"name": "Hill School", "status": "open"})],
        ),
        "streets": (
            "transport",
            [
                ({"type": "LineString", "coordinates": [[-100.02, 10.0], [-100.01, 10.0]]}, {"name": "Long <b>Street"}),
                ({"type": "LineString", "coordinates": [[-100.01, 10.0], [-100.0, 10.0005]]}, {"status": "open"}),
            ],
        ),
    }
    for layer, (role, features) in made.items():
        body = {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "geometry": g, "properties": said} for g, said in features],
        }
        address = f"{site.url}/api/v1/layers/{layer}?role={role}&confirm={layer}"
        assert httpx.put(address, json=body, headers=site.auth, trust_env=False, timeout=60).is_success
    visitor.open("/shelters").send("/shelters", near="10.001, -100.02")
    assert "2.2 km to the east · 2.4 km along roads that are not known to be blocked" in visitor.text
    assert "110 m to the nearest of these roads, to the south" in visitor.text
    assert "1.1 km along Long <b>Street, to the east" in visitor.text
    assert "1.1 km along an unnamed road, to the east" in visitor.text
    assert "60 m from the road to the shelter, to the south" in visitor.text
    assert "does not mean safe" in visitor.text
    visitor.report(category="transport", text="a tree", lat="10.0", lon="-100.015", **{"f.transport.status": "blocked"})
    visitor.open("/shelters").send("/shelters", near="10.001, -100.02")
    assert "In a straight line. We found no way" in visitor.text
    assert "reported as blocked: 1" in visitor.text
    # The other layers of this package's site stay without roads.
    for layer in made:
        assert httpx.delete(f"{site.url}/api/v1/layers/{layer}", headers=site.auth, trust_env=False).is_success
