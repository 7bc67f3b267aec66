"""The command line. Exit status 0 for success, 1 for failure, 2 for wrong usage; `--json` for machines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import typer

from crisismap import logs
from crisismap.collector import nothing_collected
from crisismap.core.errors import CrisismapError
from crisismap.problems import sentence
from crisismap.settings import read_settings

if TYPE_CHECKING:
    from crisismap.cli.deployment import Deployment

# typer bundles a click of its own, whose exceptions differ from those of the click that commands raise.
_MISTAKES: tuple[type[Exception], ...] = tuple(
    kind
    for mistake in (click.UsageError, typer.BadParameter)
    for kind in mistake.__mro__
    if issubclass(kind, Exception) and kind.__name__ == "ClickException"
)


@contextmanager
def open_deployment() -> Iterator[Deployment]:
    """Yield the deployment of the settings' data folder. Raises AlreadyRunning if another command has it open."""
    with nothing_collected():
        from crisismap.cli.deployment import deployment
    with deployment(read_settings()) as opened:
        yield opened


def print_result(value: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print the result of a command: its value as JSON for machines, or its lines for people."""
    for line in [json.dumps(value)] if as_json else lines:
        click.echo(line)


def main() -> None:
    """Run a command; an error is one sentence on stderr."""
    with nothing_collected():
        from crisismap.cli.app import app

    logs.set_up()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        sys.exit(app(prog_name="crisismap", standalone_mode=False) or 0)
    except typer.Exit as exit_:
        sys.exit(exit_.exit_code)
    except (click.Abort, typer.Abort):
        sys.exit(1)
    except _MISTAKES as mistake:
        mistake.show()  # type: ignore[attr-defined]
        sys.exit(mistake.exit_code)  # type: ignore[attr-defined]
    except CrisismapError as refusal:
        click.echo(f"crisismap: {sentence(refusal)}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
