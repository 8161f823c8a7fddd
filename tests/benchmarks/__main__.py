"""`python -m tests.benchmarks [promises | lowrank | transport | pde | diffusion …]`: all if none.

Each family is measured beside a peer in one process: seconds of both, their ratio (above 1: ours is
faster) and the accuracy of both. `promises` measures the window and the engine process. `hostile`
(not among all) reads thousands of damaged files.
"""

from __future__ import annotations

import importlib
import sys

from workbench.registry import FAMILIES


def family(name: str) -> None:
    """Print the table of one family."""
    print(f"\n{FAMILIES[name]}\n")
    head = ("problem", "peer", "ours s", "peer s", "ratio", "ours error", "peer error")
    print("{:<44} {:<30} {:>9} {:>9} {:>7} {:>11} {:>11}".format(*head))
    module = importlib.import_module(f"tests.benchmarks.{name}")
    for row in module.rows():
        ratio = row.peer_seconds / row.ours_seconds
        print(
            f"{row.problem:<44} {row.peer:<30} {row.ours_seconds:9.4f} {row.peer_seconds:9.4f} "
            f"{ratio:7.2f} {row.ours_accuracy:11.3g} {row.peer_accuracy:11.3g}",
            flush=True,
        )
    if hasattr(module, "tables"):
        module.tables()


def main() -> None:
    """Print what was asked for."""
    for name in sys.argv[1:] or ("promises", *FAMILIES):
        if name in FAMILIES:
            family(name)
        else:
            importlib.import_module(f"tests.benchmarks.{name}").main()


if __name__ == "__main__":
    main()
