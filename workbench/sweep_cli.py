"""The command `workbench sweep`: many runs one after the other, and a table of what they found."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engines.problem import Better, scalar_specs
from workbench import cli
from workbench.arguments import Refusal, free, pairs
from workbench.export import write_whole
from workbench.fields import Field, fields
from workbench.jobs import Job, Refused
from workbench.search import Tried, next_jobs
from workbench.sweep import TRIALS, BadSweep, Plan, jobs, shown, tagged, value_of
from workbench.sweep_table import SECONDS, Row, as_csv, averages, best, heads, metric_names, outcome

if TYPE_CHECKING:
    from engines.method import Method


def sweep_runs(options: argparse.Namespace) -> int:
    """Run them all; a run that fails has its row, and the others go on."""
    from workbench.registry import method
    from workbench.workspace import Workspace

    cls = method(options.method)
    known, plan = fields(cls), _plan(options, cls)
    place = Path(options.output) if options.output else cli.workspace_folder(options)
    table = Path(options.csv) if options.csv else None
    if table is not None and table.parent != place:  # which is made with the records
        free(table, options.overwrite)
    rows: list[Row] = []
    try:
        made, count = _jobs(cli.make_job(options), known, plan, rows)
    except BadSweep as error:
        raise Refusal(str(error)) from error
    space = Workspace(place)
    if table is not None:
        free(table, options.overwrite)
    for number, job in enumerate(made, 1):
        if not options.quiet:
            print(f"{number} / {count}  {job.title}", file=sys.stderr)
        where = {name: value_of(job.parameters, known, name) for name in plan.values}
        path = space.new_path(job.method, job.title)
        rows.append(_row(replace(job, output=str(path)), where, plan.kind == "search"))
        if rows[-1].state == "stopped":
            break
    print(_table(rows, plan))
    if table is not None:
        write_whole(table, lambda file: file.write(as_csv(rows).encode()))
        print(table)
    states = {row.state for row in rows}
    if "stopped" in states:
        return cli.STOPPED
    return cli.FAILED if "failed" in states else cli.DONE


def _jobs(
    job: Job, known: Sequence[Field], plan: Plan, rows: list[Row]
) -> tuple[Iterable[Job], int]:
    """The jobs, and how many they are at most; those of a search follow from the rows so far."""
    if plan.kind != "search":
        made = jobs(job, known, plan)
        return made, len(made)
    next_jobs(job, known, plan, ())  # what cannot be searched is refused before anything is made
    return _searched(tagged(job, "search"), known, plan, rows), plan.points * plan.seeds


def _searched(job: Job, known: Sequence[Field], plan: Plan, rows: list[Row]) -> Iterator[Job]:
    tried: list[Tried] = []
    while found := next_jobs(job, known, plan, tried):
        yield from found
        tried.append(outcome(rows[-len(found) :], plan.metric))


def _plan(options: argparse.Namespace, cls: type[Method]) -> Plan:
    values = pairs(options.grid, "--grid", "PARAM=V1,V2")
    given = [name for name in ("random", "sobol", "search") if getattr(options, name) is not None]
    if len(given) > 1:
        both = " and ".join(f"--{name}" for name in given)
        raise Refusal(f"{both} are given; one of them must do; leave one out")
    if options.seeds < 1:
        raise Refusal(f"--seeds is {options.seeds}; it must be at least 1; raise it")
    if options.search is not None:
        trials = TRIALS if options.trials is None else options.trials
        return Plan(values, "search", trials, options.seeds, *_goal(options, cls))
    for name in ("trials", "minimise", "maximise"):
        if getattr(options, name):
            raise Refusal(f"--{name} is given without --search; it must be with it; add METRIC")
    if options.random is not None:
        return Plan(values, "random", options.random, options.seeds)
    if options.sobol is not None:
        return Plan(values, "sobol", options.sobol, options.seeds)
    return Plan(values, seeds=options.seeds)


def _goal(options: argparse.Namespace, cls: type[Method]) -> tuple[str, Better]:
    """The metric of a search and which way it is better: as told, else as declared."""
    from workbench.registry import result_kind

    ways: dict[str, Better] = {n: spec.better for n, spec in scalar_specs(result_kind(cls)).items()}
    ways[SECONDS] = "lower"
    name = options.search
    if name not in ways:
        raise Refusal(f"--search is '{name}'; it must be one of {', '.join(ways)}; choose one")
    if options.minimise and options.maximise:
        raise Refusal("--minimise and --maximise are given; one of them must do; leave one out")
    told: Better = "lower" if options.minimise else "higher" if options.maximise else ways[name]
    if not told:
        raise Refusal(
            f"{name} is neither better when lower nor when higher; the search must be told; add "
            "--minimise or --maximise"
        )
    return name, told


def _row(job: Job, place: dict[str, object], lenient: bool) -> Row:
    """Run a job. Where one refusal is no reason to end (`lenient`), its run counts as failed."""
    try:
        done = cli.execute(job, quiet=True)
    except (Refusal, Refused) as error:
        if not lenient:
            raise
        print(f"workbench: {error}", file=sys.stderr)
        return Row(place, job.seed, "failed", {})
    metrics = {SECONDS: float(done.info.seconds or math.nan)}
    if done.result is not None:
        numbers = (int, float)
        metrics |= {n: float(v) for n, v, _ in done.result.scalars() if isinstance(v, numbers)}
    return Row(place, job.seed, done.info.state, metrics if done.info.state != "failed" else {})


def _table(rows: list[Row], plan: Plan) -> str:
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
    top = best(rows, plan.metric, plan.better) if plan.better else None
    if top is not None:
        where = ", ".join(f"{name} = {shown(value)}" for name, value in top.place.items())
        table.append(f"best: {where}: {plan.metric} = {top.mean[plan.metric]:.6g}")
    return "\n".join(line.rstrip() for line in table)
