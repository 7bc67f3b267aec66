"""People and tokens over the API: made by an admin, shown once, listed without their secret, ended at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.desk import Desk, problem


def listed(desk: Desk, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get("/api/v1/tokens", "admin").json()
    return [each for each in found if each["name"] == name]


def test_makes_a_token_that_works_and_ends_it_at_once(desk: Desk) -> None:
    answer = desk.post("/api/v1/tokens", {"role": "responder", "org": "Boats", "name": "Asha"}, "admin")
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["token"]
    [row] = listed(desk, "Asha")
    assert token not in str(row), "it is shown once"
    queue = desk.client.get("/api/v1/moderation", headers={"Authorization": f"Bearer {token}"})
    assert queue.status_code == 200
    assert desk._send("DELETE", f"/api/v1/tokens/{row['id']}", "admin").status_code == 200
    problem(desk.client.get("/api/v1/moderation", headers={"Authorization": f"Bearer {token}"}), 401)
    assert listed(desk, "Asha") == []


def test_invites_somebody_once(desk: Desk) -> None:
    secret = desk.post("/api/v1/people", {"name": "Mala", "role": "volunteer"}, "admin").json()["invitation"]
    page = desk.client.get(f"/login?invitation={secret}")
    assert page.status_code == 200
    assert "Mala" in page.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("people", {"name": "Mala"}),
        ("people", {"name": "Mala", "role": "volunteer", "admin": True}),
        ("tokens", {"days": 90}),
        ("tokens", {"role": "volunteer", "verb": "request.claim"}),
        ("tokens", b"\xff"),
    ],
)
def test_refuses_a_body_that_it_does_not_know(desk: Desk, path: str, body: Any) -> None:
    assert problem(desk.post(f"/api/v1/{path}", body, "admin"), 422, "malformed")["code"] == "body_unreadable"


def test_takes_no_large_body(desk: Desk) -> None:
    problem(desk.post("/api/v1/people", {"name": "x" * 9000, "role": "volunteer"}, "admin"), 413, "too-large")


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("volunteer", 403), ("responder", 403), ("agency", 403)])
def test_is_for_admins_only(desk: Desk, role: str | None, status: int) -> None:
    problem(desk.post("/api/v1/people", {"name": "Mala", "role": "admin"}, role), status)
    problem(desk.post("/api/v1/tokens", {"role": "admin"}, role), status)
    problem(desk.get("/api/v1/tokens", role), status)
    problem(desk._send("DELETE", "/api/v1/tokens/0000", role), status)
