"""A server on loopback that answers well and badly, as it is told, and remembers what it was asked."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FeedServer:
    """`pages`: path to body; `answers`, where set, makes it. `mood`: how the next answers go; "" is well."""

    port: int = 0
    pages: dict[str, bytes] = field(default_factory=dict)
    answers: Callable[[str], bytes | None] | None = None
    mood: str = ""
    location: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """One that runs until the block ends."""
    told = FeedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            told.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            self.close_connection = True
            body = told.pages.get(self.path.partition("?")[0])
            body = told.answers(self.path) if told.answers else told.pages.get(self.path, body)
            getattr(self, f"answer_{told.mood or 'well'}")(body)

        def say(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def answer_well(self, body: bytes | None) -> None:
            if body is None:
                self.say(404)
                return
            etag = f'"{sha256(body).hexdigest()[:12]}"'
            if self.headers.get("If-None-Match") == etag:
                self.say(304)
            else:
                self.say(200, body, ETag=etag, Last_Modified="Wed, 02 Dec 2015 06:30:00 GMT")

        def answer_error(self, body: bytes | None) -> None:
            self.say(500, b"broken")

        def answer_page(self, body: bytes | None) -> None:
            self.say(200, b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", Content_Type="text/html")

        def answer_half(self, body: bytes | None) -> None:
            """Fewer bytes than said, as when a line breaks."""
            whole = body or b""
            self.say(200, whole[: len(whole) // 2], Content_Length=str(len(whole)))

        def answer_short(self, body: bytes | None) -> None:
            """Half the file, said to be all of it."""
            whole = body or b""
            self.say(200, whole[: len(whole) // 2])

        def answer_drip(self, body: bytes | None) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while not told.stopping.wait(0.05):
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    return

        def answer_silence(self, body: bytes | None) -> None:
            told.stopping.wait(30)

        def answer_redirect(self, body: bytes | None) -> None:
            self.say(302, Location=told.location)

        def answer_bomb(self, body: bytes | None) -> None:
            self.say(200, gzip.compress(bytes(10_000_000)), Content_Encoding="gzip")

        def answer_packed(self, body: bytes | None) -> None:
            self.say(200, gzip.compress(body or b""), Content_Encoding="gzip")

        def answer_brotli(self, body: bytes | None) -> None:
            self.say(200, body or b"", Content_Encoding="br")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
        time.sleep(0.05)
