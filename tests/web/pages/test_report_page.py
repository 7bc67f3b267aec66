"""/report: the form, what becomes of it, and the page with the code."""

from __future__ import annotations

import json
import re
import uuid

import httpx
import pytest

from tests.server import Server
from tests.web.visitor import Visitor

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")
HOSTILE = "<script>alert(1)</script> \u202eevil\u202c 😀🛶 \"quoted' & {{ 7*7 }} நீர்"


def stored(site: Server, text: str) -> dict:
    """The one report with this text, as an agency sees it."""
    answer = httpx.get(f"{site.url}/api/v1/reports.geojson?audience=agency", headers=site.auth, trust_env=False)
    found = [f for f in answer.json()["features"] if f["properties"]["text"] == text]
    assert len(found) == 1, [f["properties"]["text"] for f in answer.json()["features"]]
    return found[0] | found[0]["properties"]


def test_says_first_whom_to_call(visitor: Visitor):
    page = visitor.open("/report")
    assert page.text.index("call 112") < page.text.index("What is it?")
    assert 'href="tel:112"' in page.page.text


def test_shows_a_code_after_sending(visitor: Visitor, site: Server):
    words = f"water in the street {uuid.uuid4()}"
    visitor.report(category="rescue", text=words, lat="13.06", lon="80.25", people="4")
    assert visitor.page.status_code == 200
    assert visitor.page.history[0].status_code == 303
    assert CODE.fullmatch(visitor.code)
    assert visitor.code in visitor.text
    assert f'href="/t/{visitor.code}"' in visitor.page.text
    assert visitor.page.headers["referrer-policy"] == "no-referrer"
    report = stored(site, words)
    assert report["geometry"]["coordinates"] == [80.25, 13.06]
    assert (report["channel"], report["lang"], report["asks"]) == ("web", "en", True)
    visitor.open(f"/t/{visitor.code}")
    assert words in visitor.text


def test_stores_one_report_however_often_it_is_sent(visitor: Visitor, site: Server):
    words = f"sent twice {uuid.uuid4()}"
    visitor.open("/report")
    values = visitor.form("/report") | {"category": "rescue", "text": words}
    codes = {visitor.http.post("/report", data=values).headers["location"] for _ in range(3)}
    assert len(codes) == 1
    stored(site, words)


def test_asks_before_it_takes_something_else_from_the_same_page(visitor: Visitor, site: Server):
    visitor.open("/report")
    values = visitor.form("/report") | {"category": "rescue", "text": f"first {uuid.uuid4()}"}
    first = visitor.http.post("/report", data=values).headers["location"]
    other = f"second {uuid.uuid4()}"
    visitor.send("/report", category="rescue", text=other)
    assert visitor.page.status_code == 409
    assert visitor.form("/report")["text"] == other
    visitor.send("/report")
    assert visitor.code in visitor.text
    assert visitor.code not in first
    stored(site, other)


@pytest.mark.parametrize(
    ("lat", "lon"), [("thirteen", "80.25"), ("913.06", "80.25"), ("13.06", ""), ("NaN", "inf"), ("0", "0")]
)
def test_never_refuses_for_a_bad_place(visitor: Visitor, site: Server, lat: str, lon: str):
    words = f"somewhere {uuid.uuid4()}"
    visitor.report(category="rescue", text=words, lat=lat, lon=lon)
    assert visitor.page.status_code == 200
    assert "We do not know yet where this is" in visitor.text
    report = stored(site, words)
    assert report["geometry"] is None
    assert report["state"] == "open"
    visitor.open(f"/t/{visitor.code}")
    assert (f"You wrote: {lat}" in visitor.text) == (lat != "0")


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({}, "category", "Choose what you are reporting."),
        ({"category": "rescue"}, "text", "Write a few words"),
        ({"category": "rescue", "text": "x", "people": "many"}, "people", "Write a whole number"),
        ({"category": "rescue", "text": "x" * 20_001}, "text", "At most 20000 characters"),
        ({"category": "rescue", "text": "x", "phone": "9" * 501}, "phone", "At most 500 characters"),
    ],
)
def test_says_beside_the_field_what_is_wrong(visitor: Visitor, values: dict[str, str], field: str, said: str):
    page = visitor.report(**values)
    assert page.page.status_code == 422
    html = page.page.text
    [told] = re.findall(rf'<a href="#{field}">([^<]+)', html)  # in the summary
    assert said in told
    assert (field == "category" or values.get("text") is None) or not told.startswith(said[:5]), "it names the field"
    assert re.search(rf'id="{field}-error">[^<]*{re.escape(said)}', html)
    assert f"{field}-error" in html.split(f'id="{field}"')[1].split(">")[0]  # told with the field
    assert page.text.startswith("Not sent yet")


def test_keeps_everything_typed_when_something_is_wrong(visitor: Visitor):
    typed = {
        "text": HOSTILE + "\nsecond line\n\n",
        "place": HOSTILE,
        "lat": "x°",
        "lon": '"><b>',
        "accuracy_m": "12",
        "people": "many",
        "phone": "<i>",
        "email": "a@b",
        "name": HOSTILE,
        "consent_contact": "1",
        "consent_publish": "1",
        "hide_place": "1",
        "category": "rescue",
        "asks": "yes",
        "n.trapped": "1",
        "n.children": "2",
        "f.rescue.boat_needed": "1",
        "f.shelter.status": "full",
        "f.flooding.depth_cm": "40",
        "f.shelter.name": "Hall",
    }
    visitor.report(**typed)
    assert visitor.page.status_code == 422
    kept = visitor.form("/report")
    assert {name: kept.get(name) for name in typed} == typed
    key = kept["client_id"]
    visitor.send("/report", people="3")
    assert CODE.fullmatch(visitor.code)
    assert uuid.UUID(key)


def test_shows_hostile_words_as_words(visitor: Visitor, site: Server):
    words = f"{HOSTILE} {uuid.uuid4()}"
    visitor.report(category="rescue", text=words, place=HOSTILE, people="x")
    assert "<script>alert" not in visitor.page.text
    visitor.send("/report", people="")
    visitor.open(f"/t/{visitor.code}")
    assert "<script>alert" not in visitor.page.text
    assert "&lt;script&gt;alert(1)" in visitor.page.text
    assert "49" not in visitor.text.split("What you wrote")[1].split("Keep your code")[0].replace(words, "")
    assert 'dir="auto"' in visitor.page.text  # an override ends where the words end
    assert stored(site, words)["text"] == words


def test_keeps_a_nul_from_breaking_anything(visitor: Visitor):
    visitor.report(category="rescue", text="a\x00b", place="c\x00d", name="e\x00f")
    assert CODE.fullmatch(visitor.code)


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "."])
def test_shows_the_form_again_with_everything_when_the_token_is_wrong(visitor: Visitor, token: str):
    visitor.report(category="rescue", text="do not lose this", csrf_token=token)
    assert visitor.page.status_code == 403
    assert "Please press “Send” again" in visitor.text
    assert visitor.form("/report")["text"] == "do not lose this"
    visitor.send("/report")
    assert CODE.fullmatch(visitor.code)


def test_does_not_take_the_token_of_another_browser(visitor: Visitor, site: Server):
    with Visitor(site.url) as other:
        token = other.open("/report").form("/report")["csrf_token"]
    visitor.report(category="rescue", text="x", csrf_token=token)
    assert visitor.page.status_code == 403


def test_takes_a_cry_from_a_browser_that_keeps_no_cookies(site: Server):
    """The second try works, as a stranger's: nothing is done in anybody's name."""
    with Visitor(site.url) as visitor:
        first = visitor.open("/report").form("/report") | {"category": "rescue", "text": f"bare {uuid.uuid4()}"}
    bare = {"trust_env": False, "headers": {"Cookie": ""}}
    again = httpx.post(f"{site.url}/report", data=first, **bare)
    assert again.status_code == 403
    token = re.search(r'name="csrf_token" value="([^"]+)"', again.text)
    assert token
    done = httpx.post(f"{site.url}/report", data=first | {"csrf_token": token[1]}, **bare)
    assert done.status_code == 303
    foreign = {"trust_env": False, "headers": {"Sec-Fetch-Site": "cross-site"}}
    refused = httpx.post(f"{site.url}/report", data=first | {"csrf_token": token[1]}, **foreign)
    assert refused.status_code == 403


def test_refuses_more_than_a_report_can_be(visitor: Visitor):
    visitor.report(category="rescue", text="x" * 600_000)
    assert visitor.page.status_code == 413
    assert "Your report is too big to send" in visitor.text
    many = "&".join(f"a{n}=1" for n in range(400))
    assert visitor.http.post("/report", content=many).status_code == 413


def test_survives_bodies_that_are_no_form(visitor: Visitor):
    for body in (b"\xff\xfe\x00", b"%zz=%", b"{}", b"category=rescue&category=other", b""):
        assert visitor.http.post("/report", content=body).status_code in (403, 422)


def test_changes_the_language_without_losing_a_word(visitor: Visitor):
    visitor.open("/report").send("/report", switch="ta", text="half a sentence", category="rescue")
    assert visitor.page.status_code == 200
    assert '<html lang="ta" dir="ltr">' in visitor.page.text
    assert visitor.form("/report")["text"] == "half a sentence"
    assert "error" not in visitor.page.text.split("<main")[1]
    assert visitor.open("/report").page.text.count('lang="ta" dir')


def test_tells_a_thank_you_page_only_to_whom_it_belongs(visitor: Visitor):
    visitor.report(category="rescue", text="mine")
    code = visitor.code
    for query in ("", "?k=", "?k=00000000000000000000", "?k=é"):
        visitor.open(f"/report/thanks/{code}{query}")
        assert visitor.page.url.path == f"/t/{code}"
    visitor.open("/report/thanks/nonsense?k=1")
    assert visitor.page.status_code == 404


def test_records_consent_only_where_it_was_given(visitor: Visitor, site: Server):
    said, unsaid = (f"a street under water {word}" for word in ("alpha", "beta"))
    visitor.report(category="flooding", text=said, consent_publish="1", lat="13.06", lon="80.25")
    visitor.report(category="flooding", text=unsaid, lat="13.06", lon="80.25", hide_place="1")
    public = httpx.get(f"{site.url}/api/v1/reports.geojson", trust_env=False).json()["features"]
    texts = json.dumps(public)
    assert said in texts
    assert unsaid not in texts
    kinds = {f["id"]: f["properties"]["place_kind"] for f in public}
    assert kinds[stored(site, said)["id"]] == "exact"
    assert kinds[stored(site, unsaid)["id"]] == "cell"


def test_fits_a_bad_network(visitor: Visitor):
    """First load: the page, its style and its two scripts, at most 100 KB even unpacked."""
    page = visitor.open("/report").page
    parts = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text)
    assert len(parts) == 3
    whole = len(page.content) + sum(len(visitor.http.get(part).content) for part in parts)
    assert whole <= 100 * 1024
    packed = int(page.headers["content-length"]) + sum(len(_raw(visitor, part)) for part in parts)
    assert packed <= 20 * 1024


def _raw(visitor: Visitor, address: str) -> bytes:
    with visitor.http.stream("GET", address) as answer:
        assert answer.headers["content-encoding"] in ("br", "gzip")
        return b"".join(answer.iter_raw())


def test_asks_nothing_of_anybody_else(visitor: Visitor):
    html = visitor.open("/report").page.text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', html) == []
    assert re.findall(r"<[^>]+ (?:style|on\w+)=", html) == []
    assert re.findall(r"<(?:style|script)>", html) == []
