"""A situation of any size in this process, filled through its own protocol without a database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks import data
from crisismap.core.change_set import ChangeSet
from crisismap.core.layer.layer import LayerVersion
from crisismap.rule_files import read_rule_files
from crisismap.situation.rules import Rules
from crisismap.situation.situation import Situation

KEY = b"a benchmark's key, made up here."


class GeneratedSource:
    """A source of generated reports that never changes; `read_s` is the time the situation took to read them."""

    def __init__(self, n: int, mix: data.Mix | None, layers: Sequence[LayerVersion]) -> None:
        self._n = n
        self._mix = mix
        self._layers = list(layers)
        self.read_s = 0.0

    def everything(self) -> Iterator[ChangeSet]:
        """Yield the layers, then the reports part by part."""
        yield from self._timed(ChangeSet(self._n, layers=self._layers, people=[]))
        for part in data.reports(self._n, mix=self._mix):
            yield from self._timed(ChangeSet(self._n, reports=part))

    def _timed(self, part: ChangeSet) -> Iterator[ChangeSet]:
        began = time.perf_counter()
        yield part  # the situation works until it asks for the next
        self.read_s += time.perf_counter() - began

    def changes(self, known: int) -> ChangeSet:
        """Return an empty change set."""
        return ChangeSet(known)

    def when_committed(self, listener: Callable[[int], None]) -> None:
        """Ignore the listener, because nothing is ever committed."""


def rules() -> Rules:
    """Return the shipped rules."""
    files = read_rule_files()
    return Rules(files.categories, files.priority, files.clocks, files.privacy, detector=files.detector)


def situation(n: int, *, mix: data.Mix | None = None, layers: Sequence[LayerVersion] = ()) -> tuple[Situation, float]:
    """Return a situation of n reports, and the seconds it took to read them (without generating them)."""
    source = GeneratedSource(n, mix, layers)
    result = Situation(source, rules(), code_key=KEY)
    result.start()
    result.stop()
    return result, source.read_s
