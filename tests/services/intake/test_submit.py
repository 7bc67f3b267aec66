"""A message becomes a report with marks in place of numbers and addresses."""

from __future__ import annotations

import msgspec

from crisismap.core.channel import Message
from crisismap.core.errors import CrisismapError
from crisismap.core.own_channels import API, WEB
from crisismap.core.report.new_report import NewReport
from crisismap.core.report.read_draft import draft_from
from crisismap.services.intake.submit import prepare_all
from crisismap.services.runtime.context import Context
from tests.people import RESPONDER

SAID = {"category": "rescue", "text": "on the roof", "lon": 80.25, "lat": 13.05}


def prepared(context: Context, message: Message) -> NewReport:
    [new] = prepare_all([message], keys=context.keys, rules=context.rules, extent=None, now_ms=context.clock())
    assert isinstance(new, NewReport)
    return new


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


def test_makes_of_many_messages_what_it_makes_of_each_alone(context: Context) -> None:
    bodies: list[dict[str, object]] = [
        SAID,
        {"category": "no such"},
        {"category": "flooding", "text": "we are trapped, the water is rising", "fields": {"depth_cm": "140"}},
        {"category": "flooding"},
        {"category": "shelter", "text": "nobody is hurt", "asks": False, "contact": {"phone": "98400 12345"}},
        {"category": "other", "text": "x" * 30_000},
        {"category": "flooding", "fields": {"trapped": True}},
    ]
    messages = [
        Message(draft_from(body), (API, WEB)[number % 2], address=f"203.0.113.{number}", device="d" * (number % 3))
        for number, body in enumerate(bodies)
    ]

    def told(found: NewReport | CrisismapError) -> object:
        if isinstance(found, CrisismapError):
            return type(found), found.code, found.details
        return msgspec.structs.replace(found, report=msgspec.structs.replace(found.report, id=""))

    def prepare(some: list[Message]) -> list[object]:
        rules, now_ms = context.rules, context.clock()
        return [told(each) for each in prepare_all(some, keys=context.keys, rules=rules, extent=None, now_ms=now_ms)]

    together = prepare(messages)
    assert together == [each for message in messages for each in prepare([message])]
    assert [isinstance(each, NewReport) for each in together] == [True, False, True, False, True, False, True]
