"""Upkeep commands: proving the log, and later the data's keeping and going."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import Annotated

import click
import msgspec
import typer

from crisismap import bootstrap
from crisismap.cli.deployment import running
from crisismap.core.errors import Invalid
from crisismap.core.event import Chain
from crisismap.settings import Settings, read_settings

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]
_KNOWN = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def verify_log(
    against: Annotated[
        str | None, typer.Option(help="REVISION:HASH as printed before, or by a backup, and kept elsewhere.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that no event was changed, removed or put in between; exit 1 and where it breaks when one was."""
    known = _known(against) if against is not None else None
    settings = read_settings()
    with running(settings) as there:
        chain = there.verify_log(known) if there is not None else _verified(settings, known)
    if as_json:
        click.echo(json.dumps({"ok": chain.holds, **msgspec.to_builtins(chain)}))
    elif chain.holds:
        click.echo(f"The log holds: {chain.events} events. Keep this elsewhere, to compare with: ")
        click.echo(f"{chain.events}:{chain.head}")
    else:
        click.echo(f"crisismap: the log is broken at event {chain.broken_at}: {chain.why}.", err=True)
    raise typer.Exit(0 if chain.holds else 1)


def _verified(settings: Settings, known: tuple[int, str] | None) -> Chain:
    # The store alone: a log that was tampered with need not make sense to anything above it.
    with closing(bootstrap.existing_store(settings)) as store:
        return store.verified(known)


def _known(text: str) -> tuple[int, str]:
    match = _KNOWN.fullmatch(text)
    if match is None:
        raise Invalid("against", text, "is not REVISION:HASH as verify-log or a backup prints it")
    return int(match[1]), match[2]
