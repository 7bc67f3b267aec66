"""Which requests wait when it is too much, and for how long one of them keeps its turn.

Whatever is not named here is never shed: what is posted, put or deleted, single requests, pages, sign-in, the desk,
health and metrics.
"""

from __future__ import annotations

import asyncio
import re

from starlette.types import Message, Send

from crisismap.services.runtime.admission import Turn

READS_S = 1.0  # a client that takes nothing for so long leaves its turn to others until it has read
_CLASSES = (
    (
        "exports",
        re.compile(r"/api/v1/(reports\.\w+|sheet\.pdf|map\.html|audit\.csv|layers/[^/]+/(crowd|first|people))"),
    ),
    # Whatever a map is drawn from.
    ("tiles", re.compile(r"/api/v1/(tiles|labels|basemap)/.*|/api/v1/layers/[^/]+(\.geojson|/picture/.*)")),
    ("lists", re.compile(r"/api/v1/(requests|moderation|shelters|situation|layers|tiles\.json)")),
)


def kind_of(method: str, path: str) -> str | None:
    """Return the class of work that a request is, None for one that never waits."""
    if method not in ("GET", "HEAD"):
        return None
    return next((kind for kind, pattern in _CLASSES if pattern.fullmatch(path)), None)


def sent_in_turn(turn: Turn, send: Send) -> Send:
    """Return a `send` that leaves the turn to others while the client does not read, however large the answer is."""
    loop = asyncio.get_running_loop()

    async def send_in_turn(message: Message) -> None:
        timer = loop.call_later(READS_S, turn.leave)
        try:
            await send(message)
        finally:
            timer.cancel()
        await turn.resume()

    return send_in_turn
