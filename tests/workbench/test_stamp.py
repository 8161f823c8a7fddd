"""Exported pictures know where they come from, and lead back there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engines.figure import Axis, Cloud3D, Figure, Image, Line, Panel
from workbench import records, stamp
from workbench.desk import Calls
from workbench.export import export
from workbench.movie import export_movie
from workbench.records import RecordError, RunInfo
from workbench.records.recorder import write_record
from workbench.workspace import Workspace

MOVIE = Figure(
    "wave",
    "Wave",
    (Panel((Image(values=np.random.default_rng(0).random((3, 4, 4))),)),),
    times=[0.0, 1.0, 2.0],
)
CLOUD = Figure("cloud (é)", "", (Panel((Cloud3D(points=np.eye(3)),)),))
CURVE = Figure("curve", "", (Panel((Line(x=[1, 2], y=[1, 2]),), x=Axis("x"), y=Axis("y")),))
SIZE = {"width_mm": 60.0, "height_mm": 50.0, "dpi": 50}


def info(started: str = "2026-01-01T00:00:00.000001+00:00", **more) -> RunInfo:
    base = {"method": "pde.x", "parameters": {"a": 1.5}, "seed": 3, "device": "cpu"}
    return RunInfo(precision="float64", started=started, state="done", **{**base, **more})


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    made = Workspace(tmp_path / "workspace")
    write_record(made.runs / "00001-x.h5", info(), None, None, (MOVIE, CLOUD, CURVE), {})
    return made


def put_out(workspace: Workspace, path: Path, figure: Figure, **options) -> Path:
    Calls(workspace.folder).export(
        str(workspace.runs / "00001-x.h5"), figure.name, str(path), {**SIZE, **options}
    )
    return path


@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "tiff", "tif"])
def test_that_a_picture_tells_run_record_figure_frame_and_settings(workspace, tmp_path, kind):
    held = stamp.read(put_out(workspace, tmp_path / f"a.{kind}", MOVIE, frame_index=1))
    assert held["run"] == records.run_id(info())
    assert held["record"] == str(workspace.runs / "00001-x.h5")
    assert (held["figure"], held["frame"]) == ("wave", 1)
    assert held["settings"] == SIZE
    assert "view" not in held
    held = stamp.read(put_out(workspace, tmp_path / f"b.{kind}", CLOUD, view=(12.0, -3.5)))
    assert (held["figure"], held["view"]) == ("cloud (é)", [12.0, -3.5])
    assert "frame" not in held


@pytest.mark.parametrize("kind", ["gif", "mp4"])
def test_that_a_movie_tells_it_as_well(tmp_path, kind):
    about = stamp.made(tmp_path / "r.h5", info(), MOVIE, {"every": 1, **SIZE})
    assert "frame" not in about
    export_movie(MOVIE, tmp_path / f"a.{kind}", provenance=about, **SIZE)
    assert stamp.read(tmp_path / f"a.{kind}") == about


def test_that_other_pictures_are_none_of_ours(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    (tmp_path / "a.svg").write_text("<svg><broken")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 /Keywords (biology, cells)")
    (tmp_path / "a.mp4").write_bytes(b"\0" * 100)
    (tmp_path / "a.csv").write_text("1,2")
    export(CURVE, tmp_path / "b.png", **SIZE)
    export(CURVE, tmp_path / "b.pdf", provenance={"other": 1}, **SIZE)
    assert [stamp.read(path) for path in sorted(tmp_path.iterdir())] == [None] * 7
    assert stamp.read(tmp_path / "nowhere.png") is None


def test_that_a_renamed_record_is_found_by_its_run_and_another_run_is_not_taken(
    workspace, tmp_path
):
    picture = put_out(workspace, tmp_path / "a.png", CURVE)
    held = stamp.read(picture)
    first = workspace.runs / "00001-x.h5"
    records.write_notes(first, title="renamed")
    first.rename(workspace.runs / "00007-other.h5")
    # In its old place lies another run.
    write_record(first, info("2026-02-02T00:00:00+00:00"), None, None, (CURVE,), {})
    assert stamp.record_of(held, workspace) == workspace.runs / "00007-other.h5"
    (workspace.runs / "00007-other.h5").unlink()
    with pytest.raises(RecordError, match=r"00001-x\.h5; it must be in the workspace or at"):
        stamp.record_of(held, workspace)


def test_that_a_record_outside_of_the_workspace_is_found_at_its_path(workspace, tmp_path):
    picture = put_out(workspace, tmp_path / "a.svg", CURVE)
    elsewhere = Calls(tmp_path / "elsewhere")
    origin = elsewhere.origin(str(picture))
    assert origin["record"] == str(workspace.runs / "00001-x.h5")
    shutil.rmtree(workspace.folder)
    with pytest.raises(RecordError):
        elsewhere.origin(str(picture))
    assert elsewhere.origin(str(tmp_path / "none.csv")) is None


def test_that_runs_differ_in_their_number_by_what_was_run_and_not_by_what_was_noted():
    base = records.run_id(info())
    assert records.run_id(info(title="t", notes="n", tags=("a",), starred=True)) == base
    others = [info(seed=4), info(parameters={"a": 2.0}), info("2026-01-01T00:00:00.000002+00:00")]
    assert len({base, *map(records.run_id, others)}) == 4
