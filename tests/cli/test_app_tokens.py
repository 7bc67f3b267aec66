"""token create, list and revoke, with and without a running server."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.cli.command import call, refused
from tests.server import StartServer


def test_lists_and_revokes_tokens_with_and_without_a_server(server: StartServer, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made = call(["token", "create", "--role", "agency", "--name", "copy", "--verbs", "export.take"], folder)
    secret = made.out.split()[-1]
    [listed] = call(["token", "list", "--json"], folder).json
    assert (listed["name"], listed["role"], listed["verbs"]) == ("copy", "agency", ["export.take"])
    assert secret not in str(listed)
    one = server(data_dir=folder)
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{one.url}/api/v1/requests", headers=headers, trust_env=False).status_code == 200
    assert f"{listed['id']}  copy, agency, only export.take" in call(["token", "list"], folder).out
    assert "no longer valid" in call(["token", "revoke", listed["id"]], folder).out
    assert httpx.get(f"{one.url}/api/v1/requests", headers=headers, trust_env=False).status_code == 401
    assert call(["token", "list"], folder).out == "There are no tokens.\n"
    refused(call(["token", "revoke", listed["id"]], folder), 1, "no such")


def test_refuses_a_scope_that_the_role_does_not_have(tmp_path: Path) -> None:
    done = call(["token", "create", "--role", "volunteer", "--verbs", "export.take,report.place"], tmp_path / "data")
    refused(done, 1, "verbs", "export.take")
    assert call(["token", "list", "--json"], tmp_path / "data").json == []
