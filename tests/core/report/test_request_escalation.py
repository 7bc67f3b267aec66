"""Escalation: each role is called once, in order, and none that is not there."""

from __future__ import annotations

from crisismap.core.report.request import Request, call_roles

ROLES = ("responder", "agency")


def test_calls_each_role_once_up_to_the_last():
    after, calls = call_roles(ROLES, "r", Request(), 5, 7)
    assert after.escalated == 2
    assert [(call.data["step"], call.data["to"], call.actor) for call in calls] == [
        (1, "responder", "system"),
        (2, "agency", "system"),
    ]
    assert call_roles(ROLES, "r", after, 5, 8) == (after, ())


def test_calls_only_those_that_are_new():
    after, calls = call_roles(ROLES, "r", Request(escalated=1), 2, 7)
    assert [call.data["to"] for call in calls] == ["agency"]
    assert after.escalated == 2
    assert call_roles((), "r", Request(), 1, 7) == (Request(), ())
