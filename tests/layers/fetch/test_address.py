"""Addresses that may be asked: public ones, and those that the operator has named."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator

import pytest

from crisismap.core.errors import Unreachable
from crisismap.layers.fetch import address
from crisismap.layers.fetch.address import is_public, resolve
from tests.layers.feed_server import FeedServer, feed_server


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as one:
        one.pages["/a"] = b"hello"
        yield one


def test_connects_to_the_address_that_was_checked(feed: FeedServer, monkeypatch: pytest.MonkeyPatch):
    """A name that points to a public address when it is looked at and inside a moment later gains nothing."""
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])

    def rebinding(host: str, port: int, *args: object, **more: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(address.socket, "getaddrinfo", rebinding)
    assert resolve("rebind.example", feed.port, frozenset()) == "93.184.216.34"
    with pytest.raises(Unreachable, match="not a public one"):
        resolve("rebind.example", feed.port, frozenset())


@pytest.mark.parametrize(
    "number",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "168.63.129.16", "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::", "240.0.0.1"),
    ],
)
def test_knows_an_address_that_is_not_public(number: str):
    assert not is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize("number", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_knows_a_public_address(number: str):
    assert is_public(ipaddress.ip_address(number))
