"""The commands of CONTRACT.

Each imports its modules itself, so that help and usage errors are answered at once.
"""

from __future__ import annotations

import gc
import json
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from crisismap.cli import open_deployment, print_result, rules, upkeep
from crisismap.cli.upkeep import Json
from crisismap.collector import nothing_collected
from crisismap.core import moment
from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.layer.layer import Role
from crisismap.core.people.permission import ROLES
from crisismap.core.place.place import read_bbox
from crisismap.core.privacy import Audience
from crisismap.exports import EXPORTS, LATER
from crisismap.settings import ROOT, Settings, read_settings

if TYPE_CHECKING:
    from crisismap.situation.board.selection import Selection

DEFAULT_PORT = 8501
app = typer.Typer(no_args_is_help=True, add_completion=False, help="A live map of reports and unanswered requests.")
imports = typer.Typer(no_args_is_help=True, help="Import reports, layers, a basemap and place names from files.")
users = typer.Typer(no_args_is_help=True, help="Manage people.")
rules_commands = typer.Typer(no_args_is_help=True, help="Try changed rules.")
tokens = typer.Typer(no_args_is_help=True, help="Manage tokens for programs.")
app.add_typer(imports, name="import")
app.add_typer(users, name="user")
app.add_typer(tokens, name="token")
app.add_typer(rules_commands, name="rules")
rules_commands.callback()(rules.group)
rules_commands.command("test")(rules.test)

RoleName = StrEnum("RoleName", {name: name for name in ROLES if name != "public"})  # type: ignore[misc]
Org = Annotated[str, typer.Option(help="The organisation.")]
File = Annotated[Path, typer.Argument(help="The file to read.")]
Encoding = Annotated[str, typer.Option(help="The encoding of the file's text, such as windows-1256; else detected.")]
MappingFile = Annotated[Path | None, typer.Option(help="A mapping file, or the name of one in data/mappings.")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = DEFAULT_PORT,
) -> None:
    """Serve the desk, the pages and the API."""
    with nothing_collected():
        from crisismap import bootstrap
        from crisismap.server import Plan, serve

        gc.freeze()  # imported objects are permanent: the collector need not scan them again
    settings = read_settings()
    _refuse_busy_port(settings, host, port)
    bootstrap.check_folder(settings, demo=False)
    serve(Plan(settings, host=host, port=port))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve a simulated flood in a data folder of its own; server and feeder in one process."""
    with nothing_collected():
        from crisismap import bootstrap
        from crisismap.cli import demo as demo_command

    settings = demo_command.demo_settings()
    _refuse_busy_port(settings, host, port)
    bootstrap.check_folder(settings, demo=True)
    demo_command.run(settings, host=host, port=port)


@imports.command("reports")
def reports(
    file: File,
    mapping: MappingFile = None,
    save_mapping: Annotated[
        Path | None, typer.Option(help="Write how the columns are read to this new mapping file.")
    ] = None,
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Import reports from a table, workbook or GeoJSON; refused rows are written beside the file."""
    from crisismap.cli.importing import import_reports, summary

    if mapping is not None and save_mapping is not None:
        raise click.UsageError("--save-mapping writes a guessed mapping; with --mapping nothing is guessed.")
    with open_deployment() as deployment:
        path = _mapping_path(mapping)
        result = import_reports(
            deployment, file, path, progress=not as_json, save_mapping=save_mapping, encoding=encoding
        )
    print_result(asdict(result), summary(result), as_json=as_json)


@imports.command("layer")
def layer(  # noqa: PLR0913 - one parameter an option
    file: File,
    id: Annotated[str, typer.Option(help="The layer's id.")],  # noqa: A002 - the option's name is fixed
    role: Annotated[Role, typer.Option(help="How the merge uses the layer.")],
    mapping: MappingFile = None,
    title: Annotated[str, typer.Option(help="The displayed name.")] = "",
    licence: Annotated[str, typer.Option(help="The licence of the data.")] = "",
    attribution: Annotated[str, typer.Option(help="The credit to show.")] = "",
    as_of: Annotated[str, typer.Option(help="Time of the data, with time zone; default: now.")] = "",
    confirm: Annotated[
        str, typer.Option(help="The id again: also if it is far away, changes the role, or loses most features.")
    ] = "",
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Import an official layer; live at once if a server is running."""
    from crisismap import bootstrap
    from crisismap.layers.normalise.mapping import LayerMapping, load_layer_mapping
    from crisismap.layers.read import read_layer
    from crisismap.services.layers.publish import as_of_ms, make_layer

    layer = make_layer(id, role, title=title, licence=licence, attribution=attribution)
    path = _mapping_path(mapping)
    layer_mapping = load_layer_mapping(path) if path else LayerMapping()
    layer_mapping = replace(layer_mapping, encoding=encoding or layer_mapping.encoding)
    now_ms, moment_ms = bootstrap.wall_clock(), as_of_ms(as_of)
    version = read_layer(file, layer=layer, mapping=layer_mapping, now_ms=now_ms, as_of_ms=moment_ms)
    with open_deployment() as deployment:
        version = deployment.put_layer(version, confirm or None)
    summary = {
        "id": id,
        "version": version.version,
        "features": len(version.features),
        "refused": version.refused,
        "repaired": version.repaired,
        "unlocated": version.unlocated,
        "notes": list(version.notes),
        "warnings": list(version.warnings),
        "columns": version.columns.summary() if version.columns else None,
    }
    counts = f"{len(version.features)} features, {version.repaired} repaired, {version.refused} refused"
    if version.unlocated:
        counts += f", {version.unlocated} without a place"
    print_result(summary, (f"{id}: version {version.version}, {counts}", *version.notes), as_json=as_json)


@imports.command("basemap")
def basemap(file: File) -> None:
    """Use a PMTiles file of your area as the offline basemap."""
    from crisismap.services.layers.basemap import put_basemap

    archive = put_basemap(file, read_settings().data_dir)
    kind = "vector tiles" if archive.is_vector else "pictures"
    click.echo(
        f"The basemap ({kind}, zoom {archive.min_zoom} to {archive.max_zoom}) is in place; open pages show it "
        "when they are loaded again."
    )


@imports.command("gazetteer")
def gazetteer(file: File, as_json: Json = False) -> None:
    """Use a CSV of place names (name, lon, lat) to suggest places for requests described in words."""
    from crisismap.services.layers.place_suggestions import put_gazetteer

    names = put_gazetteer(file, read_settings().data_dir)
    summary = {"places": names.places, "refused": names.refused, "notes": list(names.notes)}
    lines = (f"{names.places} places, {names.refused} rows refused", *names.notes)
    print_result(summary, lines, as_json=as_json)


@app.command(help=f"Export reports to a file: {', '.join(f'.{name}' for name in EXPORTS)}.")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write; its extension selects the format.")],
    audience: Annotated[Audience, typer.Option(help="Whose view to export.")] = Audience.PUBLIC,
    bbox: Annotated[str | None, typer.Option(help="West,south,east,north.")] = None,
    since: Annotated[str | None, typer.Option(help="Only reports observed at or after this time.")] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Begin a CSV with a byte order mark, for Excel.")] = False,
) -> None:
    """Export reports to a file whose extension selects the format."""
    form = file.suffix.lstrip(".").lower()
    if form in LATER:
        raise click.UsageError(f"The format {form} is not built yet.")
    if form not in EXPORTS:
        raise click.UsageError(f"FILE must end in {', '.join('.' + name for name in EXPORTS)}; got {file.name!r}.")
    if bom and not EXPORTS[form].takes_bom:
        raise click.UsageError(f"--bom is for CSV; a byte order mark would make {file.name!r} unreadable.")
    query = {name: value for name, value in (("bbox", bbox), ("since", since)) if value is not None}
    selection = _selection(bbox, since)
    partial = file.with_name(file.name + ".part")
    try:
        with open_deployment() as deployment, partial.open("wb") as sink:
            for part in deployment.export(form, audience, query, selection, bom=bom):
                sink.write(part)
        partial.replace(file)
    except OSError as problem:
        raise Invalid("file", str(file), "file_not_written", problem=problem.strerror) from None
    finally:
        partial.unlink(missing_ok=True)


@app.command()
def replay(
    file: File,
    mapping: Annotated[Path, typer.Option(help="A mapping file, or the name of one in data/mappings.")],
    speed: Annotated[float, typer.Option(help="Speed as a multiple of real time.", min=0.001)],
) -> None:
    """Post a file's reports to the running server in their original order and pace."""
    from crisismap.cli import demo as demo_command

    path = _mapping_path(mapping)
    demo_command.replay_file(read_settings(), file, path, speed)


@users.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    role: Annotated[RoleName, typer.Option(help="The role.")],
    org: Org = "",
) -> None:
    """Invite a person; prints a link that works once, within 7 days. There are no passwords."""
    from crisismap import bootstrap

    with open_deployment() as deployment:
        secret = deployment.invite(name, role, org)
    click.echo(f"{bootstrap.base_url(read_settings())}/login?invitation={secret}")


@tokens.command("create")
def token_create(
    role: Annotated[RoleName, typer.Option(help="The role.")],
    org: Org = "",
    days: Annotated[int, typer.Option(help="Days until it expires.", min=1)] = 90,
    name: Annotated[str, typer.Option(help="Its purpose, shown in lists.")] = "",
    verbs: Annotated[str, typer.Option(help="Only these of the role's verbs, separated by commas.")] = "",
) -> None:
    """Create a token for a program; printed once, on the last line."""
    from crisismap.services.accounts.sign_in import TokenRequest

    scope = tuple(verb.strip() for verb in verbs.split(",") if verb.strip())
    with open_deployment() as deployment:
        secret = deployment.create_token(TokenRequest(role, org, days, name, scope))
    click.echo(f"Send it as: Authorization: Bearer TOKEN. It is valid for {days} days and not shown again:")
    click.echo(secret)


@tokens.command("list")
def token_list(as_json: Json = False) -> None:
    """List valid tokens with the ids that `token revoke` takes; never the tokens themselves."""
    with open_deployment() as deployment:
        rows = deployment.tokens()
    lines = []
    for each in rows:
        verbs = f", only {' '.join(each['verbs'])}" if each["verbs"] is not None else ""
        org = f" ({each['org']})" if each["org"] else ""
        lines.append(f"{each['id']}  {each['name']}{org}, {each['role']}{verbs}, until {each['expires_at']}")
    print_result(rows, lines or ["There are no tokens."], as_json=as_json)


@tokens.command("revoke")
def token_revoke(id: Annotated[str, typer.Argument(help="The id that `token list` shows.")]) -> None:  # noqa: A002
    """Revoke a token at once."""
    with open_deployment() as deployment:
        kind = deployment.revoke(id)
    click.echo(f"The {kind} {id} is no longer valid.")


@app.command()
def migrate(
    to: Annotated[str | None, typer.Option(help="Move to another database (comes with a later issue).")] = None,
) -> None:
    """Migrate the database to the current schema."""
    from crisismap import bootstrap

    if to is not None:
        raise click.UsageError("migrate --to is not built yet.")
    click.echo("The schema was migrated." if bootstrap.migrate(read_settings()) else "The schema is current.")


@app.command()
def check(as_json: Json = False) -> None:
    """Print the settings and their problems."""
    from crisismap import bootstrap

    settings = read_settings()
    problems = bootstrap.problems(settings)
    if as_json:
        click.echo(json.dumps({"settings": settings.display_values(), "problems": problems}))
    else:
        for name, value in settings.display_values().items():
            click.echo(f"{name}={value}")
        for problem in problems:
            click.echo(f"wrong: {problem}", err=True)
    raise typer.Exit(1 if problems else 0)


@app.command("languages", hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def languages() -> None:
    """Refuse: not built yet."""
    raise click.UsageError("languages is not built yet.")


app.command("verify-log")(upkeep.verify_log)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)
app.command("erase")(upkeep.erase)
app.command("retention")(upkeep.retention)


def _mapping_path(path: Path | None) -> Path | None:
    """Return the mapping file, or the shipped one of that name."""
    if path is None or path.exists():
        return path
    shipped = ROOT / "data" / "mappings" / f"{path.name.removesuffix('.toml')}.toml"
    if shipped.exists():
        return shipped
    names = ", ".join(sorted(file.stem for file in shipped.parent.glob("*.toml")))
    raise Invalid("mapping", str(path), "no_mapping", known=names)


def _selection(bbox: str | None, since: str | None) -> Selection:
    from crisismap.situation.board.selection import Selection

    try:
        since_ms = moment.parse(since)[0] if since is not None else None
    except (ValueError, OverflowError):
        raise Invalid("since", since, "not_a_time") from None
    return Selection(bbox=read_bbox(bbox) if bbox is not None else None, since=since_ms)


def _refuse_busy_port(settings: Settings, host: str, port: int) -> None:
    from crisismap import bootstrap

    if not bootstrap.port_is_free(host, port):
        raise Misconfigured("port_in_use", port=port, host=host)
