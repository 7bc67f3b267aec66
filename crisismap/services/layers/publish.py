"""Publishing versions of official layers; the newest one is live, all are stored."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.errors import CrisismapError, Invalid, Malformed
from crisismap.core.layer.difference import require_no_loss
from crisismap.core.layer.layer import Layer, LayerVersion, Role, check_layer, pack, unpack
from crisismap.core.layer.original import MOST_LISTED, Original, has_its_id
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.ports import Store
from crisismap.core.text.storable import check_no_nul
from crisismap.layers.catalog import CatalogEntry, read_catalog
from crisismap.layers.normalise.locate import locate
from crisismap.layers.read import read_layer, read_layer_bytes
from crisismap.problems import sentence
from crisismap.services.layers import position
from crisismap.services.layers.feeds import follow, put
from crisismap.services.layers.rasters import is_picture
from crisismap.services.runtime.context import COMMAND_LINE, Context, require
from crisismap.services.runtime.views import Views

log = logging.getLogger(__name__)
_CREDITS = ("title", "licence", "attribution")


class PackedLayer(msgspec.Struct, frozen=True):
    """A layer version already read by a command, as sent to the server."""

    title: str
    licence: str
    attribution: str
    features: bytes
    refused: int
    repaired: int
    notes: tuple[str, ...]
    as_of_ms: int | None = None
    mapping: dict[str, Any] = {}
    originals: tuple[Original, ...] = ()
    turned: Extent | None = None


def make_layer(layer_id: str, role: str, *, title: str = "", licence: str = "", attribution: str = "") -> Layer:
    """Return a checked layer description. Raises Invalid."""
    check_layer(layer_id, role)
    for field, value in (("title", title), ("licence", licence), ("attribution", attribution)):
        check_no_nul(field, value)
    return Layer(layer_id, title or _title_of(layer_id), Role(role), licence, attribution)


def _title_of(layer_id: str) -> str:
    """Return the title of a layer for which none was given."""
    return layer_id.replace("-", " ").replace("_", " ")


def put_layer(
    store: Store, views: Views, now_ms: int, person: Person, version: LayerVersion, *, confirm: str | None = None
) -> LayerVersion:
    """Store a version, make it live, and wait until it is on disk.

    Unless `confirm` is the layer's id, raises Invalid where it is not where the incident is, and WouldLose where it
    would change the role of the layer or lose more than half of its features.
    """
    require(person, "layer.put")
    if is_picture(store, views.rasters, version.layer.id):
        raise Invalid("id", version.layer.id, "id_is_a_picture")
    version = locate(version, views.situation.layers_of(Role.AREA))
    confirmed = confirm == version.layer.id
    current = views.situation.layers.get(version.layer.id)
    if current is not None and not confirmed:
        require_no_loss(current, version)
    version = position.checked(views, version, confirmed=confirmed)
    return put(store, views.situation, now_ms, person.id, version)


def put_layer_bytes(
    context: Context, person: Person, layer_id: str, role: str, body: bytes, as_of: str = "", confirm: str | None = None
) -> LayerVersion:
    """Read the body of a PUT and store it; `as_of` is the time of the data, if not now, `confirm` as for `put_layer`.

    What the body does not say of title, licence and attribution stays as it is.

    Raises Invalid, Malformed, TooLarge, WouldLose.
    """
    require(person, "layer.put")
    layer = with_credits_of(context.views.situation.layers.get(layer_id), make_layer(layer_id, role, **_credits(body)))
    version = read_layer_bytes(body, layer=layer, now_ms=context.clock(), as_of_ms=as_of_ms(as_of))
    return put_layer(context.store, context.views, context.clock(), person, version, confirm=confirm)


def with_credits_of(current: LayerVersion | None, layer: Layer) -> Layer:
    """Return a layer with the title, licence and attribution of its current version where it has none of its own."""
    if current is None:
        return layer
    old = current.layer
    title = old.title if layer.title == _title_of(layer.id) else layer.title
    return replace(
        layer, title=title, licence=layer.licence or old.licence, attribution=layer.attribution or old.attribution
    )


def as_of_ms(text: str) -> int | None:
    """Return the moment of a text with a time zone; None for an empty one. Raises Invalid."""
    if not text:
        return None
    try:
        ms, zoned = moment.parse(text)
    except (ValueError, OverflowError):
        zoned = False
    if not zoned:
        raise Invalid("as_of", text, "not_a_zoned_time")
    return ms


def put_packed(
    context: Context, person: Person, layer_id: str, role: str, body: bytes, *, confirm: str | None = None
) -> LayerVersion:
    """Store a version that a command has read in its own sandbox. Raises as `put_layer_bytes` does."""
    require(person, "layer.put")
    try:
        data = msgspec.msgpack.decode(body, type=PackedLayer)
    except msgspec.MsgspecError as problem:
        raise Malformed("not_a_packed_layer", problem=str(problem)) from None
    if len(data.originals) > MOST_LISTED or not all(map(has_its_id, data.originals)):
        raise Malformed("not_a_packed_layer", problem="its original messages are too many, too large or not the named")
    layer = make_layer(layer_id, role, title=data.title, licence=data.licence, attribution=data.attribution)
    results = data.refused, data.repaired, data.notes, data.as_of_ms, data.mapping
    version = LayerVersion(layer, 0, context.clock(), unpack(data.features), *results, originals=data.originals)
    version = replace(version, turned=data.turned)
    return put_read(context, person, version, confirm=confirm)


def put_read(context: Context, person: Person, version: LayerVersion, *, confirm: str | None = None) -> LayerVersion:
    """Store a version that a command has read; what it was not told of title, licence and attribution stays."""
    current = context.views.situation.layers.get(version.layer.id)
    version = replace(version, layer=with_credits_of(current, version.layer))
    return put_layer(context.store, context.views, context.clock(), person, version, confirm=confirm)


def pack_layer(version: LayerVersion) -> bytes:
    """Return the body that `put_packed` takes."""
    layer, features = version.layer, pack(version.features)
    results = version.refused, version.repaired, version.notes, version.as_of_ms, version.mapping
    packed = PackedLayer(
        layer.title, layer.licence, layer.attribution, features, *results, version.originals, version.turned
    )
    return msgspec.msgpack.encode(packed)


def load_shipped(store: Store, views: Views, now_ms: int, folder: Path) -> None:
    """Publish shipped layers that are new or changed; an invalid file does not stop the others."""
    followed = {each.source.layer_id: each.source for each in store.layers.sources()}
    for entry in read_catalog(folder):
        if entry.source is not None:
            if followed.get(entry.layer.id) != entry.source:
                follow(store, views, now_ms, COMMAND_LINE, entry.source)
        elif entry.path is not None:
            _load(store, views, now_ms, entry, entry.path)


def _load(store: Store, views: Views, now_ms: int, entry: CatalogEntry, path: Path) -> None:
    try:
        version = read_layer(path, layer=entry.layer, mapping=entry.mapping, now_ms=now_ms)
    except CrisismapError as refusal:
        log.error("the shipped layer %s cannot be read: %s", entry.layer.id, sentence(refusal))
        return
    current = views.situation.layers.get(entry.layer.id)
    if current is None or not current.same_content(version):
        # What ships is chosen by its operator, and may be the first to say where the incident is.
        put_layer(store, views, now_ms, COMMAND_LINE, version, confirm=version.layer.id)


def _credits(body: bytes) -> dict[str, str]:
    """Return title, licence and attribution if a GeoJSON body has them as members."""
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        return {name: msgspec.json.decode(members[name], type=str) for name in _CREDITS if name in members}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}  # the reader reports the body's errors
