"""Done: the answer of a write, and waiting for it."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import NotFound, Unavailable


def test_has_a_revision_and_no_value_unless_given() -> None:
    assert Done(7) == Done(7, None)
    assert Done(7, "secret").value == "secret"
    assert Done(7, "secret") != Done(8, "secret")


def test_waits_for_a_write_and_raises_what_it_raises() -> None:
    kept: Future[Done[str]] = Future()
    kept.set_result(Done(7, "secret"))
    assert wait_for(kept) == Done(7, "secret")
    refused: Future[Done[str]] = Future()
    refused.set_exception(NotFound("There is no such report."))
    with pytest.raises(NotFound):
        wait_for(refused)


def test_gives_up_waiting_for_a_disk_that_does_not_answer() -> None:
    with pytest.raises(Unavailable, match="did not answer in time"):
        wait_for(Future(), seconds=0.01)
