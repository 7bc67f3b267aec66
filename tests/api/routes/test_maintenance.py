"""What the commands ask of a running server, for an admin: verify the log, back up, erase, retain."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.desk import Desk, problem
from tests.api.routes.test_own_data import reported, send


def test_does_for_an_admin_what_the_commands_ask(desk: Desk) -> None:
    _, mine = reported(desk)
    for path, body in (
        ("log:verify", {}),
        ("backups", {}),
        ("retention", {"dry_run": True}),
        ("erasures", {"code": "x"}),
    ):
        for role in (None, "volunteer", "responder", "agency"):
            assert desk.post(f"/api/v1/{path}", body, role).status_code == (401 if role is None else 403), path
    assert desk.post("/api/v1/log:verify", {}, "admin").json()["broken_at"] is None
    assert set(desk.post("/api/v1/retention", {"dry_run": True}, "admin").json()) >= {"contact", "words", "place"}
    assert desk.post("/api/v1/erasures", {"code": "x"}, "admin").status_code == 404
    assert desk.post("/api/v1/erasures", {"code": mine["X-Tracking-Code"]}, "admin").status_code == 200
    assert send(desk, "GET", mine).json()["erased"] is True


def test_compares_the_log_with_what_was_kept_elsewhere(desk: Desk) -> None:
    revision = desk.post("/api/v1/backups", None, "admin").json()["revision"]
    known = {"revision": revision, "head": "0" * 64}
    assert desk.post("/api/v1/log:verify", {}, "admin").json()["broken_at"] is None
    assert desk.post("/api/v1/log:verify", {"known": known}, "admin").json()["broken_at"] == revision


def test_records_a_backup_and_answers_its_revision(desk: Desk) -> None:
    first, second = (desk.post("/api/v1/backups", None, "admin") for _ in range(2))
    assert second.json()["revision"] > first.json()["revision"]
    assert second.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("log:verify", {"known": {"revision": "1", "head": ""}}),
        ("log:verify", {"knwon": None}),
        ("retention", {"dry_run": "yes"}),
        ("erasures", {}),
        ("erasures", b"{"),
    ],
)
def test_refuses_a_body_that_it_does_not_know(desk: Desk, path: str, body: Any) -> None:
    assert problem(desk.post(f"/api/v1/{path}", body, "admin"), 422, "malformed")["code"] == "body_unreadable"


def test_takes_no_large_body(desk: Desk) -> None:
    problem(desk.post("/api/v1/erasures", {"code": "x" * 5000}, "admin"), 413, "too-large")


def test_is_not_in_the_public_document(desk: Desk) -> None:
    paths = desk.get("/api/v1/openapi.json").json()["paths"]
    assert not {f"/api/v1/{name}" for name in ("log:verify", "backups", "erasures", "retention")} & set(paths)
