"""One run from job to record. The same code serves the window, the command line and scripts."""

from __future__ import annotations

import json
import platform
import re
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import ValidationError

from engines.context import Cancelled, Context, Event, Finished, Warned
from engines.figure import Figure
from engines.method import Method
from engines.problem import BadProblem, Problem, Result, Status
from workbench import __version__, data, inputs, rates
from workbench.devices import Device, UnknownDevice, free_memory, pick, release
from workbench.fields import fields
from workbench.jobs import Bill, Job, Refused, next_state
from workbench.records import Recorder, RecordError, RunInfo, recover_one
from workbench.registry import UnknownMethod, method, method_id
from workbench.resuming import Former, former_run
from workbench.verdict import verdict
from workbench.words import bytes_text

# Part of the free memory that a run may plan to take; the rest is for the window and the system.
SHARE = 0.9


@dataclass(frozen=True)
class Prepared:
    """A job whose method, data and device were found and fit together."""

    job: Job
    method: Method
    problem: Problem
    device: Device
    fingerprints: dict[str, str]
    warnings: tuple[str, ...] = ()
    own: bool = False  # the user's own data, not an example
    former: Former | None = None  # the run that this one goes on with


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    info: RunInfo
    problem: Problem
    result: Result | None
    figures: tuple[Figure, ...]
    record: Path | None


def prepare(
    job: Job,
    check: Callable[[], None] | None = None,
    arrays: Mapping[str, np.ndarray] | None = None,
) -> Prepared:
    """Find the method, check its settings, load the data; raises Refused with one sentence.

    `arrays` are data at hand, by field of the problem; they take the place of `job.inputs`.
    """
    warnings: tuple[str, ...] = ()
    try:
        cls = method(job.method)
        device = pick(job.device, job.precision)
        chosen = _configured(cls, job)
        if arrays:
            problem: Problem = inputs.kind_for(cls, job.method, tuple(arrays))(**arrays)
        elif job.inputs:
            job = replace(job, inputs=inputs.completed(cls, job.inputs, check))
            problem, warnings = inputs.load(cls, job, check)
        else:
            problem = _example(cls, job.example or cls.examples[0].name).make()
        prints = {name: data.fingerprint(values) for name, values, _, _ in problem.arrays()}
        former = None
        if job.resume:
            values = json.loads(chosen.model_dump_json())
            former = former_run(job, method_id(cls), values, prints)
        own = bool(arrays or job.inputs)
        return Prepared(job, chosen, problem, device, prints, warnings, own, former)
    except (UnknownMethod, UnknownDevice, BadProblem, data.BadData, RecordError) as error:
        raise Refused(str(error)) from error


def settings(cls: type[Method], preset: str = "", example: str = "") -> dict[str, Any]:
    """Settings of a preset, laid over those that the example asks for."""
    chosen: dict[str, Any] = {}
    if example:
        chosen.update(_example(cls, example).settings)
    if preset:
        if preset not in cls.presets:
            names = ", ".join(cls.presets)
            raise Refused(f"preset is '{preset}'; it must be one of {names}; choose one of these")
        chosen.update(cls.presets[preset])
    return chosen


def bill(prepared: Prepared) -> Bill:
    """What the run will take, and a refusal with a proposal where it cannot fit."""
    cost = prepared.method.cost(prepared.problem)
    free = free_memory(prepared.device.name)
    name = method_id(type(prepared.method))
    seconds = cost.work / rates.rate(name, prepared.device.name)
    if cost.memory <= SHARE * free:
        return Bill(seconds, cost.memory, cost.output, free)
    name, proposal = _lower(prepared, SHARE * free)
    text = (
        f"the run needs about {bytes_text(cost.memory)}; {bytes_text(free)} are free on "
        f"{prepared.device.title}; {proposal}"
    )
    return Bill(seconds, cost.memory, cost.output, free, text, name)


def execute(
    prepared: Prepared,
    emit: Callable[[Event], None] | None = None,
    *,
    stop: threading.Event | None = None,
    go: threading.Event | None = None,
    interrupted: Callable[[], bool] = lambda: False,
    watched: bool = True,
    elsewhere: Callable[[str], Path | None] = lambda why: None,
    overwrite: bool = False,
) -> Outcome:
    """Run, record, draw. Ends with a Finished event whatever happens, and never raises for it.

    Where the record cannot be written at the end, `elsewhere` is told why and names another place
    for it, as often as needed; None gives the record up. A place that cannot take a record at the
    start is Refused before anything runs. With `overwrite` the record replaces a file there, at the
    end, and not where the method refuses the data.
    """
    stop = stop or threading.Event()
    warnings = list(prepared.warnings)
    info = _begin(prepared)
    job = prepared.job
    _recover_former(job.output)
    try:
        recorder = (
            Recorder(Path(job.output), info, prepared.problem, overwrite=overwrite)
            if job.output
            else None
        )
    except RecordError as error:
        raise Refused(str(error)) from error

    def tell(event: Event) -> None:
        if isinstance(event, Warned):
            warnings.append(event.text)
        if recorder is not None:
            recorder.add(event)
        if emit is not None:
            emit(event)

    former = prepared.former
    for event in former.events if former else ():
        tell(event)
    for text in prepared.warnings:
        tell(Warned(text))
    ctx = Context(
        tell,
        device=prepared.device.name,
        dtype=getattr(torch, job.precision),
        seed=job.seed,
        stop=stop,
        go=go,
        watched=watched and emit is not None,
        save=recorder.keep if recorder else None,
        kept=former.checkpoint.state if former else None,
        before=former.checkpoint.seconds if former else 0.0,
    )
    result, figures, end, text, detail = _compute(prepared, ctx, tell)
    if end == "stop" and interrupted():
        end = "interrupt"
    info = info.model_copy(
        update={
            "state": next_state("running", end),
            "status": text,
            "note": result.note if result is not None else "",
            "verdict": _verdict(prepared, result) if end == "complete" else "",
            "error": detail,
            "warnings": tuple(warnings),
            "ended": _now(),
            "seconds": ctx.seconds,
        }
    )
    if recorder is not None and overwrite and end == "fail" and not detail:
        recorder.discard()
        recorder = None
    path, fault = _keep(recorder, info, result, figures, elsewhere)
    text = info.outcome
    if fault:
        text, detail = f"{text}; the record was not written: {fault}", detail or fault
    release(prepared.device.name)
    if emit is not None:
        emit(Finished(info.state, text, detail, str(path or "")))
    return Outcome(info, prepared.problem, result, figures, path)


def _verdict(prepared: Prepared, result: Result | None) -> str:
    """Whether an example found what is known about it."""
    if prepared.own or result is None:
        return ""
    cls = type(prepared.method)
    example = _example(cls, prepared.job.example or cls.examples[0].name)
    return verdict(example, prepared.method, result)


def _recover_former(output: str) -> None:
    """A record that a killed run left half-written in the same place comes first."""
    part = Path(f"{output}.part")
    if output and part.exists() and (found := recover_one(part)) is not None:
        raise Refused(
            f"{part.name} was left behind by a run that was killed; it was recovered as {found}; "
            "start again, with another name where that one is taken"
        )


def rescue(output: str | Path) -> Path:
    """A place for a record that found none: the folder for temporary files."""
    return Path(tempfile.mkdtemp(prefix="workbench-")) / Path(output).name


def _keep(
    recorder: Recorder | None,
    info: RunInfo,
    result: Result | None,
    figures: tuple[Figure, ...],
    elsewhere: Callable[[str], Path | None],
) -> tuple[Path | None, str]:
    """Where the record was written, or why it is nowhere."""
    if recorder is None:
        return None, ""
    place: Path | None = recorder.path
    fault = ""
    while place is not None:
        # Whoever names another place was asked about a file that is there already.
        other = place != recorder.path
        try:
            named = place if other else None
            return recorder.finish(info, result, figures, path=named, overwrite=other), ""
        except RecordError as error:
            fault = str(error)
            place = elsewhere(fault)
    return None, fault


def _compute(
    prepared: Prepared, ctx: Context, tell: Callable[[Event], None]
) -> tuple[Result | None, tuple[Figure, ...], str, str, str]:
    result: Result | None = None
    figures: tuple[Figure, ...] = ()
    try:
        result = prepared.method.run(prepared.problem, ctx)
        ctx.flush()
        if ctx.stopped:
            result = replace(result, status=Status.stopped)
        figures = tuple(prepared.method.figures(prepared.problem, result))
        end = "stop" if ctx.stopped else "complete"
        return result, figures, end, result.status.value, ""
    except Cancelled:
        return None, (), "stop", "stopped on request, before there was a result", ""
    except BadProblem as error:
        return None, (), "fail", str(error), ""
    except Exception as error:
        detail = traceback.format_exc()
        text = _out_of_memory(prepared, error) or f"{type(error).__name__}: {error}"
        if result is not None:  # the run is good, only its pictures failed
            tell(Warned(f"the figures could not be drawn: {text}"))
            return result, (), "complete", result.status.value, detail
        return None, (), "fail", text, detail


def _out_of_memory(prepared: Prepared, error: Exception) -> str:
    words = str(error)
    named = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    if not named and "not enough memory" not in words and "DefaultCPUAllocator" not in words:
        return ""
    asked = re.search(r"allocate ([\d.]+ ?\w+)", words)
    free = free_memory(prepared.device.name)
    what = f" for {asked.group(1)}" if asked else ""
    return (
        f"out of memory: the run asked{what} with {bytes_text(free)} free on "
        f"{prepared.device.title}; {_lower(prepared, SHARE * free)[1]}"
    )


def _lower(prepared: Prepared, budget: float) -> tuple[str, str]:
    """The whole-number parameter that saves most when halved, and the value that fits."""
    best, field, value = prepared.method.cost(prepared.problem).memory, "", 0
    for f in fields(type(prepared.method)):
        now = getattr(prepared.method, f.name)
        if f.kind != "int" or now is None or now < 2:
            continue
        halved = _with(prepared.method, f.name, now // 2)
        needs = halved.cost(prepared.problem).memory if halved else best
        if needs < best:
            best, field, value = needs, f.name, now // 2
    if not field:
        return "", "load less data, or choose a device with more memory"
    while value > 1 and (smaller := _with(prepared.method, field, value)) is not None:
        if smaller.cost(prepared.problem).memory <= budget:
            return field, f"lower {field} to {value}, which fits"
        value //= 2
    return field, f"lower {field}, or load less data"


def _with(chosen: Method, name: str, value: Any) -> Method | None:
    try:
        return type(chosen).model_validate_json(json.dumps({**chosen.model_dump(), name: value}))
    except ValidationError:
        return None


def _configured(cls: type[Method], job: Job) -> Method:
    known = {f.name: f for f in fields(cls)}
    for name, value in job.parameters.items():
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.3) or list(known)
            raise Refused(
                f"{job.method} has no parameter '{name}'; it must be one of its own; "
                f"try {', '.join(near)}",
                name,
            )
        if fault := known[name].fault(value):
            raise Refused(f"{fault}; change it", name)
    try:
        return cls.model_validate_json(json.dumps(dict(job.parameters)))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        raise Refused(text if not place else f"{place}: {text}", place.split(".")[0]) from error


def _example(cls: type[Method], name: str) -> Any:
    for example in cls.examples:
        if example.name == name:
            return example
    names = ", ".join(e.name for e in cls.examples)
    raise Refused(f"example is '{name}'; it must be one of {names}; choose one of these", "example")


def _begin(prepared: Prepared) -> RunInfo:
    job = prepared.job
    return RunInfo(
        method=method_id(type(prepared.method)),
        parameters=json.loads(prepared.method.model_dump_json()),
        seed=job.seed,
        device=prepared.device.name,
        precision=job.precision,
        inputs=dict(job.inputs),
        example=None if prepared.own else job.example or type(prepared.method).examples[0].name,
        fingerprints=prepared.fingerprints,
        versions=versions(),
        resumed=str(prepared.former.record) if prepared.former else "",
        started=_now(),
        ended=None,
        seconds=None,
        state="running",
        status="",
        note="",
        warnings=(),
        error="",
        title=job.title,
        tags=job.tags,
        notes="",
        starred=False,
    )


def versions() -> dict[str, str]:
    """What the numbers depend on besides the settings."""
    return {
        "workbench": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
        "threads": str(torch.get_num_threads()),  # sums are split among them
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
