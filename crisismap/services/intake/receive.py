"""Receiving messages of every channel: rate limits, duplicates, storage, counts and receipts."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

import msgspec

from crisismap.core.channel import Message, Receipt
from crisismap.core.clock import Clock
from crisismap.core.errors import CrisismapError, TooManyTries, Unavailable
from crisismap.core.people.identity import tracking_code
from crisismap.core.people.person import Person
from crisismap.core.ports import Reports
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.rule_files import RuleFiles
from crisismap.services.intake.submit import prepare_all
from crisismap.services.runtime.keys import Keys
from crisismap.services.runtime.rates import Rates
from crisismap.situation.situation import Situation

AT_ONCE = 50  # messages of a batch that are checked before other requests have their turn
Item = Message | CrisismapError  # a message, or why one of several could not be read
Prepared = NewReport | CrisismapError  # one per item
Answer = Receipt | CrisismapError  # one per item, in the same order


class RateKey(NamedTuple):
    """Under what a report is counted against the rate limits."""

    person: Person
    address: str
    channel: str


class MessageResult(StrEnum):
    """The result of a message or delivery."""

    TAKEN = "taken"
    REPEATED = "repeated"
    REFUSED = "refused"
    LIMITED = "limited"
    NOT_FOR_US = "not_for_us"
    FAILED = "failed"


class MessageCounts:
    """Thread-safe counters that only increase."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, MessageResult]] = Counter()
        self._lock = Lock()

    def add(self, channel: str, result: MessageResult, count: int = 1) -> None:
        """Add `count` messages."""
        with self._lock:
            self._counts[channel, result] += count

    def of(self, channel: str) -> Mapping[MessageResult, int]:
        """Return the counts of one channel, including zeros."""
        with self._lock:
            return {result: self._counts[channel, result] for result in MessageResult}


class SameTurn:
    """Checks the messages of one turn of an event loop together, which costs each of them less."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.AbstractEventLoop, list[tuple[Message, asyncio.Future[Prepared]]]] = {}

    def add(self, message: Message, prepare: Callable[[Sequence[Item]], list[Prepared]]) -> asyncio.Future[Prepared]:
        """Return the future report of a message, or why it is refused: known when the loop comes round."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Prepared] = loop.create_future()
        if loop not in self._waiting:
            self._waiting[loop] = []
            loop.call_soon(self._prepare, loop, prepare)
        self._waiting[loop].append((message, future))
        return future

    def _prepare(self, loop: asyncio.AbstractEventLoop, prepare: Callable[[Sequence[Item]], list[Prepared]]) -> None:
        waiting = self._waiting.pop(loop)
        try:
            prepared = prepare([message for message, _ in waiting])
        except Exception as problem:
            if len(waiting) == 1:
                if not waiting[0][1].done():
                    waiting[0][1].set_exception(problem)
                return
            for each in waiting:  # a fault of ours in one must not fail the others
                self._waiting[loop] = [each]
                self._prepare(loop, prepare)
            return
        for (_, future), new in zip(waiting, prepared, strict=True):
            if not future.done():
                future.set_result(new)


@dataclass(frozen=True, slots=True)
class Intake:
    """Receives all messages of one open deployment."""

    reports: Reports
    situation: Situation
    rules: RuleFiles
    rates: Rates
    keys: Keys
    clock: Clock
    counts: MessageCounts = field(default_factory=MessageCounts)
    _same_turn: SameTurn = field(default_factory=SameTurn)

    def receive(self, message: Message) -> Receipt:
        """Take in one message and return its receipt once it is on disk.

        Raises TooManyTries, Invalid (NothingSaid among them), TooLarge, KeyReused, Gone, Unavailable.
        """
        [answer] = self.receive_all([message])
        if isinstance(answer, CrisismapError):
            raise answer
        return answer

    def receive_all(self, items: Sequence[Item]) -> list[Answer]:
        """Take in several messages in one commit. Raises TooManyTries or Unavailable, and then takes in none."""
        self._limit(items, None)
        prepared = self._prepare_all(items)
        news = [new for new in prepared if isinstance(new, NewReport)]
        try:
            stored = self.reports.submit(news).result() if news else []
        except Exception:
            self._count_failed(items)
            raise
        return self._answers(items, prepared, stored)

    async def receive_async(self, message: Message) -> Receipt:
        """Take in one message as `receive` does, without blocking the event loop."""
        self._limit([message], None)
        prepared = await self._same_turn.add(message, self._prepare_all)
        [answer] = await self._store([message], [prepared])
        if isinstance(answer, CrisismapError):
            raise answer
        return answer

    async def receive_all_async(self, items: Sequence[Item], unread_by: RateKey | None = None) -> list[Answer]:
        """Take in several messages as `receive_all` does, without blocking the event loop.

        `unread_by` sent the items that could not be read; without it, the sender of the first message did.
        """
        self._limit(items, unread_by)
        prepared = self._prepare_all(items[:AT_ONCE])
        for at in range(AT_ONCE, len(items), AT_ONCE):
            await asyncio.sleep(0)  # one large batch must not hold up all other answers
            prepared += self._prepare_all(items[at : at + AT_ONCE])
        return await self._store(items, prepared)

    async def _store(self, items: Sequence[Item], prepared: Sequence[Prepared]) -> list[Answer]:
        news = [new for new in prepared if isinstance(new, NewReport)]
        try:
            stored = await self.reports.submit_async(news) if news else []
        except Exception:
            self._count_failed(items)
            raise
        return self._answers(items, prepared, stored)

    def _prepare_all(self, items: Sequence[Item]) -> list[Prepared]:
        messages = [self._with_key(item) for item in items if isinstance(item, Message)]
        extent, now_ms = self.situation.extent, self.clock()
        prepared = iter(prepare_all(messages, keys=self.keys, rules=self.rules, extent=extent, now_ms=now_ms))
        return [next(prepared) if isinstance(item, Message) else item for item in items]

    def _with_key(self, message: Message) -> Message:
        """Return the message with the client id that stands for the provider's own id."""
        if message.external_id is None:
            return message
        client_id = client_id_of(self.keys.payload_hash, message.channel, message.external_id)
        return msgspec.structs.replace(message, draft=msgspec.structs.replace(message.draft, client_id=client_id))

    def _limit(self, items: Sequence[Item], unread_by: RateKey | None) -> None:
        """Count reports against their senders' limits, and unreadable items against `unread_by` or the first sender."""
        counts: dict[RateKey, int] = {}  # no Counter: it takes several microseconds for each report
        for item in items:
            if isinstance(item, Message):
                sender = RateKey(item.person, item.reply_to or item.address, item.channel)
                counts[sender] = counts.get(sender, 0) + 1
        unread = len(items) - sum(counts.values())
        sender_of_unread = unread_by or next(iter(counts), None)
        if unread and sender_of_unread is not None:
            counts[sender_of_unread] = counts.get(sender_of_unread, 0) + unread
        now_ms = self.clock()
        for sender, count in counts.items():
            try:
                self.rates.report(sender.person, sender.address, sender.channel, now_ms, count)
            except TooManyTries:
                self.counts.add(sender.channel, MessageResult.LIMITED, count)
                raise

    def new_report(self, message: Message) -> Prepared:
        """Return the report that a message would be, or why it is refused; nothing is stored."""
        return self._prepare_all([message])[0]

    def _answers(
        self,
        items: Sequence[Item],
        prepared: Sequence[Prepared],
        stored: Iterable[Acknowledgement | CrisismapError],
    ) -> list[Answer]:
        outcomes = iter(stored)
        answers = []
        counts: dict[tuple[str, MessageResult], int] = {}
        for item, new in zip(items, prepared, strict=True):
            answer = new if isinstance(new, CrisismapError) else self._answer(new, next(outcomes))
            if isinstance(item, Message):
                key = item.channel, _result(answer)
                counts[key] = counts.get(key, 0) + 1
            answers.append(answer)
        for (channel, result), count in counts.items():
            self.counts.add(channel, result, count)
        return answers

    def _count_failed(self, items: Sequence[Item]) -> None:
        for channel, count in Counter(item.channel for item in items if isinstance(item, Message)).items():
            self.counts.add(channel, MessageResult.FAILED, count)

    def _answer(self, new: NewReport, outcome: Acknowledgement | CrisismapError) -> Answer:
        if isinstance(outcome, CrisismapError):
            return outcome
        code = tracking_code(self.keys.tracking_code, outcome.id)
        return Receipt(outcome.id, code, outcome.revision, outcome.repeated, new.report.flags)


def client_id_of(key: bytes, channel: str, external_id: str) -> str:
    """Return the client id under which a provider's own id makes a repeat safe.

    It is keyed because providers count upwards: whoever guessed the next id could send a report of that id through the
    API first, and the true message would be taken for a repeat.
    """
    digest = hashlib.blake2b(external_id.encode("utf-8", "surrogatepass"), key=key, digest_size=16)
    return f"{channel}:{digest.hexdigest()}"


def _result(answer: Answer) -> MessageResult:
    if isinstance(answer, Receipt):
        return MessageResult.REPEATED if answer.repeated else MessageResult.TAKEN
    return MessageResult.FAILED if isinstance(answer, Unavailable) else MessageResult.REFUSED
