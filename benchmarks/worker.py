"""The process that measures one piece: `python -m benchmarks.worker MODULE:FUNCTION ARGUMENTS`.

A piece is a generator function. Up to its first `yield` it prepares, which is not timed; each further step is one
round. Every `yield` gives a dict of numbers. The parent decides when the next round begins.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator

from benchmarks.figure import Skipped

Numbers = dict[str, float]
Piece = Iterator[Numbers]


def main() -> int:
    """Prepare, then run a round for each line on stdin, until it is closed."""
    module, _, name = sys.argv[1].partition(":")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output of libraries must not mix with the answers
    piece = getattr(importlib.import_module(module), name)(**json.loads(sys.argv[2]))
    try:
        try:
            print(json.dumps(next(piece)), file=answers, flush=True)
        except Skipped as reason:
            print(json.dumps({"skipped": str(reason)}), file=answers, flush=True)
            return 0
        for _ in sys.stdin:
            print(json.dumps(next(piece)), file=answers, flush=True)
    finally:
        piece.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
