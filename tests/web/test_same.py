"""After sending: "is it one of these?", an optional word of the requester that joins nothing by itself."""

from __future__ import annotations

import re
import uuid

import httpx

from tests.server import Server
from tests.web.visitor import Visitor

PLACE = {"category": "rescue", "lat": "13.4461", "lon": "80.2511"}
OFFERED = re.compile(r'name="same" value="([0-9a-f-]{36})"')


def asked(visitor: Visitor, **more: str) -> str:
    visitor.report(**PLACE | {"text": f"on the roof {uuid.uuid4()}"} | more)
    return visitor.code


def request_of(site: Server, code: str) -> dict:
    """The request of a code, as its requester sees it."""
    agency = httpx.get(f"{site.url}/api/v1/requests?limit=1000", headers=site.auth, trust_env=False).json()["items"]
    for item in agency:
        own = httpx.get(f"{site.url}/api/v1/requests/{item['id']}", headers={"X-Tracking-Code": code}, trust_env=False)
        if own.status_code == 200:
            return own.json()
    raise AssertionError(f"no request has the code {code}")


def test_asks_whether_it_is_one_of_those_near(visitor: Visitor, site: Server):
    first = request_of(site, asked(visitor))
    code = asked(visitor, lat="13.4463", lon="80.2513")  # a page may offer the way from the own place
    offered = OFFERED.findall(visitor.page.text)
    assert first["id"] in offered
    assert "on the roof" not in visitor.text, "no words of another"
    assert "13.4461" not in visitor.page.text, "no place of another"
    visitor.send(f"/report/thanks/{code}", same=first["id"])
    assert "A person will check both" in visitor.text
    own = request_of(site, code)
    assert (own["state"], own["asking"]) == ("open", 1), "nothing is joined by the word of one who asks"
    similar = httpx.get(f"{site.url}/api/v1/requests/{own['id']}/similar", headers=site.auth, trust_env=False).json()
    assert similar["items"][0]["id"] == first["id"]
    assert similar["items"][0]["reasons"][0] == "the requester says that it is the same"


def test_takes_none_of_these_for_an_answer(visitor: Visitor, site: Server):
    place = {"lat": "13.6461", "lon": "80.1511"}
    first = request_of(site, asked(visitor, **place))
    code = asked(visitor, **place)
    assert first["id"] in OFFERED.findall(visitor.page.text)
    assert "asked less than 10 min ago" in visitor.text
    assert "None of these" in visitor.text
    visitor.send(f"/report/thanks/{code}", same="none")
    assert "stays a request of its own" in visitor.text
    assert OFFERED.findall(visitor.page.text) == []
    assert request_of(site, code)["state"] == "open"


def test_offers_none_that_reads_like_another(visitor: Visitor, site: Server):
    place = {"lat": "13.7461", "lon": "80.1511"}
    for _ in range(2):
        asked(visitor, **place)
    asked(visitor, **place)
    assert OFFERED.findall(visitor.page.text) == []
    assert "Is it one of these?" not in visitor.text


def test_takes_no_word_about_what_it_did_not_offer(visitor: Visitor, site: Server):
    far = request_of(site, asked(visitor, lat="13.9", lon="80.9"))
    asked(visitor, lat="13.8461", lon="80.1511")
    code = asked(visitor, lat="13.8461", lon="80.1511")
    assert far["id"] not in OFFERED.findall(visitor.page.text)
    visitor.send(f"/report/thanks/{code}", same=far["id"])
    assert "A person will check both" not in visitor.text
    assert visitor.code == code, "the code is shown again all the same"


def test_takes_no_word_from_who_was_not_given_the_page(visitor: Visitor):
    asked(visitor, lat="13.8961", lon="80.0511")
    code = asked(visitor, lat="13.8961", lon="80.0511")
    form = visitor.form(f"/report/thanks/{code}") | {"same": "x"}
    answer = visitor.http.post(f"/report/thanks/{code}", data=form | {"k": "guessed"})
    assert answer.headers["location"].endswith(f"/t/{code}")
