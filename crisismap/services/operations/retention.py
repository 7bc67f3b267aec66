"""Removal of data past its retention period, by class of data (data/rules/retention.toml); statistics stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from crisismap.core.errors import Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.place.place import cell_place
from crisismap.core.ports import Store
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.retention import OF_REPORTS
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.context import Context, require
from crisismap.settings import Settings
from crisismap.situation.situation import Situation

PART = 200  # reports per transaction, so that other writes get their turn
Counts = dict[str, int]


def retain(context: Context, person: Person, *, dry_run: bool = False) -> Counts:
    """Remove data past its retention period and return the count of each class; `dry_run` only counts.

    Stops between two parts when the process must end; the next run continues. Raises Unavailable for a day after the
    clock was set, because a wrong date must not empty the database.
    """
    require(person, "retention.run")
    said = context.guards.clock.notice()
    if said is not None and not dry_run:
        raise Unavailable("retention_halted", problem=said)
    now_ms, terms = context.clock(), context.rules.retention
    counts: Counts = {}
    for kind in OF_REPORTS:
        seqs = context.store.reports.past_retention(kind, terms[kind], now_ms)
        parts = () if dry_run else _parts(context.guards.stopping, seqs)
        counts[kind] = (
            len(seqs)
            if dry_run
            else sum(
                _age(context.store, context.views.situation, context.rules, person, kind, part, now_ms)
                for part in parts
            )
        )
    counts["credentials"] = _credentials(context.store, context.rules, now_ms, remove=not dry_run)
    counts["upgrade_copies"] = _copies(context.rules, context.settings, now_ms, remove=not dry_run)
    if not dry_run and any(counts.values()):
        context.views.tiles.forget()
        context.views.word_index.forget()
        context.store.upkeep.scrub().result()
    return counts


def _parts(stopping: Event, seqs: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(seqs), PART):
        if stopping.is_set():
            return
        yield seqs[at : at + PART]


def _age(
    store: Store, situation: Situation, rule_files: RuleFiles, person: Person, kind: str, seqs: list[int], now_ms: int
) -> int:
    rules = rule_files.privacy

    def event(now: CurrentReport) -> EventDraft:
        return EventDraft("report.retain", now.report.id, person.id, now_ms, {"class": kind})

    def cell(now: CurrentReport) -> tuple[float, float, float] | None:
        point = now.point()
        return cell_place(*point, rules.resolution(now.report.category)) if point is not None else None

    cutoffs = rule_files.retention[kind].cutoffs(now_ms)
    done = store.reports.apply_retention(kind, seqs, event, cell, cutoffs).result()
    situation.wait(done.revision)
    return done.value


def _credentials(store: Store, rules: RuleFiles, now_ms: int, *, remove: bool) -> int:
    before_ms, _ = rules.retention["credentials"].cutoffs(now_ms)
    return store.people.old_credentials(before_ms, remove=remove) if before_ms else 0


def _copies(rules: RuleFiles, settings: Settings, now_ms: int, *, remove: bool) -> int:
    """Count or remove copies made by upgrades; they contain everything, erased reports included."""
    before_ms, _ = rules.retention["upgrade_copies"].cutoffs(now_ms)
    old = [path for path in settings.data_dir.glob("before-*.sqlite3*") if _changed_ms(path) <= before_ms]
    for path in old if remove else ():
        path.unlink(missing_ok=True)
    return len(old)


def _changed_ms(path: Path) -> int:
    return path.stat().st_mtime_ns // 1_000_000
