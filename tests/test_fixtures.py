"""The real things the tests stand on do what the tests believe of them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.browser import PageFactory, is_ours
from tests.conftest import FakeClock
from tests.people import AGENCY, EVERYBODY, RESPONDER, STRANGER, VOLUNTEER
from tests.postgres import database
from tests.processes import stop, tied

PAGE = b"""<!doctype html><title>ours</title><h1 id=h>no script</h1>
<script>document.getElementById("h").textContent = "script"</script>
<canvas id=c></canvas>"""


@pytest.fixture
def small_site() -> Iterator[str]:
    """One page of ours on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *args: object) -> None:
            pass

    site = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{site.server_port}/"
    site.shutdown()
    site.server_close()
    thread.join()


def test_gives_each_test_a_fresh_database_with_postgis(postgres_db: str) -> None:
    engine = sa.create_engine(postgres_db)
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT ST_SRID(ST_SetSRID(ST_MakePoint(80, 13), 4326))")) == 4326
        assert connection.scalar(sa.text("SHOW fsync")) == "on"
        assert connection.scalar(sa.text("SHOW listen_addresses")) == "127.0.0.1"
        connection.execute(sa.text("CREATE TABLE mine (id int)"))
    engine.dispose()


def test_gives_a_bare_database_and_drops_it_with_its_clients(postgres_url: str) -> None:
    with database(postgres_url, postgis=False) as url:
        engine = sa.create_engine(url)
        connection = engine.connect()
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'")) == 0
        connection.close()
        engine.dispose()
    gone = sa.create_engine(url)
    with pytest.raises(sa.exc.OperationalError, match="does not exist"):
        gone.connect()
    gone.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
def test_ends_a_tied_child_when_the_run_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    script = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({tied(['sleep', '60'])!r})\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\n"
        "print(flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    child = int(told.read_text())
    # The tie is made just before the child becomes `sleep`: wait for that.
    comm = Path(f"/proc/{child}/comm")
    for _ in range(500):
        if comm.read_text().strip() == "sleep":
            break
        threading.Event().wait(0.01)
    parent.send_signal(signal.SIGKILL)
    parent.stdout.close()
    parent.wait()
    for _ in range(500):
        if not comm.exists() or "zombie" in Path(f"/proc/{child}/status").read_text():
            return
        threading.Event().wait(0.01)
    os.kill(child, signal.SIGKILL)
    raise AssertionError("the child outlived the run")


def test_kills_a_child_that_does_not_listen() -> None:
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    deaf = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert deaf.stdout is not None
    deaf.stdout.readline()
    deaf.stdout.close()
    assert stop(deaf, patience_s=0.2) == -signal.SIGKILL


def test_moves_the_clock_only_when_told(clock: FakeClock) -> None:
    start = clock()
    assert clock() == start
    assert clock.advance(minutes=2, seconds=1, ms=5) == start + 121_005
    clock.set(7)
    assert clock() == 7


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8501/x", True),
        ("ws://localhost:1/", True),
        ("data:text/plain,x", True),
        ("blob:http://127.0.0.1/x", True),
        ("https://example.org/", False),
        ("http://127.0.0.1.example.org/", False),
        ("http://127.0.0.1@example.org/", False),
        ("wss://example.org/", False),
    ],
)
def test_knows_which_addresses_are_ours(url: str, expected: bool) -> None:
    assert is_ours(url) is expected


def test_opens_a_page_of_the_asked_size(page_factory: PageFactory, small_site: str) -> None:
    page = page_factory(390, 844)
    page.goto(small_site)
    assert page.inner_text("h1") == "script"
    assert page.evaluate("[innerWidth, innerHeight]") == [390, 844]


def test_opens_a_page_without_javascript(page_factory: PageFactory, small_site: str) -> None:
    page = page_factory(javascript=False)
    page.goto(small_site)
    assert page.inner_text("h1") == "no script"


def test_draws_webgl(page_factory: PageFactory, small_site: str) -> None:
    page = page_factory()
    page.goto(small_site)
    assert page.evaluate("!!document.getElementById('c').getContext('webgl2')")


def test_refuses_and_writes_down_what_a_page_asks_elsewhere(
    page_factory: PageFactory, small_site: str, foreign_requests: list[str]
) -> None:
    page = page_factory()
    page.goto(small_site)
    told = page.evaluate(
        """async () => {
            const answers = []
            await fetch("https://example.org/a.js").catch(() => answers.push("name"))
            await fetch("http://192.0.2.7/b.js", {mode: "no-cors"}).catch(() => answers.push("number"))
            const code = "fetch('https://example.org/c.js').catch(() => postMessage('worker'))"
            const worker = new Worker(URL.createObjectURL(new Blob([code])))
            answers.push(await new Promise(done => { worker.onmessage = event => done(event.data) }))
            const socket = new WebSocket("wss://example.org/live")
            await new Promise(done => { socket.onclose = done; socket.onerror = done })
            answers.push("socket")
            return answers
        }"""
    )
    assert told == ["name", "number", "worker", "socket"]
    assert foreign_requests == [
        "https://example.org/a.js",
        "http://192.0.2.7/b.js",
        "https://example.org/c.js",
        "wss://example.org/live",
    ]
    foreign_requests.clear()  # else the fixture fails the test, as it must


def test_leaves_asyncio_usable_in_threads_beside_the_browser(page_factory: PageFactory) -> None:
    page_factory()
    told: list[int] = []
    thread = threading.Thread(target=lambda: told.append(asyncio.run(asyncio.sleep(0, 1))))
    thread.start()
    thread.join()
    assert told == [1]


def test_has_four_people_who_may_different_things() -> None:
    assert len({person.verbs for person in EVERYBODY}) == 4
    assert STRANGER.verbs < VOLUNTEER.verbs < RESPONDER.verbs
    assert RESPONDER.may("request.claim") and not AGENCY.may("request.claim")
