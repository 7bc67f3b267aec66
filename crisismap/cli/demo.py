"""The demo and replay commands: a server and a feeder in one process; the feeder uses only the public API."""

from __future__ import annotations

import math
import os
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from crisismap import bootstrap
from crisismap.channels.file.mapping import load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.cli.deployment import LocalDeployment
from crisismap.collector import nothing_collected
from crisismap.core import moment
from crisismap.core.errors import CrisismapError, Invalid, Unavailable
from crisismap.demo import feeder
from crisismap.demo.city.places import NAME
from crisismap.demo.replay import replay
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.services.runtime.context import Context
from crisismap.settings import ROOT, Settings, read_settings

SEED = 7
PACE_S = 4.0
TIME_ZONE = "Asia/Kolkata"
TEAMS = ("Boat Team North", "Ward Volunteers", "City Relief")


def demo_settings() -> Settings:
    """Return the demo's settings: a data folder of its own unless one is set."""
    settings = read_settings()
    settings = replace(
        settings, incident_name=settings.incident_name or NAME, time_zone=settings.time_zone or TIME_ZONE
    )
    if os.environ.get("CRISISMAP_DATA_DIR"):
        return settings
    folder = ROOT / "data" / "var" / "demo"
    default_url = f"sqlite:///{folder / 'crisismap.sqlite3'}"
    url = settings.database_url if os.environ.get("CRISISMAP_DATABASE_URL") else default_url
    return replace(settings, data_dir=folder, database_url=url)


def run(settings: Settings, *, host: str, port: int) -> None:
    """Serve the demo until stopped."""
    with nothing_collected():
        from crisismap.server import Plan, serve

    plan = Plan(settings, demo=True, host=host, port=port)
    stop = threading.Event()
    thread = threading.Thread(target=_run_feeder, args=(plan.url, stop), name="crisismap-demo", daemon=True)
    thread.start()
    try:
        serve(plan)
    finally:
        stop.set()
        thread.join(timeout=10)


def _run_feeder(url: str, stop: threading.Event) -> None:
    context = _wait_for_context(stop)
    if context is None:
        return
    deployment = LocalDeployment(context)
    agency = deployment.create_token(TokenRequest("agency", "City Relief Office", 1))
    teams = [deployment.create_token(TokenRequest("responder", team, 1)) for team in TEAMS]
    feeder.seed(url, agency, teams=teams, story=feeder.DemoStory(seed=SEED), say=click.echo)
    click.echo(f"\nThe simulated flood is at {url}")
    click.echo("Sign in with one of these links; each works once:")
    for role in ("volunteer", "responder", "agency", "admin"):
        secret = deployment.invite(f"Demo {role}", role, "City Relief Office")
        click.echo(f"  {role:10} {url}/login?invitation={secret}")
    say = partial(click.echo, err=True)
    levels = partial(feeder.keep_levels, url, agency, seed=SEED, stop=stop, say=say)
    threading.Thread(target=levels, name="crisismap-demo-gauges", daemon=True).start()
    feeder.run(url, teams, seed=SEED, pace_s=PACE_S, stop=stop, say=say)


def _wait_for_context(stop: threading.Event) -> Context | None:
    """Return the context once the server has opened it."""
    while not stop.wait(0.1):
        with suppress(CrisismapError):
            return bootstrap.current()
    return None


def replay_file(settings: Settings, file: Path, mapping_file: Path | None, speed: float) -> None:
    """Post a file's reports at their own pace times `speed`, to the server of the data folder."""
    note = bootstrap.ServerNote(settings.data_dir).read()
    if note is None:
        raise Unavailable("no_server")
    mapping = load_mapping(mapping_file) if mapping_file else None
    rows = [_with_time(row.body, file) for row in read_reports(file, mapping) if row.problem is None]
    stop = threading.Event()
    try:
        result = replay(note["url"], note["token"], rows, speed if speed > 0 else math.inf, stop, say=click.echo)
    except KeyboardInterrupt:
        stop.set()
        raise
    click.echo(f"{result.read} read, {result.stored} stored, {result.repeated} repeated, {result.refused} refused")


def _with_time(body: dict[str, Any], file: Path) -> tuple[int, dict[str, Any]]:
    at_ms = moment.read_ms(body.get("observed_at"))
    if at_ms is None:
        raise Invalid("observed_at", file.name, "time_needed")
    return at_ms, body
