"""Recent changes: what a viewer missed since a revision, or that it is more than is known."""

from __future__ import annotations

from crisismap.api.recent_changes import MOST, RecentChanges


def test_names_what_changed_after_a_revision_newest_first() -> None:
    recent = RecentChanges(3)
    recent.add(4, ["a", "b"])
    recent.add(6, ["c"])
    recent.add(7, [])
    recent.add(9, ["a"])
    assert recent.after(3) == ("a", "c", "b")
    assert recent.after(4) == ("a", "c")
    assert recent.after(6) == recent.after(8) == ("a",)
    assert recent.after(9) == ()


def test_does_not_know_what_was_before_it_began() -> None:
    recent = RecentChanges(3)
    assert recent.after(2) is None
    assert recent.after(3) == ()


def test_forgets_the_oldest_and_says_so_to_those_who_may_have_missed_one() -> None:
    recent = RecentChanges(0)
    for revision in range(1, MOST + 3):
        recent.add(revision, [f"id-{revision}"])
    assert recent.after(1) is None
    known = recent.after(2)
    assert known is not None
    assert len(known) == MOST


def test_names_none_when_too_many_changed_at_once() -> None:
    recent = RecentChanges(0)
    recent.add(1, ["a"])
    recent.add(2, [str(number) for number in range(MOST + 1)])
    assert recent.after(1) is None
    assert recent.after(2) == ()
    recent.add(3, ["a"])
    recent.add(4, None)
    assert recent.after(3) is None
    assert recent.after(4) == ()
