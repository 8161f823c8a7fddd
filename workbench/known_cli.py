"""`workbench demo --headless --known`: every example with a known answer, and its verdict."""

from __future__ import annotations

from workbench import cli
from workbench.jobs import Job


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
