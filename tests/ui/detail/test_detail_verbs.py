"""The other verbs of the detail: each offered to whom it belongs, kept with its reason, and told in the timeline."""

from __future__ import annotations

from crisismap.core.event import EventDraft
from crisismap.core.people.identity import tracking_code
from crisismap.core.people.person import STRANGER
from crisismap.core.report.change import Change
from crisismap.core.report.verification import corroborate
from crisismap.jobs.escalation import escalate
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, VOLUNTEER
from tests.ui.detail.test_detail import detail, person, state
from tests.ui.listed import buttons, press, rerun
from tests.ui.open_desk import HOSTILE, html, told

OTHERS = {
    "Still correct",
    "Unable to help …",
    "Change priority …",
    "Verify report …",
    "Join to another request …",
    "Separate request",
    "Reopen request",
}


def done(context: Context, change) -> None:
    assert context.views.situation.wait(change.result().revision)


def field(test, kind: str, label: str):
    return next(each for each in test.get(kind) if each.label == label)


def test_offers_each_verb_to_whom_it_belongs(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    waits, seen = told(desk), told(desk, category="flooding", text="knee deep")
    for who, on_request, on_report in (
        (STRANGER, set(), set()),
        (VOLUNTEER, set(), {"Still correct"}),
        (AGENCY, set(), set()),
        (
            ravi,
            {"Unable to help …", "Change priority …", "Verify report …", "Join to another request …"},
            {"Still correct", "Verify report …"},
        ),
    ):
        assert OTHERS & set(buttons(detail(desk, who, waits, monkeypatch))) == on_request
        assert OTHERS & set(buttons(detail(desk, who, seen, monkeypatch))) == on_report


def test_gives_up_with_a_reason_and_takes_it_back(desk: Context, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk)
    test = press(detail(desk, ravi, id_, monkeypatch), "Unable to help …")
    press(test, "Save and escalate")
    assert "say in a few words why it cannot be met" in html(test)
    field(test, "text_area", "Why are you unable to help?").set_value("no boat left")
    press(test, "Save and escalate")
    assert state(desk, id_) == "cannot_meet"
    assert "Unable to help: no boat left" in html(test)
    assert "Escalated to responders: overdue, or a team is unable to help" in html(test)
    press(test, "Reopen request")
    assert state(desk, id_) == "open"
    assert "Reopened · Ravi (Boat Team 4)" in html(test)


def test_does_not_offer_to_give_up_what_another_holds(desk: Context, monkeypatch) -> None:
    ravi, mala, id_ = person(desk, "Ravi"), person(desk, "Mala"), told(desk)
    done(desk, acts.claim(desk, mala, id_, None))
    assert "Unable to help …" not in buttons(detail(desk, ravi, id_, monkeypatch))


def test_sets_a_priority_with_the_reason_in_sight(desk: Context, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk)
    test = press(detail(desk, ravi, id_, monkeypatch), "Change priority …")
    next(each for each in test.button_group if each.label == "Priority").set_value(3)
    field(test, "text_input", "Why?").set_value("they have a boat of their own")
    press(test, "Set priority")
    assert desk.store.reports.one(id_).request.overruling.priority == 3
    seen = html(test)
    assert "Priority overridden by Ravi (Boat Team 4): they have a boat of their own" in seen
    assert "Why P3" in seen
    assert "Priority overridden" in seen


def test_verifies_and_says_by_whom_and_how_many_say_the_same(desk: Context, clock: FakeClock, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk, category="flooding", text="knee deep")
    test = detail(desk, ravi, id_, monkeypatch)
    assert "Unverified: one report" in html(test)
    draft = EventDraft("report.corroborate", id_, "system", clock.ms, {"reporters": 3})
    change = desk.store.requests.change(id_, None, lambda now: Change(draft, standing=corroborate(now.standing, 3)))
    done(desk, change)
    assert "Corroborated: 3 independent people say the same" in html(rerun(test))
    press(test, "Verify report …")
    field(test, "radio", "How reliable is the report?").set_value("disputed")
    field(test, "text_input", "How do you know?").set_value("the road is dry")
    press(test, "Save")
    seen = html(test)
    assert "Disputed by Ravi (Boat Team 4): the road is dry" in seen
    assert "3 independent people say the same" in seen


def test_reconfirms_what_is_stale_with_one_tap(desk: Context, clock: FakeClock, monkeypatch) -> None:
    id_ = told(desk, category="shelter", text="school is open", fields={"status": "full"})
    clock.advance(hours=5)
    test = detail(desk, VOLUNTEER, id_, monkeypatch)
    assert "Check before acting:</b> last known to be correct 5 h ago" in html(test)
    press(test, "Still correct")
    assert "Check before acting" not in html(test)
    assert desk.store.reports.one(id_).standing.reconfirmed == 1


def test_joins_to_one_that_is_near_and_separates_again(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    first, second = told(desk, text="on the roof of the mill"), told(desk, text="the mill roof, need help", lon=80.2505)
    told(desk, text="far away", lon=80.4)
    test = press(detail(desk, ravi, second, monkeypatch), "Join to another request …")
    choice = field(test, "radio", "Which request asks for the same thing?")
    assert len(choice.options) == 3
    assert "on the roof of the mill" in choice.options[0]
    assert "people not stated · at the same minute · 54 m away" in choice.options[0]
    press(test, "Join requests")
    assert "Choose the request that asks for the same thing" in html(test), "nothing is joined by a press too many"
    assert state(desk, second) == "open"
    field(test, "radio", "Which request asks for the same thing?").set_value(choice.options[0])
    press(test, "Join requests")
    assert state(desk, second) == "joined"
    assert "Joined to: P1 Rescue" in html(test)
    assert "2 joined requests" in html(detail(desk, ravi, first, monkeypatch))
    assert "also P2 Rescue" in html(detail(desk, ravi, first, monkeypatch))
    press(detail(desk, ravi, second, monkeypatch), "Separate request")
    assert state(desk, second) == "open"


def test_joins_to_none_of_them_and_to_none_that_reads_like_another(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    for _ in range(2):
        told(desk, text="the mill roof", lon=80.2501)
    told(desk, text="roof of the mill, grandmother", lon=80.2501)
    id_ = told(desk, text="the mill roof")
    test = press(detail(desk, ravi, id_, monkeypatch), "Join to another request …")
    choice = field(test, "radio", "Which request asks for the same thing?")
    assert len(choice.options) == 3, "two of three read alike"
    assert "grandmother" in choice.options[0]
    choice.set_value(choice.options[-1]).run()
    assert choice.options[-1] == "None of these"
    assert state(desk, id_) == "open"
    assert not [each for each in rerun(test).radio if "same thing" in each.label]


def test_joins_by_a_tracking_code_and_names_a_wrong_one(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    first, second = told(desk), told(desk, lon=80.4)
    test = press(detail(desk, ravi, second, monkeypatch), "Join to another request …")
    field(test, "text_input", "Tracking code").set_value("7K2M")
    press(test, "Join requests")
    assert "a tracking code has 12 letters and numbers" in html(test)
    field(test, "text_input", "Tracking code").set_value(tracking_code(desk.keys.tracking_code, second))
    press(test, "Join requests")
    assert "cannot be joined to itself" in html(test)
    field(test, "text_input", "Tracking code").set_value(tracking_code(desk.keys.tracking_code, first))
    press(test, "Join requests")
    assert desk.store.requests.head(second).report.id == first


def test_tells_answered_and_confirmed_as_two_facts(desk: Context, clock: FakeClock, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk)
    done(desk, acts.answer(desk, ravi, id_, None, note="took five to the school"))
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    assert "Answered by a team: 2 Dec 06:30, Ravi (Boat Team 4)" in seen
    assert "Confirmed by the requester: not yet" in seen
    clock.advance(minutes=30)
    done(desk, acts.by_code(desk, id_, "confirm", None, note="all safe <b>now</b>"))
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    assert "Confirmed by the requester: yes, 2 Dec 07:00" in seen
    assert "The requester confirmed: it is solved" in seen
    assert "all safe &lt;b&gt;now&lt;/b&gt;" in seen


def test_tells_whom_it_called_and_what_was_added(desk: Context, clock: FakeClock, monkeypatch) -> None:
    id_ = told(desk)
    clock.advance(minutes=31)
    escalate(desk)
    done(desk, acts.by_code(desk, id_, "add", None, note="water at the stairs"))
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    assert "Escalated to responders" in seen
    assert '<time>2 Dec 07:01</time><div>The requester added text<p class="cm-said">water at the stairs' in seen
    public = html(detail(desk, STRANGER, id_, monkeypatch))
    for words in ("scalated", "water at the stairs"):
        assert words not in public


def test_shows_how_long_the_own_claim_lasts(desk: Context, clock: FakeClock, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk)
    test = press(detail(desk, ravi, id_, monkeypatch), "Claim request")
    clock.advance(minutes=18)
    assert "Your claim ends in 42 min</b>, at 2 Dec 07:30" in html(rerun(test))
    assert "cm-soon" not in html(test).split("cm-timer", 3)[-1][:20]
    clock.advance(minutes=35)
    assert 'class="cm-timer cm-soon"' in html(rerun(test))


def test_never_takes_another_requests_words_as_markup(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    first, second = told(desk, text=HOSTILE), told(desk, text=HOSTILE)
    test = press(detail(desk, ravi, second, monkeypatch), "Join to another request …")
    choice, *_others = field(test, "radio", "Which request asks for the same thing?").options
    assert "\\<img" in choice, "escaped for markdown"
    assert "![" not in choice
    done(desk, acts.join(desk, ravi, second, None, to=first))
    assert "<img src=x" not in html(rerun(test))


def test_shows_what_others_say_of_the_same_shelter_newest_first(desk: Context, clock: FakeClock, monkeypatch) -> None:
    told(desk, category="shelter", text="school", fields={"status": "full"})
    clock.advance(minutes=20)
    told(desk, category="shelter", text="school", fields={"status": "closed"})
    clock.advance(minutes=10)
    id_ = told(desk, category="shelter", text="school", fields={"status": "full"})
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    section = seen[seen.index("Other reports about it") :]
    newer = section.index("closed (contradicts this report) · seen 10 min ago · 10 m away")
    assert newer < section.index("full · seen 30 min ago")
