"""Values of channels: they cannot be changed, and a message that says nothing else comes from a stranger."""

from __future__ import annotations

import pytest

from crisismap.core.channel import Inbound, Message, Outbound, OwnChannel, Receipt
from crisismap.core.own_channels import API
from crisismap.core.people.person import STRANGER
from crisismap.core.report.report import Draft


@pytest.mark.parametrize(
    ("value", "member"),
    [
        (Inbound(b"", 0), "body"),
        (Message(Draft("other"), API), "person"),
        (Receipt("id", "code", 1, repeated=False), "repeated"),
        (Outbound(), "text"),
        (OwnChannel(API, "a program"), "name"),
    ],
)
def test_cannot_be_changed(value: object, member: str) -> None:
    with pytest.raises(AttributeError, match="immutable"):
        setattr(value, member, None)


def test_takes_a_message_for_a_strangers_unless_it_says_whose() -> None:
    message = Message(Draft("other"), API)
    assert (message.person, message.source, message.external_id, message.received_at) == (STRANGER, None, None, None)


def test_shares_no_headers_between_deliveries() -> None:
    first, second = Inbound(b"", 0), Inbound(b"", 0)
    assert first.headers is not second.headers
    assert first == second
