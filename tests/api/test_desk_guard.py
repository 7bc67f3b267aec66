"""The guard before the desk: who may send files, how much is held, which sockets open, and what they may send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace

import httpx
import psutil
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from crisismap.api import desk_guard
from crisismap.api.desk_guard import MB, DeskGuard, _Bounded
from crisismap.core.people.person import Person
from tests.people import VOLUNTEER
from tests.server import Server, serving

RESPONDER = Person("p-1", "Ravi", "Boat Team 4", frozenset({"responder"}))
UPLOAD = "/_stcore/upload_file/session-1/file-1"


class Desk:
    """In place of Streamlit: keeps every file, answers every socket."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}
        self.opened = 0
        self.wait: asyncio.Event | None = None

    def sizes(self) -> dict[str, int]:
        return dict(self.held)

    def remove(self, session_id: str) -> None:
        self.held.pop(session_id, None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.opened += 1
            if self.wait is not None:
                await self.wait.wait()
            return
        if scope["method"] == "PUT":
            session = scope["path"].split("/")[3]
            self.held[session] = self.held.get(session, 0) + int(dict(scope["headers"])[b"content-length"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> tuple[DeskGuard, Desk]:
    """A guard to which every caller is Ravi, a responder."""
    monkeypatch.setattr(desk_guard, "person_of", lambda _: RESPONDER)
    monkeypatch.setattr(desk_guard, "comes_from_own_origin", lambda *_: True)
    monkeypatch.setattr(
        desk_guard.bootstrap, "current", lambda: SimpleNamespace(settings=SimpleNamespace(public_url=""))
    )
    desk = Desk()
    return DeskGuard(desk, desk), desk


async def sent(guard: ASGIApp, path: str = UPLOAD, size: int | None = MB, method: str = "PUT") -> tuple[int, str]:
    """The status of an upload and the code of its problem."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    headers = [] if size is None else [(b"content-length", str(size).encode())]
    scope = {"type": "http", "path": path, "method": method, "headers": headers, "query_string": b""}
    await guard(scope, lambda: asyncio.sleep(0, {"type": "http.request", "body": b""}), send)
    body = b"".join(each.get("body", b"") for each in messages)
    return messages[0]["status"], json.loads(body)["code"] if body else ""


def test_holds_so_much_of_a_person_and_of_all(guard: tuple[DeskGuard, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    one, desk = guard
    each = 20 * MB
    answers = [asyncio.run(sent(one, f"/_stcore/upload_file/session-{n}/f", each)) for n in range(5)]
    assert answers == [(204, "")] * 3 + [(413, "too_much_uploaded")] * 2
    others = iter(range(100))
    monkeypatch.setattr(desk_guard, "person_of", lambda _: Person(f"o-{next(others)}", "", "", frozenset({"agency"})))
    answers = [asyncio.run(sent(one, f"/_stcore/upload_file/other-{n}/f", each)) for n in range(20)]
    assert answers.count((204, "")) == (desk_guard.ALL_MB - 60) // 20
    assert sum(desk.held.values()) <= desk_guard.ALL_MB * MB


def test_would_hold_all_without_the_guard() -> None:
    """The negative control."""
    desk = Desk()
    for number in range(70):
        asyncio.run(sent(desk, f"/_stcore/upload_file/session-{number}/f", 20 * MB))
    assert sum(desk.held.values()) > 5 * desk_guard.ALL_MB * MB


def test_takes_a_file_again_when_the_page_has_let_the_others_go(guard: tuple[DeskGuard, Desk]) -> None:
    one, desk = guard
    for number in range(3):
        asyncio.run(sent(one, f"/_stcore/upload_file/session-{number}/f", 20 * MB))
    assert asyncio.run(sent(one, size=20 * MB))[0] == 413
    desk.remove("session-0")
    assert asyncio.run(sent(one, size=20 * MB))[0] == 204


@pytest.mark.parametrize("size", [None, 21 * MB + 1])
def test_takes_no_file_of_an_unknown_or_too_large_size(guard: tuple[DeskGuard, Desk], size: int | None) -> None:
    assert asyncio.run(sent(guard[0], size=size)) == (413, "file_too_large_mb")


def test_takes_no_file_of_people_whose_pages_take_none(
    guard: tuple[DeskGuard, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_guard, "person_of", lambda _: VOLUNTEER)
    assert asyncio.run(sent(guard[0])) == (403, "verb_not_allowed")


def test_lets_files_go_when_their_person_has_closed_the_desk(
    guard: tuple[DeskGuard, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_guard, "KEPT_S", 0.05)
    one, desk = guard

    async def visit() -> tuple[bool, bool]:
        desk.wait = asyncio.Event()
        scope = {
            "type": "websocket",
            "path": "/_stcore/stream",
            "headers": [(b"cookie", b"a=b")],
            "client": ("192.0.2.1", 5),
        }
        socket = asyncio.ensure_future(one(scope, lambda: asyncio.sleep(3600, {}), lambda _: asyncio.sleep(0)))
        await asyncio.sleep(0.05)
        await sent(one)
        await asyncio.sleep(0.2)
        held = bool(desk.held)
        desk.wait.set()
        await socket
        await asyncio.sleep(0.3)
        return held, bool(desk.held)

    assert asyncio.run(visit()) == (True, False)


def test_ends_a_socket_that_sends_too_much_or_too_often() -> None:
    now = 0.0
    messages: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def received(bounded: _Bounded, message: Message) -> str:
        messages.append(message)
        return str((await bounded())["type"])

    async def tried() -> tuple[list[str], str, str]:
        nonlocal now
        small: Message = {"type": "websocket.receive", "bytes": b"x"}
        bounded = _Bounded(receive, lambda: now)
        burst = [await received(bounded, small) for _ in range(desk_guard.BURST + 1)]
        now += 1
        after = await received(bounded, small)
        large = await received(
            _Bounded(receive, lambda: now), {"type": "websocket.receive", "bytes": b"x" * (MB + 1), "text": None}
        )
        return burst, after, large

    burst, after, large = asyncio.run(tried())
    assert burst == ["websocket.receive"] * desk_guard.BURST + ["websocket.disconnect"]
    assert (after, large) == ("websocket.receive", "websocket.disconnect")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("guard")) as one:
        yield one


@contextmanager
def socket(running: Server, origin: str | None = None) -> Iterator[ClientConnection]:
    address = running.url.replace("http", "ws") + "/_stcore/stream"
    with connect(
        address, subprotocols=[Subprotocol("streamlit")], origin=None if origin is None else Origin(origin), proxy=None
    ) as one:
        yield one


def session_of(one: ClientConnection) -> str:
    """The session id that the desk tells a new socket."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    from streamlit.proto.BackMsg_pb2 import BackMsg  # isort: skip

    ask = BackMsg()
    ask.rerun_script.SetInParent()
    one.send(ask.SerializeToString())
    for _ in range(50):
        message = ForwardMsg()
        message.ParseFromString(one.recv(timeout=30))
        if message.WhichOneof("type") == "new_session":
            return str(message.new_session.initialize.session_id)
    raise AssertionError("no session was told")


def test_holds_no_file_of_a_stranger_with_a_session(running: Server) -> None:
    with socket(running) as one, httpx.Client(base_url=running.url, trust_env=False, timeout=30) as client:
        session = session_of(one)
        client.get("/_stcore/health")
        token = client.cookies.get("_streamlit_xsrf", "")
        files = {"file": ("a.bin", b"x" * MB)}
        answer = client.put(f"/_stcore/upload_file/{session}/f1", files=files, headers={"X-Xsrftoken": token})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:1", "https://evil.example", "null", "http://localhost:3000"])
def test_opens_no_socket_for_a_page_of_another_site(running: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus), socket(running, origin):
        pass
    with socket(running, running.url) as one:  # the control: our own page
        assert session_of(one)


def test_opens_so_many_sockets_of_strangers_at_one_address(running: Server) -> None:
    with ExitStack() as stack:
        for _ in range(desk_guard.FROM_ADDRESS):
            stack.enter_context(socket(running))
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            stack.enter_context(socket(running))
    with socket(running) as one:
        assert session_of(one)


def test_keeps_streamlits_numbers_to_itself(running: Server) -> None:
    assert httpx.get(f"{running.url}/_stcore/metrics", trust_env=False).status_code == 404


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_keeps_its_memory_while_strangers_abuse_the_desk(running: Server) -> None:
    """Ten rounds of 200 sockets, each with a page that runs, a file that is refused and a message that is too large."""
    resident = []
    for _ in range(10):
        with ExitStack() as stack:
            for _ in range(desk_guard.FROM_ADDRESS):
                with suppress(InvalidStatus, TimeoutError):
                    one = stack.enter_context(socket(running))
                    session = session_of(one)
                    files = {"file": ("a.bin", b"x" * MB)}
                    address = f"{running.url}/_stcore/upload_file/{session}/f1"
                    assert httpx.put(address, files=files, trust_env=False).status_code == 401
                    one.send(b"x" * (MB + 1))
        resident.append(psutil.Process(running.process.pid).memory_info().rss / MB)
    print("resident after each 200 sockets, MB:", ", ".join(f"{each:.0f}" for each in resident))
    assert resident[-1] < resident[2] * 1.1
