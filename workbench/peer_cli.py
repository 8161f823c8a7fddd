"""The command that checks a recorded run against another library."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from workbench.arguments import Refusal

DONE, DIFFERS = 0, 1
Act = Callable[[argparse.Namespace], int]


def add_command(command: Callable[[str, Act], argparse.ArgumentParser]) -> None:
    """Declare the command; `command` makes a parser from a name and what it does."""
    made = command("check", check)
    made.add_argument("record", metavar="FILE.h5")
    made.add_argument("--json", action="store_true")
    made.add_argument(
        "--tolerance", metavar="REL", help="exit status 1 where a relative difference is larger"
    )


def check(options: argparse.Namespace) -> int:
    """Solve the problem of a record again with another library and print what differs."""
    from workbench import peer

    tolerance = _tolerance(options.tolerance)
    try:
        found = peer.check(Path(options.record))
    except peer.PeerError as error:
        raise Refusal(str(error)) from error
    if options.json:
        # Infinite differences are no JSON, and every reader knows null.
        text = json.dumps(_plain(asdict(found)), indent=2)
    else:
        text = found.text()
    sys.stdout.write(text + "\n")
    rows = [row for report in found.reports for row in report.rows]
    return DONE if all(row.relative <= tolerance for row in rows) else DIFFERS


def _tolerance(text: str | None) -> float:
    """The largest difference allowed; without one every difference is."""
    if text is None:
        return math.inf
    with contextlib.suppress(ValueError):
        if (value := float(text)) >= 0:
            return value
    raise Refusal(f"--tolerance is {text}; it must be a number of 0 or more; write 1e-6")


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
