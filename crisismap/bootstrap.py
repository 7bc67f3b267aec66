"""The composition root: opens and closes a deployment; the only module that names a concrete store."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from crisismap.core.errors import CrisismapError, Misconfigured
from crisismap.core.moment import HOUR_MS
from crisismap.core.privacy import Audience
from crisismap.i18n import require_labels
from crisismap.jobs.runner import Runner
from crisismap.layers.fetch.raster_cache import PictureCache
from crisismap.problems import sentence
from crisismap.rule_files import RuleFiles, read_rule_files
from crisismap.services.intake.receive import Intake
from crisismap.services.layers.publish import load_shipped
from crisismap.services.operations.backup import Databases
from crisismap.services.operations.restore import EPOCH, check_finished
from crisismap.services.reporter.erasure import finish
from crisismap.services.runtime.admission import Admission
from crisismap.services.runtime.clock_guard import ClockGuard, steady_clock
from crisismap.services.runtime.context import Context
from crisismap.services.runtime.current_incident import CurrentIncident
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.guards import Guards
from crisismap.services.runtime.keys import Keys
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.services.runtime.rates import Rates
from crisismap.services.runtime.time_travel import TimeTravel
from crisismap.services.runtime.views import Views
from crisismap.settings import ROOT, SECRET_FILE, Settings, make_folder, with_secret
from crisismap.situation.board.word_index import WordIndex, rare_words, searched_words
from crisismap.situation.record.features import Features
from crisismap.situation.rules import Rules
from crisismap.situation.situation import Situation
from crisismap.situation.snapshot.snapshot_file import SnapshotFile
from crisismap.situation.tiles.report_tiles import ReportTiles
from crisismap.store import backup
from crisismap.store.engine import Reader, temporary_engine
from crisismap.store.events import Events
from crisismap.store.migrate import check_database, is_current, migrate_database
from crisismap.store.store import Store

WRONG_CODES = 10  # wrong tracking codes allowed per address
WRONG_SIGN_INS = 20  # failed sign-ins allowed per hour, per address and per name
PICTURES = "pictures"  # folder of cached raster tiles in the data folder
databases: Databases = backup  # the store's implementation for backup and restore
log = logging.getLogger(__name__)

_current: Context | None = None


def wall_clock() -> int:
    """Return the current time in ms UTC."""
    return time.time_ns() // 1_000_000


@contextmanager
def opened(
    settings: Settings,
    *,
    demo: bool | None = False,
    jobs: bool = False,
    clock: Callable[[], int] = wall_clock,
    steady: Callable[[], int] | None = None,
    stopping: threading.Event | None = None,
) -> Iterator[Context]:
    """Open a deployment; `jobs` starts its periodic tasks. Raises Misconfigured, AlreadyRunning.

    `demo`: whether it must be a demo's; None accepts either. `steady` is a clock that cannot be set; for a `clock`
    other than the machine's it is by default that clock. `stopping` is set when the process must end, at the latest at
    the end of this context.
    """
    make_folder(settings.data_dir)
    check_finished(settings.data_dir)
    settings = with_secret(settings)
    files = _rule_files()
    if not settings.rate_limit:
        log.warning("CRISISMAP_RATE_LIMIT=off: failed tries are not limited; for tests and benchmarks only")
    with ExitStack() as closing_stack:
        store = open_store(settings)
        closing_stack.callback(store.close)
        finish(store, settings.data_dir)
        made_up = _is_demo(store, demo)
        code_key = settings.key("tracking-code")
        steady = steady or (steady_clock if clock is wall_clock else clock)
        rules = Rules(
            files.categories, files.priority, files.clocks, files.privacy, files.limits.ranking, files.detector
        )
        snapshot = SnapshotFile(settings.data_dir, store.events)
        situation = Situation(store.events, rules, code_key=code_key, snapshot=snapshot)
        closing_stack.callback(situation.stop)
        situation.start()
        rasters = RasterFetcher(PictureCache(settings.data_dir / PICTURES), settings.fetch_hosts, clock, steady)
        closing_stack.callback(rasters.close)
        keys = Keys(code_key, settings.key("payload-hash"), settings.key("source-mark"), secrets.token_urlsafe(32))
        guards = Guards(
            clock=ClockGuard(clock, steady, jumps=store.upkeep.clock_jumps(), last_ms=store.events.newest_ms()),
            rates=Rates(files.limits.allowances, on=settings.rate_limit),
            admission=Admission(files.limits.work, lambda: store.upkeep.waiting),
            code_tries=FailedTries(WRONG_CODES, HOUR_MS, on=settings.rate_limit),
            sign_in_tries=FailedTries(WRONG_SIGN_INS, HOUR_MS, on=settings.rate_limit),
            stopping=stopping or threading.Event(),
        )
        tiles = ReportTiles(situation)
        views = Views(
            situation=situation,
            features=Features(situation),
            tiles=tiles,
            word_index=WordIndex(lambda: situation.heap, rare_words(files.duplicates.vocabulary.is_common)),
            searched={audience: WordIndex(lambda: situation.heap, searched_words) for audience in Audience},
            rasters=rasters,
            history=TimeTravel(store, situation, tiles, clock),
            incident=CurrentIncident(settings, store, lambda: situation.revision),
            made_up=made_up,
            epoch=store.upkeep.fact(EPOCH) or "",
        )
        intake = Intake(store.reports, situation, files, guards.rates, keys, clock)
        context = Context(settings, files, store, intake, views, keys, guards, clock)
        if jobs and not made_up:
            load_shipped(context.store, context.views, context.clock(), ROOT / "layers")
        if jobs:
            closing_stack.callback(situation.save)  # after the jobs have stopped
            closing_stack.callback(Runner(context).stop)
        yield context


def _rule_files() -> RuleFiles:
    """Read the rules and check that every category has its labels. Raises Misconfigured."""
    files = read_rule_files()
    require_labels(files.categories.values())
    return files


def _is_demo(store: Store, demo: bool | None) -> bool:
    """Return whether the folder is a demo's, which never changes."""
    is_demo = store.upkeep.fact("made_up") == "yes"
    if demo and not is_demo:
        if store.events.revision() > 0:
            raise Misconfigured("not_a_demo", folder="This data folder")
        store.upkeep.set_fact("made_up", "yes").result()
    elif is_demo and demo is False:
        raise Misconfigured("this_is_a_demo")
    return is_demo or bool(demo)


def check_folder(settings: Settings, *, demo: bool) -> None:
    """Refuse an unusable folder before the server starts: locked, not writable, or with other content."""
    folder = settings.data_dir
    if demo and folder.exists() and any(folder.iterdir()) and not (folder / SECRET_FILE).exists():
        raise Misconfigured("not_a_demo", folder=str(folder))
    make_folder(folder)
    check_finished(folder)
    with closing(open_store(with_secret(settings))) as store:
        _is_demo(store, demo)


def open_store(settings: Settings) -> Store:
    """Open the store without the situation. Raises AlreadyRunning, Misconfigured."""
    store = Store(settings.database_url, settings.data_dir, settings.key("contact"))
    if settings.secret_key:
        try:
            _check_secret(store, settings)
        except BaseException:
            store.close()
            raise
    return store


def _check_secret(store: Store, settings: Settings) -> None:
    """Record which secret a database belongs to; another would change all codes and open no contact."""
    stored, current = store.upkeep.fact("secret_check"), settings.secret_check()
    if stored is None:
        store.upkeep.set_fact("secret_check", current).result()
    elif stored != current:
        raise Misconfigured("wrong_secret", file=SECRET_FILE)


def existing_store(settings: Settings) -> Store:
    """Open the store of an existing deployment, creating nothing. Raises Misconfigured."""
    path = settings.sqlite_path
    if path is not None and not path.is_file():
        raise Misconfigured("no_database", folder=str(settings.data_dir))
    make_folder(settings.data_dir)
    check_finished(settings.data_dir)
    return open_store(settings)


@contextmanager
def past_events(settings: Settings) -> Iterator[Events]:
    """Yield the event log for reading only, also while a server runs. Raises Misconfigured."""
    path = settings.sqlite_path
    if path is not None and not path.is_file():
        raise Misconfigured("no_database", folder=str(settings.data_dir))
    with temporary_engine(settings.database_url, writes=False) as engine:
        if not is_current(engine):
            raise Misconfigured("schema_not_current")
        yield Events(Reader(engine), None, [])


def migrate(settings: Settings) -> bool:
    """Migrate the database and return whether that was needed. Raises AlreadyRunning, Misconfigured."""
    make_folder(settings.data_dir)
    return migrate_database(settings.database_url, settings.data_dir)


def problems(settings: Settings) -> list[str]:
    """Return what prevents serving as sentences, changing nothing."""
    sentences = []
    checks: tuple[Callable[[], object], ...] = (
        lambda: _rule_files().detector.read(),
        lambda: check_database(settings.database_url),
    )
    for check in checks:
        try:
            check()
        except CrisismapError as problem:
            sentences.append(sentence(problem))
    folder = settings.data_dir
    existing = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if not existing.is_dir():
        sentences.append(f"CRISISMAP_DATA_DIR: {folder} cannot be made, {existing} is not a folder")
    elif not os.access(existing, os.W_OK):
        sentences.append(f"CRISISMAP_DATA_DIR: {folder} cannot be written to")
    return sentences


def port_is_free(host: str, port: int) -> bool:
    """Return whether the server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def base_url(settings: Settings) -> str:
    """Return the deployment's public URL: as set, else where its server answers, else the default."""
    note = ServerNote(settings.data_dir).read()
    return settings.public_url or (note["url"] if note else "http://localhost:8501")


def install(context: Context | None) -> None:
    """Install the context that pages and routes of this process use; None removes it."""
    global _current  # noqa: PLW0603 - one deployment per process, set by the server's lifespan only
    _current = context


def current() -> Context:
    """Return the context of this process."""
    if _current is None:
        raise Misconfigured("not_open")
    return _current


class ServerNote:
    """server.json: this run's URL and admin token, readable only by the folder's owner."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "server.json"

    def write(self, url: str, token: str) -> None:
        """Write it atomically, never readable by others."""
        half = self.path.with_suffix(".new")
        half.unlink(missing_ok=True)
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"url": url, "token": token, "pid": os.getpid()}, file)
        half.replace(self.path)

    def remove(self) -> None:
        """Remove it at the end of the run."""
        self.path.unlink(missing_ok=True)

    def read(self) -> dict[str, Any] | None:
        """Return what a running server wrote; None without one."""
        try:
            note = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return None
        return note if isinstance(note, dict) and {"url", "token"} <= note.keys() else None
