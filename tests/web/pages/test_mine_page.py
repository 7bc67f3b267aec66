"""/t/CODE/data: whoever holds the code reads, corrects, takes away and erases what is kept; nobody else does."""

from __future__ import annotations

import httpx
import pytest

from crisismap.core.report.consent import PLAIN
from crisismap.core.report.report import MAX_TEXT
from crisismap.i18n import languages
from tests.photos import drawing, jpeg
from tests.server import Server
from tests.web.visitor import Visitor


def data(visitor: Visitor, code: str) -> Visitor:
    return visitor.open(f"/t/{code}/data")


def test_shows_the_reporter_what_they_agreed_to_and_all_that_is_kept(visitor: Visitor) -> None:
    visitor.report(category="rescue", text="on the roof <b>", phone="112233445", name="Meena", consent_contact="1")
    code = visitor.code
    assert f'href="/t/{code}/data"' in visitor.open(f"/t/{code}").page.text
    data(visitor, code)
    assert "may call me or write to me about this report. Yes" in visitor.text
    assert "They are checked first. No" in visitor.text
    assert visitor.form(f"/t/{code}/data") == {
        "csrf_token": visitor.form(f"/t/{code}/data")["csrf_token"],
        "do": "save",
        "text": "on the roof <b>",
        "place": "",
        "people": "",
        "phone": "112233445",
        "email": "",
        "name": "Meena",
        "consent_contact": "1",
    }
    assert "<b>" not in visitor.page.text
    assert visitor.page.headers["referrer-policy"] == "no-referrer"
    assert visitor.page.headers["cache-control"] == "no-store"
    file = visitor.open(f"/t/{code}/data.json").page
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.json()["contact"] == {"phone": "112233445", "name": "Meena"}
    assert file.json()["consent"] == {"publish": False, "contact": True, "version": PLAIN}


def test_shows_what_was_added_later_the_photos_and_whether_the_words_are_shown(visitor: Visitor, site: Server) -> None:
    visitor.report(category="rescue", text="on the roof", consent_publish="1")
    code = visitor.code
    report = visitor.open(f"/t/{code}/data.json").page.json()["id"]
    mine = {"X-Tracking-Code": code, "If-Match": "*"}
    added = httpx.post(
        f"{site.url}/api/v1/requests/{report}/add", json={"note": "and <b>wet</b>"}, headers=mine, trust_env=False
    )
    assert added.status_code == 200, added.text
    sent = httpx.post(
        f"{site.url}/api/v1/reports/{report}/photos", content=jpeg(drawing(64, 48)), headers=mine, trust_env=False
    )
    photo = sent.json()["id"]
    data(visitor, code)
    assert "Only the teams can read what you wrote." in visitor.text
    assert "and <b>wet</b>" in visitor.text
    assert "<b>" not in visitor.page.text
    assert f'src="/t/{code}/photos/{photo}-small.jpg"' in visitor.page.text
    kept_back = httpx.post(
        f"{site.url}/api/v1/requests/{report}/withhold",
        json={"reason": "names <i>Asha</i>"},
        headers={"If-Match": "*", **token(site, "responder")},
        trust_env=False,
    )
    assert kept_back.status_code == 200, kept_back.text
    assert "A person decided to keep your text private. Reason: names <i>Asha</i>" in data(visitor, code).text
    assert "<i>" not in visitor.page.text
    data(visitor, code).send(f"/t/{code}/data?erase", sure="1")
    assert photo not in visitor.page.text
    assert visitor.open(f"/t/{code}/photos/{photo}.jpg").page.status_code == 404


def token(site: Server, role: str) -> dict[str, str]:
    made = httpx.post(f"{site.url}/api/v1/tokens", json={"role": role}, headers=site.auth, trust_env=False)
    return {"Authorization": f"Bearer {made.json()['token']}"}


def test_corrects_on_the_page(visitor: Visitor) -> None:
    visitor.report(category="rescue", text="two people", phone="112233445")
    code = visitor.code
    data(visitor, code).send(f"/t/{code}/data", text="three people", people="3", phone="", consent_publish="1")
    assert "Saved." in visitor.text
    kept = visitor.open(f"/t/{code}/data.json").page.json()
    assert (kept["text"], kept["people"], kept["contact"]) == ("three people", 3, {})
    assert kept["consent"]["publish"] is True
    assert "You corrected your report" in visitor.open(f"/t/{code}").text
    data(visitor, code).send(f"/t/{code}/data", people="many")
    assert visitor.page.status_code == 422
    assert "three people" in visitor.page.text


def test_erases_on_the_page_only_when_sure(visitor: Visitor) -> None:
    visitor.report(category="rescue", text="two people", phone="112233445")
    code = visitor.code
    data(visitor, code).send(f"/t/{code}/data?erase")
    assert visitor.page.status_code == 422
    assert "tick the box first" in visitor.text
    assert visitor.open(f"/t/{code}/data.json").page.json()["text"] == "two people"
    data(visitor, code).send(f"/t/{code}/data?erase", sure="1")
    assert "Everything about you has been erased" in visitor.text
    assert visitor.open(f"/t/{code}/data.json").page.json()["text"] == ""
    visitor.open(f"/t/{code}")
    assert "Everything about you was erased" in visitor.text
    assert "two people" not in visitor.text


def test_takes_no_form_that_did_not_come_from_the_page(visitor: Visitor, site: Server) -> None:
    visitor.report(category="rescue", text="two people")
    code = visitor.code
    with Visitor(site.url) as stranger:
        sent = stranger.http.post(f"/t/{code}/data", data={"do": "erase", "sure": "1", "csrf_token": "x"})
        assert sent.status_code == 403
        assert stranger.open("/t/0000-0000-0000/data").page.status_code == 404
        assert stranger.open("/t/0000-0000-0000/data.json").page.status_code == 404
    assert visitor.open(f"/t/{code}/data.json").page.json()["text"] == "two people"


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_speaks_every_language(visitor: Visitor, code: str) -> None:
    visitor.report(category="rescue", text="two people")
    number = visitor.code
    text = visitor.open(f"/t/{number}/data?lang={code}").text
    assert languages()[code]("track.mine_title") in text
    assert languages()[code]("report.consent_publish") in text


def test_is_in_no_search_engine_and_no_cache(visitor: Visitor) -> None:
    visitor.report(category="rescue", text="two people")
    code = visitor.code
    for address in (f"/t/{code}/data", f"/t/{code}/data.json"):
        headers = visitor.open(address).page.headers
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_says_beside_the_field_what_is_too_long_and_keeps_what_was_typed(visitor: Visitor) -> None:
    visitor.report(category="rescue", text="two people")
    code = visitor.code
    data(visitor, code).send(f"/t/{code}/data", text="x" * (MAX_TEXT + 1), place="Hall Street")
    assert visitor.page.status_code == 422
    assert visitor.form(f"/t/{code}/data")["place"] == "Hall Street"
    assert visitor.open(f"/t/{code}/data.json").page.json()["text"] == "two people"
