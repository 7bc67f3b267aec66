"""handle: senders are answered in their language, providers as their channel wants, and faults are raised."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from crisismap.core.channel import Inbound, Message, Outbound, Outcome, Receipt
from crisismap.core.errors import Invalid, KeyReused, Malformed, TooManyTries, Unavailable
from crisismap.core.report.report import Draft, NothingSaid
from crisismap.services.intake.handle import handle, outbound_of
from crisismap.services.runtime.context import Context

RECEIPT = Receipt("id", "ABCD-EFGH-JKMN", 7, repeated=False)


class Drum:
    """Each line of a delivery is a message of its own sender."""

    name, label = "drum", "talking drum"

    def __init__(self) -> None:
        self.sent: list[Outbound] = []

    def parse(self, inbound: Inbound) -> Sequence[Message]:
        """See Channel."""
        lines = inbound.body.decode().split("\n")
        return [Message(Draft("other", line), self.name, external_id=line, reply_to=line) for line in lines if line]

    def send(self, outbound: Outbound) -> Outcome:
        """See Channel."""
        self.sent.append(outbound)
        return Outcome(202, outbound.reply_to.encode())


def delivered(context: Context, channel: Drum, body: bytes) -> Outcome:
    return asyncio.run(handle(context.intake, context.settings, channel, Inbound(body, context.clock())))


def message(lang: str | None = None) -> Message:
    return Message(Draft("other", "x"), "drum", lang=lang, reply_to="me")


def test_answers_each_sender_and_the_provider_once(context: Context) -> None:
    drum = Drum()
    assert delivered(context, drum, b"one\ntwo") == Outcome(202, b"one")
    assert [outbound.reply_to for outbound in drum.sent] == ["one", "two"]
    assert len({outbound.receipt.id for outbound in drum.sent if outbound.receipt}) == 2


def test_answers_what_is_not_for_us_without_a_text(context: Context) -> None:
    drum = Drum()
    assert delivered(context, drum, b"\n") == Outcome(202, b"")
    assert drum.sent == [Outbound()]
    assert context.intake.counts.of("drum")["not_for_us"] == 1  # type: ignore[index]


def test_raises_what_has_to_be_delivered_again(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    drum = Drum()
    context.intake.receive_all([Message(Draft("other", "x"), "drum", reply_to="loud") for _ in range(2000)])
    with pytest.raises(TooManyTries):
        delivered(context, drum, b"loud")

    async def stored(_reports: object, news: Sequence[object]) -> list[Any]:
        return [Unavailable("The disk does not answer.") for _ in news]

    monkeypatch.setattr(type(context.store.reports), "submit_async", stored)
    with pytest.raises(Unavailable):
        delivered(context, drum, b"quiet")
    assert drum.sent == []


@pytest.mark.parametrize(("problem", "result"), [(Malformed("x"), "refused"), (ZeroDivisionError(), "failed")])
def test_counts_what_a_channel_cannot_parse(
    context: Context, monkeypatch: pytest.MonkeyPatch, problem: Exception, result: str
) -> None:
    def parse(_self: Drum, _inbound: Inbound) -> Sequence[Message]:
        raise problem

    monkeypatch.setattr(Drum, "parse", parse)
    with pytest.raises(type(problem)):
        delivered(context, Drum(), b"x")
    counts = context.intake.counts.of("drum")
    assert {str(name): count for name, count in counts.items() if count} == {result: 1}


@pytest.mark.parametrize(
    ("lang", "start", "told"), [("es", "Gracias", "es"), ("xx", "Thank", "en"), (None, "Thank", "en")]
)
def test_words_a_receipt_in_the_language_of_the_message(lang: str | None, start: str, told: str) -> None:
    outbound = outbound_of(message(lang), RECEIPT, "https://map.example")
    assert outbound.text.startswith(start)
    assert outbound.text.endswith(": ABCD-EFGH-JKMN https://map.example/t/ABCD-EFGH-JKMN")
    assert (outbound.lang, outbound.reply_to, outbound.receipt) == (told, "me", RECEIPT)
    assert outbound_of(message(lang), RECEIPT, "").text.endswith(": ABCD-EFGH-JKMN")


def test_words_a_refusal_and_says_nothing_of_a_changed_repeat() -> None:
    said = outbound_of(message(), NothingSaid(), "")
    assert said.text.startswith("Write a few words")
    assert "at most 500" in outbound_of(message(), Invalid("place", "x", "at most 500 characters"), "").text
    again = outbound_of(message(), KeyReused("The key was used before."), "")
    assert (again.text, again.receipt, again.refusal is not None) == ("", None, True)
