"""Following layers that other servers publish: preview, follow, fetch, and withdraw."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from urllib.parse import urlsplit

import msgspec

from crisismap.core.clock import Clock
from crisismap.core.errors import CrisismapError, Invalid, Malformed, NotFound, server_words, shorten
from crisismap.core.event import EventDraft
from crisismap.core.layer.alert import Alert, Key, end_times, span
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.layer.original import originals_of
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth, SourceKind
from crisismap.core.moment import DAY_MS, HOUR_S
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.layers.fetch.client import FetchClient
from crisismap.layers.fetch.gather import SourceUpdate, gather, lasts_ms, layer_of
from crisismap.layers.fetch.raster_source import inspect_source
from crisismap.layers.fetch.source_check import check_source
from crisismap.layers.normalise import warnings
from crisismap.layers.normalise.locate import locate
from crisismap.layers.normalise.warnings import WarningBatch
from crisismap.problems import sentence
from crisismap.services.layers import position
from crisismap.services.runtime.context import require
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings
from crisismap.situation.situation import Situation

KEEP_VERSIONS = 200  # per fetched layer
LONGEST_WAIT_S = HOUR_S  # between attempts at a failing source, unless its own interval is longer
SOON_MS = 2_000  # until the rest of a feed's messages is fetched
FORGET_MS = 30 * DAY_MS  # how long ended messages are stored; longer than they are shown
SYSTEM = "system"
log = logging.getLogger(__name__)


def client(stopping: Event, settings: Settings) -> FetchClient:
    """Return the guarded HTTP client with the operator's permissions."""
    return FetchClient(settings.fetch_hosts, stopping=stopping)


def public_error(followed: FollowedSource, person: Person) -> str:
    """Return the last error; only people who manage layers see which server it was."""
    error = followed.health.error
    if person.may("layer.put"):
        return error
    parts = urlsplit(followed.source.url)
    return error.replace(parts.netloc, "its server").replace(parts.hostname or parts.netloc, "its server")


def server_message(followed: FollowedSource, person: Person) -> str:
    """Return the server's own words about the last error, "" without any; they are for people who manage layers."""
    return followed.health.server_message if person.may("layer.put") else ""


def preview(
    views: Views, stopping: Event, settings: Settings, now_ms: int, person: Person, source: LayerSource
) -> LayerVersion:
    """Fetch a source and return the layer version without storing it. Raises the source's errors.

    Raises Invalid for a layer that is not where the incident is.
    """
    require(person, "layer.put")
    source = check_source(source)
    if source.kind is SourceKind.PICTURE:
        raise Invalid("kind", source.kind, "source_without_features")
    update = gather(source, client(stopping, settings), health=SourceHealth(), known_origins=frozenset(), now_ms=now_ms)
    version = update.version or _of_alerts(source, [each.alert for each in update.messages], now_ms, update.problems)
    return position.checked(views, locate(version, views.situation.layers_of(Role.AREA)), source)


def follow(store: Store, views: Views, now_ms: int, person: Person, source: LayerSource) -> None:
    """Follow a source from now on; the job fetches it at once. Raises Invalid."""
    require(person, "layer.put")
    source = check_source(source)
    if source.kind is SourceKind.PICTURE and source.layer_id in views.situation.layers:
        raise Invalid("id", source.layer_id, "id_has_features")
    event = EventDraft("layer.follow", source.layer_id, person.id, now_ms, {"kind": source.kind})
    store.layers.put_source(source, SourceHealth(due_ms=now_ms), event).result()
    views.rasters.forget(source.layer_id)


def unfollow(store: Store, rasters: RasterFetcher, now_ms: int, person: Person, layer_id: str) -> None:
    """Stop fetching a source; its layer stays as it is. Raises NotFound."""
    require(person, "layer.put")
    event = EventDraft("layer.unfollow", layer_id, person.id, now_ms)
    if not store.layers.remove_source(layer_id, event).result().value:
        raise NotFound("layer_not_fetched")
    rasters.forget(layer_id)


def take_back(store: Store, views: Views, now_ms: int, person: Person, layer_id: str) -> None:
    """Withdraw a layer from all maps, lists and reports and stop fetching it; versions are kept. Raises NotFound."""
    require(person, "layer.put")
    event = EventDraft("layer.withdraw", layer_id, person.id, now_ms)
    committed = store.layers.withdraw(layer_id, event).result()
    views.rasters.forget(layer_id)
    views.situation.wait(committed.revision)
    relocate(store, views.situation, now_ms)


def go_back(
    store: Store, situation: Situation, now_ms: int, person: Person, layer_id: str, version: int
) -> LayerVersion:
    """Publish an older version again, as a new version. Raises NotFound."""
    require(person, "layer.put")
    old = store.layers.version(layer_id, version)
    note = f"version {version} again"
    copy = replace(old, loaded_at_ms=now_ms, notes=(*(n for n in old.notes if n != note), note))
    return put(store, situation, now_ms, person.id, copy)


def fetch_now(
    store: Store, views: Views, stopping: Event, settings: Settings, clock: Clock, person: Person, layer_id: str
) -> SourceHealth:
    """Fetch a source before it is due and return its health. Raises NotFound."""
    require(person, "layer.put")
    refresh(store, views, clock, _source_of(store, layer_id), client(stopping, settings))
    return _source_of(store, layer_id).health


def _source_of(store: Store, layer_id: str) -> FollowedSource:
    for each in store.layers.sources():
        if each.source.layer_id == layer_id:
            return each
    raise NotFound("layer_not_fetched")


def refresh(store: Store, views: Views, clock: Clock, followed: FollowedSource, fetch_client: FetchClient) -> None:
    """Fetch one source and store the result; on failure keep the last good version and record the error.

    A fetch can take minutes, so the clock is read again after it: the wait after a failure begins at its end.
    """
    source, health = followed.source, followed.health
    now = clock()
    try:
        known = store.layers.alert_origins(source.layer_id) if source.format == "cap" else frozenset()
        if source.kind is SourceKind.PICTURE:
            answer, recipe, _ = inspect_source(source, fetch_client, health, views.rasters.reader.read)
            update = SourceUpdate(answer, recipe=recipe)
        else:
            update = gather(source, fetch_client, health=health, known_origins=known, now_ms=now)
        outcome = _take(store, views, clock(), followed, update)
    except CrisismapError as refusal:
        _failed(store, clock(), followed, refusal)
        return
    error = update.incomplete
    if update.problems:
        error = shorten(f"{len(update.problems)} of its messages cannot be used: {update.problems[0]}", 500)
    validators = health if update.answer.unchanged else update.answer
    new_health = SourceHealth(
        checked_ms=now,
        good_ms=now,
        due_ms=now + (SOON_MS if update.more else source.refresh_s * 1000),
        error=error,
        server_message=update.server_message,
        etag=validators.etag,
        last_modified=validators.last_modified,
        recipe=update.recipe,
    )
    if update.recipe is not None and not _is_followed(store, source):
        return  # replaced meanwhile: the recipe belongs to the previous source
    check = None
    if outcome or error != health.error:
        result = "new" if outcome else "failed" if error else "good"
        check = SourceCheck(now, result, outcome or error or "answers again")
    store.layers.set_health(source.layer_id, new_health, check).result()
    views.rasters.forget_sources()


def relocate(store: Store, situation: Situation, now_ms: int) -> None:
    """Locate features by code again after area layers changed; affected layers get a new version."""
    outlines = situation.layers_of(Role.AREA)
    for version in list(situation.layers.values()):
        if version.layer.role is Role.AREA:
            continue
        new = locate(version, outlines)
        if new is not version:
            put(store, situation, now_ms, SYSTEM, replace(new, loaded_at_ms=now_ms, as_of_ms=version.moment_ms))


def _take(store: Store, views: Views, now_ms: int, followed: FollowedSource, update: SourceUpdate) -> str:
    """Store what was fetched and return its problems, "" if nothing is new."""
    source, situation = followed.source, views.situation
    if update.recipe is not None:
        return "" if update.recipe == followed.health.recipe else "pictures, as its server describes them"
    if update.answer.unchanged:
        return ""
    version = replace(update.version or _with_messages(store, now_ms, source, update), mapping=source.mapping)
    current = situation.layers.get(source.layer_id)
    if update.incomplete and current is not None and len(current.features) > len(version.features):
        raise Malformed("service_incomplete", problem=update.incomplete)
    if current is not None and source.format == "nws":
        version = warnings.carry_over(current, version)
    version = position.checked(views, locate(version, situation.layers_of(Role.AREA)), source)
    if current is not None and current.same_content(version):
        return ""
    if not _is_followed(store, source):
        return ""  # withdrawn during the fetch
    live = put(store, situation, now_ms, SYSTEM, version)
    store.layers.prune(source.layer_id, KEEP_VERSIONS).result()
    return f"version {live.version}: {len(live.features)} features, {live.refused} refused, {live.unlocated} unlocated"


def _is_followed(store: Store, source: LayerSource) -> bool:
    return any(each.source == source for each in store.layers.sources())


def _with_messages(store: Store, now_ms: int, source: LayerSource, update: SourceUpdate) -> LayerVersion:
    """Return the layer version that results from all messages so far, including these."""
    store.layers.put_alerts(source.layer_id, update.messages).result()
    alerts = store.layers.alerts(source.layer_id)
    obsolete = set(_obsolete_messages(source, alerts, now_ms))
    if obsolete:
        store.layers.put_alerts(source.layer_id, (), tuple(obsolete)).result()
    version = _of_alerts(source, alerts, now_ms, update.problems)
    return replace(version, originals=originals_of(alert for alert in alerts if alert.key not in obsolete))


def _of_alerts(source: LayerSource, alerts: Sequence[Alert], now_ms: int, problems: Sequence[str]) -> LayerVersion:
    notes = tuple(shorten(problem, 200) for problem in problems[:5])
    batch = WarningBatch(alerts, notes=notes)
    return warnings.version(batch, layer_of(source), lasts_ms=lasts_ms(source), now_ms=now_ms)


def _obsolete_messages(source: LayerSource, alerts: Sequence[Alert], now_ms: int) -> list[Key]:
    """Return messages that no longer matter; a message that ends another is never removed before it."""
    ends_by_key = end_times(alerts)
    keys = []
    for alert in alerts:
        ends = [span(alert, info, ends_by_key.get(alert.key), lasts_ms(source))[1] for info in alert.infos]
        if max([alert.since_ms + lasts_ms(source), *ends]) < now_ms - FORGET_MS:
            keys.append(alert.key)
    return keys


def put(store: Store, situation: Situation, now_ms: int, actor: str, version: LayerVersion) -> LayerVersion:
    """Store a version; after new areas, locate again the features placed by their codes."""
    data = {"features": len(version.features), "refused": version.refused, "repaired": version.repaired}
    event = EventDraft("layer.put", version.layer.id, actor, now_ms, data)
    committed = store.layers.put(version, event).result()
    situation.wait(committed.revision)
    if version.layer.role is Role.AREA:
        relocate(store, situation, now_ms)
    return committed.value


def _failed(store: Store, now_ms: int, followed: FollowedSource, refusal: CrisismapError) -> None:
    source, health = followed.source, followed.health
    failures = health.failures + 1
    wait_s = min(source.refresh_s * 2 ** min(failures, 10), max(LONGEST_WAIT_S, source.refresh_s))
    told = {"error": shorten(sentence(refusal, with_server_words=False), 500), "server_message": server_words(refusal)}
    due_ms = now_ms + wait_s * 1000
    failing = msgspec.structs.replace(health, checked_ms=now_ms, due_ms=due_ms, failures=failures, **told)
    result = "failed" if refusal.kind in ("unreachable", "too-large") else "refused"
    detail = shorten(sentence(refusal), 500)
    is_new = (failing.error, failing.server_message) != (health.error, health.server_message)
    check = SourceCheck(now_ms, result, detail) if is_new else None
    log.warning("the layer %s could not be fetched: %s", source.layer_id, detail)
    store.layers.set_health(source.layer_id, failing, check).result()
