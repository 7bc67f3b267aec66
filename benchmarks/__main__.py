"""The command `python -m benchmarks [job ...]`: measures, prints a table, stores the figures as JSON."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from benchmarks import ceilings, document, machine, results_file, rounds, table
from benchmarks.figure import Figure, Job, Size, groups, impossible_figures, missed_goals
from benchmarks.jobs import JOBS
from benchmarks.results_file import JobResult

ROUNDS = {"full": 3, "quick": 1, "tiny": 1}


def measure(job: Job, size: Size) -> JobResult:
    """Run one job and record its circumstances."""
    load = machine.load()
    rounds.busiest = 0.0
    began = time.perf_counter()
    before = ceilings.measure(size)
    figures = job.run(size)
    most = ceilings.mean([before, ceilings.measure(size)])
    return JobResult(
        title=job.title,
        at=datetime.now(UTC).strftime("%Y-%m-%d"),
        size=size.name,
        rounds=size.rounds,
        seconds=round(time.perf_counter() - began, 1),
        load=round(load, 2),
        others=round(rounds.busiest, 2),
        machine=machine.description(),
        figures=figures,
        ceilings=most,
    )


def problems(figures: list[Figure]) -> list[str]:
    """Return impossible figures and missed goals."""
    found = []
    for members in groups(figures).values():
        found += [f"WRONG   {message}" for message in impossible_figures(members)]
        found += [f"MISSED  {message}" for message in missed_goals(members)]
    return found


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("jobs", nargs="*", metavar="job", help=f"which: {', '.join(JOBS)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round; kept as quick.json")
    parser.add_argument("--tiny", action="store_true", help="only to see that everything works; kept as tiny.json")
    parser.add_argument("--rounds", type=int, help="how often each piece is measured (3; quick and tiny: 1)")
    parser.add_argument("--name", help="keep the results as benchmarks/results/NAME.json (latest)")
    parser.add_argument("--docs", action="store_true", help="measure nothing, write results and pictures into docs")
    options = parser.parse_args(argv)
    unknown = [job for job in options.jobs if job not in JOBS]
    if unknown:
        parser.error(f"no such job: {', '.join(unknown)}; there are {', '.join(JOBS)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds: at least 1")
    return options


def main(argv: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 if a figure is impossible or a job failed."""
    options = parse_arguments(argv)
    sizes = "tiny" if options.tiny else "quick" if options.quick else "full"
    name = options.name or ("latest" if sizes == "full" else sizes)
    if options.docs:
        document.renew(name)
        return 0
    size = Size(sizes, options.rounds or ROUNDS[sizes])
    has_failed = False
    for job in options.jobs or JOBS:
        busy_share = machine.others()
        print(f"{job}: {JOBS[job].title} (load {machine.load():.2f}, others use {100 * busy_share:.0f} %)", flush=True)
        if busy_share > machine.BUSY:
            print("    the machine is not quiet: do not trust these figures", flush=True)
        try:
            result = measure(JOBS[job], size)
        except RuntimeError as problem:
            print(f"    FAILED  {problem}", file=sys.stderr, flush=True)
            has_failed = True
            continue
        print(table.plain(f"{job}: {result.title}, {result.seconds:g} s", result.figures, result.ceilings))
        if result.others > machine.BUSY:
            print(f"  NOISY   others used up to {100 * result.others:.0f} % of all cores between the rounds")
        found = problems(result.figures)
        print("\n".join(f"  {message}" for message in found), flush=True)
        has_failed = has_failed or any(message.startswith("WRONG") for message in found)
        results_file.write(name, job, result)
    print(f"Kept in benchmarks/results/{name}.json")
    return 1 if has_failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
