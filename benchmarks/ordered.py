"""A process that reads an order, says that it is ready, and answers with one line of JSON at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


class Ordered:
    """The process of a module; `what` it is stands in the messages of its failures."""

    def __init__(self, module: str, what: str, order: dict[str, Any]) -> None:
        self._what = what
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.tell(json.dumps(order))

    def tell(self, line: str) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def ready(self) -> None:
        """Return when it is ready. Raises RuntimeError with the end of its error output."""
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{self._what} could not be prepared:\n{self._process.communicate()[1][-3000:]}")

    def answer(self, line: str, patience_s: float) -> dict[str, Any]:
        """Send the last line and return the answer. Raises RuntimeError with the end of its error output."""
        output, problem = self._process.communicate(line + "\n", timeout=patience_s)
        if self._process.returncode:
            raise RuntimeError(f"{self._what} failed:\n{problem[-3000:]}")
        found: dict[str, Any] = json.loads(output)
        return found

    def close(self) -> None:
        """End the process in any state."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()
