"""The command line. Exit 0 done, 1 failed, 2 usage; `--json` for machines."""

from __future__ import annotations

import logging
import sys

import click

from crisismap.core.errors import CrisismapError


def main() -> None:
    """Run a command; a refusal is one sentence on stderr."""
    # Imported here so that `crisismap --help` and mistakes answer at once.
    from crisismap.cli.app import app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.ClickException as mistake:
        mistake.show()
        sys.exit(mistake.exit_code)
    except CrisismapError as refusal:
        click.echo(f"crisismap: {refusal.detail}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
