"""/t/CODE: what happened to my request, told to whoever holds the code and to nobody else."""

from __future__ import annotations

import re
import uuid

import httpx
import pytest

from crisismap.i18n import languages
from crisismap.web.render import distance, duration
from tests.server import Server, StartServer
from tests.web.visitor import Visitor, invite

ENGLISH = languages()["en"]
SQUARE = [[[80.0, 13.0], [80.5, 13.0], [80.5, 13.5], [80.0, 13.5], [80.0, 13.0]]]


def put_layer(site: Server, layer: str, role: str, geometry: dict, /, **properties: str) -> None:
    body = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": geometry, "properties": properties}],
    }
    answer = httpx.put(
        f"{site.url}/api/v1/layers/{layer}?role={role}", json=body, headers=site.auth, trust_env=False, timeout=60
    )
    assert answer.is_success, answer.text


def team(site: Server, org: str) -> httpx.Client:
    """A responder's browser, signed in."""
    with Visitor(site.url) as visitor:
        secret = invite(site, "Ravi Secretname", "responder", org)
        visitor.open(f"/login?invitation={secret}").send("/login", follow=False)
        assert visitor.page.status_code == 303
        return httpx.Client(base_url=site.url, cookies=visitor.http.cookies, trust_env=False, timeout=30)


def act(one: httpx.Client, report_id: str, verb: str, **body: object) -> None:
    answer = one.post(f"/api/v1/requests/{report_id}/{verb}", json=body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


def id_of(one: httpx.Client, words: str) -> str:
    items = one.get("/api/v1/requests?limit=1000").json()["items"]
    return next(item["id"] for item in items if item["text"] == words)


def test_tells_the_whole_story_by_organisation_and_not_by_person(visitor: Visitor, site: Server):
    put_layer(site, "wards", "area", {"type": "Polygon", "coordinates": SQUARE}, name="Ward Nine <b>", code="9")
    put_layer(
        site, "halls", "shelter", {"type": "Point", "coordinates": [80.26, 13.06]}, name="Hall Two", status="open"
    )
    words = f"two people on the roof {uuid.uuid4()}"
    visitor.report(category="rescue", text=words, lat="13.06", lon="80.25", people="2", **{"f.rescue.trapped": "1"})
    assert "Nearest open shelter Hall Two · 1.1" in visitor.text
    code = visitor.code
    visitor.open(f"/t/{code}")
    assert "Waiting for a team" in visitor.text
    assert "Area: Ward Nine <b>" in visitor.text
    assert "Nearest open shelter: Hall Two, 1.1" in visitor.text
    assert "Are people trapped? Yes" in visitor.text
    assert "People: 2" in visitor.text
    with team(site, "Boat Team 4") as ravi:
        number = id_of(ravi, words)
        act(ravi, number, "claim")
        assert "A team has taken it on: Boat Team 4" in visitor.open(f"/t/{code}").text
        act(ravi, number, "release")
        assert "The team gave it back" in visitor.open(f"/t/{code}").text
        act(ravi, number, "place", lon=80.251, lat=13.061, source="phone call")
        assert "A person has set the location on the map." in visitor.open(f"/t/{code}").text
        act(ravi, number, "answer", note="Brought to Hall Two <i>all well</i>")
    visitor.open(f"/t/{code}")
    assert "A team says it is done" in visitor.text
    assert "Answered by Boat Team 4" in visitor.text
    assert "Brought to Hall Two <i>all well</i>" in visitor.text
    assert "<i>" not in visitor.page.text
    assert "Secretname" not in visitor.page.text
    assert "Waiting for" not in visitor.text
    steps = re.findall(r'<span class="what">([^<]+)', visitor.page.text)
    assert len(steps) == 5
    times = re.findall(r'datetime="([^"]+)"', visitor.page.text)
    assert times == sorted(times)


def test_says_of_a_report_that_asks_nothing_that_it_arrived(visitor: Visitor):
    visitor.report(category="flooding", text="a street under water", lat="13.06", lon="80.25")
    assert "We have saved your report" in visitor.text
    visitor.open(f"/t/{visitor.code}")
    assert "Received" in visitor.text
    assert "Waiting for" not in visitor.text


def test_reads_the_code_as_people_type_it(visitor: Visitor):
    visitor.report(category="rescue", text="typed by hand")
    code = visitor.code
    for typed in (code.lower(), code.replace("-", ""), f" {code} ", code.replace("0", "O").replace("1", "l")):
        visitor.open("/t").page = visitor.http.get("/t", params={"code": typed}, follow_redirects=True)
        assert visitor.page.status_code == 200
        assert "typed by hand" in visitor.text
        assert code in visitor.text


def test_answers_alike_for_unknown_and_impossible_codes(visitor: Visitor):
    pages = {}
    for code in ("7K2M-9QXA-4TPC", "ZZZZ-ZZZZ-ZZZZ", "no-code", "x" * 400, "<script>", "%00", "..%2e"):
        visitor.open(f"/t/{code}")
        assert visitor.page.status_code == 404
        assert visitor.page.headers["content-type"].startswith("text/html")
        pages[code] = re.sub(r' value="[^"]*"', "", visitor.page.text)
        pages[code] = re.sub(r'href="/t/[^"]*"', "", pages[code])
    assert len(set(pages.values())) == 1
    assert "No report has this code" in visitor.text


def test_is_kept_from_caches_search_engines_and_other_sites(visitor: Visitor):
    visitor.report(category="rescue", text="private")
    for address in (f"/t/{visitor.code}", "/t/7K2M-9QXA-4TPC"):
        headers = visitor.http.get(address).headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "noindex" in headers["x-robots-tag"]
        assert "noindex" in visitor.http.get(address).text


def test_does_not_write_codes_into_the_log(visitor: Visitor, site: Server):
    visitor.report(category="rescue", text="not in the log")
    visitor.open(f"/t/{visitor.code}")
    log = site.log.read_text(errors="replace")
    assert visitor.code not in log
    assert visitor.code.replace("-", "") not in log


def test_stops_guessing_after_ten_wrong_codes_but_not_reporting(server: StartServer):
    one = server(env={"CRISISMAP_RATE_LIMIT": "on"})
    with Visitor(one.url) as visitor:
        visitor.report(category="rescue", text="before the guessing")
        known = visitor.code
        for number in range(10):
            assert visitor.open(f"/t/ZZZZ-ZZZZ-ZZ{number:02}").page.status_code == 404
        for code in ("ZZZZ-ZZZZ-ZZZZ", known):
            visitor.open(f"/t/{code}")
            assert visitor.page.status_code == 429
            assert 3000 < int(visitor.page.headers["retry-after"]) <= 3600
            assert "Please try again in 60 min" in visitor.text.replace("\u00a0", " ")
            assert "before the guessing" not in visitor.text
        # Whoever shares the address with a guesser can still call for help and gets a code.
        visitor.report(category="rescue", text="after the guessing")
        assert visitor.page.status_code == 200
        assert visitor.code in visitor.text


def test_is_there_again_after_a_restart(server: StartServer):
    one = server()
    with Visitor(one.url) as visitor:
        code = visitor.report(category="rescue", text="still here").code
    one.stop()
    two = server(data_dir=one.data_dir)
    with Visitor(two.url) as visitor:
        assert "still here" in visitor.open(f"/t/{code}").text


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (-5, "1 min"),
        (0, "1 min"),
        (89 * 60_000, "89 min"),
        (90 * 60_000, "1 h"),
        (47 * 3_600_000, "47 h"),
        (10**9, "11 d"),
    ],
)
def test_rounds_times_down_to_one_unit(ms: int, said: str):
    assert duration(ENGLISH, ms).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("metres", "said"), [(0, "10 m"), (214, "210 m"), (994.9, "990 m"), (995, "1.0 km"), (12_345, "12.3 km")]
)
def test_rounds_distances_to_what_can_be_walked(metres: float, said: str):
    assert distance(ENGLISH, metres).replace("\u00a0", " ") == said
