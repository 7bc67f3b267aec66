"""Removal of data past its retention period, by class of data (data/rules/retention.toml); statistics stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crisismap.core.errors import Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.place.place import cell_place
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.retention import OF_REPORTS
from crisismap.services.runtime.context import Context, require

PART = 200  # reports per transaction, so that other writes get their turn
Counts = dict[str, int]


def retain(context: Context, person: Person, *, dry_run: bool = False) -> Counts:
    """Remove data past its retention period and return the count of each class; `dry_run` only counts.

    Stops between two parts when the process must end; the next run continues. Raises Unavailable for a day after the
    clock was set, because a wrong date must not empty the database.
    """
    require(person, "retention.run")
    warning = context.guards.clock.warning()
    if warning is not None and not dry_run:
        raise Unavailable("retention_halted", problem=warning)
    now_ms, terms = context.clock(), context.rules.retention
    counts: Counts = {}
    for kind in OF_REPORTS:
        seqs = context.store.reports.past_retention(kind, terms[kind], now_ms)
        parts = () if dry_run else context.guards.batches(seqs, PART)
        counts[kind] = len(seqs) if dry_run else sum(_age(context, person, kind, part, now_ms) for part in parts)
    before_ms, _ = terms["credentials"].cutoffs(now_ms)
    counts["credentials"] = context.store.people.old_credentials(before_ms, remove=not dry_run) if before_ms else 0
    before_ms, _ = terms["upgrade_copies"].cutoffs(now_ms)
    counts["upgrade_copies"] = _copies(context.settings.data_dir, before_ms, remove=not dry_run)
    if not dry_run and any(counts.values()):
        context.views.tiles.forget()
        context.views.forget_words()
        context.store.upkeep.scrub().result()
    return counts


def _age(context: Context, person: Person, kind: str, seqs: Sequence[int], now_ms: int) -> int:
    privacy = context.rules.privacy

    def event(now: CurrentReport) -> EventDraft:
        return EventDraft("report.retain", now.report.id, person.id, now_ms, {"class": kind})

    def cell(now: CurrentReport) -> tuple[float, float, float] | None:
        point = now.point()
        return cell_place(*point, privacy.resolution(now.report.category)) if point is not None else None

    cutoffs = context.rules.retention[kind].cutoffs(now_ms)
    done = context.store.reports.apply_retention(kind, seqs, event, cell, cutoffs).result()
    context.views.situation.wait(done.revision)
    return done.value


def _copies(folder: Path, before_ms: int, *, remove: bool) -> int:
    """Count or remove copies made by upgrades; they contain everything, erased reports included."""
    old = [path for path in folder.glob("before-*.sqlite3*") if path.stat().st_mtime_ns // 1_000_000 <= before_ms]
    for path in old if remove else ():
        path.unlink(missing_ok=True)
    return len(old)
