"""Channels: what comes over a wire, the messages in it, and what is sent in answer; pure values and the protocol.

A delivery has one of three outcomes, always told apart. Taken: the messages in it are kept, on disk. Not for us:
nothing in it is a report, and the provider is answered as it wants. Our own fault: raised, so that the provider
delivers again.
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
    """One delivery to a channel, as it came over the wire. Nothing in it has been checked.

    `path` is what follows the channel's name in the address. Header names are in lower case; of a name that comes
    twice, in headers or in the query, the last one counts. `received_at` is in ms UTC.
    """

    body: bytes
    received_at: int
    path: str = ""
    headers: Mapping[str, str] = {}
    params: Mapping[str, str] = {}
    address: str = ""  # of whoever delivered it: a provider, not the sender


class Message(msgspec.Struct, frozen=True):
    """A report on its way in, whatever the channel: what was said, who said it, and how to answer.

    `reply_to`, `device` and `address` tell senders apart, for limits and as keyed fingerprints; none of them is kept.
    """

    draft: Draft
    channel: str
    external_id: str | None = None  # the provider's own id: the same one again is the same message
    lang: str | None = None
    reply_to: str = ""  # where an answer goes: a telephone number, a chat
    address: str = ""  # the sender's network address; empty when a provider stands between
    received_at: int | None = None  # ms UTC; None: now
    person: Person = STRANGER
    device: str = ""  # what tells one browser from another
    source: str | None = None  # on whose behalf, when not the person's own: the name of a file
    asks: bool | None = None  # None: category and text decide
    extent: Extent | None = None  # in place of the situation's
    forgiving: bool = True  # a bad place leaves the report without one; False, for programs: it is refused


class Receipt(msgspec.Struct, frozen=True):
    """What the sender gets for a message that is kept. A repeat gets the first one's id, code and revision."""

    id: str
    tracking_code: str
    revision: int
    repeated: bool
    flags: tuple[str, ...] = ()  # what is doubtful about the report


class Outbound(msgspec.Struct, frozen=True):
    """What is said to one sender. Without `text` there is nothing to say: only the provider waits for its answer.

    `receipt` when the message is kept, `refusal` when it cannot be, neither when the delivery was not for us.
    """

    reply_to: str = ""
    text: str = ""
    lang: str | None = None
    receipt: Receipt | None = None
    refusal: CrisismapError | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of a delivery, with the HTTP answer that the provider wants. A fault of ours is raised instead."""

    taken: bool
    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


class Channel(Protocol):
    """A way in and out. It knows neither server nor store; CONTRIBUTING says how to add one."""

    @property
    def name(self) -> str:
        """Its name in addresses, metrics and records: lower case."""

    @property
    def label(self) -> str:
        """What people read after "by": "SMS"."""

    def parse(self, inbound: Inbound) -> Sequence[Message]:
        """Return the messages of a delivery, none when it is not for us.

        Raises NotSignedIn for a signature that is missing or forged, Malformed for what cannot be read.
        """

    def send(self, outbound: Outbound) -> Outcome:
        """Answer a sender, and the provider. Raises what is our own fault or the network's."""


class OwnChannel(msgspec.Struct, frozen=True):
    """A way in that is part of the program: a page, the API, a file. Nothing is delivered to it over a wire."""

    name: str
    label: str
