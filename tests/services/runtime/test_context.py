"""Each person does what their roles allow, and reads the columns of their audience."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import COMMAND_LINE, Context, audience_of, require
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER, VOLUNTEER


def test_tells_a_stranger_to_sign_in_and_others_that_they_may_not() -> None:
    with pytest.raises(NotSignedIn):
        require(STRANGER, "layer.put")
    for person in (VOLUNTEER, RESPONDER):
        with pytest.raises(Forbidden) as refused:
            require(person, "layer.put")
        assert refused.value.details["verb"] == "layer.put"
    require(AGENCY, "layer.put")


def test_refuses_a_verb_that_nobody_declared() -> None:
    for person in (ADMIN, COMMAND_LINE, Person("p-x", "", "", frozenset())):
        with pytest.raises(Forbidden):
            require(person, "no.such")


def test_shows_exact_places_to_those_who_may_read_them() -> None:
    audiences = [audience_of(each) for each in (STRANGER, VOLUNTEER, RESPONDER, AGENCY)]
    assert audiences == [Audience.PUBLIC, Audience.PUBLIC, Audience.AGENCY, Audience.AGENCY]


def test_holds_one_open_deployment(context: Context, clock: FakeClock) -> None:
    assert context.clock() == clock()
    assert context.intake.reports is context.store.reports
    with pytest.raises(AttributeError):
        context.store = context.store  # type: ignore[misc]
