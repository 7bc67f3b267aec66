"""Which network addresses may be contacted: public ones, and private ones of hosts that the operator has named."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from crisismap.core.errors import Invalid, Unreachable

LONGEST_URL = 2000
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Public by number, but used inside a cloud: Azure serves the machine's secrets there.
_CLOUD_INTERNAL = frozenset({ipaddress.ip_address("168.63.129.16")})


def check_url(url: str) -> None:
    """Raise Invalid unless this is an http(s) URL without a user name and password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("url", url, "not_an_address") from None
    if parts.username is not None or parts.password is not None:
        raise Invalid("url", url.rpartition("@")[2], "url_with_password")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Invalid("url", url, "not_a_url_with_host")
    if len(url) > LONGEST_URL or not re.fullmatch(r"[\x21-\x7e]+", url):
        raise Invalid("url", url, "url_too_long", most=LONGEST_URL)


def is_public(address: _Address) -> bool:
    """Return whether an address, and one embedded in it, is public."""
    inner = _embedded_ipv4(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved and address not in _CLOUD_INTERNAL


def _embedded_ipv4(address: _Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address embedded in an IPv6 address; None for none."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def resolve(host: str, port: int, allowed: frozenset[str]) -> str:
    """Return the IP address to connect to; resolved once, so that the checked address is the one that is used.

    Raises Unreachable when the name is unknown, or when any of its addresses is not public and neither `host` nor
    `host:port` is among the `allowed`.
    """
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("no_host", host=host) from None
    numbers = list(dict.fromkeys(str(each[4][0]) for each in infos))
    name = f"[{host.lower()}]" if ":" in host else host.lower()
    is_allowed = bool({name, f"{name}:{port}"} & allowed)
    if not is_allowed and not all(is_public(ipaddress.ip_address(number.partition("%")[0])) for number in numbers):
        # The error omits the address: it would reveal to whoever enters hosts what is behind the firewall.
        raise Unreachable("host_not_public", host=host)
    return numbers[0]
