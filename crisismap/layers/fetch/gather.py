"""Fetches the current data of a source: one document, all pages of a service, or the new messages of a feed."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

import msgspec

from crisismap.core.errors import CrisismapError, Malformed, TooLarge, server_words
from crisismap.core.layer.alert import Alert, AlertMessage
from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.core.layer.original import with_original
from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import LayerSource, SourceHealth, SourceKind
from crisismap.core.moment import HOUR_MS
from crisismap.layers.fetch import paged_service
from crisismap.layers.fetch.client import FetchClient, FetchedBody
from crisismap.layers.formats import documents, nws
from crisismap.layers.formats.documents import FeedEntry
from crisismap.layers.formats.sniff import HEAD, FileKind, sniff
from crisismap.layers.normalise import warnings
from crisismap.layers.normalise.mapping import LayerMapping, parse_layer_mapping
from crisismap.layers.normalise.normalise import normalise
from crisismap.layers.normalise.warnings import WarningBatch
from crisismap.layers.read import read_layer_bytes
from crisismap.layers.sandbox import sandbox
from crisismap.problems import sentence

MOST_MESSAGES = 200  # fetched in one run; the rest follows in the next one
MOST_REFUSED = 0.5  # share of a version's features; with more, the whole version is refused
_GDACS = {"valid_from": "gdacs_fromdate"}
_CAP_ACCEPT = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9"


@dataclass(frozen=True, slots=True)
class SourceUpdate:
    """The result of fetching. `answer` is that of the first document; `problems` are of single messages."""

    answer: FetchedBody
    version: LayerVersion | None = None  # for all formats except CAP
    messages: tuple[AlertMessage, ...] = ()
    problems: tuple[str, ...] = ()
    server_message: str = ""  # a server's own words about the first of the problems that has any
    more: bool = False  # whether messages are left for the next run
    incomplete: str = ""  # how many features a service has and how many came, where that differs
    recipe: Recipe | None = None  # for rasters


def layer_of(source: LayerSource) -> Layer:
    """Return the layer that a source fills."""
    return Layer(source.layer_id, source.title, Role(source.role), source.licence, source.attribution)


def lasts_ms(source: LayerSource) -> int:
    """Return how long a warning without an end is in force."""
    return round(source.validity_h * HOUR_MS)


def gather(
    source: LayerSource, client: FetchClient, *, health: SourceHealth, known_origins: Set[str], now_ms: int
) -> SourceUpdate:
    """Fetch a source; `known_origins` are the origins of messages that need not be fetched again.

    Raises Unreachable, TooLarge, Malformed, Invalid, Misconfigured: then nothing may be used.
    """
    if source.kind is SourceKind.SERVICE:
        found = paged_service.collect(source, lambda url, accept: client.get(url, accept=accept).body)
        answer = FetchedBody(source.url, found.body)
        version = _one_document(source, answer, now_ms)
        version = replace(version, notes=(found.note, *version.notes))
        return SourceUpdate(answer, version, incomplete="" if found.is_complete else found.note)
    accept = _CAP_ACCEPT if source.format == "cap" else "*/*"
    answer = client.get(source.url, etag=health.etag, last_modified=health.last_modified, accept=accept)
    if answer.unchanged:
        return SourceUpdate(answer)
    if source.format == "cap":
        update = _messages(source, client, answer, known_origins)
        return replace(update, messages=tuple(_as_received(each, now_ms) for each in update.messages))
    return SourceUpdate(answer, _one_document(source, answer, now_ms))


def _one_document(source: LayerSource, answer: FetchedBody, now_ms: int) -> LayerVersion:
    layer, mapping = layer_of(source), _mapping(source)
    what = f"layer {source.layer_id}"
    if source.format:
        sniff(answer.body[:HEAD], what)  # names the actual format in its error, such as a web page
    if source.format == "nws":
        batch = WarningBatch(*nws.parse(answer.body, what))
        version = warnings.version(batch, layer, lasts_ms=lasts_ms(source), now_ms=now_ms)
    elif source.format in ("gdacs", "georss"):
        version = normalise(documents.georss(answer.body, what), layer, mapping, now_ms=now_ms)
    else:
        version = read_layer_bytes(answer.body, layer=layer, mapping=mapping, now_ms=now_ms)
    return acceptable(version)


def acceptable(version: LayerVersion) -> LayerVersion:
    """Return the version unless most of it was refused. Raises Malformed with the counts and the reasons."""
    total = version.refused + len(version.features)
    if version.refused > MOST_REFUSED * total:
        why = "; ".join(note for note in version.notes if note.startswith("refused"))
        raise Malformed("features_refused", refused=version.refused, read=total, problem=why[:500])
    return version


def _mapping(source: LayerSource) -> LayerMapping:
    tables: dict[str, Any] = dict(source.mapping)
    if source.format == "gdacs":
        tables["layer"] = {**_GDACS, **tables.get("layer", {})}
    return parse_layer_mapping(tables, source.layer_id)


def _messages(source: LayerSource, client: FetchClient, answer: FetchedBody, known_origins: Set[str]) -> SourceUpdate:
    """Return the message itself, or those of a feed that are not known yet."""
    what = f"layer {source.layer_id}"
    kind = sniff(answer.body[:HEAD], what)
    if kind is FileKind.CAP:
        alert = sandbox.parse_one("cap", answer.body, Alert, what)
        return SourceUpdate(answer, messages=(AlertMessage(source.url, answer.body, alert),))
    if kind is not FileKind.FEED:
        raise Malformed("not_cap_or_feed", what=what)
    # A message is known by its URL, and when the feed says it changed.
    entries = {f"{entry.alert_link} {entry.updated}": entry for entry in documents.entries(answer.body, what)}
    pending = {origin: entry for origin, entry in entries.items() if origin not in known_origins}
    batch = dict(list(pending.items())[:MOST_MESSAGES])
    bodies, refusals = _fetch_messages(source, client, batch)
    problems = [sentence(each, with_server_words=False) for each in refusals]
    alerts = sandbox.parse("cap", list(bodies.values()), Alert, what)
    messages = []
    for (origin, body), parsed in zip(bodies.items(), alerts, strict=True):
        if isinstance(parsed, Malformed):
            problems.append(f"{batch[origin].alert_link}: {sentence(parsed)}")
        else:
            messages.append(AlertMessage(origin, body, parsed))
    if batch and not messages and len(problems) == len(batch):
        raise Malformed("messages_refused", count=len(batch), problem=problems[0])
    # Without validators the next request is unconditional, so that what is missing is tried again.
    again = bool(problems) or len(pending) > len(batch)
    answer = replace(answer, etag="", last_modified="") if again else answer
    return SourceUpdate(
        answer,
        messages=tuple(messages),
        problems=tuple(problems),
        server_message=next(filter(None, map(server_words, refusals)), ""),
        more=len(pending) > len(batch),
    )


def _as_received(message: AlertMessage, now_ms: int) -> AlertMessage:
    """Return a message with the id of its bytes, and the time when it came where it says none itself."""
    alert = with_original(message.alert.received(now_ms), message.body)
    return msgspec.structs.replace(message, alert=alert)


def _fetch_messages(
    source: LayerSource, client: FetchClient, entries: dict[str, FeedEntry]
) -> tuple[dict[str, bytes], list[CrisismapError]]:
    bodies: dict[str, bytes] = {}
    problems: list[CrisismapError] = []
    total = 0
    for origin, entry in entries.items():
        try:
            bodies[origin] = client.get(urljoin(source.url, entry.alert_link), accept=_CAP_ACCEPT).body
        except CrisismapError as refusal:
            problems.append(refusal)
            continue
        total += len(bodies[origin])
        if total > client.bounds.bytes:
            raise TooLarge("messages_too_large", what=source.layer_id, most=client.bounds.bytes)
    return bodies, problems
