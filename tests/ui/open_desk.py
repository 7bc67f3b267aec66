"""A page of the desk run by AppTest on a real open deployment, as whoever the test says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crisismap import bootstrap
from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.people.person import Person
from crisismap.core.report.read_draft import draft_from
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.settings import read_settings
from crisismap.ui.frame import shell
from tests.conftest import FakeClock

# Pages are reached through main.py: run alone, their folder would be a place to import from, and `requests` the page.
MAIN = Path(__file__).resolve().parents[2] / "crisismap" / "ui" / "main.py"
SQUARE = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]
# What a person or a layer could write to be run, followed or fetched by somebody's browser.
HOSTILE = "<img src=x onerror=alert(1)>![x](https://evil.example/x.png)[y](javascript:alert(1))"


@contextmanager
def opened(folder: Path, clock: FakeClock, **environ: str) -> Iterator[Context]:
    """A deployment that the pages of this process use."""
    settings = read_settings({"CRISISMAP_DATA_DIR": str(folder), **environ})
    with bootstrap.opened(settings, clock=clock) as context:
        bootstrap.install(context)
        try:
            yield context
        finally:
            bootstrap.install(None)


def page(name: str, person: Person, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A page's first run. AppTest has no cookies: who they belong to is told instead."""
    monkeypatch.setattr(shell, "person_of_cookie", lambda *_: person)
    test = AppTest.from_file(MAIN, default_timeout=30).switch_page(f"pages/{name}.py").run()
    assert not test.exception, test.exception
    return test


def html(test: AppTest) -> str:
    """Everything that reaches the page as HTML."""
    return "\n".join(element.proto.body for element in test.get("html"))


def markdown(test: AppTest) -> str:
    """Everything that reaches the page as Markdown, labels too."""
    words = [element.value for element in test.markdown]
    for kind in ("button", "radio", "selectbox", "multiselect", "checkbox", "text_input"):
        words += [element.label for element in test.get(kind)]
    return "\n".join(words)


def put(context: Context, layer_id: str, role: str, *features: dict[str, Any], **members: Any) -> None:
    """A live layer; without features one square ward."""
    body = {"type": "FeatureCollection", "features": list(features) or [ward("Adyar", "W-1")], **members}
    put_layer_bytes(context, COMMAND_LINE, layer_id, role, json.dumps(body).encode())
    assert context.views.situation.wait(context.store.events.revision())


def ward(name: str, code: str) -> dict[str, Any]:
    """A square that holds (80.25, 13.05)."""
    geometry = {"type": "Polygon", "coordinates": [SQUARE]}
    return {"type": "Feature", "properties": {"name": name, "code": code}, "geometry": geometry}


def shelter(name: str) -> dict[str, Any]:
    """An open shelter near (80.25, 13.05)."""
    point = {"type": "Point", "coordinates": [80.26, 13.05]}
    return {"type": "Feature", "properties": {"name": name, "status": "open"}, "geometry": point}


def told(context: Context, **said: Any) -> str:
    """A report that is on the boards; gives its id."""
    body = {"category": "rescue", "text": "on the roof", "lon": 80.25, "lat": 13.05, **said}
    done = context.intake.receive(Message(draft_from(body), API))
    assert context.views.situation.wait(done.revision)
    return done.id
