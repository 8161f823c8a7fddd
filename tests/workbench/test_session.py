"""The script of a session: executed, it gives the arrays of its records byte for byte."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from workbench import records
from workbench.api import run
from workbench.batch import Piece
from workbench.deeds import Deed, deeds_of
from workbench.export import ExportError
from workbench.session import save_session, session_script

ROOT = Path(__file__).resolve().parents[2]
SVD = "lowrank.randomized_svd"
SLICED = "transport.sliced_wasserstein_cv"


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> tuple[Path, list[Path], str]:
    """Three recorded runs and five exports, their script, and what it wrote in another folder."""
    folder = tmp_path_factory.mktemp("session")
    rng = np.random.default_rng(0)
    np.savetxt(folder / "x.csv", rng.normal(size=(30, 2)), delimiter=",")
    np.savetxt(folder / "y.csv", rng.normal(size=(20, 2)), delimiter=",")
    files = {"x": str(folder / "x.csv"), "y": str(folder / "y.csv")}
    made = [folder / f"{i}.h5" for i in range(3)]
    small = {"target": {"kind": "rank", "k": 5}, "device": "cpu"}
    run(SVD, example="hilbert", **small, seed=3, output=made[0], title='a "b"\n# c')
    run(SVD, example="hilbert", **small, seed=4, output=made[1])
    few = {"repeats": 2, "flow_steps": 2, "flow_projections": 2, "n_projections": 9}
    run(SLICED, **files, **few, seed=5, device="cpu", output=made[2])
    one, two, three = map(str, made)
    deeds = [
        Deed("data", path=files["x"]),
        Deed("run", (one,)),
        Deed("run", (two,)),
        Deed("figure", (one,), "/elsewhere/s.svg", "spectrum", {"width_mm": 89.0, "dpi": 300}),
        Deed("figure", (two,), "/other/s.svg", "spectrum", {"height_mm": None}),
        Deed("comparison", (one, two), "/elsewhere/both.svg", "spectrum", {"width_mm": 120.0}),
        Deed("comparison", (one, two), "/elsewhere/table.csv", ""),
        Deed("run", (three,)),
        Deed("report", (one, three), "/elsewhere/r.html"),
    ]
    place = tmp_path_factory.mktemp("again")
    save_session(deeds, place / "session.py")
    done = subprocess.run(
        [sys.executable, "session.py"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return place, made, (place / "session.py").read_text("utf8")


def test_that_arrays_are_equal_byte_for_byte(session):
    place, made, _ = session
    for record in made:
        again = place / f"{record.stem}-again.h5"
        for part in ("problem", "result"):
            before, after = records.read_arrays(record, part), records.read_arrays(again, part)
            assert before.keys() == after.keys()
            assert all(before[n].tobytes() == after[n].tobytes() for n in before)
        assert records.read_arrays(record, "result")
        assert records.read_info(again).seed == records.read_info(record).seed


def test_that_every_export_is_written_under_a_name_of_its_own(session):
    place, _, _ = session
    names = {path.name for path in place.iterdir()}
    assert {"s.svg", "s-2.svg", "both.svg", "table.csv", "r.html"} <= names
    assert len((place / "s.svg").read_bytes()) > 1000
    rows = list(csv.reader((place / "table.csv").open(encoding="utf8")))
    assert ["setting", "seed", "", "3", "4", "1"] in rows


def test_that_the_script_says_what_was_opened_and_runs_each_record_once(session):
    _, _, text = session
    assert "# Opened " in text
    assert "x.csv" in text
    assert text.count(" = run(") == 3
    assert "3 runs and 5 exports" in text
    compile(text, "session.py", "exec")


def test_that_a_record_that_was_only_shown_is_run_before_its_export(tmp_path):
    run(SVD, example="hilbert", target={"kind": "rank", "k": 2}, output=tmp_path / "a.h5")
    text = session_script([Deed("figure", (str(tmp_path / "a.h5"),), "a.pdf", "spectrum")])
    assert text.index(" = run(") < text.index('save_figure(run_1, "spectrum", "a.pdf")')


def test_that_a_session_without_runs_is_refused():
    with pytest.raises(ExportError, match="no runs; it must have at least one"):
        session_script([Deed("data", path="x.csv")])


def test_that_calls_that_leave_nothing_behind_are_no_deeds(tmp_path):
    (tmp_path / "x.csv").touch()
    assert deeds_of("preview", (f"{tmp_path}/x.csv",)) == [Deed("data", path=f"{tmp_path}/x.csv")]
    assert deeds_of("preview", ("sample:moons",)) == []
    assert deeds_of("runs", ()) == []
    assert deeds_of("export", ("a.h5", "plan", "p.pdf", {"dpi": 300})) == [
        Deed("figure", ("a.h5",), "p.pdf", "plan", {"dpi": 300})
    ]
    pieces = (Piece("a.h5", "plan", "1.pdf"), Piece("b.h5", "plan", "2.pdf"))
    assert [deed.path for deed in deeds_of("batch", (pieces, {}))] == ["1.pdf", "2.pdf"]


def test_that_a_record_that_is_gone_leaves_a_comment_and_the_rest_a_script(tmp_path):
    run(SVD, example="hilbert", target={"kind": "rank", "k": 2}, output=tmp_path / "a.h5")
    here, gone = str(tmp_path / "a.h5"), str(tmp_path / "gone.h5")
    deeds = [Deed("run", (gone,)), Deed("run", (here,))]
    deeds += [Deed("comparison", (gone, here), "c.pdf", "spectrum")]
    text = session_script(deeds)
    compile(text, "session.py", "exec")
    assert text.count(" = run(") == 1
    assert "# Not repeated: " in text
    assert "# Not written, as a run is missing: c.pdf" in text
    assert "1 run and 0 exports" in text
