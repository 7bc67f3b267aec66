"""Logs: nobody can forge a line or colour a terminal, and no number, code or secret stands in one."""

from __future__ import annotations

import ast
import io
import logging
from collections.abc import Iterator

import httpx
import pytest

from crisismap import logs
from crisismap.settings import ROOT
from tests.server import StartServer


@pytest.fixture
def lines() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own and what it wrote."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Plain())
    logger = logging.getLogger("crisismap.tests.logs")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, out
    logger.removeHandler(handler)


LEVELS = ("debug", "info", "warning", "error", "exception")
FORGED = "x\r\n2026-01-01 00:00:00,000 INFO crisismap: all is well\x1b[2J\x1b]0;pwned\x07\u2028next\u202e"


def test_writes_one_line_for_one_record(lines: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = lines
    logger.error("refused: %s", FORGED)
    assert out.getvalue().count("\n") == 1
    for raw in ("\x1b", "\x07", "\r", "\u2028", "\u202e"):
        assert raw not in out.getvalue()
    assert "\\x0d\\x0a" in out.getvalue()


def test_marks_the_lines_of_a_traceback(lines: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = lines
    try:
        raise ValueError(FORGED)
    except ValueError:
        logger.exception("unexpected error")
    first, *rest = out.getvalue().rstrip("\n").split("\n")
    assert "unexpected error" in first
    assert rest
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in out.getvalue()


def test_would_forge_a_line_with_the_ordinary_formatter() -> None:
    """The negative control."""
    record = logging.LogRecord("x", logging.ERROR, "", 0, "refused: %s", (FORGED,), None)
    assert len(logging.Formatter(logs.FORMAT).format(record).splitlines()) > 2


@pytest.mark.parametrize(
    "secret",
    [
        "+91 98765 43210",
        "98765-43210",
        "(044) 2345 6789",
        "9876543210",
        "7K2M-9QXA-4TPC",
        "7k2m-9qxa-4tpc",
        "asha@example.org",
    ],
)
def test_masks_numbers_codes_and_addresses(secret: str) -> None:
    said = logs.mask(f"cannot send to {secret}: timeout after 30 s")
    assert secret not in said
    assert logs.MASK in said
    assert "timeout after 30 s" in said


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ('GET /t/7K2M9QXA4TPC HTTP/1.1" 404', "7K2M9QXA4TPC"),
        ("GET /report/thanks/7K2M9QXA4TPC?k=abcdef", "abcdef"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("/login?invitation=abcdefghijk&lang=ta", "abcdefghijk"),
        ("/login/oidc/callback?code=abcdef&state=y", "abcdef"),
    ],
)
def test_masks_what_lets_somebody_in(line: str, secret: str) -> None:
    assert secret not in logs.mask(line)


@pytest.mark.parametrize(
    "line",
    [
        "situation: 200000 reports in 1.2 s",
        "since 2015-12-02T06:30:00Z",
        "port 8501 at 127.0.0.1",
        "claim 0151619e-a3c0-8f2a-9b1c-0d2e4f6a8b1c did not expire",
        "வெள்ளம் 12 பேர்",
    ],
)
def test_leaves_what_operators_need(line: str) -> None:
    assert logs.mask(line) == line


@pytest.mark.parametrize("number", [3_053, 1_234_567, 1_449_037_800_000])
def test_leaves_counts_and_still_masks_numbers_beside_them(
    lines: tuple[logging.Logger, io.StringIO], number: int
) -> None:
    logger, out = lines
    logger.warning("situation: %s reports in %.1f s; %s %s", logs.count(number), 12.5, "98765 43210", "7K2M-9QXA-4TPC")
    assert out.getvalue().endswith(f"situation: {number:,} reports in 12.5 s; {logs.MASK} {logs.MASK}\n")


def test_masks_a_count_written_as_a_telephone_number_is() -> None:
    """The negative control, and why no line of ours may have one."""
    assert logs.mask("situation: 1234567 reports") == f"situation: {logs.MASK} reports"


def test_no_line_of_ours_writes_a_count_without_commas() -> None:
    found = []
    for path in (ROOT / "crisismap").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(tuple(f"log.{name}" for name in LEVELS)):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and "%d" in str(first.value):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, f"write them with logs.count: {found}"


def test_keeps_people_out_of_the_log_of_a_running_server(server: StartServer) -> None:
    """What strangers send in bodies, paths, queries and headers, good and bad, leaves no trace in the log."""
    one = server()
    phone, code = "98765 43210", "7K2M-9QXA-4TPC"
    with httpx.Client(base_url=one.url, trust_env=False) as client:
        body = {
            "category": "rescue",
            "text": f"call {phone} {FORGED}",
            "contact": {"phone": phone},
            "lon": 999,
            "lat": 0,
        }
        assert client.post("/api/v1/reports", json=body).status_code == 201
        assert client.post("/api/v1/reports", json=body | {"called": phone}).status_code == 422
        assert client.post("/api/v1/reports", json=body | {"lon": 80}).status_code == 201
        assert client.post("/report", data={"text": phone, "category": FORGED}).status_code in (403, 422)
        client.get(f"/t/{code}")
        client.get(f"/t/{code}%0d%0aFORGED")
        client.get("/api/v1/reports.csv", params={"area": FORGED, "since": phone})
        client.get("/api/v1/requests", headers={"Authorization": f"Bearer {code}\x7f", "User-Agent": phone})
        client.get("/login", params={"invitation": code})
    one.stop()
    log = one.log.read_text(errors="replace")
    for secret in (phone, phone.replace(" ", ""), code, code.replace("-", ""), "FORGED", "all is well", "\x1b"):
        assert secret not in log
