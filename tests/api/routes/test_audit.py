"""The event log as CSV: newest first, searched by what it is asked, and each export written down in it."""

from __future__ import annotations

import csv
import io
import re

import pytest

from crisismap.core import moment
from tests.api.desk import Desk, problem


def rows(desk: Desk, query: str = "") -> list[dict[str, str]]:
    answer = desk.get(f"/api/v1/audit.csv{query}", "admin")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_knows_who_took_what(desk: Desk) -> None:
    def taken() -> int:
        """Exports written down; the log's other events come when they like."""
        desk.report()  # events are written in order: with this one those before it are there
        return desk.get("/api/v1/audit.csv?verb=export.take", "admin").text.count("export.take")

    before = taken()
    desk.get("/api/v1/reports.csv")
    assert taken() == before, "strangers are not written down"
    desk.get("/api/v1/reports.csv", "agency")
    assert taken() == before + 1


def test_gives_a_file_that_nobody_keeps(desk: Desk) -> None:
    answer = desk.get("/api/v1/audit.csv?verb=layer.put", "admin")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    told = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="audit-\d{4}-\d\d-\d\d-\d{4}\.csv"', told)
    assert answer.headers["cache-control"] == "no-store"


def test_finds_by_subject_verb_actor_and_time(desk: Desk) -> None:
    report = desk.report()["id"]
    assert desk.act("claim", report).status_code == 200
    assert desk.act("release", report).status_code == 200

    def verbs(query: str = "") -> list[str]:
        """What was done to the report, but for the looks of this test into the log."""
        found = [row["verb"] for row in rows(desk, f"?subject={report}{query}")]
        return [verb for verb in found if verb != "audit.read"]

    assert verbs() == ["request.release", "request.claim", "report.submit"]
    [claim] = rows(desk, f"?subject={report}&verb=request.claim")
    assert verbs("&verb=request.claim,request.release") == ["request.release", "request.claim"]
    assert verbs(f"&actor={claim['actor']}") == ["request.release", "request.claim"]
    assert verbs("&actor=") == ["report.submit"], "a stranger's"
    before = moment.rfc3339(moment.parse(claim["at"])[0] - 60_000)
    assert verbs(f"&until={before}") == []
    assert len(verbs(f"&since={before}")) == 3


def test_writes_down_that_it_was_taken(desk: Desk) -> None:
    before = len(rows(desk, "?verb=audit.read"))
    assert len(rows(desk, "?verb=audit.read")) == before + 1


@pytest.mark.parametrize("query", ["?who=x", "?since=yesterday", "?verb=%00", "?actor=%00", "?subject=%00"])
def test_refuses_a_question_it_cannot_hear(desk: Desk, query: str) -> None:
    told = problem(desk.get(f"/api/v1/audit.csv{query}", "admin"), 422, "invalid")
    assert told["field"] == query[1:].partition("=")[0]


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("volunteer", 403), ("responder", 403), ("agency", 403)])
def test_is_for_admins_only(desk: Desk, role: str | None, status: int) -> None:
    problem(desk.get("/api/v1/audit.csv", role), status)
