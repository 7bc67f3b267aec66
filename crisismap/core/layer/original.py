"""Original messages: the bytes that a warning was read from, kept because a signature is about these bytes only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from crisismap.core.layer.alert import ACTUAL, ENDING_KINDS, PUBLIC, WARNING_KINDS, Alert

MEDIA_TYPE = "application/cap+xml"
MOST_BYTES = 4 << 20  # of one message; a larger one is read, and its bytes are not kept
MOST_LISTED = 500  # of one version


@dataclass(frozen=True, slots=True)
class Original:
    """A kept message. `id` is the SHA-256 of its bytes in hex; `body` is None where the store has them."""

    id: str
    identifier: str
    signed: bool  # whether it contains an XML signature; nobody has verified it
    body: bytes | None = field(default=None, compare=False, repr=False)


def with_original(alert: Alert, body: bytes) -> Alert:
    """Return a message with the id of its bytes, or with a problem where these are too many to keep."""
    if len(body) > MOST_BYTES:
        problem = f"its original message of {len(body)} bytes is not kept, as it has more than {MOST_BYTES}"
        return msgspec.structs.replace(alert, problems=(*alert.problems, problem))
    return msgspec.structs.replace(alert, original=hashlib.sha256(body).hexdigest())


def is_offered(alert: Alert) -> bool:
    """Return whether everybody may have the message: an actual one for the public that warns or ends a warning."""
    return alert.status == ACTUAL and alert.scope == PUBLIC and alert.kind in WARNING_KINDS | ENDING_KINDS


def originals_of(alerts: Iterable[Alert], bodies: dict[str, bytes] | None = None) -> tuple[Original, ...]:
    """Return the offered originals of messages, newest first, at most MOST_LISTED; `bodies`: those to store, by id."""
    offered = sorted(
        (each for each in alerts if each.original and is_offered(each)),
        key=lambda each: (-each.since_ms, each.identifier, each.original),
    )
    found = {each.original: each for each in offered}
    return tuple(Original(key, each.identifier, each.signed, (bodies or {}).get(key)) for key, each in found.items())[
        :MOST_LISTED
    ]


def has_its_id(original: Original) -> bool:
    """Return whether an original that a program sends is bounded and has the id of its bytes."""
    body = original.body
    return body is not None and len(body) <= MOST_BYTES and hashlib.sha256(body).hexdigest() == original.id
