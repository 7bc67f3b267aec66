"""/tasks: what is to be done nearby, for people in the field, on a page without JavaScript."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.photos import jpeg
from tests.server import Server
from tests.web.pages.test_track_page import id_of, put_layer
from tests.web.visitor import Visitor, invite

MOST_BYTES = 60_000
HERE = (13.0600, 80.2500)


def signed_in(site: Server, role: str, org: str = "Boat Team 4", name: str = "Ravi") -> Visitor:
    """Somebody's browser, signed in."""
    visitor = Visitor(site.url)
    visitor.open(f"/login?invitation={invite(site, name, role, org)}").send("/login", follow=False)
    assert visitor.page.status_code == 303
    return visitor


@pytest.fixture(scope="module")
def ravi(site: Server) -> Iterator[Visitor]:
    with signed_in(site, "responder") as one:
        yield one


@pytest.fixture(scope="module")
def meena(site: Server) -> Iterator[Visitor]:
    """A responder of another team."""
    with signed_in(site, "responder", "Fire Station 2", "Meena") as one:
        yield one


@pytest.fixture(scope="module")
def vani(site: Server) -> Iterator[Visitor]:
    """A volunteer."""
    with signed_in(site, "volunteer", "", "Vani") as one:
        yield one


def ask(visitor: Visitor, ravi: Visitor, *, lat: float | None = None, lon: float | None = None, **values: str) -> str:
    """A new request; gives its id."""
    words = values.pop("text", "") or f"need {uuid.uuid4()}"
    place = {} if lat is None else {"lat": str(lat), "lon": str(lon)}
    visitor.report(**{"category": "rescue", "text": words} | place | values)
    return id_of(ravi.http, words)


def item(ravi: Visitor, number: str) -> dict:
    return ravi.http.get(f"/api/v1/requests/{number}").json()


def order(visitor: Visitor) -> list[str]:
    """Ids as the page lists them."""
    return re.findall(r'href="/tasks/([0-9a-f-]{36})', visitor.page.text)


def all_pages(visitor: Visitor, **params: str) -> list[str]:
    """Ids of all pages of a list; the last page stays open."""
    found: list[str] = []
    for number in range(1, 20):
        visitor.page = visitor.http.get("/tasks", params=params | {"page": str(number)})
        found += order(visitor)
        if f"page={number + 1}" not in visitor.page.text:
            return found
    raise AssertionError("the list does not end")


def press(visitor: Visitor, number: str, verb: str, **values: str) -> Visitor:
    """Press a button on the page that the visitor has open."""
    action = next(a for a in _actions(visitor) if a.startswith(f"/tasks/{number}"))
    return visitor.send(action, do=verb, **values)


def _actions(visitor: Visitor) -> list[str]:
    return [a.replace("&amp;", "&") for a in re.findall(r'action="(/tasks/[^"]+)"', visitor.page.text)]


@pytest.mark.parametrize(
    "address", ["/tasks", "/tasks?near=13.06%2C+80.25", "/tasks/0194-x", "/tasks/x?near=13.06%2C80.25"]
)
def test_sends_strangers_to_sign_in_and_back(site: Server, address: str):
    with Visitor(site.url) as stranger:
        answer = stranger.http.get(address)
        assert answer.status_code == 303
        login = answer.headers["location"]
        assert login.startswith("/login?next=%2Ftasks")
        stranger.open(login)
        secret = invite(site, "Kumar", "responder")
        form = stranger.form("/login")
        stranger.page = stranger.http.get("/login", params=form | {"invitation": secret})
        stranger.send("/login", follow=False)
        assert httpx.URL(stranger.page.headers["location"]) == httpx.URL(address)


@pytest.mark.parametrize(
    "address",
    ["//evil.example/tasks", "https://evil.example", "/tasks\\@evil", "/tasks//evil", "/report", "/tasks?a=\r\n"],
)
def test_leads_back_to_nothing_but_our_own_pages(site: Server, address: str):
    with Visitor(site.url) as stranger:
        stranger.page = stranger.http.get("/login", params={"invitation": invite(site), "next": address})
        form = stranger.form("/login")
        assert "next" not in form
        stranger.page = stranger.http.post("/login", data=form | {"next": address})
        assert stranger.page.headers["location"] == "/"


def test_changes_nothing_for_a_stranger(site: Server, visitor: Visitor, ravi: Visitor):
    number = ask(visitor, ravi)
    answer = visitor.http.post(f"/tasks/{number}", data={"do": "claim", "version": "1"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")
    assert item(ravi, number)["state"] == "open"


def test_lists_the_nearest_first_and_those_without_a_place_last(visitor: Visitor, ravi: Visitor):
    far = ask(visitor, ravi, lat=13.2, lon=80.25)
    near = ask(visitor, ravi, lat=13.061, lon=80.251, category="water_food")
    nowhere = ask(visitor, ravi, place="behind the school")
    for typed in ("13.06, 80.25", "13.06N 80.25E"):
        found = all_pages(ravi, near=typed)
        assert found.index(near) < found.index(far) < found.index(nowhere)
    assert "location needed" in ravi.text
    ravi.page = ravi.http.get("/tasks", params={"near": "13.061, 80.252"})
    assert "110 m" in ravi.text.replace("\u00a0", " ")
    for params in ({"near": "13.06, 80.25", "order": "urgent"}, {}):
        found = all_pages(ravi, **params)
        assert found.index(far) < found.index(near)


def test_finds_a_place_by_its_name_and_says_when_there_is_none(site: Server, ravi: Visitor):
    put_layer(site, "places", "context", {"type": "Point", "coordinates": [80.25, 13.06]}, name="Old <i>Harbour</i>")
    ravi.page = ravi.http.get("/tasks", params={"near": "OLD  harbour"})
    assert "Nearest to Old <i>Harbour</i> first" in ravi.text
    for wrong in ("nowhere at all", "<script>", "95, 200", "x" * 300):
        ravi.page = ravi.http.get("/tasks", params={"near": wrong})
        assert ravi.page.status_code == 422
        assert "Place not found." in ravi.text
        assert ravi.form("/tasks")["near"] == wrong


def test_lists_one_area_and_turns_pages_below_60_kb(site: Server, visitor: Visitor, ravi: Visitor):
    square = [[[79.5, 12.5], [79.6, 12.5], [79.6, 12.6], [79.5, 12.6], [79.5, 12.5]]]
    put_layer(site, "far-ward", "area", {"type": "Polygon", "coordinates": square}, name="Ward & Sons", code="77")
    long = "ஆற்று நீர் வீட்டிற்குள் வந்துவிட்டது " * 20
    sent = [
        {"category": "rescue", "text": f"{n} {long}", "lon": 79.55, "lat": 12.5 + (n + 1) / 1000} for n in range(45)
    ]
    answer = httpx.post(
        f"{site.url}/api/v1/reports:batch",
        content="\n".join(json.dumps(one) for one in sent),
        headers={"Content-Type": "application/x-ndjson"},
        trust_env=False,
        timeout=60,
    )
    assert {one["status"] for one in answer.json()} == {201}
    ids = [one["id"] for one in answer.json()]
    assert item(ravi, ids[-1])["area"]["name"] == "Ward & Sons"
    seen: list[str] = []
    for page in ("1", "2", "3"):
        ravi.page = ravi.http.get("/tasks", params={"area": "Ward & Sons", "near": "12.5, 79.55", "page": page})
        assert len(ravi.page.content) < MOST_BYTES
        seen += [number for number in order(ravi) if number in ids]
    assert seen == ids
    assert "Unanswered requests (45)" in ravi.text
    for page in ("0", "-1", "x", "9999999999", "٣"):
        assert ravi.http.get("/tasks", params={"page": page}).status_code == 200
    ravi.page = ravi.http.get("/tasks", params={"area": "Ward & Sons"})
    assert 'value="Ward &amp; Sons" selected' in ravi.page.text


def test_lives_a_request_from_the_claim_to_the_answer(visitor: Visitor, ravi: Visitor, meena: Visitor):
    words = f"six people <b>on</b> the roof {uuid.uuid4()}"
    number = ask(
        visitor, ravi, lat=13.06, lon=80.25, text=words, people="6", phone="+91 98400-12345", name="Kamala",
        consent_contact="1",
    )  # fmt: skip
    code = visitor.code
    ravi.open(f"/tasks/{number}?near=13.06%2C+80.26")
    assert words in ravi.text
    assert "<b>on</b>" not in ravi.page.text
    assert 'href="geo:13.060000,80.250000?q=13.060000,80.250000"' in ravi.page.text
    assert "13.06000, 80.25000" in ravi.text
    assert "Show the route (1.1 km)" in ravi.text.replace("\u00a0", " ")
    assert "98400" not in ravi.page.text
    assert "Show contact details" not in ravi.text
    press(ravi, number, "claim", minutes="30")
    assert str(ravi.page.url).endswith("near=13.06%2C+80.26&done=claim")
    assert re.search(r"You have claimed this request until \d+ \w{3} \d{4}, \d\d:\d\d\.", ravi.text)
    assert "Ravi (Boat Team 4), until" in ravi.text
    assert order(ravi.open("/tasks?near=13.06,80.25"))[0] == number
    assert "claimed for 29 min more" in ravi.text.replace("\u00a0", " ")
    meena.open(f"/tasks/{number}")
    assert "Ravi (Boat Team 4)" in meena.text
    for button in ("Claim request", "Mark as answered", "Show contact details", "Release claim"):
        assert button not in meena.text
    ravi.open(f"/tasks/{number}")
    press(ravi, number, "contact")
    assert "Kamala" in ravi.text
    assert 'href="tel:+919840012345"' in ravi.page.text
    assert ravi.page.headers["cache-control"] == "no-store"
    ravi.open(f"/tasks/{number}")
    assert "98400" not in ravi.page.text
    assert "Contact details viewed: Ravi (Boat Team 4)" in ravi.text
    press(ravi, number, "claim", minutes="120")
    assert "(in 119 min)" in ravi.text.replace("\u00a0", " ") or "(in 1 h)" in ravi.text.replace("\u00a0", " ")
    press(ravi, number, "answer", note=" ")
    assert ravi.page.status_code == 422
    assert "Write in a few words what was done" in ravi.text
    press(ravi, number, "answer", note="All six <i>brought</i> to the school")
    assert "All six <i>brought</i> to the school" in ravi.text
    assert item(ravi, number)["state"] == "answered"
    assert "Marked as answered. The requester can see it." in ravi.text
    assert "All six <i>brought</i> to the school" in visitor.open(f"/t/{code}").text
    assert number not in order(ravi.open("/tasks"))


def test_answers_with_a_photo_that_the_requester_sees(visitor: Visitor, ravi: Visitor):
    number = ask(visitor, ravi)
    code = visitor.code
    ravi.open(f"/tasks/{number}")
    form = ravi.form(f"/tasks/{number}") | {"do": "answer", "note": "all brought out"}
    for broken, why in (
        (b"no photo at all", "not a photo that we can read"),
        (jpeg()[:500], "damaged or incomplete"),
        (b"x" * (26 << 20), "more than 25 MB"),
    ):
        ravi.page = ravi.http.post(f"/tasks/{number}", data=form, files={"photo": ("IMG_1.jpg", broken)})
        assert ravi.page.status_code == 422
        assert "We could not read the photo." in ravi.text and why in ravi.text
        assert "Please choose the photo again" in ravi.text
        assert "all brought out" in ravi.page.text
    assert item(ravi, number)["state"] == "open"
    ravi.page = ravi.http.post(f"/tasks/{number}", data=form | {"note": " "}, files={"photo": ("IMG_1.jpg", jpeg())})
    assert "Write in a few words what was done" in ravi.text
    ravi.page = ravi.http.post(
        f"/tasks/{number}", data=form, files={"photo": ("IMG_1.jpg", jpeg())}, follow_redirects=True
    )
    assert item(ravi, number)["state"] == "answered"
    assert "Photo from the team" in ravi.page.text
    assert ravi.http.get(re.findall(r'src="(/api/v1/photos/[^"]+)"', ravi.page.text)[0]).status_code == 200
    [thumb] = re.findall(r'src="(/t/[^"]+-small.jpg)"', visitor.open(f"/t/{code}").page.text)
    assert visitor.http.get(thumb).headers["content-type"] == "image/jpeg"


def test_keeps_no_photo_of_an_answer_that_came_too_late(visitor: Visitor, ravi: Visitor, meena: Visitor):
    number = ask(visitor, ravi)
    form = ravi.open(f"/tasks/{number}").form(f"/tasks/{number}") | {"do": "answer", "note": "done"}
    press(meena.open(f"/tasks/{number}"), number, "claim")
    ravi.page = ravi.http.post(f"/tasks/{number}", data=form, files={"photo": ("IMG_1.jpg", jpeg())})
    assert ravi.page.status_code == 412
    assert "/api/v1/photos/" not in ravi.page.text


def test_gives_a_claim_back_and_says_what_cannot_be_met(visitor: Visitor, ravi: Visitor):
    number = ask(visitor, ravi)
    code = visitor.code
    press(ravi.open(f"/tasks/{number}"), number, "claim")
    press(ravi, number, "release")
    assert "You have released your claim. The request is open again." in ravi.text
    assert item(ravi, number)["state"] == "open"
    press(ravi, number, "cannot_meet", note="no boat left")
    assert item(ravi, number)["state"] == "cannot_meet"
    assert "no boat left" in ravi.text
    assert "no boat left" in visitor.open(f"/t/{code}").text
    press(ravi, number, "reopen")
    assert item(ravi, number)["state"] == "open"


def test_keeps_the_note_when_somebody_was_quicker(visitor: Visitor, ravi: Visitor, meena: Visitor):
    number = ask(visitor, ravi)
    ravi.open(f"/tasks/{number}")
    press(meena.open(f"/tasks/{number}"), number, "claim")
    form = ravi.form(f"/tasks/{number}")
    ravi.page = ravi.http.post(f"/tasks/{number}", data=form | {"do": "answer", "note": "two\nlines"})
    assert ravi.page.status_code == 412
    assert "Something changed while this page was open" in ravi.text
    assert "Meena (Fire Station 2)" in ravi.text
    assert item(ravi, number)["state"] == "claimed"
    press(meena, number, "release")
    press(ravi.open(f"/tasks/{number}"), number, "answer", note="two\nlines")
    assert item(ravi, number)["state"] == "answered"


def test_keeps_the_note_when_the_request_was_changed_but_is_still_open(visitor: Visitor, ravi: Visitor, meena: Visitor):
    number = ask(visitor, ravi)
    ravi.open(f"/tasks/{number}")
    meena.http.post(
        f"/api/v1/requests/{number}/place",
        json={"lon": 80.2, "lat": 13.0, "source": "call"},
        headers={"If-Match": "*"},
    )
    press(ravi, number, "cannot_meet", note="the road\nis <gone>")
    assert ravi.page.status_code == 412
    assert "the road\nis &lt;gone&gt;" in ravi.page.text
    press(ravi, number, "answer", note="done after all")
    assert item(ravi, number)["state"] == "answered"


def test_takes_nothing_from_another_site(visitor: Visitor, ravi: Visitor):
    number = ask(visitor, ravi)
    form = ravi.open(f"/tasks/{number}").form(f"/tasks/{number}") | {"do": "claim"}
    for forged, headers in ((form | {"csrf_token": "x"}, {}), (form, {"Sec-Fetch-Site": "cross-site"})):
        assert ravi.http.post(f"/tasks/{number}", data=forged, headers=headers).status_code == 403
    assert item(ravi, number)["state"] == "open"


def test_places_a_request_and_asks_again_for_what_is_no_place(visitor: Visitor, ravi: Visitor):
    number = ask(visitor, ravi, place="behind the temple")
    ravi.open(f"/tasks/{number}")
    assert "Nobody has set its location on the map yet." in ravi.text
    for wrong in ("", "here", "13.06", "95, 300"):
        press(ravi, number, "place", coordinates=wrong, source="the baker")
        assert ravi.page.status_code == 422
        assert "Write latitude and longitude" in ravi.text
        assert ravi.form(f"/tasks/{number}")["source"] == "the baker"
    press(ravi, number, "place", coordinates="13.0612, 80.2511", source="the baker")
    now = item(ravi, number)
    assert (now["lon"], now["lat"]) == (80.2511, 13.0612)
    assert "Its location was set on the map" in ravi.text


def test_proposes_a_far_move_of_a_volunteer_to_the_team_which_keeps_the_old_place(
    visitor: Visitor, ravi: Visitor, vani: Visitor
):
    number = ask(visitor, ravi, lat=13.0612, lon=80.2511)
    ravi.open(f"/tasks/{number}")
    press(ravi, number, "claim", minutes="60")
    vani.open(f"/tasks/{number}")
    press(vani, number, "place", coordinates="48.85, 2.35", source="exact, seen")
    assert "a volunteer proposes a" in vani.text
    assert "80.25110" not in vani.text
    assert "check the location" in ravi.open("/tasks").text
    ravi.open(f"/tasks/{number}")
    assert "Vani proposes another location, " in ravi.text
    assert "48.85000, 2.35000. It has not changed yet." in ravi.text
    press(ravi, number, "put_back")
    assert "proposes" not in ravi.text
    assert (item(ravi, number)["lon"], item(ravi, number)["flags"]) == (80.2511, [])


def test_shows_volunteers_only_what_is_public(visitor: Visitor, ravi: Visitor, vani: Visitor):
    words = f"the house with the red door {uuid.uuid4()}"
    number = ask(visitor, ravi, lat=13.0612, lon=80.2511, text=words, place="red door", phone="+91 98400 99999")
    vani.open(f"/tasks/{number}?near=13.06,80.25")
    assert vani.page.status_code == 200
    assert "Only responders can read the text of a request." in vani.text
    assert "somewhere within" in vani.text
    for secret in ("red door", "13.06120", "80.25110", "98400"):
        assert secret not in vani.page.text
    for verb in ("claim", "answer", "cannot_meet", "release", "reopen", "contact"):
        assert f'value="{verb}"' not in vani.page.text
        press(vani, number, verb, note="x")
        assert vani.page.status_code == 403
        assert "Your role does not allow this." in vani.text
    assert item(ravi, number)["state"] == "open"
    assert "red door" not in vani.open("/tasks").page.text
    press(vani.open(f"/tasks/{number}"), number, "place", coordinates="13.062, 80.2515", source="knows the street")
    assert item(ravi, number)["lat"] == 13.062
    hidden = ask(visitor, ravi, category="medical", lat=13.0612, lon=80.2511)
    assert vani.open(f"/tasks/{hidden}").page.status_code == 404
    assert hidden not in order(vani.open("/tasks?near=13.06,80.25"))


def test_lets_a_volunteer_say_that_a_report_still_holds(visitor: Visitor, ravi: Visitor, vani: Visitor):
    visitor.report(category="flooding", text="street under water", lat="13.06", lon="80.25")
    features = ravi.http.get("/api/v1/reports.geojson?category=flooding").json()["features"]
    number = features[-1]["id"]
    vani.open(f"/tasks/{number}")
    assert "Received" in vani.text
    press(vani, number, "reconfirm")
    assert vani.page.status_code == 200
    assert "Somebody said that this is still correct" in vani.text
    assert vani.open("/tasks?show=check").page.status_code == 200
    assert "Everything here was confirmed recently." in vani.text


def test_lets_agencies_read_and_not_act(site: Server, visitor: Visitor, ravi: Visitor):
    number = ask(visitor, ravi)
    with signed_in(site, "agency", "City Relief", "Asha") as asha:
        asha.open(f"/tasks/{number}")
        assert asha.page.status_code == 200
        assert _actions(asha) == []


@pytest.mark.parametrize("number", ["x", "0194a000-0000-7000-8000-000000000000", "..%2f", "<script>"])
def test_knows_no_request_that_is_not_there(ravi: Visitor, number: str):
    assert ravi.http.get(f"/tasks/{number}").status_code == 404
    assert ravi.http.post(f"/tasks/{number}", data={"do": "claim"}).status_code in (403, 404, 405)
