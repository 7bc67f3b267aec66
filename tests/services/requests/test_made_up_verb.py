"""A verb in one entry: a made-up one is added to VERBS, and every way to act, the rights, the document and the audit
have it by that alone. CONTRIBUTING's recipe "Add a verb" is this test told in words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from crisismap.api.app import make_api
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people import permission
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.report.change import Change
from crisismap.core.report.report import require_request
from crisismap.core.report.request import State
from crisismap.core.verb import Attempt, Before, Labels, ReasonBody, Verb
from crisismap.core.verbs import VERBS
from crisismap.services.accounts.sign_in import TokenRequest, invite, make_token
from crisismap.services.requests import bulk
from crisismap.services.requests.perform import Act, offered, perform
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.ui.requests import request_list
from crisismap.web.routes import routes
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER, VOLUNTEER
from tests.ui.detail.test_detail import detail, person
from tests.ui.listed import buttons, press, rerun
from tests.ui.open_desk import html, opened, page, told
from tests.ui.pages.test_admin import part
from tests.web.visitor import Visitor


def rest(attempt: Attempt, body: ReasonBody) -> Change:
    """Keep a reason with a request that waits, as `why`."""
    request = require_request(attempt.report)
    return attempt.change(request=msgspec.structs.replace(request, why=body.reason))


def take_back(attempt: Attempt, before: Before) -> Change:
    assert before.request is not None
    return attempt.change(request=msgspec.structs.replace(require_request(attempt.report), why=before.request.why))


REST = Verb(
    "request.rest",
    frozenset({"responder"}),
    ReasonBody,
    rest,
    lambda attempt: attempt.state is State.OPEN,
    Labels(
        button="Let it rest",
        done="It rests: {reason}.",
        event="Put to rest",
        ask="Why may it rest?",
        save="Rest now",
        undone="Woken",
    ),
    undo=take_back,
    bulk=True,
    in_field=True,
)


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A deployment whose program has one entry more: what the modules do with VERBS when they are read is repeated."""
    monkeypatch.setitem(VERBS, REST.name, REST)
    for role in permission.ROLES:
        monkeypatch.setitem(permission.ROLES, role, permission.of_role(role, VERBS.values()))
    with opened(tmp_path / "data", clock) as context:
        yield context


class InProcess(httpx.BaseTransport):
    """Sends what a client asks to pages and API of this process, which know the made-up verb."""

    def __init__(self) -> None:
        self._pages = httpx.ASGITransport(make_api(routes()))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            answer = await self._pages.handle_async_request(request)
            body = await answer.aread()
            headers = [(name, value) for name, value in answer.headers.multi_items() if name != "content-encoding"]
            return httpx.Response(answer.status_code, headers=headers, content=body)

        return asyncio.run(ask())


@pytest.fixture
def site(desk: Context) -> Iterator[httpx.Client]:
    """A client of the deployment without cookies of its own."""
    with httpx.Client(transport=InProcess(), base_url="http://testserver") as client:
        yield client


def why(context: Context, id_: str) -> str:
    return require_request(context.store.reports.one(id_)).why


def events(context: Context, id_: str) -> list[str]:
    return [event.verb for event in context.store.events.of_report(context.store.reports.one(id_).seq)]


def token(context: Context, role: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest(role))}",
        "If-Match": "*",
    }


def test_is_refused_to_all_but_its_roles(desk: Context) -> None:
    id_ = told(desk)
    act = Act(RESPONDER, id_, None, "rest", ReasonBody("asleep"), None)
    for who, refusal in ((STRANGER, NotSignedIn), (VOLUNTEER, Forbidden), (None, Forbidden)):
        with pytest.raises(refusal):
            perform(desk.store, desk.rules, desk.clock(), replace(act, person=who))
    assert why(desk, id_) == ""
    perform(desk.store, desk.rules, desk.clock(), act)
    assert why(desk, id_) == "asleep"
    assert events(desk, id_)[-1] == "request.rest"
    assert "request.rest" in permission.permissions()
    assert [role for role, may in permission.ROLES.items() if "request.rest" in may] == ["responder"]


def test_is_offered_when_the_entry_says_so(desk: Context) -> None:
    id_ = told(desk)

    def names(who: Person | None) -> set[str]:
        return set(offered(desk.rules, who, desk.store.reports.one(id_), desk.clock()))

    assert "rest" in names(RESPONDER)
    assert "rest" not in names(VOLUNTEER) | names(STRANGER) | names(None)
    acts.claim(desk, RESPONDER, id_, None).result()
    assert "rest" not in names(RESPONDER), "a claimed one does not rest"


def test_is_done_through_the_api_and_told_in_its_document(desk: Context, site: httpx.Client) -> None:
    id_ = told(desk)
    address = f"/api/v1/requests/{id_}/rest"
    assert site.post(address, json={"reason": "x"}, headers={"If-Match": "*"}).status_code == 401
    assert site.post(address, json={"reason": "x"}, headers=token(desk, "volunteer")).status_code == 403
    answer = site.post(address, json={"why": "x"}, headers=token(desk, "responder"))
    assert (answer.status_code, why(desk, id_)) == (422, "")
    answer = site.post(address, json={"reason": "asleep"}, headers=token(desk, "responder"))
    assert (answer.status_code, why(desk, id_)) == (200, "asleep")
    operation = site.get("/api/v1/openapi.json").json()["paths"]["/api/v1/requests/{report_id}/{verb}"]["post"]
    [verb] = [each for each in operation["parameters"] if each["name"] == "verb"]
    assert "rest" in verb["schema"]["enum"]
    assert "rest (responder): ReasonBody" in verb["description"]
    log = site.get("/api/v1/audit.csv?verb=request.rest", headers=token(desk, "admin"))
    assert id_ in log.text


def signed_in(context: Context, name: str, role: str) -> Visitor:
    """Somebody's browser on the pages of this process."""
    visitor = Visitor("http://testserver")
    visitor.http = httpx.Client(transport=InProcess(), base_url="http://testserver")
    visitor.open(f"/login?invitation={invite(context.store, context.clock(), COMMAND_LINE, name, role, 'Boat Team 4')}")
    visitor.send("/login", follow=False)
    assert visitor.page.status_code == 303
    return visitor


def test_is_done_on_the_page_for_the_field(desk: Context) -> None:
    id_ = told(desk)
    assert desk.views.situation.wait(desk.store.events.revision())
    volunteer = signed_in(desk, "Vani", "volunteer").open(f"/tasks/{id_}")
    assert "Let it rest" not in volunteer.text
    volunteer.send(f"/tasks/{id_}", follow=False, do="rest", reason="tired")
    assert (volunteer.page.status_code, why(desk, id_)) == (403, "")
    ravi = signed_in(desk, "Ravi", "responder").open(f"/tasks/{id_}")
    assert "Let it rest" in ravi.text
    assert "Why may it rest?" in ravi.text
    ravi.send(f"/tasks/{id_}", follow=False, do="rest", reason="tired")
    assert (ravi.page.status_code, why(desk, id_)) == (303, "tired")
    assert "Put to rest" in ravi.open(f"/tasks/{id_}").text
    acts.claim(desk, RESPONDER, id_, None).result()
    assert "Let it rest" not in ravi.open(f"/tasks/{id_}").text


def test_is_done_to_many_and_taken_back(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = told(desk), told(desk, lon=80.26)
    for who, refusal in ((STRANGER, NotSignedIn), (VOLUNTEER, Forbidden)):
        with pytest.raises(refusal):
            bulk.act(desk.store, desk.rules, desk.clock, who, [bulk.Item(one, 1)], "rest", ReasonBody("night"))
    with pytest.raises(Forbidden):
        bulk.act(desk.store, desk.rules, desk.clock, RESPONDER, [bulk.Item(one, 1)], "cannot_meet", ReasonBody("night"))
    chosen = {0: [one, two]}
    monkeypatch.setattr(request_list, "selected_ids", lambda _key, picks: chosen.get(picks, []))
    test = page("requests", person(desk, "Ravi"), monkeypatch)
    test.session_state["bulk-rest"] = True  # AppTest cannot open a popover
    field = next(each for each in rerun(test).text_area if each.label == "Why may it rest?")
    field.set_value("night").run()
    press(test, "Set for all selected")
    assert (why(desk, one), why(desk, two)) == ("night", "night")
    assert "Put to rest 2 of 2 requests." in html(test)
    press(test, "Undo")
    assert (why(desk, one), why(desk, two)) == ("", "")
    assert "Woken 2 of 2 requests." in html(test)


def test_is_done_in_the_detail_of_the_desk(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk)
    assert "Let it rest …" not in buttons(detail(desk, VOLUNTEER, id_, monkeypatch))
    test = press(detail(desk, ravi, id_, monkeypatch), "Let it rest …")
    field: Any = next(each for each in test.text_area if each.label == "Why may it rest?")
    field.set_value("asleep")
    press(test, "Rest now")
    assert why(desk, id_) == "asleep"
    seen = html(test)
    assert "It rests: asleep." in seen
    assert "Put to rest · Ravi (Boat Team 4)" in seen
    acts.claim(desk, ravi, id_, None).result()
    assert desk.views.situation.wait(desk.store.events.revision())
    assert "Let it rest …" not in buttons(rerun(test))


def test_can_be_searched_in_the_audit(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    test = part("Audit log", monkeypatch)
    [verbs] = [each for each in test.multiselect if each.label == "Action"]
    assert "Put to rest" in verbs.options


def test_is_unknown_without_its_entry(desk: Context, site: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: it was the entry, and nothing else, that made it."""
    id_, headers = told(desk), token(desk, "responder")
    monkeypatch.delitem(VERBS, REST.name)
    answer = site.post(f"/api/v1/requests/{id_}/rest", json={"reason": "asleep"}, headers=headers)
    assert (answer.status_code, why(desk, id_)) == (404, "")
    assert "Let it rest …" not in buttons(detail(desk, person(desk, "Ravi"), id_, monkeypatch))
