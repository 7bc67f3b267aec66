"""receive: the one way in. Messages of every channel are limited, deduplicated, kept, counted and acknowledged here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import CrisismapError, TooManyTries, Unavailable
from crisismap.core.people.identity import tracking_code
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.services.intake.counts import Result
from crisismap.services.intake.submit import prepare
from crisismap.services.runtime.context import Context

Item = Message | CrisismapError  # a message, or why one of several could not be read
Answer = Receipt | CrisismapError  # for each, in the same order


def receive(context: Context, message: Message) -> Receipt:
    """Take in one message and return its receipt once it is on disk.

    Raises TooManyTries, Invalid (NothingSaid among them), TooLarge, KeyReused, Gone, Unavailable.
    """
    [answer] = receive_all(context, [message])
    if isinstance(answer, CrisismapError):
        raise answer
    return answer


def receive_all(context: Context, items: Sequence[Item]) -> list[Answer]:
    """Take in several messages in one commit. Raises TooManyTries, and then takes in none of them; Unavailable."""
    prepared = _prepared(context, items)
    news = [new for new in prepared if isinstance(new, NewReport)]
    try:
        stored = context.store.reports.submit(news).result() if news else []
    except Exception:
        _count_failed(context, items)
        raise
    return _answers(context, items, prepared, stored)


async def receive_all_async(context: Context, items: Sequence[Item]) -> list[Answer]:
    """Do the same in a coroutine, without blocking its thread."""
    prepared = _prepared(context, items)
    news = [new for new in prepared if isinstance(new, NewReport)]
    try:
        stored = await context.store.reports.submitted(news) if news else []
    except Exception:
        _count_failed(context, items)
        raise
    return _answers(context, items, prepared, stored)


def client_id_of(key: bytes, channel: str, external_id: str) -> str:
    """Return the client id under which a provider's own id makes a repeat safe.

    Keyed: providers count upwards, and whoever could guess the next id could send a report of that id through the API
    first, so that the true message would be taken for a repeat.
    """
    digest = hashlib.blake2b(external_id.encode("utf-8", "surrogatepass"), key=key, digest_size=16)
    return f"{channel}:{digest.hexdigest()}"


def _prepared(context: Context, items: Sequence[Item]) -> list[NewReport | CrisismapError]:
    _limit(context, items)
    return [item if isinstance(item, CrisismapError) else _new(context, item) for item in items]


def _limit(context: Context, items: Sequence[Item]) -> None:
    """Count reports for their senders, and what cannot be read for the first of them."""
    messages = [item for item in items if isinstance(item, Message)]
    if not messages:
        return
    counts: dict[tuple[str, str, str], int] = {}
    people = {}
    for message in messages:
        sender = message.person.id, message.reply_to or message.address, message.channel
        counts[sender] = counts.get(sender, 0) + 1
        people[sender] = message.person
    counts[next(iter(counts))] += len(items) - len(messages)
    now_ms = context.clock()
    for sender, count in counts.items():
        _, address, channel = sender
        try:
            context.rates.report(people[sender], address, channel, now_ms, count)
        except TooManyTries:
            context.message_counts.add(channel, Result.LIMITED, count)
            raise


def _new(context: Context, message: Message) -> NewReport | CrisismapError:
    if message.external_id is not None:
        client_id = client_id_of(context.hash_key, message.channel, message.external_id)
        draft = msgspec.structs.replace(message.draft, client_id=client_id)
        message = msgspec.structs.replace(message, draft=draft)
    try:
        return prepare(context, message)
    except CrisismapError as refusal:
        return refusal


def _answers(
    context: Context,
    items: Sequence[Item],
    prepared: Sequence[NewReport | CrisismapError],
    stored: Iterable[Acknowledgement | CrisismapError],
) -> list[Answer]:
    outcomes = iter(stored)
    answers = []
    for item, new in zip(items, prepared, strict=True):
        answer = new if isinstance(new, CrisismapError) else _answer(context, new, next(outcomes))
        if isinstance(item, Message):
            context.message_counts.add(item.channel, _result(answer))
        answers.append(answer)
    return answers


def _count_failed(context: Context, items: Sequence[Item]) -> None:
    for channel, count in Counter(item.channel for item in items if isinstance(item, Message)).items():
        context.message_counts.add(channel, Result.FAILED, count)


def _answer(context: Context, new: NewReport, outcome: Acknowledgement | CrisismapError) -> Answer:
    if isinstance(outcome, CrisismapError):
        return outcome
    code = tracking_code(context.code_key, outcome.id)
    return Receipt(outcome.id, code, outcome.revision, outcome.repeated, new.report.flags)


def _result(answer: Answer) -> Result:
    if isinstance(answer, Receipt):
        return Result.REPEATED if answer.repeated else Result.TAKEN
    return Result.FAILED if isinstance(answer, Unavailable) else Result.REFUSED
