"""Whoever holds the code sees what is kept, corrects it and erases it; nobody else."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from crisismap.core.errors import Gone, Invalid, NotFound
from crisismap.core.report.report import Correction
from crisismap.services.reporter.own_data import correct_own_report, erase_own_report, personal_data
from crisismap.services.runtime.context import Context
from tests import acts
from tests.people import RESPONDER
from tests.services.deployment import ask

HERE = "192.0.2.7"
SAID = {"text": "on the blue roof", "contact": {"phone": "98765 43210"}, "people": 3}


def own(context: Context, code: str) -> dict[str, Any]:
    return personal_data(
        context.store,
        context.views.situation,
        context.rules,
        context.guards.code_tries,
        context.clock(),
        code,
        HERE,
    )


def correct(context: Context, code: str, body: dict[str, Any]) -> None:
    correct_own_report(
        context.store,
        context.views,
        context.guards.code_tries,
        context.clock(),
        code,
        HERE,
        msgspec.convert(body, Correction),
    )


def erase(context: Context, code: str) -> None:
    erase_own_report(
        context.store,
        context.views,
        context.guards.code_tries,
        context.settings,
        context.clock(),
        code,
        HERE,
    )


def test_gives_out_all_that_is_kept(context: Context) -> None:
    report, code = ask(context, **SAID)
    acts.claim(context, RESPONDER, report, None).result()
    found = own(context, code)
    assert (found["text"], found["people"], found["contact"]["phone"]) == ("on the blue roof", 3, "98765 43210")
    assert (found["state"], found["lon"], found["erased"]) == ("claimed", 80.25, False)
    assert [each["what"] for each in found["happened"]] == ["report.submit", "request.claim"]
    assert json.dumps(found), "it can be taken away as JSON"


def test_knows_no_other_code(context: Context) -> None:
    _, code = ask(context, **SAID)
    for wrong in ("", "ABCD-EFGH-JKMN", code[:-1]):
        with pytest.raises(NotFound):
            own(context, wrong)
        with pytest.raises(NotFound):
            erase(context, wrong)
    assert own(context, code)["text"] == "on the blue roof"


def test_corrects_what_is_wrong_and_forgets_what_was_said(context: Context) -> None:
    _, code = ask(context, **SAID)
    correct(context, code, {"text": "on the green roof"})
    found = own(context, code)
    assert (found["text"], found["contact"]["phone"]) == ("on the green roof", "98765 43210")
    assert "blue" not in json.dumps(found)
    with pytest.raises(Invalid):
        correct(context, code, {})


def test_makes_a_report_a_request_when_the_corrected_text_says_that_somebody_needs_help(context: Context) -> None:
    report_id, code = ask(context, category="flooding", text="wet", asks=None)
    assert context.store.reports.one(report_id).request is None
    for text, need in (
        ("wet and dirty", "information"),
        ("they say a family is trapped behind the mill", "may"),
        ("we are trapped", "asks"),
    ):
        correct(context, code, {"text": text})
        now = context.store.reports.one(report_id)
        assert (now.need, now.report.need) == (need, need)
    correct(context, code, {"text": "wet"})
    assert context.store.reports.one(report_id).need == "asks", "a correction takes no request back"


def test_erases_it_for_good(context: Context) -> None:
    report, code = ask(context, **SAID)
    erase(context, code)
    kept = repr(context.store.reports.one(report).report)
    assert "blue roof" not in kept
    assert context.store.reports.contact(report).phone is None
    with pytest.raises((Gone, NotFound)):
        correct(context, code, {"text": "again"})
