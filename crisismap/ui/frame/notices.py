"""Notices about problems, each in one line: what it means and what to do. No Streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from crisismap.core.errors import Unavailable
from crisismap.core.layer.layer import Role
from crisismap.core.layer.source import FollowedSource
from crisismap.core.moment import DAY_S
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.problems import sentence
from crisismap.services.runtime.clock_guard import ClockGuard
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.frame.wording import age

QUIET_S = 30 * 60  # silence this long is worth a notice once reports have come in
OLD_LAYER_S = DAY_S  # floods, shelters and roads change within a day; wards do not
FAILING = 3  # this many failed fetches in a row are worth a notice
STEP_MS = 5_000
_CHANGING = (Role.HAZARD, Role.SHELTER, Role.TRANSPORT)


@dataclass(frozen=True, slots=True)
class Notice:
    """One line, with its severity as `kind`."""

    kind: Literal["warning", "error"]
    text: str


def notices(
    store: Store, views: Views, clock_guard: ClockGuard, clock: Callable[[], int], audience: Audience
) -> list[Notice]:
    """Return the current notices, the worst first; looked up once for all desks every few seconds."""

    def find() -> list[Notice]:
        storage_problems = list(_storage_problems(store, views.situation))
        sources = {} if storage_problems else {each.source.layer_id: each for each in store.layers.sources()}
        return [
            *storage_problems,
            *_clock_problem(clock_guard),
            *_no_reports(views.situation, clock(), audience),
            *_fetch_problem(sources, clock()),
            *_outdated_layers(views.situation, clock(), sources),
        ]

    return views.caches.desk.get(("notices", audience), find, stamp=clock() // STEP_MS)


def _storage_problems(store: Store, situation: Situation) -> Iterator[Notice]:
    try:
        store.upkeep.check()
    except Unavailable as problem:
        yield Notice(
            "error",
            f"Nothing can be saved now: {sentence(problem)} "
            "What you see is still correct, but new reports and claims are refused. "
            "Write them on paper and tell the operator.",
        )
    if not situation.alive:
        yield Notice(
            "error",
            "This page is not updating: it shows the last known situation. New reports are still saved. "
            "Tell the operator.",
        )


def _clock_problem(clock_guard: ClockGuard) -> Iterator[Notice]:
    text = clock_guard.warning()
    if text is not None:
        yield Notice("warning", text)


def _no_reports(situation: Situation, now_ms: int, audience: Audience) -> Iterator[Notice]:
    board = situation.board(audience)
    if not board.n:
        return
    quiet_s = (now_ms - int(board["received_at"].max())) / 1000
    if quiet_s >= QUIET_S:
        yield Notice(
            "warning",
            f"No report has been received for {age(quiet_s)}. It may be quiet, or people may be unable to reach us: "
            "send a test report from another phone.",
        )


def _fetch_problem(sources: Mapping[str, FollowedSource], now_ms: int) -> Iterator[Notice]:
    failing = [each for each in sources.values() if each.health.failures >= FAILING]
    if not failing:
        return
    worst = min(failing, key=lambda each: each.health.good_ms)
    since = f"for {age((now_ms - worst.health.good_ms) / 1000)}" if worst.health.good_ms else "at all"
    others = f" and {len(failing) - 1} more" if len(failing) > 1 else ""
    yield Notice(
        "warning",
        f"The layer “{worst.source.title}”{others} could not be fetched {since}: {worst.health.error} "
        "The map shows the last good version. See the Layers page.",
    )


def _outdated_layers(situation: Situation, now_ms: int, sources: Mapping[str, FollowedSource]) -> Iterator[Notice]:
    """Yield a notice for layers that should have changed; a fetched layer is as old as its last successful fetch."""
    outdated = []
    for layer_id, version in situation.layers.items():
        current_ms = version.loaded_at_ms
        if layer_id in sources:
            current_ms = max(current_ms, sources[layer_id].health.good_ms)
        if version.layer.role in _CHANGING and now_ms - current_ms >= OLD_LAYER_S * 1000:
            outdated.append((now_ms - current_ms, version.layer.title))
    if not outdated:
        return
    worst, title = max(outdated)
    others = f" and {len(outdated) - 1} more" if len(outdated) > 1 else ""
    yield Notice(
        "warning",
        f"The layer “{title}”{others} was loaded {age(worst / 1000)} ago and may be out of date: "
        "load the newest version on the Layers page.",
    )
