"""The command `workbench sweep`: many runs one after the other, and a table of what they found."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import replace
from pathlib import Path

from workbench import cli
from workbench.arguments import Refusal, free, pairs
from workbench.export import write_whole
from workbench.fields import fields
from workbench.jobs import Job
from workbench.sweep import BadSweep, Plan, jobs, shown, value_of
from workbench.sweep_table import Row, as_csv, averages, heads, metric_names


def sweep_runs(options: argparse.Namespace) -> int:
    """Run them all; a run that fails has its row, and the others go on."""
    from workbench.registry import method
    from workbench.workspace import Workspace

    known = fields(method(options.method))
    plan = _plan(options)
    place = Path(options.output) if options.output else cli.workspace_folder(options)
    table = Path(options.csv) if options.csv else None
    if table is not None and table.parent != place:  # which is made with the records
        free(table, options.overwrite)
    try:
        made = jobs(cli.make_job(options), known, plan)
    except BadSweep as error:
        raise Refusal(str(error)) from error
    space = Workspace(place)
    if table is not None:
        free(table, options.overwrite)
    rows: list[Row] = []
    for number, job in enumerate(made, 1):
        where = {name: value_of(job.parameters, known, name) for name in plan.values}
        if not options.quiet:
            print(f"{number} / {len(made)}  {job.title}", file=sys.stderr)
        path = space.new_path(job.method, job.title)
        outcome = cli.execute(replace(job, output=str(path)), quiet=True)
        rows.append(_row(job, where, outcome))
        if outcome.info.state == "stopped":
            break
    print(_table(rows))
    if table is not None:
        write_whole(table, lambda file: file.write(as_csv(rows).encode()))
        print(table)
    states = {row.state for row in rows}
    if "stopped" in states:
        return cli.STOPPED
    return cli.FAILED if "failed" in states else cli.DONE


def _plan(options: argparse.Namespace) -> Plan:
    values = pairs(options.grid, "--grid", "PARAM=V1,V2")
    if options.random is not None and options.sobol is not None:
        raise Refusal("--random and --sobol are given; one of them must do; leave one out")
    if options.seeds < 1:
        raise Refusal(f"--seeds is {options.seeds}; it must be at least 1; raise it")
    if options.random is not None:
        return Plan(values, "random", options.random, options.seeds)
    if options.sobol is not None:
        return Plan(values, "sobol", options.sobol, options.seeds)
    return Plan(values, seeds=options.seeds)


def _row(job: Job, place: dict[str, object], outcome: object) -> Row:
    info, result = outcome.info, outcome.result  # type: ignore[attr-defined]
    metrics = {"seconds": float(info.seconds or math.nan)}
    if result is not None:
        numbers = (int, float)
        metrics |= {n: float(v) for n, v, _ in result.scalars() if isinstance(v, numbers)}
    return Row(place, job.seed, info.state, metrics if info.state != "failed" else {})


def _table(rows: list[Row]) -> str:
    """Means over the seeds of each place, with ± standard deviation where there are several."""
    found = averages(rows)
    names = metric_names(rows)
    lines = [[*(rows[0].place if rows else ()), "runs", *heads(rows)]]
    for average in found:
        cells = [*(shown(v) for v in average.place.values()), str(average.count)]
        for name in names:
            text = f"{average.mean[name]:.6g}" if name in average.mean else ""
            if average.spread.get(name, 0.0) > 0:
                text += f" ± {average.spread[name]:.2g}"
            cells.append(text)
        lines.append(cells)
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    table = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    failed = sum(not row.metrics for row in rows)
    if failed:
        table.append(f"{failed} of {len(rows)} runs failed; `workbench show` says why")
    return "\n".join(line.rstrip() for line in table)
