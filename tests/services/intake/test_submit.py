"""A message becomes a report with marks in place of numbers and addresses."""

from __future__ import annotations

from crisismap.core.channel import Message
from crisismap.core.own_channels import API, WEB
from crisismap.core.report.new_report import NewReport
from crisismap.core.report.read_draft import draft_from
from crisismap.services.intake.submit import prepare
from crisismap.services.runtime.context import Context
from tests.people import RESPONDER

SAID = {"category": "rescue", "text": "on the roof", "lon": 80.25, "lat": 13.05}


def prepared(context: Context, message: Message) -> NewReport:
    return prepare(message, keys=context.keys, rules=context.rules, extent=None, now_ms=context.clock())


def test_keeps_who_sent_it_when_and_by_which_channel(context: Context) -> None:
    message = Message(draft_from(SAID), WEB, person=RESPONDER, lang="ta", received_at=context.clock() - 5000)
    new = prepared(context, message)
    assert (new.report.text, new.report.channel, new.report.lang) == ("on the roof", WEB, "ta")
    assert (new.report.source, new.report.received_at) == (RESPONDER.id, context.clock() - 5000)
    assert prepared(context, Message(draft_from(SAID), WEB)).report.received_at == context.clock()


def test_gives_each_report_an_id_of_its_own(context: Context) -> None:
    message = Message(draft_from(SAID), API)
    assert prepared(context, message).report.id != prepared(context, message).report.id


def test_knows_a_sender_again_without_keeping_number_or_address(context: Context) -> None:
    said = SAID | {"contact": {"phone": "+91 98765 43210"}}
    one, same = (prepared(context, Message(draft_from(said), WEB, address="203.0.113.9")).report for _ in range(2))
    other = prepared(context, Message(draft_from(SAID), WEB, device="d", address="203.0.113.9")).report
    assert one.sender == same.sender != other.sender
    assert one.network == other.network
    for secret in ("98765", "43210", "203.0.113"):
        assert secret not in repr((one, other))
