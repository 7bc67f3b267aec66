"""A person's word on words: about those that were looked at only, and never over consent or what reaches somebody."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid, WrongState
from crisismap.core.privacy import (
    Audience,
    ModerationStatus,
    cannot_publish,
    moderation_status,
    redact,
    review_reasons,
    text_is_cleared,
)
from crisismap.core.report.moderation import MAX_REASON, Moderation, clear, fingerprint, reconsider, withhold
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Standing
from tests.core.samples import CATEGORIES, NOW, PUBLISH, RULES, current

BODY: dict[str, Any] = {"category": "rescue", "text": "two of us on the roof", "lon": 80.25, "lat": 13.05}


def said(**members: Any) -> CurrentReport:
    return current({**BODY, "consent": PUBLISH, **members})


def cleared(now: CurrentReport) -> CurrentReport:
    return msgspec.structs.replace(now, moderation=clear(now.report.text, "p-1", NOW, asks=now.asks))


def withheld(now: CurrentReport) -> CurrentReport:
    return msgspec.structs.replace(now, moderation=withhold(now.report.text, "p-1", "a name", NOW, asks=now.asks))


def public_text(now: CurrentReport) -> str | None:
    found = redact(now, Audience.PUBLIC, CATEGORIES[now.report.category], RULES.privacy)
    return found.text if found is not None else None


def why(now: CurrentReport) -> tuple[str, ...]:
    return review_reasons(now, CATEGORIES[now.report.category], RULES.privacy)


def watched(now: CurrentReport) -> ModerationStatus:
    return moderation_status(now, CATEGORIES[now.report.category], RULES.privacy)


def test_lets_a_person_clear_what_the_rule_holds_back():
    now = said()
    assert (public_text(now), why(now), watched(now)) == ("", ("asks",), ModerationStatus.PENDING)
    assert (public_text(cleared(now)), why(cleared(now)), watched(cleared(now))) == (
        BODY["text"],
        (),
        ModerationStatus.CLEARED,
    )


def test_lets_a_person_keep_back_what_the_rule_cleared():
    now = said(category="flooding", text="the street beside the old mill is under water")
    assert (public_text(now), why(now), watched(now)) == (now.report.text, (), ModerationStatus.NOTHING)
    assert (public_text(withheld(now)), watched(withheld(now))) == ("", ModerationStatus.WITHHELD)


@pytest.mark.parametrize("decide", [cleared, withheld])
@pytest.mark.parametrize("category", ["rescue", "flooding", "medical"])
def test_changes_nothing_for_those_who_answer(decide, category):
    now = said(category=category)
    before, after = (redact(each, Audience.AGENCY, CATEGORIES[category], RULES.privacy) for each in (now, decide(now)))
    assert before is not None
    assert after is not None
    assert msgspec.structs.replace(after, moderation_status=before.moderation_status) == before


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"consent": {"publish": False}}, "consent"),
        ({"category": "medical"}, "sensitive"),
        ({"text": "", "fields": {"trapped": True}}, "silent"),
        ({"text": "call 98400 12345"}, "reaching"),
        ({"text": "write to asha@example.org"}, "reaching"),
        ({"text": "see https://example.org/x"}, "reaching"),
        ({"text": "\u0be9\u0be9\u0be9 \u0be9\u0be9\u0be9 \u0be9"}, "reaching"),
    ],
)
def test_lets_nobody_clear_what_may_never_be_published(members, reason):
    now = said(**members)
    assert cannot_publish(now, CATEGORIES[now.report.category]) == reason
    assert not public_text(cleared(now))
    assert watched(now) is ModerationStatus.NOTHING, "no queue of what cannot be decided"


@given(st.text(st.sampled_from("ab 1\u0be93@.:/w-"), max_size=30))
def test_never_publishes_many_digits_whatever_was_decided(text):
    now = msgspec.structs.replace(said(), moderation=clear(text, "p-1", NOW, asks=True))
    now = msgspec.structs.replace(now, report=msgspec.structs.replace(now.report, text=text))
    shown = public_text(now)
    assert sum(map(str.isdigit, shown or "")) < 7
    assert "@" not in (shown or "")


def test_needs_another_look_at_other_words():
    now = cleared(said())
    other = msgspec.structs.replace(now, report=msgspec.structs.replace(now.report, text="Asha is alone in no. 12"))
    assert (public_text(other), why(other)) == ("", ("changed", "asks"))
    kept = withheld(said())
    other = msgspec.structs.replace(kept, report=msgspec.structs.replace(kept.report, text="better words"))
    assert (public_text(other), why(other), watched(other)) == ("", ("changed", "asks"), ModerationStatus.PENDING)


def test_needs_another_look_when_it_asks_for_help_after_all():
    """The words of a report that asks nothing may name its place; those of a request may not."""
    now = cleared(said(category="flooding", text="water in Hall Street 12 to 1400"))
    assert public_text(now) == now.report.text
    asks = msgspec.structs.replace(now, request=Request())
    assert (public_text(asks), why(asks)) == ("", ("changed", "asks", "numbers"))


def test_waits_for_verification_where_wrong_words_harm():
    now = cleared(said(category="shelter", text="it is open", fields={"status": "open"}))
    assert (public_text(now), why(now), watched(now)) == ("", ("dangerous",), ModerationStatus.PENDING)
    verified = msgspec.structs.replace(now, standing=Standing("verified", "p-1", "was there"))
    assert (public_text(verified), watched(verified)) == ("it is open", ModerationStatus.CLEARED)


@pytest.mark.parametrize(
    ("members", "verdict", "reasons"),
    [
        ({"observed_at": "2031-01-01T00:00:00Z"}, "", ("flagged",)),
        ({}, "disputed", ("disputed",)),
        ({"fields": {"hide_place": True}}, "", ("hide_place",)),
        ({"text": "deep at number 1400"}, "", ("numbers",)),
    ],
)
def test_asks_for_a_look_where_something_warns(members, verdict, reasons):
    now = said(**{"category": "flooding", "text": "knee deep", **members})
    assert why(msgspec.structs.replace(now, standing=Standing(verdict))) == reasons


def test_asks_nobody_about_what_is_set_apart():
    assert watched(msgspec.structs.replace(said(), quarantined=True)) is ModerationStatus.NOTHING


@pytest.mark.parametrize("reason", ["", "  ", "x" * (MAX_REASON + 1)])
def test_wants_a_reason_for_keeping_words_back(reason):
    with pytest.raises(Invalid, match="reason"):
        withhold("x", "p-1", reason, NOW, asks=True)


def test_takes_a_decision_back():
    assert reconsider(clear("x", "p-1", NOW, asks=False)) == Moderation()
    with pytest.raises(WrongState, match="nothing to take back"):
        reconsider(Moderation())


def test_tells_words_apart():
    prints = {fingerprint(text, asks=asks) for text in ("", "a", "b") for asks in (True, False)}
    assert len(prints) == 6
    assert not Moderation().is_of("", asks=False)


def test_would_publish_without_consent_if_a_person_were_enough(monkeypatch):
    """The negative control: were the rule to ask for the person's word only, these words would be out."""
    now = cleared(said(consent={"publish": False}))
    assert not text_is_cleared(now, RULES.privacy)
    monkeypatch.setattr("crisismap.core.privacy.text_is_cleared", lambda current, _rules: current.is_cleared)
    assert public_text(now) == BODY["text"]
