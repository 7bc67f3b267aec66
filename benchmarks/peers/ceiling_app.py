"""The limit of HTTP here: an ASGI app that reads the body, stores nothing and answers at once; and one that streams."""

from __future__ import annotations

import os
from typing import Any

BODY = b'{"id":"019b0000-0000-8000-8000-000000000000","tracking_code":"ABCD-EFGH-JKMN","revision":123456}'
_HEAD = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
_PART = b"x" * (1 << 20)


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer 201 to any POST, BENCH_BYTES bytes in parts to GET /bytes, and 200 otherwise."""
    if scope["type"] != "http":
        return
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 201, "headers": _HEAD})
        await send({"type": "http.response.body", "body": BODY})
    elif scope["path"] == "/bytes":
        remaining = int(os.environ["BENCH_BYTES"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while remaining > 0:
            await send({"type": "http.response.body", "body": _PART[:remaining], "more_body": True})
            remaining -= len(_PART)
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": _HEAD})
        await send({"type": "http.response.body", "body": BODY})
