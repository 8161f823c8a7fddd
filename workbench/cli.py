"""The command line. Exit status 0: done, 1: the run failed, 2: call or data were refused."""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.events import Event, Step, Warned
from workbench import (
    __version__,
    default_workspace,
    methods_cli,
    output_cli,
    peer_cli,
    share_cores,
)
from workbench.arguments import Parser, Refusal, pair, pairs
from workbench.fields import Field, fields, parse
from workbench.jobs import Job

DONE, FAILED, REFUSED, STOPPED = 0, 1, 2, 130
COMMANDS = (
    "methods",
    "describe",
    "run",
    "sweep",
    "show",
    "export",
    "demo",
    "cite",
    "script",
    "report",
    "check",
    "desktop",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command line and give its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        options = _parser().parse_args(words)
    except Refusal as error:
        print(f"workbench: {error}", file=sys.stderr)
        return REFUSED
    share_cores()
    from workbench.data.base import BadData  # light: no torch
    from workbench.export import ExportError
    from workbench.records import RecordError

    try:
        return int(options.act(options))
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # `workbench methods | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (Refusal, BadData, ExportError, RecordError) as error:
        return _refuse(options, str(error))
    except OSError as error:
        return _refuse(options, f"{error.filename or 'file'}: {error.strerror or error}")
    except Exception as error:
        code = REFUSED if type(error).__name__ in ("Refused", "UnknownMethod") else FAILED
        _refuse(options, str(error) or type(error).__name__)
        return code


def _refuse(options: argparse.Namespace, text: str) -> int:
    if options.debug:
        traceback.print_exc()
    print(f"workbench: {text}", file=sys.stderr)
    return REFUSED


# --- the commands ------------------------------------------------------------------------------


def run(options: argparse.Namespace) -> int:
    """Run a method and keep its record, or go on with a run that was stopped or interrupted."""
    if not options.resume and not options.method:
        raise Refusal(
            "METHOD is missing; it must be given, or --resume; add it; see `workbench run --help`"
        )
    job = _job_to_resume(options) if options.resume else make_job(options)
    output = Path(options.output) if options.output else None
    if output is not None and output.exists() and not options.overwrite:
        raise Refusal(
            f"{output} exists; a record is not replaced; add --overwrite, or choose another name"
        )
    if output is None:
        from workbench.workspace import Workspace

        output = Workspace(workspace_folder(options)).new_path(job.method, options.example)
    outcome = execute(replace(job, output=str(output)), options.quiet, options.overwrite)
    if outcome.info.state == "failed" and not outcome.info.error:  # the data do not suit
        if outcome.record:
            outcome.record.unlink(missing_ok=True)
        raise Refusal(outcome.info.status)
    if outcome.info.state == "failed":
        raise_failed(outcome, options)
        return FAILED
    if not options.quiet:
        print(f"{outcome.info.state}: {outcome.info.status} ({outcome.info.seconds:.2f} s)")
        if outcome.info.verdict:
            print(f"  {outcome.info.verdict}")
        for name, value, spec in outcome.result.scalars() if outcome.result else ():
            if not math.isnan(value):
                print(f"  {name:<24} {value:.6g} {spec.unit}".rstrip())
    print(outcome.record or "no record")
    return DONE if outcome.info.state == "done" else STOPPED


def raise_failed(outcome: Any, options: argparse.Namespace) -> None:
    """Say in one sentence why a run failed; the traceback is in the record."""
    if options.debug and outcome.info.error:
        print(outcome.info.error, file=sys.stderr)
    print(f"workbench: the run failed: {outcome.info.status}", file=sys.stderr)


def sweep(options: argparse.Namespace) -> int:
    """Run a method over ranges of its parameters and over seeds; print what the runs found."""
    from workbench.sweep_cli import sweep_runs

    return sweep_runs(options)


def demo(options: argparse.Namespace) -> int:
    """One run of each family without a window: records, figures and a report."""
    from workbench import demo_cli

    return demo_cli.known_answers() if options.known else demo_cli.families(options)


def desktop(options: argparse.Namespace) -> int:
    """Enter the program into the menus of a Linux desktop."""
    from workbench.desktop import install, remove

    if not sys.platform.startswith("linux"):
        raise Refusal(
            f"this system is {sys.platform}; it must be Linux; make a shortcut to workbench by hand"
        )
    for place in remove() if options.remove else install():
        print(place)
    return DONE


# --- parts -------------------------------------------------------------------------------------


def make_job(options: argparse.Namespace) -> Job:
    """The job that the options of `run` and `sweep` describe, without a record."""
    from workbench import runs
    from workbench.registry import method

    cls = method(options.method)
    settings = runs.settings(cls, options.preset, options.example)
    settings.update(_assignments(fields(cls), options.set, settings))
    inputs = pairs(options.input, "--input", "FIELD=FILE")
    if not 0 <= options.seed < 2**63:
        raise Refusal(f"--seed is {options.seed}; it must be 0 to 2⁶³ - 1; choose another")
    used = {Path(data.partition("::")[0]).resolve() for data in inputs.values()}
    for option in ("output", "csv"):  # the latter of a sweep
        place = getattr(options, option, None)
        if place and Path(place).resolve() in used:
            raise Refusal(f"--{option} {place} is one of the inputs; it would be lost; rename it")
    if inputs and options.example:
        raise Refusal("both --input and --example are given; one of them must do; leave one out")
    return Job(
        method=options.method,
        parameters=settings,
        example="" if inputs else options.example,
        inputs={name: _absolute(reference) for name, reference in inputs.items()},
        seed=options.seed,
        device=options.device,
        precision=options.precision,
        title=options.title,
    )


def _job_to_resume(options: argparse.Namespace) -> Job:
    """The job that goes on with a record, which decides everything but names and the device."""
    from workbench.resuming import job_to_resume

    given = ("method", "example", "input", "set", "preset")
    if said := next((name for name in given if getattr(options, name)), ""):
        named = "METHOD" if said == "method" else f"--{said}"
        raise Refusal(f"{named} is given with --resume; the record holds it; leave it out")
    job = job_to_resume(options.resume)
    device = job.device if options.device == "auto" else options.device
    return replace(
        job,
        title=options.title or job.title,
        device=device,
        seed=options.seed or job.seed,  # another one is refused
    )


def _absolute(reference: str) -> str:
    """A reference that means the same file in every folder."""
    path, parts, rest = reference.partition("::")
    if path.startswith("sample:") or not Path(path).exists():
        return reference
    return str(Path(path).absolute()) + parts + rest


def execute(job: Job, quiet: bool, overwrite: bool = False) -> Any:
    """Prepare and run a job; Ctrl+C stops it and keeps what it found."""
    from workbench import runs

    prepared = runs.prepare(job)
    if refusal := runs.bill(prepared).refusal:
        raise Refusal(refusal)
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    listen = _narrator() if not quiet else _warner
    try:
        return runs.execute(
            prepared,
            listen,
            stop=stop,
            watched=False,
            elsewhere=_rescuer(job.output),
            overwrite=overwrite,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def _rescuer(output: str) -> Callable[[str], Path | None]:
    """Sends a record that cannot be written to the temporary files, once."""
    tried: list[Path] = []

    def elsewhere(why: str) -> Path | None:
        from workbench.runs import rescue

        print(f"workbench: {why}", file=sys.stderr)
        if tried:
            return None
        tried.append(rescue(output))
        print(f"workbench: the record goes to {tried[0]} instead", file=sys.stderr)
        return tried[0]

    return elsewhere


def _warner(event: Event) -> None:
    if isinstance(event, Warned):
        print(f"workbench: warning: {event.text}", file=sys.stderr)


def _narrator() -> Callable[[Event], None]:
    """Progress on one line of a terminal, nothing of it in a file; warnings always."""
    live = sys.stderr.isatty()

    def listen(event: Event) -> None:
        if isinstance(event, Step) and live:
            total = f" / {event.total}" if event.total else ""
            print(
                f"\r\033[K  {event.phase} {event.done}{total}  {event.seconds:.1f} s",
                end="",
                file=sys.stderr,
                flush=True,
            )
            if event.total and event.done >= event.total:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
        _warner(event)

    return listen


def _assignments(
    known: tuple[Field, ...], texts: Sequence[str], base: dict[str, Any]
) -> dict[str, Any]:
    """Read `--set NAME=VALUE` and `--set OPTION.NAME=VALUE`; limits are judged by the method."""
    by_name = {f.name: f for f in known}
    found: dict[str, Any] = {}
    for text in texts:
        name, value = pair(text, "--set", "PARAM=VALUE")
        outer, _, inner = name.partition(".")
        field = by_name.get(outer)
        if field is None or not inner:
            found[outer if not inner else name] = parse(field, value) if field else value
            continue
        if field.kind != "option":
            raise Refusal(f"'{name}' names a part of {outer}, which has none; leave '.{inner}' out")
        option = dict(found.get(outer) or base.get(outer) or field.default)
        spec = next((o for o in field.options if o.kind == option.get("kind")), None)
        part = next((f for f in spec.fields if f.name == inner), None) if spec else None
        option[inner] = parse(part, value) if part else value
        found[outer] = option
    return found


def workspace_folder(options: argparse.Namespace) -> Path:
    """Where records go that were given no place."""
    return Path(options.workspace) if options.workspace else default_workspace()


def _parser() -> argparse.ArgumentParser:
    common = Parser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show tracebacks")
    common.add_argument("--workspace", metavar="DIR", help="folder of the records")
    parser = Parser(
        "workbench",
        usage="workbench [FILE ...] | workbench COMMAND ...",
        description="Without a command: open the window, with FILEs if given.",
        epilog="Exit status 0: done, 1: the run failed, 2: the call or the data were refused.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog="workbench")

    def command(name: str, act: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        about = (act.__doc__ or "").rstrip(".")
        made = commands.add_parser(name, help=about, description=about, parents=[common])
        made.set_defaults(act=act)
        return made

    methods_cli.add_commands(command)
    made = command("run", run)
    _run_options(made, "?")
    made.add_argument("--resume", metavar="RECORD.h5", help="go on from its last checkpoint")
    made = command("sweep", sweep)
    _run_options(made)
    made.add_argument("--grid", action="append", default=[], metavar="PARAM=V1,V2|LOW:HIGH:N")
    made.add_argument("--random", type=int, metavar="N", help="N random places, not all")
    made.add_argument("--sobol", type=int, metavar="N", help="N evenly scattered places")
    made.add_argument("--search", metavar="METRIC", help="go where it may be best; needs Optuna")
    made.add_argument("--trials", type=int, metavar="N", help="places of a search [40]")
    made.add_argument("--minimise", action="store_true", help="less of METRIC is sought")
    made.add_argument("--maximise", action="store_true", help="more of METRIC is sought")
    made.add_argument("--seeds", type=int, default=1, metavar="N", help="repeat with N seeds")
    made.add_argument("--csv", metavar="FILE.csv", help="where the table goes as well")
    output_cli.add_commands(command)
    peer_cli.add_command(command)
    made = command("demo", demo)
    made.add_argument(
        "--known", action="store_true", help="the examples with a known answer, with a verdict each"
    )
    made.add_argument("--headless", action="store_true", help="without a window (else: in it)")
    made.add_argument("--out", metavar="DIR", help="where records and figures go")
    made = command("desktop", desktop)
    made.add_argument("--remove", action="store_true", help="take it out of the menus again")
    return parser


def _run_options(made: argparse.ArgumentParser, count: str | None = None) -> None:
    made.add_argument("method", metavar="METHOD", nargs=count)
    made.add_argument("--example", default="", metavar="NAME", help="a built-in problem")
    made.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="FIELD=FILE[::PART][::STEPS]",
        help="your data, or sample:NAME, and the steps done with them first: sample=N:seed=S, "
        "every=K, standardise, standardise=mean, standardise=range, crop=A..B:C..D; several in "
        "their order with commas between",
    )
    made.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE")
    made.add_argument("--preset", default="", metavar="NAME")
    made.add_argument("--device", default="auto", metavar="auto|cpu|cuda[:n]|mps")
    made.add_argument("--precision", default="float64", choices=("float32", "float64"))
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--output", metavar="FILE.h5", help="the record; a folder for a sweep")
    made.add_argument("--overwrite", action="store_true", help="replace the output file")
    made.add_argument("--title", default="", help="a name for the record")
    made.add_argument("--quiet", action="store_true")
