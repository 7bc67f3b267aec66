"""The Situation: the merged read model that follows the event log, one set of columns per audience.

It can always be rebuilt from the store. One thread follows the log; all others read boards, which never change.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext

import numpy as np
import shapely

from crisismap.collector import give_back
from crisismap.core.change_set import ChangeSet, Source
from crisismap.core.errors import Invalid, NotFound
from crisismap.core.layer.layer import LayerVersion, Role, extent_of, geometries
from crisismap.core.people.identity import code_numbers
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.logs import count
from crisismap.situation.board.assessment import Assessor
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import NONE, IntakeSetting
from crisismap.situation.board.columns import Columns
from crisismap.situation.board.heap import Heap
from crisismap.situation.board.intake import BoardIntake
from crisismap.situation.board.selection import SelectionContext
from crisismap.situation.board.table import table_of
from crisismap.situation.board.vocabularies import Vocabularies
from crisismap.situation.board_update import BoardUpdate, changed_ids
from crisismap.situation.merge.batch_places import Places, alike
from crisismap.situation.merge.layer_index import AreaRef, Disagreement
from crisismap.situation.merge.merge import Merger
from crisismap.situation.record.record import Record
from crisismap.situation.rules import Rules
from crisismap.situation.shared_texts import SharedTexts
from crisismap.situation.snapshot import content
from crisismap.situation.snapshot.content import Content
from crisismap.situation.snapshot.fingerprint import fingerprint
from crisismap.situation.snapshot.snapshot_file import Saved, SnapshotFile

_LayerChange = tuple[LayerVersion | None, LayerVersion | None]  # before and after
PACE_S = 0.02  # least interval between updates, so that a burst is loaded in a few large parts
STOP_S = 3.0  # longest wait of `stop` for the current part
log = logging.getLogger(__name__)


class Situation:
    """Boards for both audiences, always of the same revision, and the layers they were merged with."""

    def __init__(
        self,
        source: Source,
        rules: Rules,
        *,
        code_key: bytes,
        record: type[Record] = Record,
        snapshot: SnapshotFile | None = None,
    ) -> None:
        self.rules = rules
        self.record = record
        self.vocabularies = Vocabularies()
        self.heap = Heap()
        self.people: dict[str, Person] = {}
        self.layers: dict[str, LayerVersion] = {}
        self.merger = Merger([])
        self.extent: Extent | None = None
        self._source = source
        assessor = Assessor(rules.priority, rules.detector)
        table = table_of(record)
        self._texts = [text.names for text in table.texts]  # columns with the heap positions of people's texts
        numbers = {category: number for number, category in enumerate(rules.categories)}
        codes = {Audience.AGENCY: code_numbers(code_key), Audience.PUBLIC: lambda _report_id: 0}  # no use to the public
        settings = [IntakeSetting(audience, numbers, self.vocabularies, codes[audience]) for audience in Audience]
        self._intakes = {each.audience: BoardIntake(each, rules, assessor, self.heap, table) for each in settings}
        self._columns = {a: Columns(table.layout) for a in Audience}
        self._boards = {a: self._columns[a].board for a in Audience}
        self._shared = SharedTexts(self.heap, self._texts, self._columns)
        self._snapshot = snapshot
        self._fingerprint = fingerprint(rules, table.layout, code_key) if snapshot is not None else ""
        self._condition = threading.Condition()
        self._committed = 0
        self._stopping = False
        self._watchers: list[Callable[[BoardUpdate], None]] = []
        self._thread: threading.Thread | None = None
        self.alive = True

    # Reading

    @property
    def revision(self) -> int:
        """Return the revision of all boards."""
        return self._boards[Audience.PUBLIC].revision

    def board(self, audience: Audience) -> Board:
        """Return what one audience sees now."""
        return self._boards[audience]

    def boards(self) -> dict[Audience, Board]:
        """Return all audiences' boards of the same revision."""
        return self._boards

    def layer(self, layer_id: str) -> LayerVersion:
        """Return the current version of a layer. Raises NotFound."""
        version = self.layers.get(layer_id)
        if version is None:
            raise NotFound("no_layer")
        return version

    def hazard_layer(self, layer_id: str) -> LayerVersion:
        """Return the current version of a hazard layer. Raises NotFound, and Invalid for a layer of another role."""
        version = self.layer(layer_id)
        if version.layer.role is not Role.HAZARD:
            raise Invalid("role", version.layer.role, "not_a_hazard")
        return version

    def layers_of(self, *roles: Role) -> tuple[LayerVersion, ...]:
        """Return the current versions of all layers with one of these roles."""
        return tuple(version for version in self.layers.values() if version.layer.role in roles)

    @property
    def areas(self) -> Sequence[AreaRef]:
        """Return the official areas by their numbers in the column `area`; the list only grows."""
        return self.merger.facts.areas.items

    @property
    def person_ids(self) -> Sequence[str]:
        """Return the ids of people by their numbers in the column `claimed_by`; the list only grows."""
        return self.vocabularies.person.items

    @property
    def reported_statuses(self) -> Sequence[str]:
        """Return the reported statuses by their numbers in the column `reported_status`; the list only grows."""
        return self.vocabularies.reported_status.items

    @property
    def disagreement_sets(self) -> Sequence[tuple[Disagreement, ...]]:
        """Return what official features reports contradict, by the column `disagrees`; the list only grows."""
        return self.merger.facts.disagreements.sets

    def person_name(self, person_id: str) -> str:
        """Return the name of a person that others see."""
        person = self.people.get(person_id)
        return person.label() if person else "somebody"

    def claimer(self, board: Board, row: int) -> Person | None:
        """Return who has claimed the request of a row; None for nobody, and for a person whose account was deleted."""
        number = int(board.part(np.array([row]))["claimed_by"][0])
        return self.people.get(self.person_ids[number]) if number != NONE else None

    def selection_context(self, now_ms: int) -> SelectionContext:
        """Return the context for applying a selection now."""
        return SelectionContext(tuple(self.rules.categories), self.areas, self.rules.clocks.due, now_ms)

    def wait(self, revision: int, timeout_s: float = 10.0) -> bool:
        """Wait until the boards have reached a revision; return False on timeout."""
        with self._condition:
            self._condition.wait_for(lambda: self._stopping or self.revision >= revision, timeout_s)
            return self.revision >= revision

    def when_moved(self, watcher: Callable[[BoardUpdate], None]) -> None:
        """Call `watcher` with each update of the boards, from the following thread, once it can be read."""
        self._watchers.append(watcher)

    # Following

    def start(self) -> None:
        """Load the snapshot or else the whole store, then follow the event log in a thread."""
        began = time.perf_counter()
        saved = self._snapshot.read(self._fingerprint) if self._snapshot is not None else None
        if saved is not None:
            self._restore(saved)
        else:
            for part in self._source.everything():
                self._apply(part)
            give_back()
        number = count(self.board(Audience.AGENCY).n)
        origin = "from the store" if saved is None else f"from the snapshot of revision {count(self.revision)}"
        log.info("situation: %s reports in %.1f s, %s", number, time.perf_counter() - began, origin)
        self._source.when_committed(self._notify)
        self.follow()  # what was committed meanwhile
        self._thread = threading.Thread(target=self._run, name="crisismap-situation", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop following and release waiting threads, without waiting for a long update in progress."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def save(self, age_s: float = 0.0) -> None:
        """Write the snapshot, if there is none or it is older by `age_s` than what is known now; for any thread."""
        if self._snapshot is not None and self.alive and self._snapshot.is_due(self.revision, age_s):
            self._snapshot.write(self._fingerprint, self._content)

    def _content(self) -> Content:
        with self._condition:
            boards, layers = self._boards, {layer_id: version.version for layer_id, version in self.layers.items()}
        return content.content_of(boards, layers, self._texts, (self.vocabularies, self.merger.facts, self.heap))

    def _restore(self, saved: Saved) -> None:
        """Continue from a snapshot."""
        content.fill(saved.about.lists, self.vocabularies, self.merger.facts)
        self.heap.begin(saved.texts)
        self.people = {person.id: person for person in saved.basis.people or ()}
        self.layers = {version.layer.id: version for version in saved.basis.layers}
        self.merger, self.extent = Merger(saved.basis.layers, like=self.merger), extent_of_layers(self.layers)
        boards = content.boards_of(saved.about, saved.arrays)
        for audience, columns in self._columns.items():
            columns.begin(boards[audience])
        self._boards = {audience: columns.board for audience, columns in self._columns.items()}

    def follow(self) -> None:
        """Load what the event log has after the boards' revision."""
        changes = self._source.changes(self.revision)
        if changes.revision > self.revision:
            self._apply(changes)

    def _notify(self, revision: int) -> None:
        with self._condition:
            self._committed = max(self._committed, revision)
            self._condition.notify_all()

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._stopping or self._committed > self.revision)
                if self._stopping:
                    return
            began = time.monotonic()
            try:
                self.follow()
                self.alive = True
                self._pause(PACE_S - (time.monotonic() - began))
            except Exception:
                # The store may recover; until then the last boards stay and /readyz reports that they do not follow.
                log.exception("the situation could not follow the event log; trying again")
                self.alive = False
                self._pause(1.0)

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            with self._condition:
                self._condition.wait_for(lambda: self._stopping, seconds)

    def _apply(self, changes: ChangeSet) -> None:
        if changes.people is not None:
            self.people = {person.id: person for person in changes.people}
        # The layers are replaced last: after a failure half way, the next attempt finds again what they affect.
        layers = {**self.layers, **{version.layer.id: version for version in changes.layers}}
        layers = {layer_id: layers[layer_id] for layer_id in sorted(layers) if layer_id not in changes.withdrawn}
        layers_changed = bool(changes.layers or changes.withdrawn)
        # Each layer that changes, before and after; None where it does not exist.
        steps: list[_LayerChange] = [(self.layers.get(version.layer.id), version) for version in changes.layers]
        steps += [(self.layers.get(layer_id), None) for layer_id in changes.withdrawn]
        changes_of = {(v.layer.id, v.layer.role) for step in steps for v in step if v is not None}
        merger = Merger(list(layers.values()), like=self.merger) if layers_changed else self.merger
        for audience, columns in self._columns.items():
            rows, places = _affected_rows(steps, columns.board)
            if len(rows):
                again = self._intakes[audience].again(columns.board, rows, places, merger, changes_of)
                columns.write(changes.revision, rows, again)
            self._apply_reports(audience, columns, changes, merger)
        extent = extent_of_layers(layers) if layers_changed else self.extent
        before = self._boards
        # Nobody is told of a removal before the snapshot is gone.
        gone = self._snapshot.removed() if changes.removing and self._snapshot is not None else nullcontext()
        with gone, self._condition:
            self.layers, self.merger, self.extent = layers, merger, extent
            self._boards = {audience: columns.board for audience, columns in self._columns.items()}
            self._condition.notify_all()
        if self._watchers:
            update = self._update(before, changes, layers_changed)
            for watcher in self._watchers:
                watcher(update)

    def _update(self, before: Mapping[Audience, Board], changes: ChangeSet, layers_changed: bool) -> BoardUpdate:
        seqs = np.array([each.seq for each in changes.reports], np.int64)
        changed: dict[Audience, list[str] | None] = {}
        for audience, board in self._boards.items():
            old = before[audience]
            if layers_changed and board.changed != old.changed:  # layers can change any number of rows
                changed[audience] = None
            else:
                changed[audience] = changed_ids(old, board, seqs, self._texts, self.heap)
        return BoardUpdate(self._boards, changed)

    def _apply_reports(self, audience: Audience, columns: Columns, changes: ChangeSet, merger: Merger) -> None:
        if not changes.reports:
            columns.at(changes.revision)
            return
        mark = self.heap.mark()
        values = self._intakes[audience].columns(changes.reports, merger)
        rows = columns.rows_of_seqs(values["seq"])
        self._shared.share(audience, rows, values, mark)
        seqs = np.array([each.seq for each in changes.reports], np.int64)
        hidden = columns.rows_of_seqs(np.setdiff1d(seqs, values["seq"]) if len(seqs) > len(rows) else seqs[:0])
        hidden = hidden[hidden != NONE]
        self._shared.blank(audience, hidden)
        if len(hidden):
            columns.drop(changes.revision, hidden)
            rows = columns.rows_of_seqs(values["seq"])
        columns.write(changes.revision, rows, values)


def _affected_rows(steps: list[_LayerChange], board: Board) -> tuple[Rows, Places]:
    """Return the rows to be merged again after these layer changes, and their places."""
    if not steps:  # whenever only reports were added
        return np.empty(0, np.int64), Places(np.empty(0), np.empty(0))
    located = np.flatnonzero(board.has_place)
    lon, lat = board["lon"][located], board["lat"][located]
    one, same = alike(lon, lat, np.zeros(len(located), np.intp))
    distinct_places = Places(lon[one], lat[one])
    affected = np.zeros(len(distinct_places), np.bool_)
    for old, new in steps:
        affected |= Merger.affected_mask(old, new, distinct_places)
    again = affected[same]
    return located[again], distinct_places.some(same[again])


def extent_of_layers(layers: Mapping[str, LayerVersion]) -> Extent | None:
    """Return the extent of the incident: of the area layers, or of all layers when there are none.

    A point at 0, 0 is no place: versions stored by older releases may have some.
    """
    versions = list(layers.values())
    areas = [v for v in versions if v.layer.role == "area"] or versions
    if not areas:
        return None
    shapes = np.concatenate([geometries(v.features) for v in areas])
    return extent_of(shapes[(shapely.bounds(shapes) != 0).any(axis=1)])
