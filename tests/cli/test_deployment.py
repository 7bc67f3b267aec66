"""Where a command works: at a server that runs, else in the folder itself."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from crisismap.exports import EXPORTS
from tests.cli.command import call
from tests.cli.test_app import fill
from tests.processes import free_port
from tests.server import launch


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with one request in it."""
    return fill(tmp_path / "data", demo=False)


def test_does_not_take_another_server_for_its_own(home: Path) -> None:
    """server.json was left by a killed server, and another program answers at its address now."""
    note = {"url": "http://127.0.0.1:9", "token": "old", "pid": 2**22 + 1}
    (home / "server.json").write_text(json.dumps(note))
    assert call(["token", "create", "--role", "agency"], home).code == 0
    for junk in ("", "{", "[]", '{"url": 1}', '{"url": "nonsense", "token": "x"}'):
        (home / "server.json").write_text(junk)
        assert call(["token", "create", "--role", "agency"], home).code == 0, junk


def test_writes_the_same_file_as_the_server_sends(home: Path, tmp_path: Path) -> None:
    """Also as it writes it itself when no server runs."""
    choices = [(form, audience, form == "csv") for form in EXPORTS for audience in ("public", "agency")]
    sent: dict[tuple[str, str, bool], bytes] = {}

    def written(form: str, audience: str, bom: bool) -> bytes:
        target = tmp_path / f"out.{form}"
        words = ["export", target, "--audience", audience, *(["--bom"] if bom else [])]
        assert call(words, home).code == 0
        return target.read_bytes()

    with httpx.Client(trust_env=False) as client:
        server = launch(home, free_port(), {}, "serve", tmp_path / "log")
        try:
            for form, audience, bom in choices:
                query = {"audience": audience, **({"bom": "true"} if bom else {})}
                answer = client.get(f"{server.url}/api/v1/reports.{form}", params=query, headers=server.auth)
                sent[form, audience, bom] = answer.content
                assert same(written(form, audience, bom), answer.content)
        finally:
            server.stop()
    for choice, body in sent.items():
        assert same(written(*choice), body), choice


def same(one: bytes, other: bytes) -> bool:
    """Whether two files are the same, but for who took them, when, and at which revision."""

    def plain(body: bytes) -> bytes:
        if not body.startswith(b'{"type":"FeatureCollection"'):
            return body
        return json.dumps(json.loads(body) | {"handling": "", "revision": 0}).encode()

    return len(one) > 0 and plain(one) == plain(other)
