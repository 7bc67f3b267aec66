"""Marks: keyed fingerprints of who sent a report and through which network; never the number or the address itself.

A mark tells that two reports come from the same source, and nothing else, to whoever lacks the deployment's key.
The network's mark changes every day (UTC), so that it follows nobody from one day to the next (decision 0012).
"""

from __future__ import annotations

import hashlib
import ipaddress

from crisismap.core.report.report import Contact

DAY_MS = 86_400_000
BY = "by:"  # a signed-in person or a file, by its id
SENDER = "sender:"
NETWORK = "network:"


def sender_mark(key: bytes, contact: Contact | None, device: str, network: str | None) -> str | None:
    """Who sent it: by the contact given, else by the browser, else by the network; None when nothing is known."""
    phone = "".join(c for c in (contact.phone or "") if c.isdecimal()) if contact else ""
    if phone:
        return SENDER + _mark(key, f"phone {phone[-10:]}")
    if contact and contact.email and contact.email.strip():
        return SENDER + _mark(key, f"email {contact.email.strip().casefold()}")
    if device:
        return SENDER + _mark(key, f"device {device}")
    return network


def network_mark(key: bytes, address: str, now_ms: int) -> str | None:
    """The address it came from (IPv6: its /64), today; None for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or ipaddress.ip_network((int(found) >> 64 << 64, 64)).network_address
    return NETWORK + _mark(key, f"network {now_ms // DAY_MS} {found}")


def _mark(key: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode(), key=key, digest_size=8).hexdigest()
