"""The whole API asked by schemathesis: no 5xx, and no answer that its own document does not allow.

`make test` gives it a minute, `make soak` an hour of it in parts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.api.routes.requests import VERBS
from crisismap.exports import EXPORTS
from tests.api.conftest import LAYERS
from tests.api.desk import Desk
from tests.conftest import ROOT
from tests.processes import free_port
from tests.server import launch

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "use_after_free",
    "ignored_auth",
)
# Left out: `positive_data_acceptance` (that lon and lat come together is said in words only) and
# `allow_header_conformance` (the document has two templates for one address, /layers/{name} and /layers/{layer_id}).
LIVE = "/api/v1/live"  # a stream without an end; its frames have tests of their own
FAILED = 1
SEED = 7  # the tests of every day ask the same questions each time; `make soak` asks others


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A server of its own, with layers and requests in every state."""
    folder = tmp_path_factory.mktemp("fuzz")
    server = launch(folder / "data", free_port(), {"CRISISMAP_RATE_LIMIT": "off"}, "serve", folder / "server.log")
    one = Desk(server)
    for name, (role, body) in LAYERS.items():
        assert one.put(f"/api/v1/layers/{name}?role={role}", body, "agency").status_code == 201
    yield one
    one.client.close()
    server.stop()
    assert "Traceback" not in (folder / "server.log").read_text()


def fuzz(
    one: Desk, role: str | None, seconds: int, folder: Path, document: str = "", seed: int | None = SEED
) -> subprocess.CompletedProcess[str]:
    """Run schemathesis as somebody; `document`: another than the served one."""
    ids = [one.report(text=f"for the fuzz {number}")["id"] for number in range(6)]
    environ = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.api.fuzz_hooks",
        "PYTHONPATH": str(ROOT),
        "FUZZ_IDS": " ".join(ids),
        "FUZZ_VERBS": " ".join(VERBS),
        "FUZZ_FORMS": " ".join(EXPORTS),
        "PYTHONWARNINGS": "ignore",
    }
    words = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        document or f"{one.server.url}/api/v1/openapi.json",
    ]
    words += ["--url", one.server.url, "--max-time", str(seconds), "--checks", ",".join(CHECKS), "--no-color"]
    words += ["--exclude-path", LIVE, "--request-timeout", "20", "--continue-on-failure"]
    words += ["--seed", str(seed)] if seed is not None else []
    for name, value in one.headers(role).items():
        words += ["-H", f"{name}: {value}"]
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("role", "seconds"), [(None, 12), ("responder", 15), ("admin", 15)])
def test_gives_no_answer_that_the_document_does_not_allow(
    asked: Desk, role: str | None, seconds: int, tmp_path: Path
) -> None:
    done = fuzz(asked, role, seconds, tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert asked.get("/readyz").status_code == 200


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", [None, "volunteer", "responder", "agency", "admin"])
def test_gives_none_for_long(asked: Desk, role: str | None, tmp_path: Path) -> None:
    done = fuzz(asked, role, 720, tmp_path, seed=None)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_notices_an_answer_that_the_document_does_not_allow(asked: Desk, tmp_path: Path) -> None:
    """The negative control: the same document without what is said of an unknown id."""
    document = asked.get("/api/v1/openapi.json").json()
    path = "/api/v1/requests/{report_id}"
    document["paths"] = {path: document["paths"][path]}
    del document["paths"][path]["get"]["responses"]["404"]
    file = tmp_path / "lie.json"
    file.write_text(json.dumps(document))
    done = fuzz(asked, "responder", 8, tmp_path, str(file))
    assert done.returncode == FAILED, done.stdout[-3000:]
    assert "404" in done.stdout.partition("FAILURES")[2]
