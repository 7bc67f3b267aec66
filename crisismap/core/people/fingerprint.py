"""Keyed fingerprints of a report's sender and network; the number and the address themselves are never stored.

Without the deployment's key a fingerprint only shows that two reports come from the same source.
There are two kinds, each with a key of its own:

- marks (text, in lists and quarantine): one for the sender, one for the network. The network's changes every day (UTC),
  so that nobody can be followed from one day to the next (decision 0012);
- the `Sender` of a report (bytes, for corroboration): contact, browser and network separately, the network coarser.

What is hashed must not change: stored fingerprints would no longer match.
"""

from __future__ import annotations

import hashlib
import ipaddress
from functools import lru_cache

from crisismap.core.moment import DAY_MS
from crisismap.core.report.report import Contact
from crisismap.core.report.verification import Sender

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

BY = "by:"  # a signed-in person or a file, by its id
SENDER = "sender:"
NETWORK = "network:"
_MARK_DIGITS = 10  # last digits of a phone number that are used
_SENDER_DIGITS = 9  # the same number with and without country code
_MARK_BITS = (32, 64)  # prefix lengths of an IPv4 and of an IPv6 address that stand for one network
_SENDER_BITS = (24, 48)


def sender_mark(key: bytes, contact: Contact | None, device: str, network: str | None) -> str | None:
    """Return the mark of the contact given, else of the browser, else `network`; None when nothing is known."""
    for kind, value in (("phone", _phone(contact, _MARK_DIGITS)), ("email", _email(contact)), ("device", device)):
        if value:
            return SENDER + _mark(key, f"{kind} {value}")
    return network


def network_mark(key: bytes, address: str, now_ms: int) -> str | None:
    """Return today's mark of the sender's network address (IPv6: of its /64); None for an invalid address."""
    network = _network(address, _MARK_BITS)
    return NETWORK + _mark(key, f"network {now_ms // DAY_MS} {network[0]}") if network else None


def sender_of(key: bytes, contact: Contact | None, device: str, address: str) -> Sender:
    """Return the fingerprints of a report's sender. A network alone identifies nobody and is not stored."""
    reach = _phone(contact, _SENDER_DIGITS) or _email(contact)
    if not reach and not device:
        return Sender()
    network = _network(address, _SENDER_BITS)
    return Sender(
        contact=_fingerprint(key, "contact", reach),
        device=_fingerprint(key, "device", device),
        network=_fingerprint(key, "network", f"{network[0]}/{network[1]}" if network else ""),
    )


def _phone(contact: Contact | None, last: int) -> str:
    """Return the last digits of the number as ASCII, whatever script and punctuation it is written in."""
    if contact is None or not contact.phone:
        return ""
    digits = "".join(filter(str.isdecimal, contact.phone))[-last:]
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _email(contact: Contact | None) -> str:
    return ((contact.email if contact else "") or "").strip().casefold()


@lru_cache(1024)  # many reports come from one address: a batch, a gateway, a shelter
def _network(address: str, bits: tuple[int, int]) -> tuple[Address, int] | None:
    """Return the first address of an address's network and its bits; an IPv4-mapped IPv6 address counts as IPv4."""
    try:
        ip: Address = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    prefix = bits[ip.version == 6]
    host_bits = ip.max_prefixlen - prefix
    return type(ip)(int(ip) >> host_bits << host_bits) if host_bits else ip, prefix


def _mark(key: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode(), key=key, digest_size=8).hexdigest()


def _fingerprint(key: bytes, kind: str, value: str) -> bytes | None:
    if not value:
        return None
    return hashlib.blake2b(f"{kind}:{value}".encode(), key=key, digest_size=16).digest()
