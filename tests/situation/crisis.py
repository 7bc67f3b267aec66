"""A real deployment in a folder, without a server: store, situation and use cases on a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import shapely

from crisismap import bootstrap
from crisismap.core.channel import Message
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.own_channels import API
from crisismap.core.people.account import CredentialKind
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.services.layers.publish import put_layer
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context
from crisismap.settings import read_settings
from crisismap.situation.board.board import Board
from crisismap.situation.board.selection import ALL, Selection
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER

MINUTE = 60_000
HERE = {"lon": 80.2, "lat": 13.0}


class Crisis:
    """Short words for the tests."""

    def __init__(self, context: Context, clock: FakeClock) -> None:
        self.context = context
        self.clock = clock
        event = EventDraft("person.add", RESPONDER.id, "", clock())
        context.store.people.add(RESPONDER, event, CredentialKind.TOKEN, None).result()

    def post(self, category: str = "rescue", **body: Any) -> str:
        """Send a report; returns its id. It has words unless `fields` say it all."""
        text = {} if "fields" in body else {"text": "as described"}
        return self.context.intake.receive(Message(draft_from({"category": category} | text | body), API)).id

    def put(self, layer_id: str, role: Role, *features: Feature) -> LayerVersion:
        """Put a version of a layer, whatever it loses."""
        return put_layer(
            self.context.store,
            self.context.views,
            self.context.clock(),
            ADMIN,
            LayerVersion(Layer(layer_id, layer_id, role), 0, self.clock(), features),
            confirm=layer_id,
        )

    def board(self, audience: Audience = Audience.AGENCY) -> Board:
        """The board, when it has all that was committed."""
        assert self.context.views.situation.wait(self.context.store.events.revision())
        return self.context.views.situation.board(audience)

    def items(self, audience: Audience = Audience.AGENCY, **selection: Any) -> list[dict[str, Any]]:
        """All reports that fit, as flat items in order of arrival."""
        board = self.board(audience)
        table = read.table(
            self.context.views, self.context.clock(), audience, Selection(**selection) if selection else ALL
        )
        found: list[dict[str, Any]] = msgspec.to_builtins(
            self.context.views.features.records(board, table.rows, self.context.clock())
        )
        return found

    def item(self, report_id: str, audience: Audience = Audience.AGENCY) -> dict[str, Any]:
        """One report as a flat item."""
        self.board()
        record = read.record(
            self.context.store,
            self.context.views,
            self.context.clock,
            AGENCY if audience is Audience.AGENCY else STRANGER,
            report_id,
        )
        found: dict[str, Any] = msgspec.to_builtins(record)
        return found


def ward(number: int, west: float, south: float, size: float = 0.1, name: str = "") -> Feature:
    """A square."""
    box = shapely.box(west, south, west + size, south + size)
    return Feature(str(number), name or f"Ward {number}", f"W{number}", box, {})


@contextmanager
def crisis(folder: Path, clock: FakeClock) -> Iterator[Crisis]:
    """Open one."""
    environ = {"CRISISMAP_DATA_DIR": str(folder), "CRISISMAP_SECRET_KEY": "x" * 40}
    with bootstrap.opened(read_settings(environ), clock=clock) as context:
        yield Crisis(context, clock)
