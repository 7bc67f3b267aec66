"""receive: it limits, deduplicates, keeps, counts and acknowledges what comes by any channel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import KeyReused, Malformed, TooManyTries, Unavailable
from crisismap.core.own_channels import API, WEB
from crisismap.core.people.identity import tracking_code
from crisismap.core.report.read_draft import draft_from
from crisismap.core.report.report import NothingSaid
from crisismap.services.intake import receive
from crisismap.services.intake.receive import AT_ONCE, MessageResult, client_id_of
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import ADMIN, RESPONDER

BURST = 2000  # data/rules/limits.toml: of one address


def message(text: str = "on the roof", channel: str = "sms", **more: Any) -> Message:
    return Message(draft_from({"category": "rescue", "text": text}), channel, **more)


def counted(context: Context, channel: str = "sms") -> dict[str, int]:
    return {str(result): count for result, count in context.intake.counts.of(channel).items() if count}


def test_keeps_a_message_and_returns_the_code_that_leads_to_it(context: Context) -> None:
    receipt = context.intake.receive(message(lang="ta", person=RESPONDER))
    assert receipt == Receipt(receipt.id, tracking_code(context.keys.tracking_code, receipt.id), 1, repeated=False)
    report = context.store.reports.one(receipt.id).report
    assert (report.channel, report.lang, report.source, report.text) == ("sms", "ta", RESPONDER.id, "on the roof")


def test_tells_what_is_doubtful_about_a_report(context: Context) -> None:
    draft = draft_from({"category": "other", "lon": 0.0, "lat": 0.0})
    assert context.intake.receive(Message(draft, API)).flags == ("zero_coordinates",)


def test_takes_the_time_of_arrival_from_the_message(context: Context, clock: FakeClock) -> None:
    early, now = context.intake.receive(message(received_at=clock.ms - 60_000)), context.intake.receive(message())
    times = [context.store.reports.one(each.id).report.received_at for each in (early, now)]
    assert times == [clock.ms - 60_000, clock.ms]


def test_keeps_a_report_with_a_bad_place_from_every_channel(context: Context) -> None:
    for channel in (WEB, API):
        draft = draft_from({"category": "other", "text": "x", "lon": 500.0, "lat": 1.0})
        receipt = context.intake.receive(Message(draft, channel))
        assert receipt.flags == ("value_unread",)
        assert context.store.reports.one(receipt.id).report.lon is None


def test_refuses_what_says_nothing_as_nothing_else_is_refused(context: Context) -> None:
    with pytest.raises(NothingSaid) as refused:
        context.intake.receive(message("   "))
    assert (refused.value.kind, refused.value.field) == ("invalid", "text")
    assert context.store.events.revision() == 0


def test_takes_a_message_for_a_repeat_by_the_providers_id(context: Context) -> None:
    first, again = (context.intake.receive(message(external_id="SM-1")) for _ in range(2))
    assert again == Receipt(first.id, first.tracking_code, first.revision, repeated=True)
    assert context.intake.receive(message(external_id="SM-2")).id != first.id
    assert context.intake.receive(message(channel="telegram", external_id="SM-1")).id != first.id
    with pytest.raises(KeyReused):
        context.intake.receive(message("something else", external_id="SM-1"))


@pytest.mark.parametrize("hostile", ["", "x" * 5000, "a\x00b", "\ud800", "sms:1"])
def test_takes_any_text_for_a_providers_id(context: Context, hostile: str) -> None:
    first, again = (context.intake.receive(message(external_id=hostile)) for _ in range(2))
    assert (first.id, first.repeated, again.repeated) == (again.id, False, True)


def test_lets_nobody_use_up_a_providers_ids_through_the_api(context: Context) -> None:
    """Whoever guesses the next id of a provider cannot make the true message look like a repeat."""
    key = client_id_of(b"another deployment's key", "sms", "1002")
    for guess in ("1002", "sms:1002", key):
        context.intake.receive(Message(draft_from({"category": "other", "text": "noise", "client_id": guess}), API))
    assert not context.intake.receive(message(external_id="1002")).repeated
    assert client_id_of(context.keys.payload_hash, "sms", "1002") != key


def test_limits_each_sender_behind_one_provider_apart(context: Context) -> None:
    def send(number: str, count: int) -> None:
        context.intake.receive_all([message(reply_to=number, address="203.0.113.9") for _ in range(count)])

    send("+91 1", BURST)
    with pytest.raises(TooManyTries):
        send("+91 1", 1)
    send("+91 2", 1)
    revision = context.store.events.revision()
    with pytest.raises(TooManyTries):
        context.intake.receive_all([message(reply_to="+91 3"), message(reply_to="+91 1")])
    assert context.store.events.revision() == revision, "then none of them is taken in"


def test_limits_by_the_address_where_no_provider_stands_between(context: Context) -> None:
    context.intake.receive_all([message(channel=WEB, address="203.0.113.9") for _ in range(BURST)])
    with pytest.raises(TooManyTries):
        context.intake.receive(message(channel=WEB, address="203.0.113.9"))
    context.intake.receive(message(channel=WEB, address="203.0.113.10"))
    context.intake.receive(message(channel=WEB, address="203.0.113.9", person=RESPONDER))
    context.intake.receive_all([message(channel=API, person=ADMIN) for _ in range(3 * BURST)])


def test_counts_what_cannot_be_read_for_its_sender(context: Context) -> None:
    broken = Malformed("no JSON")
    answers = context.intake.receive_all([message(address="203.0.113.9"), *[broken] * (BURST - 1)])
    assert answers[1:] == [broken] * (BURST - 1)
    with pytest.raises(TooManyTries):
        context.intake.receive(message(address="203.0.113.9"))


def test_answers_each_of_several_in_order(context: Context) -> None:
    broken = Malformed("no JSON")
    items = [message("one"), broken, message(""), message("two")]
    waited = context.intake.receive_all(items)
    async_ = asyncio.run(context.intake.receive_all_async(items))
    for answers in (waited, async_):
        assert [type(answer) for answer in answers] == [Receipt, Malformed, NothingSaid, Receipt]
        texts = [context.store.reports.one(answers[at].id).report.text for at in (0, 3)]  # type: ignore[union-attr]
        assert texts == ["one", "two"]
    assert context.intake.receive_all([broken]) == [broken]


def test_lets_others_have_their_turn_while_it_checks_a_large_batch(context: Context) -> None:
    turns = 0

    async def another() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def both() -> int:
        beside = asyncio.create_task(another())
        submitting = asyncio.create_task(context.intake.receive_all_async([message() for _ in range(10 * AT_ONCE)]))
        while context.store.upkeep.waiting == 0 and not submitting.done():
            await asyncio.sleep(0)
        between = turns
        assert len(await submitting) == 10 * AT_ONCE
        beside.cancel()
        return between

    assert asyncio.run(both()) >= 9


def test_answers_each_of_those_that_come_at_once(context: Context) -> None:
    async def all_at_once() -> list[Any]:
        messages = [message("one"), message(" "), message("three", external_id="m-3"), message("4", external_id="m-3")]
        return await asyncio.gather(*map(context.intake.receive_async, messages), return_exceptions=True)

    one, nothing, three, again = asyncio.run(all_at_once())
    assert isinstance(nothing, NothingSaid)
    assert isinstance(again, KeyReused)
    assert [context.store.reports.one(each.id).report.text for each in (one, three)] == ["one", "three"]
    assert counted(context) == {"taken": 2, "refused": 2}


def test_fails_nobody_else_with_a_fault_of_its_own(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    real = receive.prepare_all

    def faulty(messages: Sequence[Message], **more: Any) -> Any:
        if any(each.draft.text == "two" for each in messages):
            raise ZeroDivisionError
        return real(messages, **more)

    monkeypatch.setattr(receive, "prepare_all", faulty)

    async def all_at_once() -> list[Any]:
        messages = map(message, ("one", "two", "three"))
        return await asyncio.gather(*map(context.intake.receive_async, messages), return_exceptions=True)

    one, two, three = asyncio.run(all_at_once())
    assert isinstance(two, ZeroDivisionError)
    assert [context.store.reports.one(each.id).report.text for each in (one, three)] == ["one", "three"]


def test_tells_senders_apart_by_where_they_are_answered(context: Context) -> None:
    marks = [
        context.store.reports.one(context.intake.receive(message(reply_to=to)).id).report.sender
        for to in ("1", "1", "2")
    ]
    assert marks[0] == marks[1] != marks[2]
    assert marks[0].startswith("sender:")  # type: ignore[union-attr]


def test_counts_by_channel_and_result(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    assert counted(context) == {}
    context.intake.receive(message(external_id="1", reply_to="1"))
    context.intake.receive(message(external_id="1", reply_to="1"))
    context.intake.receive_all([message(""), Malformed("no JSON")])
    assert counted(context) == {"taken": 1, "repeated": 1, "refused": 1}
    with pytest.raises(TooManyTries):
        context.intake.receive_all([message(reply_to="1") for _ in range(BURST)])

    def fails(_news: object) -> Future[Any]:
        raise Unavailable("The disk does not answer.")

    monkeypatch.setattr(type(context.store.reports), "submit", lambda _reports, news: fails(news))
    with pytest.raises(Unavailable):
        context.intake.receive(message())
    assert counted(context) == {"taken": 1, "repeated": 1, "refused": 1, "limited": BURST, "failed": 1}
    assert context.intake.counts.of("web")[MessageResult.TAKEN] == 0
