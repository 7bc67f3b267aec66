"""The situation's numbers, tile descriptions, health and metrics."""

from __future__ import annotations

import ipaddress
import math
import shutil
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.datastructures import QueryParams
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.answers import Health, SituationNumbers
from crisismap.api.http.declared import answers, media_types
from crisismap.api.http.dependencies import Caller, person_of
from crisismap.api.http.query import moment_of, parameters
from crisismap.api.http.responses import PRIVATE, json_response
from crisismap.api.live import viewer_counts
from crisismap.channels import CHANNELS
from crisismap.core.errors import Unavailable
from crisismap.core.place.mercator import WORLD
from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.services.intake.receive import MessageCounts
from crisismap.services.lists import read
from crisismap.services.lists.past import numbers
from crisismap.services.runtime.admission import Admission
from crisismap.services.runtime.context import audience_of, require
from crisismap.situation.tiles.marks import CLUSTER_MAX_ZOOM
from crisismap.situation.tiles.tiles import MAX_ZOOM

router = APIRouter()


@router.get("/api/v1/situation", tags=["situation"], responses=answers(SituationNumbers))
def get_situation(person: Caller, params: Annotated[QueryParams, parameters("at")]) -> Response:
    """Return the numbers: reports, requests, unanswered, overdue, unplaced; by area, by category; layer ages.

    `at` (a past time) gives them as known then.
    """
    context = bootstrap.current()
    at_ms = moment_of("at", params)
    if at_ms is None:
        return Response(read.situation_json(context.views, context.clock(), person), 200, PRIVATE, "application/json")
    return json_response(numbers(context.store, context.views, audience_of(person), at_ms), PRIVATE)


@router.get("/api/v1/tiles.json", tags=["tiles"])
def get_tilejson(request: Request, person: Caller) -> Response:
    """Return TileJSON 3.0."""
    context = bootstrap.current()
    base = context.settings.public_url or str(request.base_url).rstrip("/")
    fields = {
        **dict.fromkeys(("category", "priority", "state", "verification", "place_kind"), "text"),
        **dict.fromkeys(("overdue", "asks", "stale"), "true or false"),
    }
    clusters = {
        "count": "reports",
        "unanswered": "of them",
        "urgency": "1 to 4",
        "label": "the unanswered, or else all, short",
        "ring": "eighths of the unanswered that are P1, P2, P3, P4",
    }
    return json_response(
        {
            "tilejson": "3.0.0",
            "name": "crisismap reports" + (" (made up)" if context.views.made_up else ""),
            "tiles": [f"{base}/api/v1/tiles/{{z}}/{{x}}/{{y}}.mvt"],
            "minzoom": 0,
            "maxzoom": MAX_ZOOM,
            "bounds": _unwrapped(context.views.situation.extent or WORLD),
            "vector_layers": [
                {"id": "reports", "fields": fields},
                {"id": "clusters", "fields": clusters},
                {"id": "legs", "fields": {}, "minzoom": CLUSTER_MAX_ZOOM + 1},
            ],
            "revision": context.views.situation.board(audience_of(person)).revision,
        },
        PRIVATE,
    )


def _unwrapped(box: Extent) -> Extent:
    """Return all longitudes for a box across 180 degrees, which TileJSON cannot express."""
    west, south, east, north = box
    return box if west <= east else (-180.0, south, 180.0, north)


@router.get("/healthz", tags=["operation"], responses=answers(Health))
def healthz() -> Response:
    """Answer that the process is alive."""
    return json_response({"status": "ok"})


@router.get("/readyz", tags=["operation"], responses=answers(Health))
def readyz() -> Response:
    """Check that the store reads and writes and the situation follows it; 503 with the reason otherwise."""
    context = bootstrap.current()
    context.store.upkeep.check()
    if not context.views.situation.alive:
        raise Unavailable("situation_behind")
    warning = context.guards.clock.warning()
    body = {"status": "ok", "revision": context.views.situation.revision, **({"clock": warning} if warning else {})}
    return json_response(body)


@router.get("/metrics", tags=["operation"], response_class=Response, responses=media_types("text/plain"))
def metrics(request: Request) -> Response:
    """Return Prometheus metrics; for an admin's token, or from this machine where no public address is set.

    With one there is a proxy, perhaps on this machine, and not all add a header to what they relay.
    """
    context = bootstrap.current()
    if context.settings.public_url or not _is_local(request):
        require(person_of(request), "metrics.read")
    registry = CollectorRegistry()
    for name, value in read.totals(context.views.situation, context.clock(), Audience.AGENCY).items():
        Gauge(f"crisismap_{name}", f"{name} in the situation", registry=registry).set(value)
    upkeep = context.store.upkeep
    newest = upkeep.newest()
    behind = math.nan if newest is None else newest - context.views.situation.revision
    free = shutil.disk_usage(context.settings.data_dir).free
    gauges: tuple[tuple[str, str, float], ...] = (
        ("behind", "events that the situation has not taken in yet", behind),
        ("writes_ok", "1 when the last write to the database worked", upkeep.writes_ok),
        ("waiting_writes", "reports and changes that wait for the writer", upkeep.waiting),
        ("loop_lag_seconds", "how late the event loop is", context.guards.admission.lag_ms / 1000),
        ("disk_free_bytes", "free bytes where the data folder is", free),
        ("clock_jumped", "1 when this machine's clock was set in the last day", bool(context.guards.clock.warning())),
    )
    for name, meaning, measured in gauges:
        Gauge(f"crisismap_{name}", meaning, registry=registry).set(measured)
    registry.register(_MessageCollector(context.intake.counts))
    registry.register(_LiveCollector())
    registry.register(_WorkCollector(context.guards.admission))
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class _MessageCollector(Collector):
    """Messages by channel and result, of every channel."""

    def __init__(self, counts: MessageCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        family = CounterMetricFamily("crisismap_messages", "messages that came in", labels=["channel", "result"])
        for channel in CHANNELS:
            for result, count in self._counts.of(channel).items():
                family.add_metric([channel, result], count)
        yield family


class _LiveCollector(Collector):
    """Viewers of the live stream."""

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        counts = viewer_counts()
        yield GaugeMetricFamily("crisismap_live_viewers", "open live streams", counts["viewers"])
        yield CounterMetricFamily("crisismap_live_dropped", "live streams lost for not reading", counts["dropped"])


class _WorkCollector(Collector):
    """What can be shed: each class of work now."""

    def __init__(self, admission: Admission) -> None:
        self._states = admission.states

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        running = GaugeMetricFamily("crisismap_work_running", "requests that are worked on", labels=["class"])
        waiting = GaugeMetricFamily("crisismap_work_waiting", "requests that wait for their turn", labels=["class"])
        held = GaugeMetricFamily("crisismap_work_held", "1 while overload holds the class back", labels=["class"])
        refused = CounterMetricFamily("crisismap_work_refused", "requests refused with 503", labels=["class"])
        for state in self._states():
            running.add_metric([state.kind], state.running)
            waiting.add_metric([state.kind], state.waiting)
            held.add_metric([state.kind], state.held)
            refused.add_metric([state.kind], state.refused)
        yield from (running, waiting, held, refused)


def _is_local(request: Request) -> bool:
    """Return whether a program on this machine asks for itself; a proxy here relays others' requests."""
    if {"x-forwarded-for", "forwarded", "x-real-ip"} & set(request.headers):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
