"""Results as JSON: one file per name, its jobs replaced one by one, with the machine's description."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.ceilings import Ceilings
from benchmarks.figure import Figure, Side

FOLDER = Path(__file__).resolve().parent / "results"


@dataclass(slots=True)
class JobResult:
    """One job's figures and circumstances."""

    title: str
    at: str  # day, UTC
    size: str
    rounds: int
    seconds: float
    load: float  # average of the minute before the job
    others: float  # highest share of all cores used by others before any round, 0 to 1
    machine: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    ceilings: Ceilings | None = None  # of the machine around the job; runs before there were any have none


def write(name: str, job: str, result: JobResult) -> Path:
    """Replace one job's results in the file and return its path."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.json"
    jobs = _read(path)
    jobs[job] = asdict(result)
    jobs[job]["figures"] = [_plain(one) for one in result.figures]
    half = path.with_suffix(".tmp")
    half.write_text(json.dumps({"jobs": jobs}, indent=1, allow_nan=False) + "\n")
    half.replace(path)
    return path


def read(name: str) -> dict[str, JobResult]:
    """Return all jobs of a file; empty without a file."""
    results = {}
    for job, members in _read(FOLDER / f"{name}.json").items():
        figures = [_figure(one) for one in members.pop("figures")]
        ceilings = members.pop("ceilings", None)
        results[job] = JobResult(**members, figures=figures, ceilings=Ceilings(**ceilings) if ceilings else None)
    return results


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    jobs: dict[str, Any] = json.loads(path.read_text())["jobs"]
    return jobs


def _plain(one: Figure) -> dict[str, Any]:
    """Return a figure as JSON with four significant digits; a skipped one has no numbers."""
    return {key: _short(value) if isinstance(value, float) else value for key, value in asdict(one).items()}


def _short(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.4g}")


def _figure(members: dict[str, Any]) -> Figure:
    numbers = {key: math.nan if members[key] is None else float(members[key]) for key in ("value", "low", "high")}
    return Figure(**(members | numbers | {"side": Side(members["side"])}))
