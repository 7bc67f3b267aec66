"""Row 29: nothing that is asked or said becomes part of a statement, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.core.privacy import Audience
from crisismap.settings import read_settings
from crisismap.web.routes import routes
from tests.api.conftest import BOTH, SECRET
from tests.conftest import FakeClock
from tests.postgres import database
from tests.services.deployment import ask
from tests.worlds import Answer, World

STATEMENTS = (
    "' OR '1'='1",
    "x') OR 1=1 --",
    "1; DROP TABLE report; --",
    '"; DELETE FROM event; --',
    "x' UNION SELECT text FROM report --",
    "1 OR pg_sleep(9) IS NULL",
    "category) FROM report --",
    "report.text",
    "updated_revision DESC",
    "%' ESCAPE '\\",
    "$$; SELECT 1; $$",
    ":name",
    "%(name)s",
    "x\x00' OR 1=1 --",
    "ST_AsText(lon)",
)
# Names that a list may not be told: how to sort and which columns to read are ours.
UNHEARD = (
    "sort",
    "sortby",
    "order",
    "order_by",
    "orderby",
    "fields",
    "select",
    "columns",
    "filter",
    "where",
    "q",
    "text",
)
TELLING = (
    "syntax error",
    "sqlite",
    "psycopg",
    "sqlalchemy",
    "operationalerror",
    "traceback",
    "select ",
    "no such table",
    "no such column",
    "unrecognized token",
)


@pytest.fixture(scope="module", params=BOTH)
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, clock = tmp_path_factory.mktemp("injected"), FakeClock(1_449_037_800_000)
    environ = {"CRISISMAP_DATA_DIR": str(folder), "CRISISMAP_RATE_LIMIT": "off"}
    if request.param == "sqlite":
        yield from _held(environ, clock)
        return
    with database(request.getfixturevalue("postgres_url")) as url:
        environ |= {"CRISISMAP_DATABASE_URL": url, "CRISISMAP_SECRET_KEY": SECRET}
        bootstrap.migrate(read_settings(environ))
        yield from _held(environ, clock)


def _held(environ: dict[str, str], clock: FakeClock) -> Iterator[World]:
    own = make_api(routes())
    with bootstrap.opened(read_settings(environ), clock=clock) as context:
        bootstrap.install(context)
        for number in range(3):
            ask(context, text=f"on the roof {number}")
        yield World(context, clock, Front(own, own))
        bootstrap.install(None)


def get(held: World, target: str) -> Answer:
    headers = {"authorization": f"Bearer {held.context.keys.admin_token}"}
    return asyncio.run(held.ask("GET", target, headers, b"", "203.0.113.9"))


def parameters() -> list[tuple[str, str]]:
    """Every address that is read, with every query parameter that it hears, from our own document."""
    document = make_api(routes()).openapi()
    found = []
    for path, methods in document["paths"].items():
        for told in methods.get("get", {}).get("parameters", ()):
            if told["in"] == "query":
                found.append((path.replace("{form}", "geojson").replace("{z}/{x}/{y}", "0/0/0"), told["name"]))
    return found


def test_asks_every_parameter_of_the_document():
    named = set(parameters())
    assert len(named) > 40
    assert {("/api/v1/requests", name) for name in ("bbox", "area", "state", "cursor", "limit")} <= named


def test_runs_nothing_that_a_parameter_says(held: World) -> None:
    board = held.context.views.situation.board(Audience.AGENCY)
    revision = held.context.store.events.revision()
    for path, name in parameters():
        for said in STATEMENTS:
            answer = get(held, f"{path}?{name}={quote(said)}")
            assert answer.status in (200, 204, 400, 404, 422), (path, name, said, answer.body)
            # What is refused shows the value again: apart from that no word of a database.
            words = answer.body.replace(json.dumps(said)[1:-1].encode(), b"").decode(errors="replace").casefold()
            assert answer.status < 400 or not any(word in words for word in TELLING), words
            if answer.status == 200 and name in ("area", "category", "state", "status"):
                assert b"on the roof" not in answer.body, (path, name, said)
    taken = held.context.store.events.revision() - revision  # only exports were written down
    assert held.context.store.events.revision() == revision + taken
    assert held.context.views.situation.board(Audience.AGENCY).n == board.n == 3
    assert get(held, "/api/v1/requests").json()["total"] == 3


def test_hears_no_name_of_a_column_or_an_order(held: World) -> None:
    for path in ("/api/v1/requests", "/api/v1/reports.geojson", "/api/v1/reports.csv", "/api/v1/shelters"):
        for name in (*UNHEARD, *map(quote, STATEMENTS[:6])):
            answer = get(held, f"{path}?{name}=report.text")
            assert answer.status == 422, (path, name)


def test_keeps_as_words_what_looks_like_a_statement(held: World) -> None:
    before = get(held, "/api/v1/requests").json()["total"]
    for said in STATEMENTS:
        body = {"category": "rescue", "text": said, "place": said, "contact": {"name": said}, "fields": {"note": said}}
        sent = json.dumps(body).encode()
        answer = asyncio.run(held.ask("POST", "/api/v1/reports", {"idempotency-key": said[:8]}, sent, "203.0.113.9"))
        if "\x00" in said[:8] and answer.status == 422:
            continue
        assert answer.status == 201, answer.body
        held.settle()
        item = get(held, f"/api/v1/requests/{answer.json()['id']}").json()
        assert (item["text"], item["place"]) == (said.replace("\x00", "\ufffd"),) * 2
    assert get(held, "/api/v1/requests").json()["total"] > before


def test_would_find_a_statement_that_is_put_together(tmp_path: Path) -> None:
    """The same words in a query made of strings read everything, or are an error that tells of the database."""
    base = sqlite3.connect(tmp_path / "naive.db")
    base.executescript("CREATE TABLE report (text TEXT, area TEXT); INSERT INTO report VALUES ('on the roof', 'W-1');")
    read, errors = set(), set()
    for said in STATEMENTS:
        try:
            rows = base.execute(f"SELECT text FROM report WHERE area = ('{said}')").fetchall()  # noqa: S608
            read |= {said for row in rows if "on the roof" in row[0]}
        except (sqlite3.Error, ValueError) as problem:
            errors.add(f"{type(problem).__name__} {problem}".casefold())
    base.close()
    assert read
    assert any(word in error for error in errors for word in TELLING)
