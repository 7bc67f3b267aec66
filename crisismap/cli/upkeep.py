"""Maintenance commands: verifying the log, backup and restore, erasure and retention."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import click
import msgspec
import typer

from crisismap.cli import open_deployment, print_result
from crisismap.core.errors import AlreadyRunning, Invalid
from crisismap.core.event import Chain, EventDraft
from crisismap.settings import SECRET_FILE, Settings, read_settings
from crisismap.settings import with_secret as with_secret_read

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
_KNOWN = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def verify_log(
    against: Annotated[
        str | None, typer.Option(help="REVISION:HASH printed earlier, or by a backup, and stored elsewhere.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify that no event was changed, removed or inserted; exit 1 with the position of the first break."""
    from crisismap.cli.deployment import running

    known = _known_head(against) if against is not None else None
    settings = read_settings()
    with running(settings) as server:
        chain = server.verify_log(known) if server is not None else _verify(settings, known)
    if as_json:
        click.echo(json.dumps({"ok": chain.holds, **msgspec.to_builtins(chain)}))
    elif chain.holds:
        click.echo(f"The log holds: {chain.events} events. Keep this elsewhere, to compare with: ")
        click.echo(f"{chain.events}:{chain.head}")
    else:
        click.echo(f"crisismap: the log is broken at event {chain.broken_at}: {chain.why}.", err=True)
    raise typer.Exit(0 if chain.holds else 1)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, preferably on another disk.")],
    with_secret: Annotated[
        bool,
        typer.Option("--with-secret", help="Include the secret: whoever has the backup can read contacts."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy database, photos, layers and basemap, while the server runs; the secret only on request."""
    from crisismap import bootstrap
    from crisismap.cli.deployment import running
    from crisismap.services.operations.backup import make

    settings = read_settings()
    with running(settings) as server:
        began = server.note_backup() if server is not None else _note_backup(settings)
    now_ms = bootstrap.wall_clock()
    manifest = make(bootstrap.databases, with_secret_read(settings), folder, began, now_ms, with_secret=with_secret)
    size = sum(file.bytes for file in manifest.files)
    lines = [f"{manifest.reports} reports at revision {manifest.revision}, {size / 1e6:.1f} MB, in {folder}"]
    if not with_secret:
        lines.append(
            "The secret is not in it, because whoever had it could read every contact in the backup. Keep "
            "secret.key (or CRISISMAP_SECRET_KEY) separately; a restore needs it."
        )
    lines.append(f"{manifest.revision}:{manifest.head}")
    print_result(msgspec.to_builtins(manifest), lines, as_json=as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The backup.")],
    erased: Annotated[
        list[Path] | None,
        typer.Option(help="A list of erasures (erased.jsonl) to repeat, such as the lost folder's; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty data folder after verifying it; refused while a server runs."""
    from crisismap import bootstrap
    from crisismap.cli.deployment import running
    from crisismap.services.operations.restore import restore as restore_backup

    settings = read_settings()
    with running(settings) as server:
        if server is not None:
            raise AlreadyRunning("server_running", folder=str(settings.data_dir))
    restored = restore_backup(bootstrap.databases, settings, folder, erased or ())
    lines = [f"{restored.reports} reports at revision {restored.revision} are in {settings.data_dir}."]
    if restored.erasures:
        lines.append(
            f"{restored.erasures} later erasures are repeated when it is next opened, before anybody is served."
        )
    if not restored.has_secret:
        lines.append(f"Put the deployment's secret into {settings.data_dir / SECRET_FILE} before you start the server.")
    print_result(msgspec.to_builtins(restored), lines, as_json=as_json)


def erase(
    code: Annotated[str, typer.Argument(help="The tracking code of the report.")],
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation.")] = False,
) -> None:
    """Erase a report permanently at the request of its code's holder; only the fact of the erasure remains."""
    if not yes and sys.stdin.isatty():  # a script that names a code needs no confirmation
        typer.confirm(
            f"Erase the report {code} for good? Nobody can help there afterwards, and it cannot be undone", abort=True
        )
    with open_deployment() as deployment:
        report_id = deployment.erase(code)
    click.echo(f"Erased: {report_id}. Copies in backups go when those are restored, or deleted.")


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; remove nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Remove data past its retention period (data/rules/retention.toml); a running server does so every hour."""
    with open_deployment() as deployment:
        counts = deployment.retain(dry_run)
    lines = (f"{kind}: {number}{' would go' if dry_run else ''}" for kind, number in counts.items())
    print_result(counts, lines, as_json=as_json)


def _note_backup(settings: Settings) -> int:
    from crisismap import bootstrap
    from crisismap.services.runtime.context import COMMAND_LINE

    with closing(bootstrap.existing_store(settings)) as store:
        event = EventDraft("backup.make", "", COMMAND_LINE.id, bootstrap.wall_clock())
        return store.events.record(event).result().revision


def _verify(settings: Settings, known: tuple[int, str] | None) -> Chain:
    from crisismap import bootstrap

    # Opens only the store, because a manipulated log may be unreadable to the layers above.
    with closing(bootstrap.existing_store(settings)) as store:
        return store.events.verify(known)


def _known_head(text: str) -> tuple[int, str]:
    match = _KNOWN.fullmatch(text)
    if match is None:
        raise Invalid("against", text, "not_an_anchor")
    return int(match[1]), match[2]
