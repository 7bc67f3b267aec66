"""The only HTTP client that fetches layers; guarded, because people enter the URLs.

Each connection goes to the very address that was checked, so that a changed DNS answer cannot redirect it.
Redirects are followed by this client and checked like the first URL. Time, size and decompressed size are limited;
proxies of the environment are not used, because behind one the checked address would mean nothing.
"""

from __future__ import annotations

import ssl
import threading
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import responses
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore

from crisismap.core.errors import SAID, Invalid, TooLarge, Unreachable, shorten
from crisismap.layers.fetch.address import check_url, resolve
from crisismap.layers.fetch.server_message import MOST_BYTES, server_message

AGENT = "crisismap (official layers)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_SLICE_S = 0.5  # interval at which a wait checks whether to stop


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits of one response."""

    total_s: float = 60.0
    connect_s: float = 10.0
    silence_s: float = 20.0
    bytes: int = 64 << 20  # as received, and after decompression


@dataclass(frozen=True, slots=True)
class FetchedBody:
    """The result of a request: a whole body, or none when it has not changed."""

    url: str  # the final URL, after redirects
    body: bytes
    unchanged: bool = False
    etag: str = ""
    last_modified: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class FetchClient:
    """`allowed`: hosts (`name` or `name:port`) whose addresses may be private."""

    allowed: frozenset[str] = frozenset()
    bounds: FetchLimits = field(default_factory=FetchLimits)
    stopping: threading.Event = field(default_factory=threading.Event)  # set to abort all requests in progress

    def get(self, url: str, *, etag: str = "", last_modified: str = "", accept: str = "*/*") -> FetchedBody:
        """Return the document at `url`.

        Raises Invalid (invalid URL), Unreachable (refused, silent, slow, an error status, an incomplete body),
        TooLarge.
        """
        headers: dict[str | bytes, str | bytes] = {"User-Agent": AGENT, "Accept": accept, "Accept-Encoding": "gzip"}
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers.update({name: value for name, value in validators.items() if value})
        deadline = time.monotonic() + self.bounds.total_s
        current_url = url
        for _ in range(_MOST_REDIRECTS + 1):
            check_url(current_url)
            answer = self._request(current_url, headers, deadline)
            if isinstance(answer, FetchedBody):
                return answer
            target = urljoin(current_url, answer)
            if urlsplit(current_url).scheme == "https" and urlsplit(target).scheme != "https":
                raise Unreachable("redirect_to_less", host=_host(current_url))
            current_url = target
        raise Unreachable("too_many_redirects", host=_host(url), most=_MOST_REDIRECTS)

    def _request(self, url: str, headers: dict[str | bytes, str | bytes], deadline: float) -> FetchedBody | str:
        """Make one request; return its response, or the URL of a redirect."""
        host = _host(url)
        waits = {"connect": self.bounds.connect_s, "read": self.bounds.silence_s, "write": self.bounds.silence_s}
        try:
            with (
                httpcore.ConnectionPool(
                    network_backend=_GuardedBackend(self.allowed, _Deadline(deadline, self.stopping))
                ) as pool,
                pool.stream("GET", url, headers=headers, extensions={"timeout": waits}) as response,
            ):
                headers_in = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in response.headers}
                if response.status in _REDIRECTS and "location" in headers_in:
                    return headers_in["location"]
                if response.status == HTTPStatus.NOT_MODIFIED:
                    return FetchedBody(url, b"", unchanged=True)
                if response.status != HTTPStatus.OK:
                    phrase = f"{response.status} {responses.get(response.status, '')}".rstrip()
                    said = self._error_text(response.iter_stream(), headers_in)
                    details = {"answered": response.status, "phrase": phrase, SAID: said}
                    raise Unreachable("answered_otherwise", host=host, **details)
                body = self._body(response.iter_stream(), headers_in, host)
        except httpcore.TimeoutException:
            raise Unreachable("no_answer_in_time", host=host) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            why = shorten(str(error), 100) or type(error).__name__
            raise Unreachable("connection_failed", host=host, problem=why) from None
        except httpcore.UnsupportedProtocol:
            raise Invalid("url", url, "not_a_url") from None
        return FetchedBody(
            url,
            body,
            etag=shorten(headers_in.get("etag", ""), 500),
            last_modified=shorten(headers_in.get("last-modified", ""), 100),
            media_type=headers_in.get("content-type", "").partition(";")[0].strip().lower(),
        )

    def _error_text(self, pieces: Iterable[bytes], headers_in: dict[str, str]) -> str:
        """Return what the server says in an answer that is an error, "" if that cannot be read."""
        out = bytearray()
        unpack = zlib.decompressobj(wbits=31) if "gzip" in headers_in.get("content-encoding", "") else None
        try:
            for piece in pieces:
                out += unpack.decompress(piece, MOST_BYTES) if unpack else piece
                if len(out) >= MOST_BYTES:
                    break
        except (zlib.error, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            pass
        return server_message(bytes(out))

    def _body(self, pieces: Iterable[bytes], headers_in: dict[str, str], host: str) -> bytes:
        encoding = headers_in.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip"):
            raise Unreachable("packed_unasked", host=host, encoding=shorten(encoding, 30))
        unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
        out, size, most = bytearray(), 0, self.bounds.bytes
        for piece in pieces:
            size += len(piece)
            try:
                out += unpack.decompress(piece, most + 1 - len(out)) if unpack else piece
            except zlib.error:
                raise Unreachable("packed_body_damaged", host=host) from None
            if max(size, len(out)) > most:
                raise TooLarge("answer_too_large", host=host, most=most)
        if unpack is not None and not unpack.eof:
            raise Unreachable("packed_body_cut", host=host)
        return bytes(out)


class _GuardedBackend(httpcore.NetworkBackend):
    """A network backend that connects to checked addresses only; TLS still verifies the certificate of the name."""

    def __init__(self, allowed: frozenset[str], deadline: _Deadline) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check, and connect to that address."""
        number = resolve(host, port, self._allowed)
        wait = self._deadline.remaining(timeout)
        return _TimedStream(self._inner.connect_tcp(number, port, wait, local_address, socket_options), self._deadline)

    def sleep(self, seconds: float) -> None:
        """Do nothing: there are no retries."""


@dataclass(frozen=True, slots=True)
class _Deadline:
    """The deadline of one `get`."""

    deadline: float
    stopping: threading.Event

    def remaining(self, timeout: float | None) -> float:
        """Return the seconds that a step may take. Raises ReadTimeout when none are left."""
        remaining = self.deadline - time.monotonic()
        if remaining <= 0 or self.stopping.is_set():
            raise httpcore.ReadTimeout("the answer took too long")
        return remaining if timeout is None else min(remaining, timeout)


class _TimedStream(httpcore.NetworkStream):
    """A stream that enforces the deadline even when bytes arrive slowly."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes; checks the deadline at short intervals while it waits."""
        until = time.monotonic() + self._deadline.remaining(timeout)
        while True:
            try:
                return self._inner.read(max_bytes, min(_SLICE_S, self._deadline.remaining(timeout)))
            except httpcore.ReadTimeout:
                if time.monotonic() >= until:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write the request, which is short enough for one wait."""
        self._inner.write(buffer, self._deadline.remaining(timeout))

    def close(self) -> None:
        """Close the stream."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the stream over TLS, with the same deadline."""
        wait = self._deadline.remaining(timeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, wait), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return information about the socket."""
        return self._inner.get_extra_info(info)


def _host(url: str) -> str:
    return urlsplit(url).netloc
