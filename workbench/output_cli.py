"""Commands that show records, and turn them into figures, citations, scripts and reports."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.arguments import Refusal, add_output, free

if TYPE_CHECKING:
    from workbench.catalogue import MethodCard

DONE = 0
Act = Callable[[argparse.Namespace], int]


def add_commands(command: Callable[[str, Act], argparse.ArgumentParser]) -> None:
    """Declare the commands; `command` makes a parser from a name and what it does."""
    made = command("show", show)
    made.add_argument("record", metavar="FILE.h5|PICTURE")
    made.add_argument("--json", action="store_true")
    made = command("export", export_figure)
    made.usage = (
        "workbench export FILE.h5 FIGURE -o FILE [options]\n"
        "       workbench export FILE.h5 ... --all -o FOLDER [options]"
    )
    made.add_argument("what", nargs="+", metavar="FILE.h5 FIGURE")
    made.add_argument("--all", action="store_true", help="every figure of one or more records")
    add_output(made, "FILE.(png|svg|pdf|eps|tiff|csv|gif|mp4)|FOLDER/")
    made.add_argument("--width", type=_millimetres, default=89.0, metavar="85mm")
    made.add_argument("--dpi", type=int, default=None, help="300, of a movie 150")
    made.add_argument("--frame", type=int, default=None, help="frame of a movie, counted from 0")
    made.add_argument("--fps", type=int, default=None, help="pictures a second of a movie")
    made.add_argument("--every", type=int, default=1, metavar="K", help="one frame in K of a movie")
    made.add_argument("--format", default="pdf", help="with --all: of all files")
    made.add_argument("--names", help="with --all: else {record}-{figure}")
    made.add_argument(
        "--view",
        type=_direction,
        metavar="AZ,EL",
        help="from where 3-D panels are seen, in degrees; a negative azimuth as --view=-60,30",
    )
    made = command("cite", cite)
    made.add_argument("what", metavar="METHOD|FILE.h5")
    made = command("script", script)
    made.add_argument("record", metavar="FILE.h5")
    add_output(made, "FILE.(py|ipynb)")
    made = command("report", report)
    made.add_argument("records", nargs="+", metavar="FILE.h5")
    add_output(made, "FILE.(html|pdf|pptx)")
    made.add_argument("--title", default="", help="what stands at the top")


def show(options: argparse.Namespace) -> int:
    """State, parameters, metrics, figures and arrays of a record."""
    from workbench import records, stamp

    path = Path(options.record)
    if path.suffix.lower() in stamp.PICTURES:
        path = _drawn_from(path, options)
    info, metrics, figures = records.read_summary(path)
    arrays = {
        node.path: {"shape": list(node.shape), "dtype": str(node.dtype)}
        for node in records.tree(path)
        if node.shape is not None and node.path.startswith(("/problem/", "/result/"))
    }
    if options.json:
        found = {
            **info.model_dump(mode="json"),
            "metrics": metrics,
            "figures": list(figures),
            "arrays": arrays,
        }
        print(json.dumps(found, indent=2))
        return DONE
    print(f"{info.title or path.name}: {info.method}, {info.state}: {info.status}")
    if info.verdict:
        print(f"  {info.verdict}")
    for title, rows in (
        (
            "Parameters",
            {k: settings_text(v) if isinstance(v, dict) else v for k, v in info.parameters.items()},
        ),
        ("Metrics", {k: f"{v:.6g}" for k, v in metrics.items() if not math.isnan(v)}),
        (
            "Run",
            {k: getattr(info, k) for k in ("seed", "device", "precision", "started", "seconds")},
        ),
        ("Data", dict(info.inputs) or {"example": str(info.example)}),
        ("Arrays", {k: " × ".join(map(str, a["shape"])) for k, a in arrays.items()}),
    ):
        print(f"\n{title}")
        for name, value in rows.items():
            print(f"  {name:<28} {value}")
    print(f"\nFigures\n  {', '.join(figures) or 'none'}")
    for text in info.warnings:
        print(f"\nWarning: {text}")
    return DONE


def _drawn_from(picture: Path, options: argparse.Namespace) -> Path:
    """The record of an exported picture; says of what it is one."""
    from workbench import default_workspace, stamp
    from workbench.workspace import Workspace

    held = stamp.read(picture)
    if held is None:
        raise Refusal(
            f"{picture} says nothing about a record; it must be a picture that the workbench "
            "exported; show the record itself"
        )
    folder = Path(options.workspace) if options.workspace else default_workspace()
    path = stamp.record_of(held, Workspace(folder))
    if not options.json:
        frame = f", frame {held['frame']}" if "frame" in held else ""
        print(f"{picture.name}: figure {held['figure']}{frame} of {path}\n")
    return path


def export_figure(options: argparse.Namespace) -> int:
    """Draw a figure of a record on paper, or all figures of some records."""
    return _export_all(options) if options.all else _export_one(options)


def _export_one(options: argparse.Namespace) -> int:
    from workbench import records, stamp
    from workbench.export import export

    if len(options.what) != 2:
        raise Refusal(
            f"{len(options.what)} names are given; they must be a record and a figure; to draw all "
            "figures of records add --all"
        )
    path, name = Path(options.what[0]), options.what[1]
    frames = options.output.endswith(("/", os.sep))
    output = Path(options.output)
    moving = frames or output.suffix.lower() in (".gif", ".mp4")
    output = _free_folder(output, options.overwrite) if frames else free(output, options.overwrite)
    names = records.figure_names(path)
    if name not in names:
        raise Refusal(
            f"{path.name} has no figure '{name}'; it must be one of "
            f"{', '.join(names)}; choose one of these"
        )
    figure = records.read_figure(path, name)
    given: dict[str, Any] = {"width_mm": options.width, "view": options.view}
    given["dpi"] = options.dpi or (150 if moving else 300)
    given |= _of_movie(options) if moving else _of_still(options)
    about = stamp.made(path, records.read_info(path), figure, given)
    if moving:
        from workbench.movie import export_movie

        export_movie(figure, output, provenance=about, told=_counter(), **given)
    else:
        export(figure, output, provenance=about, **given)
    return _told(options.output)


def _of_movie(options: argparse.Namespace) -> dict[str, Any]:
    if options.frame is not None:
        raise Refusal(f"--frame is {options.frame}; a movie must have all frames; leave it out")
    return {"fps": options.fps, "every": options.every}


def _of_still(options: argparse.Namespace) -> dict[str, Any]:
    if options.fps is not None or options.every != 1:
        raise Refusal(
            "--fps and --every are for movies; the output must be .gif, .mp4 or a folder with / at "
            "its end; leave them out, or rename it"
        )
    return {"frame_index": options.frame}


def _export_all(options: argparse.Namespace) -> int:
    from workbench import batch

    for option in ("frame", "fps", "view"):
        if getattr(options, option) is not None:
            raise Refusal(f"--{option} is given with --all; it must be of one figure; leave it out")
    folder = Path(options.output)
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file; it must be a folder; choose another name")
    plan = batch.plan(options.what, folder, options.format, options.names or batch.PATTERN)
    if plan.there and not options.overwrite:
        raise Refusal(
            f"{plan.there[0]} exists, and {len(plan.there) - 1} more; they are not replaced; add "
            "--overwrite, or choose another folder"
        )
    given = {"width_mm": options.width, "dpi": options.dpi or 300}
    for path in batch.export_pieces(plan.pieces, given, _counter()):
        _told(path)
    return DONE


def _free_folder(folder: Path, overwrite: bool) -> Path:
    """A folder for the frames of a movie that holds none yet."""
    from workbench.movie import frames_in

    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file; it must be a folder; choose another name")
    if folder.is_dir() and frames_in(folder) and not overwrite:
        raise Refusal(
            f"{folder} holds a movie; it is not replaced; add --overwrite, or choose another name"
        )
    if not folder.parent.is_dir():
        raise Refusal(f"{folder} cannot be written: there is no folder {folder.parent}")
    return folder


def _counter() -> Callable[[int, int], None]:
    """Progress on one line of a terminal, nothing of it in a file."""
    if not sys.stderr.isatty():
        return lambda done, total: None

    def told(done: int, total: int) -> None:
        sys.stderr.write(f"\r\033[K  {done} / {total}" if done < total else "\r\033[K")
        sys.stderr.flush()

    return told


def cite(options: argparse.Namespace) -> int:
    """BibTeX of the papers that a method, or the method of a record, follows."""
    from workbench import records
    from workbench.cite import bibtex
    from workbench.registry import method

    path = Path(options.what)
    name = records.read_info(path).method if path.suffix == ".h5" else options.what
    sys.stdout.write(bibtex(method(name).papers))
    return DONE


def script(options: argparse.Namespace) -> int:
    """A short Python script or notebook that repeats a recorded run."""
    from workbench.script import save_script

    record, output = Path(options.record), free(Path(options.output), options.overwrite)
    save_script(record, output, next(iter(cards([record]).values()), None))
    return _told(options.output)


def report(options: argparse.Namespace) -> int:
    """Recorded runs as one HTML page, PDF or slides."""
    output = free(Path(options.output), options.overwrite)
    write_report(map(Path, options.records), output, options.title)
    return _told(options.output)


def write_report(records: Iterable[Path], path: Path, title: str = "") -> None:
    """A report with what this version knows of the methods."""
    from workbench.report import report as write

    chosen = list(records)
    write(chosen, path, cards(chosen), title)


def cards(chosen: Iterable[Path]) -> dict[str, MethodCard]:
    """What is known of the methods of some records; those of other versions are left out."""
    from workbench import records
    from workbench.catalogue import card
    from workbench.registry import methods

    names = {records.read_info(path).method for path in chosen}
    return {name: card(name, methods()[name]) for name in names & methods().keys()}


def settings_text(values: Mapping[str, Any]) -> str:
    """Settings as a line of names and values."""
    return ", ".join(f"{k}={v}" for k, v in values.items()) or "as declared"


def _millimetres(text: str) -> float:
    try:
        return float(text.removesuffix("mm"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"is '{text}'; it must be millimetres such as 89mm; write it so"
        ) from None


def _direction(text: str) -> tuple[float, float]:
    """Azimuth and elevation."""
    try:
        azimuth, elevation = (float(part) for part in text.split(","))
        if not (math.isfinite(azimuth) and abs(elevation) <= 90):
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"is '{text}'; it must be an azimuth and an elevation of at most 90 degrees such as "
            "120,30; write them so"
        ) from None
    return azimuth, elevation


def _told(path: str) -> int:
    sys.stdout.write(f"{path}\n")
    return DONE
