"""Channels: deliveries, the messages in them and the answers to them, as pure values, and the channel protocol.

A delivery has one of three outcomes. Accepted: its messages are on disk. Not for us: it contains no report, and the
provider gets the answer that it expects. Server error: an exception is raised, so that the provider delivers again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.place import Extent
from crisismap.core.report.report import Draft


class Inbound(msgspec.Struct, frozen=True):
    """One delivery to a channel as it was received, unchecked.

    `path` is what follows the channel's name in the URL. Header names are in lower case; of a header or query parameter
    that is repeated, the last one counts. `received_at` is in ms UTC.
    """

    body: bytes
    received_at: int
    path: str = ""
    headers: Mapping[str, str] = {}
    params: Mapping[str, str] = {}
    address: str = ""  # network address of the peer: a provider, not the sender


class Message(msgspec.Struct, frozen=True):
    """An incoming report, whatever the channel: its content, its sender, and how to answer.

    `reply_to`, `device` and `address` identify a sender for rate limits and as keyed fingerprints; none of them is
    stored.
    """

    draft: Draft
    channel: str
    external_id: str | None = None  # the provider's own id; a message with the same id is a repeat
    lang: str | None = None
    reply_to: str = ""  # address for the answer: a telephone number, a chat id
    address: str = ""  # the sender's network address; empty behind a provider
    received_at: int | None = None  # ms UTC; None: now
    person: Person = STRANGER
    device: str = ""  # identifies a browser
    source: str | None = None  # the origin when it is not the person, such as a file name
    asks: bool | None = None  # whether somebody needs help now, for a draft that does not say; None: unknown
    extent: Extent | None = None  # replaces the extent of the situation


class Receipt(msgspec.Struct, frozen=True):
    """Acknowledgement of a stored message. A repeat gets the id, code and revision of the first delivery."""

    id: str
    tracking_code: str
    revision: int
    repeated: bool
    flags: tuple[str, ...] = ()  # doubts about the report


class Outbound(msgspec.Struct, frozen=True):
    """An answer to one sender. Without `text` nothing is sent, and only the provider gets its response.

    `receipt` is set when the message was stored, `refusal` when it was refused, neither when it was not for us.
    """

    reply_to: str = ""
    text: str = ""
    lang: str | None = None
    receipt: Receipt | None = None
    refusal: CrisismapError | None = None


class Outcome(msgspec.Struct, frozen=True):
    """The result of a delivery, with the HTTP response for the provider. A server error is raised instead."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


class Channel(Protocol):
    """A way to receive and answer reports. It knows neither server nor store; CONTRIBUTING says how to add one."""

    @property
    def name(self) -> str:
        """Return the name in URLs, metrics and records: lower case."""

    @property
    def label(self) -> str:
        """Return the label that people read after "by", such as "SMS"."""

    def parse(self, inbound: Inbound) -> Sequence[Message]:
        """Return the messages of a delivery; none when it is not for us.

        Raises NotSignedIn for a missing or forged signature, Malformed for content that cannot be read.
        """

    def send(self, outbound: Outbound) -> Outcome:
        """Send an answer to the sender and return the provider's response. Raises on server and network errors."""


class OwnChannel(msgspec.Struct, frozen=True):
    """A channel that is part of the program: a page, the API, a file. It receives no deliveries over the network."""

    name: str
    label: str
