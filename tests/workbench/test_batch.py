"""Every figure of several records in one go, under names of a pattern."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engines.figure import Figure, Line, Panel
from workbench import batch, stamp
from workbench.export import ExportError
from workbench.records import RunInfo
from workbench.records.recorder import write_record

FIGURES = tuple(Figure(n, "", (Panel((Line(x=[1, 2], y=[1, 2]),)),)) for n in ("plan", "cost/a"))


@pytest.fixture
def chosen(tmp_path) -> list[Path]:
    paths = [tmp_path / f"{name}.h5" for name in ("a", "b")]
    for seed, path in enumerate(paths):
        info = RunInfo(
            method="transport.sinkhorn",
            parameters={},
            seed=seed,
            device="cpu",
            precision="float64",
            started="2026-01-01T00:00:00+00:00",
            state="done",
            title="Two: moons?",
        )
        write_record(path, info, None, None, FIGURES, {})
    return paths


def names(plan: batch.Plan) -> list[str]:
    return [Path(piece.path).name for piece in plan.pieces]


def test_that_names_follow_the_pattern_and_suit_every_file_system(chosen, tmp_path):
    made = batch.plan(chosen, tmp_path / "out", "png")
    assert names(made) == ["a-plan.png", "a-cost-a.png", "b-plan.png", "b-cost-a.png"]
    made = batch.plan(chosen, tmp_path / "out", "pdf", "{title} {method}, {seed} {figure}")
    assert names(made)[1] == "Two- moons- sinkhorn, 0 cost-a.pdf"
    assert not (tmp_path / "out").exists(), "a plan writes nothing"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{figure}", r"plan\.png stands for two figures"),
        ("{record}", "stands for two figures"),
        ("{recrod}-{figure}", "pattern of the names is"),
        ("{record!r}{figure}", "pattern of the names is"),
        ("{record:9}{figure}", "pattern of the names is"),
        ("{record.x}{figure}", "pattern of the names is"),
        ("{", "pattern of the names is"),
        ("{}", "pattern of the names is"),
        (" ", "pattern of the names is"),
    ],
)
def test_that_a_pattern_that_does_not_tell_figures_apart_is_refused(
    chosen, tmp_path, pattern, words
):
    with pytest.raises(ExportError, match=words):
        batch.plan(chosen, tmp_path, "png", pattern)


def test_that_all_files_are_written_and_those_that_were_there_are_told_before(chosen, tmp_path):
    folder, seen = tmp_path / "new" / "out", []
    made = batch.plan(chosen, folder, "png")
    assert made.there == ()
    options = {"width_mm": 60.0, "dpi": 50}
    written = batch.export_pieces(made.pieces, options, lambda *far: seen.append(far))
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names(made))
    held = stamp.read(Path(written[1]))
    assert (held["record"], held["figure"]) == (str(chosen[0]), "cost/a")
    (folder / "a-plan.png").unlink()
    assert len(batch.plan(chosen, folder, "png").there) == 3


def test_that_an_unknown_format_is_refused(chosen, tmp_path):
    with pytest.raises(ExportError, match="format is gif"):
        batch.plan(chosen, tmp_path, "gif")


def test_that_the_window_can_take_a_plan_without_hdf5():
    code = "import sys, workbench.batch, workbench.studio, workbench.print_check, workbench.movie\n"
    code += "assert not {'h5py', 'matplotlib', 'scipy', 'torch', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
