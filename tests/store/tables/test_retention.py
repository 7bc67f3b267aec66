"""Which reports have had their time: closed long enough, or here too long, and with something left to take."""

from __future__ import annotations

import pytest

from crisismap.core.event import EventDraft
from crisismap.core.need.need import Need
from crisismap.core.ports import Cutoffs
from crisismap.core.report.change import Change
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.core.report.request import Request, answer
from crisismap.store.store import Store
from crisismap.store.tables import retention
from tests.store.making import NOW, kept, new

CLOSED, CAME = (NOW + 100, 0), (0, NOW + 100)


def over(store: Store, kind: str, cutoffs: Cutoffs, among: list[int] | None = None) -> list[int]:
    with store._reader.begin() as conn:
        return retention.over(conn, kind, cutoffs, among)


def seq(store: Store, **said: object) -> int:
    contact = Contact(phone="+91 98400 12345")
    return store.reports.one(kept(store, new(contact=contact, **said)).id).seq


def answered(store: Store, row: int, at_ms: int = NOW) -> None:
    def decide(now: CurrentReport) -> Change:
        event = EventDraft("request.answer", now.report.id, "p-1", at_ms)
        return Change(event, request=answer(now.request or Request(), "p-1", at_ms, "done"))

    [now] = store.reports.some([row])
    store.requests.change(now.report.id, None, decide).result()


@pytest.mark.parametrize("kind", ["contact", "words", "place"])
def test_never_ends_a_request_that_waits_unless_it_is_here_too_long(store: Store, kind: str) -> None:
    waiting, closed, information = seq(store), seq(store), seq(store, need=Need.INFORMATION)
    answered(store, closed)
    assert over(store, kind, CLOSED) == [closed, information]
    assert over(store, kind, CAME) == [waiting, closed, information]
    assert over(store, kind, (0, 0)) == []


def test_counts_from_the_last_event(store: Store) -> None:
    late = seq(store)
    answered(store, late, NOW + 500)
    assert over(store, "words", CLOSED) == []
    assert over(store, "words", (NOW + 500, 0)) == [late]


def test_leaves_out_what_has_nothing_left_to_take(store: Store) -> None:
    row = seq(store, need=Need.INFORMATION)
    bare = store.reports.one(kept(store, new(need=Need.INFORMATION, lon=None, lat=None, place_text="")).id).seq
    assert over(store, "contact", CLOSED) == [row]
    assert over(store, "place", CLOSED) == [row]
    assert over(store, "words", CLOSED) == [row, bare]


def test_asks_about_some_reports_only(store: Store) -> None:
    one, other = seq(store, need=Need.INFORMATION), seq(store, need=Need.INFORMATION)
    assert over(store, "words", CLOSED, [other]) == [other]
    assert over(store, "words", CLOSED, []) == []
    assert over(store, "words", CLOSED) == [one, other]
