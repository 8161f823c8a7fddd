"""The command `workbench demo --headless`: a tour of the families, or the known answers."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench import cli, output_cli
from workbench.jobs import Job


def families(options: argparse.Namespace) -> int:
    """One run of each family: its record, its figures, and a report on all."""
    from workbench import runs
    from workbench.export import export
    from workbench.registry import FAMILIES, SHOWCASE, method

    folder = Path(options.out or "demo")
    folder.mkdir(parents=True, exist_ok=True)
    for family, title in FAMILIES.items():
        name, cls = SHOWCASE[family], method(SHOWCASE[family])
        example = cls.examples[0]
        settings = runs.settings(cls, "quick", example.name)
        record = folder / f"{family}.h5"
        record.unlink(missing_ok=True)
        print(f"{title}: {cls.title}, {example.title}")
        job = Job(
            name, settings, example.name, output=str(record), title=f"{cls.title}: {example.title}"
        )
        outcome = cli.execute(job, quiet=False)
        if outcome.info.state == "failed":
            cli.raise_failed(outcome, options)
            return cli.FAILED
        if outcome.info.state == "stopped":
            return cli.STOPPED
        for figure in outcome.figures:
            for ending in ("pdf", "png"):
                export(figure, folder / f"{family}-{figure.name}.{ending}", width_mm=120)
        print(f"  {outcome.info.seconds:.1f} s, {len(outcome.figures)} figures, {record}")
    page = folder / "report.html"
    output_cli.write_report([folder / f"{f}.h5" for f in FAMILIES], page, "Methods Workbench: demo")
    print(page)
    return cli.DONE


def known_answers() -> int:
    """Run them all without records; the exit status says whether every answer was found."""
    from workbench import runs
    from workbench.registry import methods

    missed = 0
    for name, cls in methods().items():
        for example in (e for e in cls.examples if e.expects):
            settings = runs.settings(cls, "", example.name)
            info = cli.execute(Job(name, settings, example.name), quiet=True).info
            if info.state == "stopped":
                return cli.STOPPED
            print(f"{cls.title}: {example.title} ({info.seconds:.2f} s)\n  {info.outcome}")
            missed += not info.verdict.startswith("as known")
    return cli.FAILED if missed else cli.DONE
