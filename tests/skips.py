"""What becomes of tests: skipped ones fail under CI=true, else are listed; failed ones are marked."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator
from typing import Any

import pytest

SKIPPED = pytest.StashKey[list[tuple[str, str]]]()
FAILED = pytest.StashKey[bool]()  # on an item: its setup or body failed


def nothing_may_be_left_out() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SKIPPED] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = _reason(report)
        item.config.stash[SKIPPED].append((item.nodeid, reason))
        if nothing_may_be_left_out():
            report.outcome = "failed"
            report.longrepr = f"left out, and with CI=true nothing may be: {reason}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        reason = _reason(report)
        collector.config.stash[SKIPPED].append((collector.nodeid, reason))
        if nothing_may_be_left_out():
            report.outcome = "failed"
            report.longrepr = f"left out, and with CI=true nothing may be: {reason}"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker (pytest-xdist) tells the main process what it left out."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["skipped"] = session.config.stash[SKIPPED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The main process hears of it; every worker collects all, so one skipped module comes from each."""
    skipped = node.config.stash[SKIPPED]
    for name, reason in getattr(node, "workeroutput", {}).get("skipped", []):
        if (name, reason) not in skipped:
            skipped.append((name, reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = config.stash[SKIPPED]
    if not skipped:
        return
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name, reason in skipped:
        by_reason[reason].append(name)
    terminalreporter.section("left out")
    for reason, names in by_reason.items():
        terminalreporter.write_line(f"{len(names)} left out. {reason}")
        for name in names:
            terminalreporter.write_line(f"    {name}")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr
    text = told[2] if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ")
