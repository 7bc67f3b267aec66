"""Fields of a verb's body: one for each member that has to be there, of the kind that it is."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def asks() -> None:
    """Run by AppTest: a body of every kind of member, and the priority of a report."""
    from types import SimpleNamespace

    import streamlit as st

    from crisismap.core.verb import Body, Labels, Verb
    from crisismap.core.verbs import VERBS
    from crisismap.ui.detail.verb_fields import fields

    class Count(Body, frozen=True):
        boats: int
        metres: float
        by_night: bool
        reason: str
        note: str | None = None

    claim = VERBS["claim"]
    verb = Verb("request.count", frozenset(), Count, claim.transition, claim.offered, Labels("", "", "", ask="Why so?"))
    st.session_state["body"] = fields(verb, "a")
    st.session_state["priority"] = fields(VERBS["priority"], "b", SimpleNamespace(priority="P3"))


def test_draws_a_field_for_each_member_that_has_to_be_there():
    test = AppTest.from_function(asks).run()
    assert not test.exception
    assert [each.label for each in test.number_input] == ["Boats", "Metres"]
    assert [each.label for each in test.checkbox] == ["By night"]
    assert [each.label for each in test.text_area] == ["Why so?"]
    test.number_input[0].set_value(3)
    test.checkbox[0].check()
    test.text_area[0].set_value("dark").run()
    body = test.session_state["body"]
    assert (body.boats, body.metres, body.by_night, body.reason, body.note) == (3, 0.0, True, "dark", None)


def test_begins_with_the_priority_that_counts_now():
    test = AppTest.from_function(asks).run()
    assert test.session_state["priority"].priority == "P3"
    test.button_group[0].set_value(1).run()
    assert test.session_state["priority"].priority == "P1"
