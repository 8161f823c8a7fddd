"""The rules of the house, each checked by a machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=280,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
    )


@pytest.mark.parametrize(
    "tool",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("importlinter.cli",),
    ],
    ids=["lint", "format", "types", "layers"],
)
def test_that_the_tool_finds_nothing(tool):
    name, *rest = tool
    if name == "importlinter.cli":
        call = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
        done = ran(sys.executable, "-c", call)
    else:
        done = ran(sys.executable, "-m", name, *rest)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("modules", "forbidden"),
    [
        ("workbench.runs, workbench.engine, workbench.cli, workbench.api", "PySide6 pyqtgraph"),
        ("ui.window, ui.main", "torch scipy matplotlib pandas"),
        ("workbench.desk, workbench.data, workbench.records", "torch PySide6"),
    ],
)
def test_that_what_is_imported_stays_out_of_the_other_layers(modules, forbidden):
    code = (
        f"import sys, {modules}\n"
        f"found = [m for m in {forbidden.split()!r} if m in sys.modules]\n"
        "assert not found, found"
    )
    done = ran(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
