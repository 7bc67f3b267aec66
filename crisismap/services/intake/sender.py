"""sender: keyed fingerprints of who sends a report, to tell one person from two; nothing can be read back from them."""

from __future__ import annotations

import hashlib
import ipaddress

from crisismap.core.report.report import Contact
from crisismap.core.report.verification import Sender

_PHONE_DIGITS = 9  # the last ones: with and without the country's code is one number
_PREFIX = {4: 24, 6: 48}  # bits of an address that stand for one network


def sender_of(key: bytes, contact: Contact | None, device: str, address: str) -> Sender:
    """The fingerprints. A network alone tells nobody apart and is not kept."""
    reach = _reach(contact) if contact is not None else ""
    if not reach and not device:
        return Sender()
    return Sender(
        _print(key, "contact", reach), _print(key, "device", device), _print(key, "network", _network(address))
    )


def _reach(contact: Contact) -> str:
    digits = "".join(str(int(c)) for c in contact.phone or "" if c.isdecimal())
    return digits[-_PHONE_DIGITS:] or (contact.email or "").strip().casefold()


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((known, _PREFIX[known.version]), strict=False))


def _print(key: bytes, kind: str, value: str) -> bytes | None:
    if not value:
        return None
    return hashlib.blake2b(f"{kind}:{value}".encode(), key=key, digest_size=16).digest()
