"""What dispatchers keep for their own work: read back as it was written, each person's apart, each change an event."""

from __future__ import annotations

from crisismap.core.event import EventDraft
from crisismap.store.store import Store
from tests.store.making import NOW, new


def event(verb: str, actor: str = "p-ravi") -> EventDraft:
    return EventDraft(verb, actor, actor, NOW)


def test_keeps_views_of_each_person_by_name(store: Store) -> None:
    store.desk.put_view("p-ravi", "night", '{"a":1}', event("view.keep")).result()
    store.desk.put_view("p-ravi", "night", '{"a":2}', event("view.keep")).result()
    store.desk.put_view("p-mala", "night", "{}", event("view.keep", "p-mala")).result()
    assert store.desk.views("p-ravi") == {"night": '{"a":2}'}
    store.desk.put_view("p-ravi", "night", None, event("view.keep")).result()
    assert store.desk.views("p-ravi") == {}
    assert store.desk.views("p-mala") == {"night": "{}"}


def test_replaces_abilities_as_a_whole(store: Store) -> None:
    store.desk.put_abilities("p-ravi", {"boat", "swim"}, event("ability.set")).result()
    store.desk.put_abilities("p-ravi", {"boat", "first_aid"}, event("ability.set")).result()
    store.desk.put_abilities("p-mala", {"boat"}, event("ability.set", "p-mala")).result()
    assert store.desk.abilities() == {"p-ravi": {"boat", "first_aid"}, "p-mala": {"boat"}}
    store.desk.put_abilities("p-mala", set(), event("ability.set", "p-mala")).result()
    assert "p-mala" not in store.desk.abilities()


def test_keeps_hand_overs_newest_first_and_who_has_read_them(store: Store) -> None:
    for note in ("first", "second"):
        store.desk.hand_over(note, "{}", event("handover.write")).result()
    second, first = store.desk.handovers(10)
    assert (second.note, first.note, second.by, second.at_ms) == ("second", "first", "p-ravi", NOW)
    assert store.desk.read_by("p-ravi") == {first.id, second.id}, "who wrote it has read it"
    assert store.desk.read_by("p-mala") == set()
    store.desk.mark_read(first.id, event("handover.read", "p-mala")).result()
    assert store.desk.read_by("p-mala") == {first.id}
    assert [each.note for each in store.desk.handovers(1)] == ["second"]


def test_remembers_alarms_once_with_one_event(store: Store) -> None:
    store.submit([new(), new()]).result()
    before = store.revision()
    store.desk.mark_heard([1, 2, 2], event("request.acknowledge")).result()
    store.desk.mark_heard([2, 1], event("request.acknowledge")).result()
    assert store.desk.heard_by("p-ravi") == {1, 2}
    assert store.desk.heard_by("p-ravi", 2) == {2}
    assert store.desk.heard_by("p-mala") == set()
    assert store.revision() == before + 1
    assert store.first_break() is None
