"""What is not as it should be, each in one line: what it means and what to do. No Streamlit here."""

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

QUIET_S = 30 * 60  # nothing for so long is worth a line once reports have come
OLD_LAYER_S = DAY_S  # floods, shelters and roads change within a day; wards do not
FAILING = 3  # so many tries in a row without a good answer are worth a line
STEP_MS = 5_000
_CHANGING = (Role.HAZARD, Role.SHELTER, Role.TRANSPORT)


@dataclass(frozen=True, slots=True)
class Notice:
    """One line. `kind` says how loud."""

    kind: Literal["warning", "error"]
    text: str


def notices(
    store: Store, views: Views, clock_guard: ClockGuard, clock: Callable[[], int], audience: Audience
) -> list[Notice]:
    """Everything to be said now, the worst first; looked up once for all desks every few seconds."""

    def look() -> list[Notice]:
        broken = list(_broken(store, views.situation))
        followed = {} if broken else {each.source.layer_id: each for each in store.layers.sources()}
        return [
            *broken,
            *_clock(clock_guard),
            *_quiet(views.situation, clock(), audience),
            *_failing(followed, clock()),
            *_old(views.situation, clock(), followed),
        ]

    return views.caches.desk.get(("notices", audience), look, stamp=clock() // STEP_MS)


def _broken(store: Store, situation: Situation) -> Iterator[Notice]:
    try:
        store.upkeep.check()
    except Unavailable as problem:
        yield Notice(
            "error",
            f"Nothing can be saved now: {sentence(problem)} "
            "What you see stays right, new reports and claims are refused. Write on paper and tell the operator.",
        )
    if not situation.alive:
        yield Notice(
            "error",
            "This page does not follow what is coming in: the last state is shown. Reports are still kept. "
            "Tell the operator.",
        )


def _clock(clock_guard: ClockGuard) -> Iterator[Notice]:
    said = clock_guard.notice()
    if said is not None:
        yield Notice("warning", said)


def _quiet(situation: Situation, now_ms: int, audience: Audience) -> Iterator[Notice]:
    board = situation.board(audience)
    if not board.n:
        return
    quiet_s = (now_ms - int(board["received_at"].max())) / 1000
    if quiet_s >= QUIET_S:
        yield Notice(
            "warning",
            f"No report has come in for {age(quiet_s)}. It may be quiet, or people may not reach us: "
            "send a test report from another phone.",
        )


def _failing(followed: Mapping[str, FollowedSource], now_ms: int) -> Iterator[Notice]:
    failing = [each for each in followed.values() if each.health.failures >= FAILING]
    if not failing:
        return
    worst = min(failing, key=lambda each: each.health.good_ms)
    since = f"for {age((now_ms - worst.health.good_ms) / 1000)}" if worst.health.good_ms else "at all"
    others = f" and {len(failing) - 1} more" if len(failing) > 1 else ""
    yield Notice(
        "warning",
        f"The layer “{worst.source.title}”{others} could not be fetched {since}: {worst.health.error} "
        "What is shown is the last good version. See the Layers page.",
    )


def _old(situation: Situation, now_ms: int, followed: Mapping[str, FollowedSource]) -> Iterator[Notice]:
    """Layers that change within a day and have not; one that is fetched is as old as its last good answer."""
    old = []
    for layer_id, version in situation.layers.items():
        known_ms = version.loaded_at_ms
        if layer_id in followed:
            known_ms = max(known_ms, followed[layer_id].health.good_ms)
        if version.layer.role in _CHANGING and now_ms - known_ms >= OLD_LAYER_S * 1000:
            old.append((now_ms - known_ms, version.layer.title))
    if not old:
        return
    worst, title = max(old)
    others = f" and {len(old) - 1} more" if len(old) > 1 else ""
    yield Notice(
        "warning",
        f"The layer “{title}”{others} was loaded {age(worst / 1000)} ago and may no longer hold: "
        "load the newest version on the Layers page.",
    )
