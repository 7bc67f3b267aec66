"""Fills a data folder with generated reports: `python -m benchmarks.seed FOLDER N [--unanswered] [--areas M]`.

Writes to the store without HTTP, so that a server with 100,000 reports is ready in seconds. Prints the secret of a
responder's session as the last line.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks import data
from crisismap import bootstrap
from crisismap.core.event import EventDraft
from crisismap.core.people.account import CredentialKind
from crisismap.core.people.identity import new_id
from crisismap.core.people.person import Person
from crisismap.core.report.new_report import NewReport
from crisismap.services.layers.publish import put_layer
from crisismap.services.runtime.context import COMMAND_LINE
from crisismap.settings import read_settings


def seed(folder: Path, n: int, mix: data.Mix, areas: int) -> str:
    """Fill the folder and return the secret of a responder's session."""
    settings = read_settings({**os.environ, "CRISISMAP_DATA_DIR": str(folder)})
    with bootstrap.opened(settings) as context:
        if areas:
            for version in (data.areas(areas), data.shelters(2 * areas)):
                put_layer(context.store, context.views, context.clock(), COMMAND_LINE, version)
        for part in _parts(n, mix):
            for outcome in context.store.reports.submit(part).result():
                if isinstance(outcome, Exception):
                    raise outcome
        now_ms = context.clock()
        person = Person(new_id(now_ms, os.urandom(10)), "Bench", "", frozenset({"responder"}))
        event = EventDraft("person.add", person.id, "", now_ms, {"role": "responder"})
        credential = context.store.people.add(person, event, CredentialKind.SESSION, now_ms + 86_400_000)
        return credential.result().value


def _parts(n: int, mix: data.Mix) -> Iterator[list[NewReport]]:
    for part in data.reports(n, mix=mix):
        for start in range(0, len(part), 1000):
            yield [NewReport(one.report, request=one.request) for one in part[start : start + 1000]]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("n", type=int)
    parser.add_argument("--unanswered", action="store_true", help="every report is a request nobody has answered")
    parser.add_argument("--areas", type=int, default=0, help="how many areas, with two shelters for each")
    arguments = parser.parse_args()
    mix = data.Mix(asking=1.0, open=1.0) if arguments.unanswered else data.Mix()
    print(seed(arguments.folder, arguments.n, mix, arguments.areas))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
