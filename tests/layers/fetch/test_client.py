"""It asks the network for what people name, and never for what is behind the firewall."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from crisismap.core.errors import CrisismapError, Invalid, TooLarge, Unreachable
from crisismap.layers.fetch.client import FetchClient, FetchLimits
from tests.layers.feed_server import FeedServer, feed_server

QUICK = FetchLimits(total_s=1.0, connect_s=0.5, silence_s=0.5, bytes=1_000_000)


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as one:
        one.pages["/a"] = b"hello"
        yield one


def client(feed: FeedServer, bounds: FetchLimits = QUICK) -> FetchClient:
    return FetchClient(frozenset({feed.host}), bounds)


def test_fetches_and_asks_again_only_for_what_is_new(feed: FeedServer):
    first = client(feed).get(feed.url("/a"))
    assert (first.body, first.unchanged) == (b"hello", False)
    again = client(feed).get(feed.url("/a"), etag=first.etag, last_modified=first.last_modified)
    assert (again.body, again.unchanged) == (b"", True)
    assert feed.asked[1][1]["if-modified-since"] == "Wed, 02 Dec 2015 06:30:00 GMT"


def test_unpacks_what_is_packed(feed: FeedServer):
    feed.mood = "packed"
    assert client(feed).get(feed.url("/a")).body == b"hello"


@pytest.mark.parametrize(
    ("mood", "kind", "named"),
    [
        ("error", Unreachable, "answered 500 Internal Server Error and says “broken”"),
        ("half", Unreachable, "connection failed"),
        ("drip", Unreachable, "in time"),
        ("silence", Unreachable, "in time"),
        ("bomb", TooLarge, "more than 1000000"),
        ("brotli", Unreachable, "packed as br"),
    ],
)
def test_says_why_there_is_nothing(feed: FeedServer, mood: str, kind: type[CrisismapError], named: str):
    feed.mood = mood
    began = time.monotonic()
    with pytest.raises(kind, match=named):
        client(feed).get(feed.url("/a"))
    assert time.monotonic() - began < 10, "the server would go on for longer"


def test_refuses_more_than_it_takes(feed: FeedServer):
    feed.pages["/a"] = bytes(2_000_000)
    with pytest.raises(TooLarge):
        client(feed).get(feed.url("/a"))


def test_refuses_loopback_unless_the_operator_named_it(feed: FeedServer):
    with pytest.raises(Unreachable, match="not a public one"):
        FetchClient(frozenset(), QUICK).get(feed.url("/a"))
    with pytest.raises(Unreachable, match="not a public one"):
        FetchClient(frozenset({f"127.0.0.1:{feed.port + 1}"}), QUICK).get(feed.url("/a"))
    assert feed.asked == []


@pytest.mark.parametrize("location", ["http://localhost:{other}/a", "http://169.254.169.254/latest/", "http://[::1]/"])
def test_follows_no_redirect_to_a_private_address(feed: FeedServer, location: str):
    with feed_server() as inside:
        feed.mood, feed.location = "redirect", location.format(other=inside.port)
        with pytest.raises(Unreachable, match="not a public one"):
            client(feed).get(feed.url("/a"))
        assert inside.asked == []


def test_follows_a_redirect_to_an_allowed_address_and_not_for_ever(feed: FeedServer):
    with feed_server() as other:
        other.pages["/b"] = b"there"
        feed.mood, feed.location = "redirect", other.url("/b")
        found = FetchClient(frozenset({feed.host, other.host}), QUICK).get(feed.url("/a"))
        assert (found.body, found.url) == (b"there", other.url("/b"))
    feed.location = "/a"
    with pytest.raises(Unreachable, match="more than 3 redirects"):
        client(feed).get(feed.url("/a"))


def test_follows_a_redirect_to_no_other_scheme(feed: FeedServer):
    feed.mood, feed.location = "redirect", "file:///etc/passwd"
    with pytest.raises(Invalid, match="http"):
        client(feed).get(feed.url("/a"))


def test_asks_for_a_name_once(feed: FeedServer, monkeypatch: pytest.MonkeyPatch):
    asked = []
    real = socket.getaddrinfo

    def counting(host: str, *args: object, **more: object) -> object:
        asked.append(host)
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", counting)
    FetchClient(frozenset({"localhost"}), QUICK).get(f"http://localhost:{feed.port}/a")
    assert [host for host in asked if host == "localhost"] == ["localhost"]


def test_uses_no_proxy_of_the_environment(feed: FeedServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert client(feed).get(feed.url("/a")).body == b"hello"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a/b",
        "http://",
        "http://u:p@a/",
        "http://a b/",
        "http://a:0/",
        "http://a:99999/",
        "a",
    ],
)
def test_refuses_what_is_no_address_of_the_web(url: str):
    with pytest.raises(Invalid):
        FetchClient().get(url)


def test_says_that_a_host_is_unknown():
    with pytest.raises(Unreachable, match="no such host"):
        FetchClient(frozenset(), QUICK).get("http://nowhere.invalid/")
