"""ASGI middleware before the desk: bounds what Streamlit keeps in memory for whoever connects.

Streamlit takes files for any session that it knows, keeps one session for each WebSocket, and runs the page for each
message; it limits none of them.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api.http import problems
from crisismap.api.http.dependencies import address_of, comes_from_own_origin, person_of
from crisismap.core.errors import CrisismapError, Forbidden, NotSignedIn, TooLarge
from crisismap.core.people.person import STRANGER, Person

MB = 1 << 20
FILE_MB = 21  # Streamlit takes files of 20 MB, and 1 MB around them
PERSON_MB, ALL_MB = 64, 256  # of files that are held at a time
STRANGERS = 1000  # open sockets; each is a session of about half a megabyte
FROM_ADDRESS = 200  # of strangers, wide enough for the network of a shelter
OF_PERSON = 40
MESSAGE_MB = 1
BURST, PER_S = 200, 20  # messages of one socket; a page sends one for each press, move of the map and renewal
KEPT_S = 30.0  # files stay so long after the last socket of their person has closed, since networks fail for a moment
_UPLOADS, _STREAM, _METRICS = "/_stcore/upload_file/", "/_stcore/stream", "/_stcore/metrics"
_REFUSED, _TOO_MUCH, _TRY_LATER = 1008, 1009, 1013  # codes of RFC 6455 and its registry


class Files(Protocol):
    """What Streamlit holds for its sessions."""

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes held by session id."""
        ...

    def remove(self, session_id: str) -> None:
        """Remove the files of a session."""
        ...


class DeskGuard:
    """Belongs to one event loop."""

    def __init__(self, app: ASGIApp, files: Files) -> None:
        self._app, self._files = app, files
        self._owners: dict[str, str] = {}  # person id by the session id of their files
        self._coming: Counter[str] = Counter()  # bytes that are being sent, by person id
        self._sockets: Counter[str] = Counter()  # by person id or address
        self._strangers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is too much, and pass on everything else."""
        path: str = scope.get("path", "")
        if scope["type"] == "websocket" and path == _STREAM:
            await self._socket(scope, receive, send)
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        elif path.startswith(_UPLOADS) and scope["method"] != "OPTIONS":
            await self._upload(scope, receive, send)
        elif path == _METRICS:  # ours are at /metrics
            await PlainTextResponse("", 404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            person = await asyncio.to_thread(_who_uploads, scope)
            size = _announced(scope)
            self._check_room(person, size)
        except CrisismapError as error:
            await problems.refusal(error, problems.language_of(scope))(scope, receive, send)
            return
        session_id = scope["path"].removeprefix(_UPLOADS).partition("/")[0]
        self._coming[person.id] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[person.id] -= size
            if session_id in self._files.sizes():
                self._owners[session_id] = person.id

    def _check_room(self, person: Person, size: int) -> None:
        """Raise TooLarge when the person or all people together would have too much held."""
        sizes = self._files.sizes()
        self._owners = {session: owner for session, owner in self._owners.items() if session in sizes}
        own = sum(size for session, size in sizes.items() if self._owners.get(session) == person.id)
        if own + self._coming[person.id] + size > PERSON_MB * MB:
            raise TooLarge("too_much_uploaded", most=PERSON_MB)
        if sum(sizes.values()) + sum(self._coming.values()) + size > ALL_MB * MB:
            raise TooLarge("too_much_uploaded", most=ALL_MB)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        if not comes_from_own_origin(connection, bootstrap.current().settings.public_url):
            await _close(receive, send, _REFUSED)
            return
        person = STRANGER
        if "cookie" in connection.headers:
            person = await asyncio.to_thread(_person_of_socket, connection)
        stranger = person == STRANGER
        key = address_of(connection) if stranger else person.id
        full = self._sockets[key] >= (FROM_ADDRESS if stranger else OF_PERSON)
        if full or (stranger and self._strangers >= STRANGERS):
            await _close(receive, send, _TRY_LATER)
            return
        self._sockets[key] += 1
        self._strangers += stranger
        try:
            await self._app(scope, _Bounded(receive), send)
        finally:
            self._strangers -= stranger
            self._sockets[key] -= 1
            if not self._sockets[key]:
                del self._sockets[key]
                if not stranger:
                    asyncio.get_running_loop().call_later(KEPT_S, self._free, key)

    def _free(self, person_id: str) -> None:
        """Remove the files of a person who has no desk open any more."""
        if person_id in self._sockets:
            return
        for session_id in [session for session, owner in self._owners.items() if owner == person_id]:
            self._files.remove(session_id)
            del self._owners[session_id]


class _Bounded:
    """The `receive` of a socket; one that sends too much is told that it has closed."""

    def __init__(self, receive: Receive, clock: Callable[[], float] | None = None) -> None:
        self._receive, self._clock = receive, clock or asyncio.get_running_loop().time
        self._left, self._then = float(BURST), -math.inf

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        if len(message.get("bytes") or message.get("text") or "") > MESSAGE_MB * MB:
            return {"type": "websocket.disconnect", "code": _TOO_MUCH}
        now = self._clock()
        self._left = min(float(BURST), self._left + (now - self._then) * PER_S) - 1
        self._then = now
        return message if self._left >= 0 else {"type": "websocket.disconnect", "code": _REFUSED}


def _who_uploads(scope: Scope) -> Person:
    """Return who sends a file. Raises NotSignedIn or Forbidden for people whose pages take none."""
    person = person_of(HTTPConnection(scope))
    if person == STRANGER:
        raise NotSignedIn("not_signed_in")
    if not (person.may("photo.add") or person.may("layer.put")):
        raise Forbidden("verb_not_allowed", verb="photo.add")
    return person


def _person_of_socket(connection: HTTPConnection) -> Person:
    try:
        return person_of(connection)
    except CrisismapError:
        return STRANGER


def _announced(scope: Scope) -> int:
    """Return the Content-Length of an upload. Raises TooLarge without one: its size must be known before it is read."""
    given = Headers(scope=scope).get("content-length", "")
    if scope["method"] == "DELETE":
        return 0
    size = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else FILE_MB * MB + 1
    if size > FILE_MB * MB:
        raise TooLarge("file_too_large_mb", most=FILE_MB - 1)
    return size


async def _close(receive: Receive, send: Send, code: int) -> None:
    """Refuse a WebSocket before it is open."""
    await receive()
    await send({"type": "websocket.close", "code": code})
