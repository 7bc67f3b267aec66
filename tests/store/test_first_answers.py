"""When reports were first answered, and what else their events tell of their past, on both databases."""

from __future__ import annotations

from crisismap.core.change import Change
from crisismap.core.event import EventDraft
from crisismap.core.report import CurrentReport
from crisismap.core.request import Request, answer, reopen
from crisismap.store.store import Store
from tests.store.making import NOW, kept, new


def answered(store: Store, number: str, at_ms: int) -> None:
    def decide(now: CurrentReport) -> Change:
        event = EventDraft("request.answer", number, "p-1", at_ms)
        return Change(event, request=answer(now.request or Request(), "p-1", at_ms, "done"))

    store.requests.change(number, None, decide).result()


def opened_again(store: Store, number: str, at_ms: int) -> None:
    def decide(now: CurrentReport) -> Change:
        return Change(EventDraft("request.reopen", number, "", at_ms), request=reopen(now.request or Request(), at_ms))

    store.requests.change(number, None, decide).result()


def test_tells_the_first_of_several_answers(store: Store) -> None:
    twice, once, never = (kept(store, new()).id for _ in range(3))
    answered(store, twice, NOW + 10)
    opened_again(store, twice, NOW + 20)
    answered(store, twice, NOW + 30)
    answered(store, once, NOW + 40)
    seqs = [store.reports.one(number).seq for number in (twice, once, never)]
    assert store.events.first_answers(seqs) == {seqs[0]: NOW + 10, seqs[1]: NOW + 40}
    assert store.events.first_answers([]) == {}
    assert store.events.first_answers([*range(10_000, 12_000), *seqs]) == {seqs[0]: NOW + 10, seqs[1]: NOW + 40}


def test_tells_what_happened_to_reports_since_a_revision(store: Store) -> None:
    one = kept(store, new()).id
    answered(store, one, NOW + 10)
    opened_again(store, one, NOW + 20)
    seq, verbs = store.reports.one(one).seq, ("request.answer", "request.reopen")
    end, found = store.events.about_reports(0, verbs)
    assert end == store.events.revision()
    assert [row[1:4] for row in found] == [(seq, "request.answer", NOW + 10), (seq, "request.reopen", NOW + 20)]
    assert store.events.about_reports(found[0][0], verbs)[1] == found[1:]
    assert store.events.about_reports(end, verbs) == (end, [])
    assert store.events.about_reports(0, ["request.claim"]) == (end, [])
