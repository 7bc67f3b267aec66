"""What dispatchers keep for their own work: read back as it was written, each person's apart, each change an event."""

from __future__ import annotations

from crisismap.core.event import EventDraft
from crisismap.store.store import Store
from tests.store.making import NOW, new


def event(verb: str, actor: str = "p-ravi") -> EventDraft:
    return EventDraft(verb, actor, actor, NOW)


def test_keeps_views_of_each_person_by_name(store: Store) -> None:
    store.dispatch.put_view("p-ravi", "night", '{"a":1}', event("view.keep")).result()
    store.dispatch.put_view("p-ravi", "night", '{"a":2}', event("view.keep")).result()
    store.dispatch.put_view("p-mala", "night", "{}", event("view.keep", "p-mala")).result()
    assert store.dispatch.views("p-ravi") == {"night": '{"a":2}'}
    store.dispatch.put_view("p-ravi", "night", None, event("view.keep")).result()
    assert store.dispatch.views("p-ravi") == {}
    assert store.dispatch.views("p-mala") == {"night": "{}"}


def test_replaces_abilities_as_a_whole(store: Store) -> None:
    store.dispatch.put_abilities("p-ravi", {"boat", "swim"}, event("ability.set")).result()
    store.dispatch.put_abilities("p-ravi", {"boat", "first_aid"}, event("ability.set")).result()
    store.dispatch.put_abilities("p-mala", {"boat"}, event("ability.set", "p-mala")).result()
    assert store.dispatch.abilities() == {"p-ravi": {"boat", "first_aid"}, "p-mala": {"boat"}}
    store.dispatch.put_abilities("p-mala", set(), event("ability.set", "p-mala")).result()
    assert "p-mala" not in store.dispatch.abilities()


def test_keeps_hand_overs_newest_first_and_who_has_read_them(store: Store) -> None:
    for note in ("first", "second"):
        store.dispatch.add_handover(note, "{}", event("handover.write")).result()
    second, first = store.dispatch.handovers(10)
    assert (second.note, first.note, second.by, second.at_ms) == ("second", "first", "p-ravi", NOW)
    assert store.dispatch.handovers_read("p-ravi") == {first.id, second.id}, "who wrote it has read it"
    assert store.dispatch.handovers_read("p-mala") == set()
    store.dispatch.mark_handover_read(first.id, event("handover.read", "p-mala")).result()
    assert store.dispatch.handovers_read("p-mala") == {first.id}
    assert [each.note for each in store.dispatch.handovers(1)] == ["second"]


def test_remembers_alarms_once_with_one_event(store: Store) -> None:
    store.reports.submit([new(), new()]).result()
    before = store.events.revision()
    store.dispatch.mark_alarms_heard([1, 2, 2], event("request.acknowledge")).result()
    store.dispatch.mark_alarms_heard([2, 1], event("request.acknowledge")).result()
    assert store.dispatch.alarms_heard("p-ravi") == {1, 2}
    assert store.dispatch.alarms_heard("p-ravi", 2) == {2}
    assert store.dispatch.alarms_heard("p-mala") == set()
    assert store.events.revision() == before + 1
    assert store.events.verify().broken_at is None
