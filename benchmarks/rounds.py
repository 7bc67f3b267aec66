"""Measuring pieces side by side: each in a process of its own, alternating rounds, medians at the end."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import IO, Any

from benchmarks import machine
from benchmarks.figure import Skipped
from tests.processes import stop, tied

busiest = 0.0  # the highest use by others before any round of this run


@dataclass(frozen=True, slots=True)
class Piece:
    """`function` as "module:name", a generator function (see `worker`), and its arguments."""

    label: str
    function: str
    arguments: dict[str, Any]


@dataclass(slots=True)
class PieceResult:
    """The numbers of a piece's preparation and of each round."""

    setup: dict[str, float] = field(default_factory=dict)
    rounds: list[dict[str, float]] = field(default_factory=list)
    skipped: str = ""

    def values(self, name: str) -> list[float]:
        """Return one number of all rounds."""
        return [numbers[name] for numbers in self.rounds]


class Worker:
    """A process that measures one piece."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        command = [sys.executable, "-m", "benchmarks.worker", piece.function, json.dumps(piece.arguments)]
        self._process = subprocess.Popen(
            tied(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )

    def answer(self) -> dict[str, float]:
        """Return its next answer. Raises Skipped, or RuntimeError with the end of its error output."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            error_output = self._errors.read().decode(errors="replace")[-4000:]
            raise RuntimeError(f"{self.piece.label} ({self.piece.function}) ended early:\n{error_output}")
        numbers: dict[str, Any] = json.loads(line)
        if "skipped" in numbers:
            raise Skipped(numbers["skipped"])
        return numbers

    def go(self) -> dict[str, float]:
        """Run one round."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        """Let it clean up and end."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            stop(self._process)
        self._process.stdout.close()
        self._errors.close()


def interleave(pieces: Sequence[Piece], rounds: int, log: Callable[[str], None] = print) -> dict[str, PieceResult]:
    """Prepare all pieces one after the other, then alternate their rounds; every second one in reverse order."""
    results = {piece.label: PieceResult() for piece in pieces}
    with ExitStack() as stack:
        workers: list[Worker] = []
        for piece in pieces:
            worker = Worker(piece)
            stack.callback(worker.close)
            try:
                results[piece.label].setup = worker.answer()
                workers.append(worker)
            except Skipped as reason:
                results[piece.label].skipped = str(reason)
                log(f"    {piece.label}: left out: {reason}")
        for number in range(rounds):
            for worker in _turn(workers, number):
                _listen()
                results[worker.piece.label].rounds.append(worker.go())
    return results


def _turn(workers: list[Worker], number: int) -> Iterator[Worker]:
    yield from workers if number % 2 == 0 else reversed(workers)


def _listen() -> None:
    """Measure the use by others before a round begins, while nothing of ours runs."""
    global busiest  # noqa: PLW0603 - one run, one gate
    busiest = max(busiest, machine.others(0.2))
