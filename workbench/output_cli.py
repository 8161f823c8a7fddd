"""Commands that turn records into citations, scripts and reports."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.catalogue import MethodCard

DONE = 0
Act = Callable[[argparse.Namespace], int]


def add_commands(command: Callable[[str, Act], argparse.ArgumentParser]) -> None:
    """Declare the commands; `command` makes a parser from a name and what it does."""
    made = command("cite", cite)
    made.add_argument("what", metavar="METHOD|FILE.h5")
    made = command("script", script)
    made.add_argument("record", metavar="FILE.h5")
    made.add_argument("-o", "--output", required=True, metavar="FILE.(py|ipynb)")
    made = command("report", report)
    made.add_argument("records", nargs="+", metavar="FILE.h5")
    made.add_argument("-o", "--output", required=True, metavar="FILE.(html|pdf|pptx)")
    made.add_argument("--title", default="", help="what stands at the top")


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

    record = Path(options.record)
    save_script(record, Path(options.output), next(iter(cards([record]).values()), None))
    return _told(options.output)


def report(options: argparse.Namespace) -> int:
    """Recorded runs as one HTML page, PDF or slides."""
    write_report(map(Path, options.records), Path(options.output), options.title)
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


def _told(path: str) -> int:
    sys.stdout.write(f"{path}\n")
    return DONE
