"""Commands about rules: trying changed rules on past reports."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from crisismap.cli import print_result
from crisismap.cli.upkeep import Json
from crisismap.settings import ROOT, read_settings

if TYPE_CHECKING:
    from crisismap.services.requests.rule_trial import Trial


def group() -> None:
    """Try changed rules."""


def test(
    folder: Annotated[Path, typer.Argument(help="A copy of data/ with changed rules.")] = ROOT / "data",
    show: Annotated[int, typer.Option(help="Show ids of up to N reports that would change.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Say what changed rules would change on all past reports; changes nothing."""
    from crisismap import bootstrap
    from crisismap.rule_files import read_rule_files
    from crisismap.services.requests.rule_trial import try_rules

    changed, live = read_rule_files(folder), read_rule_files()
    with bootstrap.past_events(read_settings()) as log:
        trial = try_rules(log, live, changed, show, _progress if sys.stderr.isatty() and not as_json else None)
    print_result(asdict(trial), _lines(trial), as_json=as_json)


def _progress(read: int) -> None:
    click.echo(f"{read} reports read", err=True)


def _lines(trial: Trial) -> Iterator[str]:
    yield f"{trial.changed} of {trial.reports} reports would change"
    if trial.without_text:
        yield f"{trial.without_text} reports whose text was removed are left out"
    yield from _counts("Changes", trial.directions)
    yield from _counts("By reason", trial.by_reason, "no rule")
    yield from _counts("By language", trial.by_language, "unknown")
    yield (
        f"Of {trial.decisions} decisions of people, the live rules agree with {trial.live_agrees}, "
        f"the changed rules with {trial.changed_agrees}"
    )
    for id_, before, after in trial.shown:
        yield f"{id_}  {before} → {after}"


def _counts(title: str, counts: Counter[str], unnamed: str = "") -> Iterator[str]:
    if counts:
        yield f"{title}:"
        yield from (f"  {number}  {name or unnamed}" for name, number in counts.most_common())
