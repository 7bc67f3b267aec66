"""The command `python -m benchmarks [job ...]`: measures, prints a table, stores the figures as JSON."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from benchmarks import document, machine, results_file, rounds, table
from benchmarks.figure import Figure, Job, Size, groups, impossible, missed
from benchmarks.jobs import JOBS
from benchmarks.results_file import Taken

ROUNDS = {"full": 3, "quick": 1, "tiny": 1}


def measure(job: Job, size: Size) -> Taken:
    """Run one job and record its circumstances."""
    load = machine.load()
    rounds.busiest = 0.0
    began = time.perf_counter()
    figures = job.run(size)
    return Taken(
        title=job.title,
        at=datetime.now(UTC).strftime("%Y-%m-%d"),
        size=size.name,
        rounds=size.rounds,
        seconds=round(time.perf_counter() - began, 1),
        load=round(load, 2),
        others=round(rounds.busiest, 2),
        machine=machine.description(),
        figures=figures,
    )


def problems(figures: list[Figure]) -> list[str]:
    """Return impossible figures and missed goals."""
    found = []
    for members in groups(figures).values():
        found += [f"WRONG   {one}" for one in impossible(members)]
        found += [f"MISSED  {one}" for one in missed(members)]
    return found


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("jobs", nargs="*", metavar="job", help=f"which: {', '.join(JOBS)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round; kept as quick.json")
    parser.add_argument("--tiny", action="store_true", help="only to see that everything works; kept as tiny.json")
    parser.add_argument("--rounds", type=int, help="how often each piece is measured (3; quick and tiny: 1)")
    parser.add_argument("--name", help="keep the results as benchmarks/results/NAME.json (latest)")
    parser.add_argument("--docs", action="store_true", help="measure nothing, write results into docs/performance.md")
    told = parser.parse_args(words)
    unknown = [job for job in told.jobs if job not in JOBS]
    if unknown:
        parser.error(f"no such job: {', '.join(unknown)}; there are {', '.join(JOBS)}")
    if told.rounds is not None and told.rounds < 1:
        parser.error("--rounds: at least 1")
    return told


def main(words: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 if a figure is impossible or a job failed."""
    told = arguments(words)
    sizes = "tiny" if told.tiny else "quick" if told.quick else "full"
    name = told.name or ("latest" if sizes == "full" else sizes)
    if told.docs:
        document.renew(name)
        return 0
    size = Size(sizes, told.rounds or ROUNDS[sizes])
    failed = False
    for job in told.jobs or JOBS:
        busy = machine.others()
        print(f"{job}: {JOBS[job].title} (load {machine.load():.2f}, others use {100 * busy:.0f} %)", flush=True)
        if busy > machine.BUSY:
            print("    the machine is not quiet: do not trust these figures", flush=True)
        try:
            taken = measure(JOBS[job], size)
        except RuntimeError as problem:
            print(f"    FAILED  {problem}", file=sys.stderr, flush=True)
            failed = True
            continue
        print(table.plain(f"{job}: {taken.title}, {taken.seconds:g} s", taken.figures))
        if taken.others > machine.BUSY:
            print(f"  NOISY   others used up to {100 * taken.others:.0f} % of all cores between the rounds")
        found = problems(taken.figures)
        print("\n".join(f"  {one}" for one in found), flush=True)
        failed = failed or any(one.startswith("WRONG") for one in found)
        results_file.write(name, job, taken)
    print(f"Kept in benchmarks/results/{name}.json")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
