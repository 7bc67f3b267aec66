"""Fills a data folder with made-up reports: `python -m benchmarks.seed FOLDER N [--unanswered] [--open M] [--areas M]`.

Writes straight to the store, without HTTP and without a situation that would follow, so that a server with 100,000
reports is ready in seconds. Prints the secrets of some responders' sessions as the last line.
"""

from __future__ import annotations

import argparse
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import data
from crisismap.bootstrap import open_store, wall_clock
from crisismap.core.event import EventDraft
from crisismap.core.people.account import CredentialKind
from crisismap.core.people.identity import new_id
from crisismap.core.people.person import Person
from crisismap.core.report.new_report import NewReport
from crisismap.settings import make_folder, read_settings, with_secret
from crisismap.store.store import Store

PEOPLE = 5  # with a session each; one person can have some tens of desks open
AHEAD = 4  # commits that are prepared while one is written


def seed(folder: Path, n: int, mix: data.Mix, areas: int) -> list[str]:
    """Fill the folder and return the secrets of responders' sessions."""
    make_folder(folder)
    settings = with_secret(read_settings({**os.environ, "CRISISMAP_DATA_DIR": str(folder)}))
    with closing(open_store(settings)) as store:
        if areas:
            for version in (data.areas(areas), data.shelters(2 * areas)):
                store.layers.put(version, EventDraft("layer.put", version.layer.id, "bench", data.NOW_MS)).result()
        written: deque[Future[list[Any]]] = deque()
        for part in _parts(n, mix):
            written.append(store.reports.submit(part))
            if len(written) > AHEAD:
                _check(written.popleft())
        for each in written:
            _check(each)
        return [_session(store, number) for number in range(PEOPLE)]


def _check(written: Future[list[Any]]) -> None:
    for outcome in written.result():
        if isinstance(outcome, Exception):
            raise outcome


def _session(store: Store, number: int) -> str:
    now_ms = wall_clock()
    person = Person(new_id(now_ms, os.urandom(10)), f"Bench {number}", "", frozenset({"responder"}))
    event = EventDraft("person.add", person.id, "", now_ms, {"role": "responder"})
    credential = store.people.add(person, event, CredentialKind.SESSION, now_ms + 86_400_000)
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
    parser.add_argument("--open", type=int, help="how many of the requests nobody has answered")
    parser.add_argument("--areas", type=int, default=0, help="how many areas, with two shelters for each")
    arguments = parser.parse_args()
    mix = data.Mix(asking=1.0, open=1.0) if arguments.unanswered else data.Mix()
    if arguments.open is not None:
        mix = data.Mix(open=arguments.open / (mix.asking * max(1, arguments.n)))
    print(*seed(arguments.folder, arguments.n, mix, arguments.areas))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
