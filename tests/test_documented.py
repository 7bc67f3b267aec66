"""Every setting, command, route and format is named where people look it up: docs/ and README."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import click
import pytest
import typer

from crisismap.api.app import make_api
from crisismap.api.front import BUILT, LATER
from crisismap.channels import CHANNELS
from crisismap.cli.app import app as commands
from crisismap.exports import EXPORTS
from crisismap.settings import ROOT, read_settings
from crisismap.web.routes import routes


@functools.cache
def written() -> str:
    """All that docs/ and README say; decisions are history and count for nothing."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(path.read_text() for path in files if path.exists() and "decisions" not in path.parts)


def command_names(group: click.Command, before: str = "crisismap") -> Iterator[str]:
    """`crisismap import reports`, and so on, of those that are built."""
    for name, command in getattr(group, "commands", {}).items():
        if isinstance(getattr(command, "commands", None), dict):
            yield from command_names(command, f"{before} {name}")
        elif not command.hidden:
            yield f"{before} {name}"


def options(group: click.Command) -> Iterator[str]:
    """Every long option of every command."""
    for command in getattr(group, "commands", {}).values():
        yield from options(command)
        for parameter in getattr(command, "params", ()):
            yield from (o for o in parameter.opts if o.startswith("--") and o != "--help")


def paths() -> list[str]:
    """Every path of the API's own document."""
    return sorted(make_api(routes()).openapi()["paths"])


def names(path: str) -> re.Pattern[str]:
    """The path, whatever its parameters are called there; `{form}` may be written as one of the formats."""
    parts = re.split(r"\{[^}]+\}", path)
    return re.compile(r"[^/\s`|]+".join(re.escape(part) for part in parts) + r"(?![\w/])")


def undocumented_channels(text: str | None = None) -> list[str]:
    """The channels that have no row of their own in the table of channels: `NAME`, then the label."""
    text = written() if text is None else text
    return [each.name for each in CHANNELS.values() if f"| `{each.name}` | {each.label} |" not in text]


GROUP = typer.main.get_command(commands)


@pytest.mark.parametrize("name", sorted(read_settings({}).display_values()))
def test_tells_of_each_setting(name: str):
    assert name in written()


@pytest.mark.parametrize("name", sorted(command_names(GROUP)))
def test_tells_of_each_command(name: str):
    assert name in written()


@pytest.mark.parametrize("name", sorted({*options(GROUP)}))
def test_tells_of_each_option(name: str):
    assert name in written()


@pytest.mark.parametrize("path", paths())
def test_tells_of_each_route(path: str):
    assert names(path).search(written())


@pytest.mark.parametrize("first", sorted(BUILT | LATER))
def test_tells_of_each_beginning_of_our_addresses(first: str):
    assert re.search(rf"(?<![\w.])/{first}\b", written())


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_tells_of_each_format(name: str):
    assert re.search(rf"\.{name}\b", written())
    media_type = EXPORTS[name].media_type.partition(";")[0]
    assert f"| `{name}` | `{media_type}` |" in written(), "the table of formats in docs/reference.md"


def test_tells_of_each_channel():
    assert undocumented_channels() == []
