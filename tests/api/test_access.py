"""Who may what, asked of every route, page address, export and command, as each role and as a stranger.

The table names every route of the program's own route table; a new one that is not here fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from crisismap.api.app import make_api
from crisismap.api.routes.requests import VERBS
from crisismap.core.people.permission import ROLES
from crisismap.exports import EXPORTS
from crisismap.web.routes import routes
from tests.api.conftest import LAYERS
from tests.api.desk import Desk
from tests.cli.command import call
from tests.photos import jpeg

EVERYBODY = "stranger volunteer responder agency admin"
SIGNED_IN = "volunteer responder agency admin"
TEAMS = "responder agency admin"
AGENCIES = "agency admin"
NOBODY = ""


@dataclass(frozen=True)
class Ask:
    """One question to a route: where, with what, and who gets an answer."""

    may: str
    path: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    answers: tuple[int, ...] = (200, 201, 204, 303, 304)


MATCH = (("If-Match", "*"),)
BY_CODE = (("X-Tracking-Code", "CODE"),)
TEAMS_THAT_ACT = "responder agency admin"  # they may add photos
# `ID` is a request that nobody holds, `OWN` one that the asker holds when the role can, `DONE` an answered one,
# `JOINED` one that was joined to another, `HIDDEN` one that the public may not know of. `CODE` is its tracking code,
# `SHOWN` one whose words may be shown, `KEPT` one whose words somebody keeps back,
# `PHOTO` the requester's photo of it, `OTHER` another request.
TABLE: dict[str, list[Ask]] = {
    "POST /api/v1/reports": [Ask(EVERYBODY, "/api/v1/reports", {"category": "other", "text": "hello"})],
    "POST /api/v1/reports:batch": [Ask(EVERYBODY, "/api/v1/reports:batch", {"category": "other", "text": "hello"})],
    # Each channel checks who delivers: tests/channels/.
    "POST /intake/{channel}": [Ask(EVERYBODY, "/intake/nobody", {}, answers=(404,))],
    "POST /intake/{channel}/{rest:path}": [Ask(EVERYBODY, "/intake/nobody/x", {}, answers=(404,))],
    "GET /intake/{channel}": [Ask(EVERYBODY, "/intake/nobody", answers=(404,))],
    "GET /intake/{channel}/{rest:path}": [Ask(EVERYBODY, "/intake/nobody/x", answers=(404,))],
    "POST /api/v1/reports:import": [Ask("admin", "/api/v1/reports:import", [])],
    "GET /api/v1/reports.{form}": [
        *(Ask(EVERYBODY, f"/api/v1/reports.{form}") for form in EXPORTS),
        *(Ask(EVERYBODY, f"/api/v1/reports.{form}?audience=public") for form in EXPORTS),
        *(Ask(TEAMS, f"/api/v1/reports.{form}?audience=agency") for form in EXPORTS),
    ],
    "GET /api/v1/reports/{report_id}": [Ask(EVERYBODY, "/api/v1/reports/ID"), Ask(TEAMS, "/api/v1/reports/HIDDEN")],
    "POST /api/v1/reports/{report_id}/photos": [
        Ask(TEAMS_THAT_ACT, "/api/v1/reports/ID/photos", jpeg()),
        Ask(EVERYBODY, "/api/v1/reports/ID/photos", jpeg(), BY_CODE),
    ],
    "GET /api/v1/photos/{name}": [
        Ask(TEAMS, "/api/v1/photos/PHOTO.jpg"),
        Ask(EVERYBODY, "/api/v1/photos/PHOTO.jpg", headers=BY_CODE),
    ],
    "GET /api/v1/photos/{photo_id}/thumb.jpg": [
        Ask(TEAMS, "/api/v1/photos/PHOTO/thumb.jpg"),
        Ask(EVERYBODY, "/api/v1/photos/PHOTO/thumb.jpg", headers=BY_CODE),
    ],
    "GET /api/v1/mine": [Ask(NOBODY, "/api/v1/mine"), Ask(EVERYBODY, "/api/v1/mine", headers=BY_CODE)],
    "PATCH /api/v1/mine": [
        Ask(NOBODY, "/api/v1/mine", {"text": "x"}),
        Ask(EVERYBODY, "/api/v1/mine", {"text": "x"}, BY_CODE),
    ],
    "DELETE /api/v1/mine": [Ask(NOBODY, "/api/v1/mine"), Ask(EVERYBODY, "/api/v1/mine", headers=BY_CODE)],
    "GET /api/v1/consent": [Ask(EVERYBODY, "/api/v1/consent")],
    "GET /api/v1/sheet.pdf": [Ask(TEAMS, "/api/v1/sheet.pdf")],
    "GET /api/v1/map.html": [
        *(Ask(AGENCIES, f"/api/v1/map.html?area=W-1{more}") for more in ("", "&audience=public", "&audience=agency"))
    ],
    "GET /api/v1/moderation": [
        Ask("responder admin", "/api/v1/moderation"),
        Ask("responder admin", "/api/v1/moderation?which=decided"),
    ],
    "GET /api/v1/requests": [Ask(EVERYBODY, "/api/v1/requests")],
    "GET /api/v1/reports/{report_id}/official": [
        Ask(EVERYBODY, "/api/v1/reports/ID/official"),
        Ask(TEAMS, "/api/v1/reports/HIDDEN/official"),
    ],
    "GET /api/v1/requests/{report_id}": [Ask(EVERYBODY, "/api/v1/requests/ID"), Ask(TEAMS, "/api/v1/requests/HIDDEN")],
    "GET /api/v1/requests/{report_id}/similar": [Ask(TEAMS, "/api/v1/requests/ID/similar")],
    "GET /api/v1/requests/{report_id}/moves": [
        Ask("volunteer responder", "/api/v1/requests/ID/moves"),
        Ask("responder", "/api/v1/requests/HIDDEN/moves"),
    ],
    "GET /api/v1/requests/{report_id}/places": [
        Ask("volunteer responder", "/api/v1/requests/ID/places"),
        Ask("responder", "/api/v1/requests/HIDDEN/places"),
    ],
    "GET /api/v1/requests/{report_id}/shelters": [
        Ask(EVERYBODY, "/api/v1/requests/ID/shelters"),
        Ask(TEAMS, "/api/v1/requests/HIDDEN/shelters"),
    ],
    "GET /api/v1/shelters": [
        Ask(EVERYBODY, "/api/v1/shelters"),
        Ask(EVERYBODY, "/api/v1/shelters?lon=80.25&lat=13.05"),
    ],
    "GET /api/v1/requests/{report_id}/contact": [
        Ask(NOBODY, "/api/v1/requests/ID/contact"),
        Ask("responder", "/api/v1/requests/OWN/contact"),
    ],
    "POST /api/v1/requests/{report_id}/{verb}": [
        Ask("responder", "/api/v1/requests/ID/claim", {}, MATCH),
        Ask("responder", "/api/v1/requests/OWN/release", {}, MATCH),
        Ask("responder", "/api/v1/requests/ID/answer", {"note": "done"}, MATCH),
        # It is far: done for a responder (200), proposed by a volunteer (202).
        Ask(
            "volunteer responder",
            "/api/v1/requests/ID/place",
            {"lon": 80.2, "lat": 13.0, "source": "x"},
            MATCH,
            answers=(200, 202),
        ),
        # Nobody has moved it: who may is told so.
        Ask("volunteer responder", "/api/v1/requests/ID/confirm_place", {}, MATCH, answers=(409,)),
        Ask("responder", "/api/v1/requests/ID/put_back", {}, MATCH, answers=(409,)),
        Ask("responder", "/api/v1/requests/ID/cannot_meet", {"reason": "x"}, MATCH),
        Ask("responder", "/api/v1/requests/ID/priority", {"priority": "P1", "reason": "x"}, MATCH),
        Ask("responder", "/api/v1/requests/ID/triage", {"need": "asks"}, MATCH),
        Ask("responder", "/api/v1/requests/ID/join", {"to": "OTHER"}, MATCH),
        Ask("responder", "/api/v1/requests/JOINED/separate", {}, MATCH),
        Ask("responder", "/api/v1/requests/ID/verify", {"status": "verified", "reason": "seen"}, MATCH),
        Ask("volunteer responder", "/api/v1/requests/ID/reconfirm", {}, MATCH),
        Ask("responder admin", "/api/v1/requests/SHOWN/clear", {}, MATCH),
        Ask("responder admin", "/api/v1/requests/SHOWN/withhold", {"reason": "x"}, MATCH),
        Ask("responder admin", "/api/v1/requests/KEPT/reconsider", {}, MATCH),
        Ask("responder", "/api/v1/requests/DONE/reopen", {}, MATCH),
        *(Ask(EVERYBODY, f"/api/v1/requests/DONE/{verb}", {}, (*MATCH, *BY_CODE)) for verb in ("reopen", "confirm")),
        Ask(EVERYBODY, "/api/v1/requests/ID/withdraw", {}, (*MATCH, *BY_CODE)),
        Ask(EVERYBODY, "/api/v1/requests/ID/add", {"note": "x"}, (*MATCH, *BY_CODE)),
        Ask(EVERYBODY, "/api/v1/requests/ID/inform", {}, (*MATCH, *BY_CODE)),
        Ask(EVERYBODY, "/api/v1/requests/ID/ask", {}, (*MATCH, *BY_CODE), answers=(200, 409)),
        *(Ask(NOBODY, f"/api/v1/requests/ID/{verb}", {"note": "x"}, MATCH) for verb in ("confirm", "withdraw", "add")),
        *(Ask(NOBODY, f"/api/v1/requests/ID/{verb}", {}, MATCH) for verb in ("ask", "inform")),
        # A volunteer may place, but not what a volunteer may not know of.
        Ask("responder", "/api/v1/requests/HIDDEN/place", {"lon": 80.2, "lat": 13.0, "source": "x"}, MATCH),
    ],
    "GET /api/v1/layers": [Ask(EVERYBODY, "/api/v1/layers")],
    "GET /api/v1/layers/{name}": [Ask(EVERYBODY, "/api/v1/layers/wards.geojson")],
    "PUT /api/v1/layers/{layer_id}": [Ask(AGENCIES, "/api/v1/layers/access?role=context", LAYERS["wards"][1])],
    "DELETE /api/v1/layers/{layer_id}": [Ask(AGENCIES, "/api/v1/layers/not-there", answers=(404,))],
    "GET /api/v1/layers/{layer_id}/versions": [Ask(EVERYBODY, "/api/v1/layers/wards/versions")],
    "GET /api/v1/layers/{layer_id}/originals": [Ask(EVERYBODY, "/api/v1/layers/wards/originals")],
    "GET /api/v1/layers/{layer_id}/originals/{name}": [
        Ask(EVERYBODY, f"/api/v1/layers/wards/originals/{'0' * 64}.xml", answers=(404,))
    ],
    "POST /api/v1/layers/{layer_id}/versions/{version}": [
        Ask(AGENCIES, "/api/v1/layers/wards/versions/9999", answers=(404, 422))
    ],
    "GET /api/v1/layers/{layer_id}/crowd": [Ask(EVERYBODY, "/api/v1/layers/shelters/crowd")],
    "GET /api/v1/layers/{layer_id}/first": [Ask(EVERYBODY, "/api/v1/layers/flooded/first")],
    "GET /api/v1/layers/{layer_id}/people": [Ask(EVERYBODY, "/api/v1/layers/flooded/people")],
    "GET /api/v1/layers/{layer_id}/picture/{z}/{x}/{y}": [
        Ask(EVERYBODY, "/api/v1/layers/not-there/picture/0/0/0", answers=(404,))
    ],
    # Nothing is followed here: what is refused for itself shows that the person was let in.
    "PUT /api/v1/layers/{layer_id}/source": [Ask(AGENCIES, "/api/v1/layers/wards/source", {}, answers=(400, 422))],
    "DELETE /api/v1/layers/{layer_id}/source": [Ask(AGENCIES, "/api/v1/layers/not-there/source", answers=(404,))],
    "GET /api/v1/labels/{z}/{x}/{y}.geojson": [Ask(EVERYBODY, "/api/v1/labels/12/2961/1898.geojson")],
    "GET /api/v1/basemap/{z}/{x}/{y}": [Ask(EVERYBODY, "/api/v1/basemap/0/0/0", answers=(404,))],
    "GET /api/v1/situation": [Ask(EVERYBODY, "/api/v1/situation")],
    "GET /api/v1/tiles.json": [Ask(EVERYBODY, "/api/v1/tiles.json")],
    "GET /api/v1/tiles/{z}/{x}/{y}.mvt": [Ask(EVERYBODY, "/api/v1/tiles/0/0/0.mvt")],
    "GET /api/v1/live": [Ask(EVERYBODY, "/api/v1/live")],
    "GET /healthz": [Ask(EVERYBODY, "/healthz")],
    "GET /readyz": [Ask(EVERYBODY, "/readyz")],
    "GET /metrics": [Ask("admin", "/metrics", headers=(("X-Forwarded-For", "192.0.2.1"),))],
    "POST /api/v1/people": [Ask("admin", "/api/v1/people", {"name": "Eve", "role": "volunteer"})],
    "GET /api/v1/tokens": [Ask("admin", "/api/v1/tokens")],
    "POST /api/v1/tokens": [Ask("admin", "/api/v1/tokens", {"role": "volunteer"})],
    "DELETE /api/v1/tokens/{credential_id}": [Ask("admin", "/api/v1/tokens/0000", answers=(404,))],
    "POST /api/v1/log:verify": [Ask("admin", "/api/v1/log:verify", {})],
    "POST /api/v1/backups": [Ask("admin", "/api/v1/backups", b"")],
    "POST /api/v1/erasures": [Ask("admin", "/api/v1/erasures", {"code": "CODE"})],
    "POST /api/v1/retention": [Ask("admin", "/api/v1/retention", {"dry_run": True})],
    "GET /api/v1/audit.csv": [Ask("admin", "/api/v1/audit.csv?verb=layer.put")],
    "GET /api/v1/openapi.json": [Ask(EVERYBODY, "/api/v1/openapi.json")],
    "GET /api/v1/docs": [Ask(EVERYBODY, "/api/v1/docs")],
    "GET /assets": [Ask(EVERYBODY, "/assets/plain.css")],
    "GET /report": [Ask(EVERYBODY, "/report")],
    # Forms without the token of their page are refused, whoever sends them; the pages' own tests send good ones.
    "POST /report": [Ask(NOBODY, "/report", b"category=rescue&text=x")],
    "GET /report/thanks/{code}": [Ask(EVERYBODY, "/report/thanks/0000-0000-0000")],
    # Without the mark of a form just sent it leads to the page of the code.
    "POST /report/thanks/{code}": [Ask(EVERYBODY, "/report/thanks/CODE", b"k=x&same=y", answers=(303,))],
    "GET /report/{rest:path}": [Ask(EVERYBODY, "/report/x/y", answers=(404,))],
    "GET /shelters": [Ask(EVERYBODY, "/shelters")],
    "POST /shelters": [Ask(EVERYBODY, "/shelters", b"near=Adyar")],  # changes nothing: it needs no token
    "GET /shelters/{rest:path}": [Ask(EVERYBODY, "/shelters/x", answers=(404,))],
    "GET /t": [Ask(EVERYBODY, "/t")],
    "GET /t/{code}": [Ask(EVERYBODY, "/t/0000-0000-0000", answers=(404,))],
    "POST /t/{code}": [Ask(NOBODY, "/t/CODE", b"do=confirm&version=1")],
    "GET /t/{code}/photos/{name}": [Ask(EVERYBODY, "/t/CODE/photos/x.jpg", answers=(404,))],
    "GET /t/{code}/data": [Ask(EVERYBODY, "/t/CODE/data"), Ask(EVERYBODY, "/t/0000-0000-0000/data", answers=(404,))],
    "POST /t/{code}/data": [Ask(NOBODY, "/t/CODE/data", b"do=erase")],
    "GET /t/{code}/data.json": [Ask(EVERYBODY, "/t/CODE/data.json")],
    # These lead strangers to /login, and a token is no session; tests/web asks them in every role.
    "GET /tasks": [Ask(EVERYBODY, "/tasks", answers=(303,))],
    "GET /tasks/{id}": [Ask(EVERYBODY, "/tasks/ID", answers=(303,))],
    "POST /tasks/{id}": [Ask(EVERYBODY, "/tasks/ID", b"do=claim", answers=(303,))],
    "GET /tasks/{rest:path}": [Ask(EVERYBODY, "/tasks/x/y", answers=(404,))],
    "GET /t/{rest:path}": [Ask(EVERYBODY, "/t/x/y", answers=(404,))],
    "GET /login": [Ask(EVERYBODY, "/login")],
    "POST /login": [Ask(NOBODY, "/login", b"login=x&password=y")],
    "GET /login/account": [Ask(EVERYBODY, "/login/account")],  # leads to /login: a token is no session
    "POST /login/account": [Ask(EVERYBODY, "/login/account", b"do=end")],
    "GET /login/oidc": [Ask(EVERYBODY, "/login/oidc")],
    "GET /login/oidc/callback": [Ask(NOBODY, "/login/oidc/callback?code=x&state=y")],
    "GET /login/{rest:path}": [Ask(EVERYBODY, "/login/x/y", answers=(404,))],
    "GET /logout": [Ask(EVERYBODY, "/logout")],
    "POST /logout": [Ask(NOBODY, "/logout", b"")],
    "GET /logout/{rest:path}": [Ask(EVERYBODY, "/logout/x", answers=(404,))],
}


def real_routes() -> Iterator[str]:
    """`METHOD /path` of everything that the program answers."""
    for route in make_api(routes()).routes:
        yield from _named(route)


def _named(route: object) -> Iterator[str]:
    if isinstance(route, Mount):
        yield f"GET {route.path}"
    elif isinstance(route, APIRoute | Route):
        yield from (f"{method} {route.path}" for method in (route.methods or ()) if method != "HEAD")
    else:
        for inner in getattr(route, "original_router", route).routes:  # routers that the framework keeps whole
            yield from _named(inner)


def missing(known: dict[str, list[Ask]], found: set[str]) -> set[str]:
    return found - set(known)


def test_knows_every_route() -> None:
    found = set(real_routes())
    assert len(found) > 40
    assert missing(TABLE, found) == set(), "say in TABLE who may ask a new route"
    assert set(TABLE) - found == set(), "routes of TABLE that are gone"


def test_notices_a_route_that_nobody_has_named() -> None:
    """The negative control of the test above."""
    app = make_api([*routes(), Route("/report/all", lambda request: None)])
    found = {name for route in app.routes for name in _named(route)}
    assert missing(TABLE, found) == {"GET /report/all"}


def test_asks_for_every_verb_of_requests() -> None:
    asked = {ask.path.rpartition("/")[2] for ask in TABLE["POST /api/v1/requests/{report_id}/{verb}"]}
    assert set(VERBS) <= asked, "say in TABLE who may do a new verb"


@pytest.mark.parametrize("name", [name for name in TABLE if name != "GET /api/v1/live"])
@pytest.mark.parametrize("role", EVERYBODY.split())
def test_answers_those_who_may_and_nobody_else(desk: Desk, role: str, name: str) -> None:
    method = name.partition(" ")[0]
    who = None if role == "stranger" else role
    for ask in TABLE[name]:
        made = prepared(desk, who, ask)
        path = filled(ask.path, made)
        body = ask.body if isinstance(ask.body, bytes) else filled(json.dumps(ask.body), made).encode()
        headers = {name: filled(value, made) for name, value in ask.headers}
        answer = desk._send(method, path, who, content=b"" if ask.body is None else body, headers=headers)
        where = f"{method} {ask.path} as {role}: {answer.status_code} {answer.text[:200]}"
        if role in ask.may.split():
            assert answer.status_code in ask.answers, where
        elif ("HIDDEN" in ask.path or "PHOTO" in ask.path) and answer.status_code == 404:
            assert answer.json()["detail"] in ("There is no such report.", "There is no such photo."), where
        else:
            assert answer.status_code in refusals(role, ask), where


STATES = ("ID", "OWN", "DONE", "JOINED", "HIDDEN", "SHOWN", "KEPT", "CODE", "PHOTO")


def prepared(desk: Desk, who: str | None, ask: Ask) -> dict[str, str]:
    """What stands for the words in capitals of a question: a report in the state that is needed, and what is of it."""
    asked = " ".join((ask.path, str(ask.body)[:200], str(ask.headers)))
    words = {word for word in re.split(r"[^A-Z]+", asked) if word in (*STATES, "OTHER")}
    if not words:
        return {}
    category = "medical" if "HIDDEN" in words else "rescue"
    shown = {"consent": {"publish": True}} if {"SHOWN", "KEPT"} & words else {}
    receipt = desk.report(category=category, text="for the table of access", contact={"phone": "+91 1"}, **shown)
    report, code = receipt["id"], receipt["tracking_code"]
    made = dict.fromkeys(("ID", "OWN", "DONE", "JOINED", "HIDDEN", "SHOWN", "KEPT"), report) | {"CODE": code}
    if "OWN" in words:
        assert desk.act("claim", report, {}, who if who == "responder" else "responder2").status_code == 200
    if "DONE" in words:
        assert desk.act("answer", report, {"note": "done"}).status_code == 200
    if "KEPT" in words:
        assert desk.act("withhold", report, {"reason": "a name"}).status_code == 200
    if {"JOINED", "OTHER"} & words:
        made["OTHER"] = desk.report(category=category, text="for the table of access too")["id"]
    if "JOINED" in words:
        assert desk.act("join", report, {"to": made["OTHER"]}).status_code == 200
    if "PHOTO" in words:
        sent = desk.post(f"/api/v1/reports/{report}/photos", jpeg(), headers={"X-Tracking-Code": code})
        made["PHOTO"] = sent.json()["id"]
    return made


def filled(text: str, made: dict[str, str]) -> str:
    return re.sub(r"\b[A-Z]{2,}\b", lambda word: made.get(word[0], word[0]), text)


def refusals(role: str, ask: Ask) -> tuple[int, ...]:
    if ask.path.endswith("/mine"):
        return (401,)
    if ask.path.startswith(("/t/", "/login", "/logout", "/report")):
        return (401, 403, 422)
    return (401,) if role == "stranger" else (403,)


@pytest.mark.parametrize("role", EVERYBODY.split())
def test_streams_to_everybody(desk: Desk, role: str) -> None:
    with desk.live(None if role == "stranger" else role) as frames:
        assert set(next(frames)) == {"revision", "unanswered", "overdue"}


def test_lets_a_scoped_token_do_nothing_but_its_verbs(desk: Desk) -> None:
    wish = {"role": "responder", "verbs": ["request.claim"]}
    token = desk.client.post("/api/v1/tokens", json=wish, headers=desk.server.auth).json()["token"]
    desk.tokens["scoped"] = token
    report = desk.report()["id"]
    assert desk.act("answer", report, {"note": "x"}, "scoped").status_code == 403
    assert desk.get("/api/v1/reports.csv?audience=agency", "scoped").status_code == 403
    assert desk.feature(report, "scoped")["properties"]["place_kind"] == "cell", "not exact either"
    assert desk.act("claim", report, {}, "scoped").status_code == 200
    assert desk.get(f"/api/v1/requests/{report}/contact", "scoped").status_code == 403


COMMANDS: dict[tuple[str, ...], str] = {
    ("import", "reports", "FILE"): "admin",
    ("import", "layer", "FILE", "--id", "commanded", "--role", "context"): AGENCIES,
    ("export", "OUT.geojson", "--audience", "agency"): TEAMS,
    ("export", "OUT.csv"): SIGNED_IN,
    ("user", "add", "Eve", "--role", "volunteer"): "admin",
    ("token", "create", "--role", "volunteer"): "admin",
    ("token", "list"): "admin",
    ("token", "revoke", "0000"): "admin",
    ("verify-log",): "admin",
    ("backup", "OUT"): "admin",
    ("erase", "0000-0000-0000", "--yes"): "admin",
    ("retention", "--dry-run"): "admin",
}
# These own the data folder or are the server; they ask no running one and need no role.
LOCAL = {"serve", "demo", "import basemap", "import gazetteer", "restore", "migrate", "check", "replay", "rules test"}
SINGLE = {"export", "verify-log", "backup", "erase", "retention"}


def test_knows_every_command() -> None:
    from tests.test_documented import GROUP, command_names

    named = {words[0] if words[0] in SINGLE else " ".join(words[:2]) for words in COMMANDS}
    assert {name.removeprefix("crisismap ") for name in command_names(GROUP)} <= named | LOCAL


@pytest.mark.parametrize("role", SIGNED_IN.split())
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_lets_a_command_do_what_its_token_may(desk: Desk, role: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """A command speaks with the token of server.json; here that is one of a lesser role."""
    source = tmp_path / ("file.csv" if words[:2] == ("import", "reports") else "file.geojson")
    source.write_bytes(b"category,text\nother,x\n" if source.suffix == ".csv" else LAYERS["wards"][1])
    note = {"url": desk.server.url, "token": desk.headers(role)["Authorization"].split()[1], "pid": desk.server.pid}
    (tmp_path / "server.json").write_text(json.dumps(note))
    told = [str(source) if word == "FILE" else word.replace("OUT", str(tmp_path / "out")) for word in words]
    done = call(told, tmp_path)
    refused = "Your roles do not include" in done.err
    assert refused == (role not in COMMANDS[words].split()), done
    assert "Traceback" not in done.err


def test_has_a_row_for_every_role() -> None:
    assert set(EVERYBODY.split()) == set(ROLES) - {"public"} | {"stranger"}
