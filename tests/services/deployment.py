"""An open deployment of the tests, with a clock that stands until it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crisismap import bootstrap
from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.report.read_draft import draft_from
from crisismap.services.runtime.context import Context
from crisismap.settings import read_settings
from tests.conftest import FakeClock


@contextmanager
def opened(folder: Path, clock: FakeClock, **environ: str) -> Iterator[Context]:
    """A deployment in a folder of its own."""
    settings = read_settings({"CRISISMAP_DATA_DIR": str(folder), **environ})
    with bootstrap.opened(settings, clock=clock) as context:
        yield context


def ask(context: Context, person: Person = STRANGER, device: str = "", **said: Any) -> tuple[str, str]:
    """A request that is on the boards; gives its id and tracking code."""
    body = {"category": "rescue", "text": "on the roof", "lon": 80.25, "lat": 13.05, **said}
    done = context.intake.receive(Message(draft_from(body), API, person=person, device=device))
    assert context.views.situation.wait(done.revision)
    return done.id, done.tracking_code
