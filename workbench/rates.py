"""How fast each method turned out to be on each device of this machine, learnt from its runs.

A method estimates its work in operations; how many it does a second depends on the machine and on
how close the estimate is. The last runs tell, so the time on the bill becomes true with use. Those
of other methods tell how fast the machine is, for a method that never ran.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import platformdirs

# Work per second that is assumed before anything was measured: about one core of a laptop. It
# counts as one method more, since the rates of methods differ by some factors on one machine.
UNKNOWN = 4e9
# Shorter runs measure the start of the run more than the method.
SHORTEST = 0.05
# Share of the newest run: the machine may be busy now and then.
NEWEST = 0.5


def rate(method: str, device: str) -> float:
    """Operations a second, by the last runs of a method on a device, else by those of others."""
    known = _read()
    others = [math.log(v / UNKNOWN) for name, v in known.items() if name.endswith(f" {device}")]
    usual = UNKNOWN * math.exp(sum(others) / (1 + len(others)))
    return known.get(f"{method} {device}", usual)


def learn(method: str, device: str, work: float, seconds: float) -> None:
    """Take in one finished run; a folder that cannot be written to is no harm."""
    if seconds < SHORTEST or not (math.isfinite(work) and work > 0):
        return
    known = _read()
    name = f"{method} {device}"
    now = work / seconds
    before = known.get(name, now)
    known[name] = math.exp(NEWEST * math.log(now) + (1 - NEWEST) * math.log(before))
    file = _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(known))
        new.replace(file)
    except OSError:
        return


def _read() -> dict[str, float]:
    """What is known; a damaged file is forgotten."""
    try:
        found = json.loads(_file().read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(name): float(value)
        for name, value in found.items()
        if isinstance(value, (int, float)) and math.isfinite(value) and value > 0
    }


def _file() -> Path:
    folder = Path(platformdirs.user_cache_dir("methods-workbench", appauthor=False))
    return folder / "rates-2.json"  # another number whenever methods count their work differently
