"""Shedding on a real server with tiny limits: exports wait and are refused while reports and pages go through."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
import uvicorn

from crisismap import bootstrap
from crisismap.api import shedding
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.api.http import problems
from crisismap.api.shedding import kind_of, sent_in_turn
from crisismap.core.limits import SHED, WorkLimit
from crisismap.services.runtime.admission import Admission, Turn
from crisismap.services.runtime.context import Context
from crisismap.web.routes import routes
from tests.api.desk import eventually

TINY = dict.fromkeys(SHED, WorkLimit(at_once=1, waiting=1, patience_s=1, lag_ms=60_000, writes=100_000))
REPORT = {"category": "flooding", "text": "water", "lon": 80.2, "lat": 13.0}


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        (
            "exports",
            (
                "reports.geojson",
                "reports.csv",
                "sheet.pdf",
                "map.html",
                "audit.csv",
                "layers/w/crowd",
            ),
        ),
        (
            "tiles",
            (
                "tiles/1/2/3.mvt",
                "labels/1/2/3.geojson",
                "basemap/1/2/3",
                "layers/radar/picture/1/2/3",
                "layers/w.geojson",
            ),
        ),
        ("lists", ("requests", "situation", "shelters", "layers", "moderation", "tiles.json")),
        (None, ("requests/some-id", "reports/some-id", "live", "photos/x.jpg", "requests/some-id/contact", "mine")),
    ],
)
def test_tells_the_classes_apart(kind: str | None, paths: tuple[str, ...]) -> None:
    assert {kind_of("GET", f"/api/v1/{path}") for path in paths} == {kind}
    assert {kind_of(method, f"/api/v1/{path}") for path in paths for method in ("POST", "PUT", "DELETE")} == {None}


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/readyz", "/metrics", "/login", "/report", "/tasks", "/_stcore/stream"]
)
def test_never_sheds_pages_sign_in_the_desk_and_health(path: str) -> None:
    assert kind_of("GET", path) is None


@contextmanager
def served(context: Context, work: dict[str, WorkLimit]) -> Iterator[str]:
    """The URL of a server of this deployment with these limits."""
    admission = Admission(work, lambda: context.store.upkeep.waiting)
    bootstrap.install(replace(context, guards=replace(context.guards, admission=admission)))
    own = make_api(routes())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = uvicorn.Server(uvicorn.Config(Front(own, own), log_level="error", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listening])))
        thread.start()
        eventually(lambda: running.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        running.should_exit = True
        thread.join()


def work_of(url: str, name: str, kind: str) -> float:
    lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f'{name}{{class="{kind}"}}'))


@contextmanager
def held(context: Context, monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[threading.Event]:
    """Let lists or exports take until the event is set."""
    from crisismap.services.lists import read

    go, plain = threading.Event(), getattr(read, name)

    def slow(*args, **options):
        go.wait(30)
        return plain(*args, **options)

    monkeypatch.setattr(read, name, slow)
    yield go
    go.set()


def test_makes_exports_wait_and_refuses_them_while_reports_go_through(context: Context, monkeypatch) -> None:
    with (
        served(context, TINY) as url,
        held(context, monkeypatch, "table") as go,
        ThreadPoolExecutor(4) as pool,
        httpx.Client(base_url=url, trust_env=False, timeout=40) as client,
    ):
        first = pool.submit(client.get, "/api/v1/reports.geojson")
        eventually(lambda: work_of(url, "crisismap_work_running", "exports") == 1)
        second = pool.submit(client.get, "/api/v1/reports.csv")
        eventually(lambda: work_of(url, "crisismap_work_waiting", "exports") == 1)
        third = client.get("/api/v1/reports.csv", headers={"Accept-Language": "es"})
        assert (third.status_code, third.headers["content-type"]) == (503, problems.MEDIA_TYPE)
        assert int(third.headers["retry-after"]) > 0
        assert (third.json()["code"], third.headers["content-language"]) == ("too_busy", "es")
        assert "los avisos van primero" in third.json()["detail"]
        assert second.result().status_code == 503, "it has waited long enough"
        assert client.post("/api/v1/reports", json=REPORT).status_code == 201
        for path in ("/api/v1/requests", "/api/v1/tiles/3/1/1.mvt", "/healthz", "/readyz", "/report"):
            assert client.get(path).status_code == 200, path
        go.set()
        assert first.result().status_code == 200
        assert client.get("/api/v1/reports.geojson").status_code == 200
        assert work_of(url, "crisismap_work_refused_total", "exports") == 2


def test_lets_a_waiting_export_in_when_there_is_room(context: Context, monkeypatch) -> None:
    limits = TINY | {"exports": replace(TINY["exports"], patience_s=30)}
    with served(context, limits) as url, held(context, monkeypatch, "table") as go, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(httpx.get, f"{url}/api/v1/reports.csv", trust_env=False, timeout=40) for _ in range(2)]
        eventually(lambda: work_of(url, "crisismap_work_waiting", "exports") == 1)
        go.set()
        assert [answer.result().status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(("limit", "refused"), [(TINY["lists"], 4), (replace(TINY["lists"], at_once=50), 0)])
def test_refuses_lists_only_by_its_limits(context: Context, monkeypatch, limit: WorkLimit, refused: int) -> None:
    """The negative control: without the limit the same load is answered."""
    with (
        served(context, TINY | {"lists": limit}) as url,
        held(context, monkeypatch, "requests") as go,
        ThreadPoolExecutor(8) as pool,
    ):
        asked = [pool.submit(httpx.get, f"{url}/api/v1/requests", trust_env=False, timeout=40) for _ in range(6)]
        eventually(
            lambda: (
                work_of(url, "crisismap_work_refused_total", "lists") >= refused
                and work_of(url, "crisismap_work_running", "lists") == min(6, limit.at_once)
            )
        )
        go.set()
        statuses = [each.result().status_code for each in asked]
        assert statuses.count(503) >= refused
        assert statuses.count(200) == 6 - statuses.count(503)


def test_holds_lists_back_last_when_the_loop_is_late(context: Context) -> None:
    """Real requests at rising delays: what is refused at one delay is refused at every longer one."""
    work = {
        kind: WorkLimit(4, 10, 0, lag_ms, 100_000) for kind, lag_ms in zip(SHED, (10**9, 10**12, 10**15), strict=True)
    }
    paths = ("/api/v1/reports.csv", "/api/v1/tiles/3/1/1.mvt", "/api/v1/requests")
    with served(context, work) as url:
        admission = bootstrap.current().guards.admission
        seen = []
        for lag_ms in (0, 10**11, 10**14, 10**17):
            statuses = []
            for path in paths:
                admission.lag_ms = lag_ms  # again, as it fades
                statuses.append(httpx.get(url + path, trust_env=False).status_code)
            assert httpx.post(f"{url}/api/v1/reports", json=REPORT, trust_env=False).status_code == 201
            seen.append(statuses)
    assert seen == [[200, 200, 200], [503, 200, 200], [503, 503, 200], [503, 503, 503]]


def test_leaves_the_turn_to_others_while_a_client_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shedding, "READS_S", 0.05)

    async def story() -> None:
        admission = Admission(TINY, lambda: 0)
        reads = asyncio.Event()

        async def send(_message: object) -> None:
            await reads.wait()

        turn = await admission.begin("exports")
        assert isinstance(turn, Turn)
        sending = asyncio.ensure_future(sent_in_turn(turn, send)({"type": "http.response.body"}))
        began = time.monotonic()
        other = await admission.begin("exports")
        assert time.monotonic() - began < 1, "it did not wait for the client, nor until it was refused"
        reads.set()
        await asyncio.sleep(0.05)
        assert not sending.done(), "it goes on when the other has left"
        other.leave()
        await asyncio.wait_for(sending, 20)

    asyncio.run(story())
