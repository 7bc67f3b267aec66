"""Deliveries of message providers over HTTP: what is there, what is not built yet, and what nothing answers.

How a delivery is taken in, whatever the channel, is in tests/channels/test_contract.py.
"""

from __future__ import annotations

import pytest

from crisismap.api.routes.intake import LATER
from crisismap.api.routes.reports import MAX_BODY
from crisismap.channels import CHANNELS
from crisismap.i18n import languages
from tests.api.desk import Desk, problem
from tests.channels.test_contract import Client, Pigeon, client, context, deliver, pigeon

__all__ = ["client", "context", "pigeon"]


@pytest.mark.parametrize("name", sorted(LATER))
def test_says_what_is_not_built_yet_in_the_callers_language(desk: Desk, name: str) -> None:
    for below in ("", "/twilio"):
        for answer in (desk.post(f"/intake/{name}{below}", {}), desk.get(f"/intake/{name}{below}")):
            told = problem(answer, 501, "not-built")
            assert told["code"] == "not_built"
            assert told["detail"] == f"/intake/{name} is not built yet."
    spanish = desk.get(f"/intake/{name}", headers={"Accept-Language": "es"})
    assert spanish.headers["content-language"] == "es"
    if "problem.not_built" in languages()["es"].sentences:
        assert spanish.json()["detail"] != f"/intake/{name} is not built yet."


@pytest.mark.parametrize("name", [*CHANNELS, "nobody", "SMS"])
def test_finds_no_channel_that_has_no_wire(desk: Desk, name: str) -> None:
    for answer in (desk.post(f"/intake/{name}", {}), desk.get(f"/intake/{name}")):
        assert problem(answer, 404, "not-found")["code"] == "no_channel"


def test_takes_a_delivery_at_a_path_below_its_name(client: Client, pigeon: Pigeon) -> None:
    assert deliver(client, pigeon).status_code == 200
    assert deliver(client, pigeon, "/intake/pigeon/north", number="2").status_code == 200
    assert len(pigeon.sent) == 2


def test_reads_no_more_of_a_delivery_than_of_a_report(client: Client, pigeon: Pigeon) -> None:
    answer = client.post("/intake/pigeon", content=b"x" * (MAX_BODY + 1))
    assert answer.status_code == 413
    assert pigeon.sent == []


def test_allows_post_only(client: Client, pigeon: Pigeon) -> None:
    answer = client.get("/intake/pigeon/north")
    assert (answer.status_code, answer.headers["allow"], answer.json()["code"]) == (405, "POST", "method_not_allowed")
