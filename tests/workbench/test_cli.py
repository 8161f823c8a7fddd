"""The command line as a person types it; `main` is called in this process, once also for real."""

from __future__ import annotations

import csv
import io
import json
import os
import runpy
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from ui.main import main
from workbench import records
from workbench.data.steps import GRAMMAR

ROOT = Path(__file__).resolve().parents[2]
SINKHORN = ["run", "transport.sinkhorn"]
FLOW = ["run", "pde.navier_stokes_2d", "--set", "grid=32"]
FLOW += ["--set", "t_end=0.1", "--set", "frames=3"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def called(capsys, *words: str) -> tuple[int, str, str]:
    code = main([*words, "--workspace", "space"])
    out, err = capsys.readouterr()
    return code, out, err


def refused(capsys, *words: str) -> str:
    """The one sentence that a refused call gets; nothing is written and the status is 2."""
    code, out, err = called(capsys, *words)
    assert code == 2, err
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err
    assert not list(Path().glob("*.h5"))
    return err


def test_that_steps_of_an_input_are_done_recorded_and_repeated_by_the_script(capsys):
    np.save("t.npy", np.random.default_rng(0).normal(size=(50, 2)))
    steps = ("::sample=20:seed=3,standardise", "::crop=5..25,standardise=range")
    given = [f"--input={name}=t.npy{text}" for name, text in zip("xy", steps, strict=True)]
    code, _, err = called(capsys, *SINKHORN, *given, "--set", "epsilon=0.5", "--output", "a.h5")
    assert code == 0, err
    inputs = records.read_info(Path("a.h5")).inputs
    assert inputs == {n: f"{Path('t.npy').absolute()}{t}" for n, t in zip("xy", steps, strict=True)}
    y = np.load("t.npy")[5:25]
    kept = records.read_arrays(Path("a.h5"), "problem")["y"]
    np.testing.assert_allclose(kept, (y - y.min(0)) / np.ptp(y, 0), atol=1e-14)
    assert called(capsys, "script", "a.h5", "-o", "again.py")[0] == 0
    for text in steps:
        assert text in Path("again.py").read_text()
    runpy.run_path("again.py")
    one, two = (records.read_arrays(Path(p), "result") for p in ("a.h5", "a-again.h5"))
    assert one["plan"].tobytes() == two["plan"].tobytes()


def test_that_a_wrong_step_of_an_input_is_refused_in_one_sentence(capsys):
    np.save("t.npy", np.zeros((5, 2)))
    given = ["--input", "y=sample:moons", "--output", "a.h5", "--input"]
    assert "it must be at most 5" in refused(capsys, *SINKHORN, *given, "x=t.npy::sample=6")
    assert "the step is 'turn=1'" in refused(capsys, *SINKHORN, *given, "x=t.npy::every=2,turn=1")


def test_that_the_help_names_every_step(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    said = "".join(capsys.readouterr().out.split())
    for step in GRAMMAR.replace(" or ", ", ").split(", "):
        assert step in said


def test_that_run_show_and_export_work_as_the_readme_says(capsys):
    code, out, err = called(
        capsys, *SINKHORN, "--example", "two_moons", "--set", "epsilon=0.05", "--output", "a.h5"
    )
    assert code == 0, err
    assert out.splitlines()[-1] == "a.h5"
    code, out, _ = called(capsys, "show", "a.h5", "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["state"] == "done"
    assert shown["parameters"]["epsilon"] == 0.05
    assert shown["metrics"]["marginal_error"] < 1e-6
    assert "plan" in shown["figures"]
    assert shown["arrays"]["/result/plan"]["shape"] == [300, 300]
    code, _, _ = called(capsys, "export", "a.h5", "plan", "-o", "plan.pdf", "--width", "89mm")
    assert code == 0
    box = Path("plan.pdf").read_bytes().split(b"/MediaBox [")[1].split(b"]")[0].split()
    assert float(box[2]) / 72 * 25.4 == pytest.approx(89.0, abs=0.1)
    code, out, _ = called(capsys, "show", "a.h5")
    assert "marginal_error" in out


def test_that_equal_seeds_give_equal_arrays_and_others_do_not(capsys):
    run = ["run", "diffusion.edm_sampler", "--preset", "quick", "--quiet"]
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert called(capsys, *run, "--seed", seed, "--output", f"{name}.h5")[0] == 0
    a, b, c = (records.read_arrays(Path(f"{n}.h5"), "result")["samples"] for n in "abc")
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_that_two_csv_clouds_can_be_transported(capsys):
    rng = np.random.default_rng(0)
    np.savetxt("a.csv", rng.normal(size=(40, 2)), delimiter=",", header="x,y", comments="")
    np.savetxt("b.csv", rng.normal(size=(50, 2)) + 3, delimiter=";")
    code, _, err = called(
        capsys, *SINKHORN, "--input", "x=a.csv", "--input", "y=b.csv", "--output", "o.h5"
    )
    assert code == 0, err
    info = records.read_info(Path("o.h5"))
    assert {name: Path(path).name for name, path in info.inputs.items()} == {
        "x": "a.csv", "y": "b.csv"
    }  # fmt: skip
    assert set(info.fingerprints) == {"x", "y"}
    assert info.example is None


def test_that_a_matrix_in_an_npy_file_can_be_compressed(capsys):
    rng = np.random.default_rng(0)
    low = rng.normal(size=(60, 4)) @ rng.normal(size=(4, 40))
    np.save("m.npy", low)
    code, _, err = called(
        capsys, "run", "lowrank.randomized_svd", "--input", "matrix=m.npy",
        "--set", "target=rank", "--set", "target.k=4", "--output", "o.h5",
    )  # fmt: skip
    assert code == 0, err
    found = records.read_arrays(Path("o.h5"), "result")
    singular = np.linalg.svd(low, compute_uv=False)[:4]
    np.testing.assert_allclose(found["s"], singular, rtol=1e-10)


def test_that_a_colour_png_can_be_the_initial_vorticity(capsys):
    pixels = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    Image.fromarray(pixels).save("w.png")
    code, _, err = called(capsys, *FLOW, "--input", "vorticity=w.png", "--output", "o.h5")
    assert code == 0, err
    assert "grey" in err
    found = records.read_arrays(Path("o.h5"), "result")["vorticity"]
    assert found.shape == (3, 32, 32)
    assert abs(found.mean()) < 1e-6


def test_that_a_picture_stands_upright_as_a_field(capsys):
    """Rows of a picture run down and the y axis of a field runs up."""
    pixels = np.zeros((32, 32), np.uint8)
    pixels[2:6, 8:24] = 255  # a bar near the upper edge
    Image.fromarray(pixels).save("bar.png")
    assert called(capsys, *FLOW, "--input", "vorticity=bar.png", "--output", "o.h5")[0] == 0
    start = records.read_arrays(Path("o.h5"), "result")["vorticity"][0]
    assert start[26:30, 16].mean() > 0.8
    assert start[2:6, 16].mean() < 0.1


def test_that_a_data_set_in_an_npy_file_can_be_sampled(capsys):
    data = np.random.default_rng(0).normal((5, 0, 0), 1, (100, 3))
    np.save("d.npy", data)
    code, _, err = called(
        capsys, "run", "diffusion.edm_sampler", "--input", "data=d.npy",
        "--preset", "quick", "--output", "o.h5",
    )  # fmt: skip
    assert code == 0, err
    samples = records.read_arrays(Path("o.h5"), "result")["samples"]
    assert abs(samples.mean(axis=0)[0] - 5) < 1


def pickled_npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return file.getvalue()


def huge_png() -> bytes:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    body = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    return body + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


def truncated_hdf5() -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        made["x"] = np.random.default_rng(0).normal(size=(200, 2))
    return file.getvalue()[:2000]


def saved(array) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (saved(np.ones(5)[:, None, None]), ["axes"]),
        (saved(np.array([[1.0, np.nan], [0, 1]])), ["NaN", "source 0", "dim 1"]),
        (saved(np.ones((0, 2))), ["no values"]),
        (b"x,y\n1,2\n3,abc\n", ["abc"]),
        (truncated_hdf5(), ["truncated"]),
        (pickled_npy(), ["pickle"]),
        (huge_png(), ["50000 × 50000"]),
        (b"", ["empty"]),
        (b"\x00\x01\x02 nothing known", []),
    ],
    ids=["shape", "nan", "empty array", "text", "truncated", "pickle", "huge", "empty", "noise"],
)
def test_that_bad_files_are_refused_with_one_sentence(capsys, content, words):
    Path("bad").write_bytes(content)
    np.savetxt("b.csv", np.random.default_rng(0).normal(size=(9, 2)), delimiter=",")
    text = refused(capsys, *SINKHORN, "--input", "x=bad", "--input", "y=b.csv", "--output", "o.h5")
    assert all(w in text for w in words), text


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ([*SINKHORN, "--set", "tol=0"], ["tol is 0", "1e-12"]),
        ([*SINKHORN, "--set", "epsilon=-1"], ["epsilon is -1", "> 0"]),
        ([*SINKHORN, "--set", "epslion=1"], ["no parameter 'epslion'", "epsilon"]),
        ([*SINKHORN, "--set", "epsilon"], ["PARAM=VALUE"]),
        ([*SINKHORN, "--example", "three_moons"], ["two_moons"]),
        ([*SINKHORN, "--preset", "fast"], ["quick"]),
        ([*SINKHORN, "--device", "tpu"], ["device is 'tpu'", "cpu"]),
        ([*SINKHORN, "--input", "x=none.csv"], ["needs x, y"]),
        ([*SINKHORN, "--input", "x=none.csv", "--input", "y=none.csv"], ["none.csv"]),
        (["run", "transport.sinkhron"], ["transport.sinkhorn"]),
        ([*FLOW, "--set", "grid=33"], ["grid"]),
        (["describe", "nothing"], ["no method"]),
        (["show", "none.h5"], ["none.h5"]),
        (["export", "none.h5", "plan", "-o", "a.pdf"], ["none.h5"]),
    ],
)
def test_that_bad_calls_are_refused_with_one_sentence(capsys, call, words):
    text = refused(capsys, *call)
    assert all(w in text for w in words), text


def test_that_negative_mass_is_refused_by_its_place(capsys):
    np.save("p.npy", np.random.default_rng(0).normal(size=(4, 2)))
    np.save("a.npy", np.array([0.5, 0.5, -0.003, 0.1]))
    text = refused(
        capsys, *SINKHORN, "--input", "x=p.npy", "--input", "y=p.npy", "--input", "a=a.npy"
    )
    assert "-0.003" in text
    assert "2" in text


def test_that_a_record_is_not_replaced_unless_asked(capsys):
    Path("a.h5").write_bytes(b"mine")
    code, _, err = called(capsys, *SINKHORN, "--preset", "quick", "--output", "a.h5")
    assert code == 2
    assert "exists" in err
    assert Path("a.h5").read_bytes() == b"mine"
    assert called(capsys, *SINKHORN, "--preset", "quick", "--output", "a.h5", "--overwrite")[0] == 0
    assert records.read_info(Path("a.h5")).state == "done"


def test_that_an_unknown_figure_or_format_is_refused(capsys):
    assert called(capsys, *SINKHORN, "--preset", "quick", "--output", "a.h5", "--quiet")[0] == 0
    code, _, err = called(capsys, "export", "a.h5", "plane", "-o", "a.pdf")
    assert (code, "plan" in err) == (2, True)
    code, _, err = called(capsys, "export", "a.h5", "plan", "-o", "a.docx")
    assert (code, "pdf" in err) == (2, True)


def test_that_methods_and_describe_speak_json(capsys):
    code, out, _ = called(capsys, "methods", "--json")
    assert code == 0
    assert {m["id"] for m in json.loads(out)["methods"]} >= {"transport.sinkhorn"}
    code, out, _ = called(capsys, "describe", "transport.sinkhorn", "--json")
    assert json.loads(out)["fields"][0]["name"] == "epsilon"


def test_that_the_list_of_methods_is_aligned_and_choices_are_named(capsys):
    _, out, _ = called(capsys, "methods")
    rows = [line for line in out.splitlines() if line.startswith("  ")]
    assert len({len(row) - len(row.split(maxsplit=1)[1]) for row in rows}) == 1
    _, out, _ = called(capsys, "describe", "transport.sinkhorn")
    assert "[relative_mean; one of relative_mean, absolute]" in out


def test_that_help_on_the_demo_is_that_of_its_command(capsys):
    from ui.main import main as program

    with pytest.raises(SystemExit) as left:
        program(["demo", "--help"])
    assert (left.value.code, "--out" in capsys.readouterr().out) == (0, True)


def test_that_a_failed_run_has_status_one_and_its_record(capsys, monkeypatch):
    from engines.transport.methods.sinkhorn import Sinkhorn

    def fault(self, problem, ctx):
        raise RuntimeError("planted")

    monkeypatch.setattr(Sinkhorn, "run", fault)
    monkeypatch.setattr("workbench.registry.problems", lambda cls: ())
    code, _, err = called(capsys, *SINKHORN, "--output", "a.h5")
    assert code == 1
    assert "planted" in err
    info = records.read_info(Path("a.h5"))
    assert (info.state, "planted" in info.error) == ("failed", True)


def test_that_the_demo_leaves_four_records_their_figures_and_a_report(capsys):
    assert called(capsys, "demo", "--headless", "--out", "d")[0] == 0
    made = sorted(p.name for p in Path("d").iterdir())
    assert len([n for n in made if n.endswith(".h5")]) == 4
    for record in Path("d").glob("*.h5"):
        for figure in records.figure_names(record):
            for ending in ("pdf", "png"):
                assert (Path("d") / f"{record.stem}-{figure}.{ending}").stat().st_size > 1000
    page = Path("d/report.html").read_text("utf8")
    assert page.count("<article") == 4
    assert page.count("<figure>") == sum(
        len(records.figure_names(p)) for p in Path("d").glob("*.h5")
    )


def test_that_totals_that_differ_are_refused_although_only_the_method_can_tell(capsys):
    np.save("a.npy", np.ones(9))
    np.save("b.npy", np.full(9, 2.0))
    words = ["--input", "source=a.npy", "--input", "target=b.npy", "--output", "c.h5"]
    assert "balanced transport needs equal totals" in refused(capsys, *SINKHORN, *words, "--quiet")


def test_that_two_colour_pictures_become_densities(capsys):
    for name, colour in (("a.png", (200, 30, 30)), ("b.png", (30, 30, 200))):
        Image.new("RGB", (12, 9), colour).save(name)
    words = ["--input", "source=a.png", "--input", "target=b.png", "--output", "c.h5"]
    code, _, err = called(capsys, "run", "transport.shape_interpolation", *words)
    assert code == 0, err
    assert "source was converted from colour to grey" in err


def test_that_nothing_is_replaced_by_a_call_that_is_refused(capsys):
    Path("keep.h5").write_bytes(b"precious")
    np.savetxt("c.csv", np.eye(3), delimiter=",")
    for words in (
        ["--set", "epsilon=-1", "--output", "keep.h5"],
        ["--input", "x=no.csv", "--input", "y=c.csv", "--output", "keep.h5"],
        ["--input", "x=c.csv", "--input", "y=c.csv", "--output", "c.csv"],
    ):
        code, _, err = called(capsys, *SINKHORN, *words, "--overwrite")
        assert code == 2, err
    np.save("a.npy", np.ones(9))
    np.save("b.npy", np.full(9, 2.0))
    late = ["--input", "source=a.npy", "--input", "target=b.npy", "--output", "keep.h5"]
    assert called(capsys, *SINKHORN, *late, "--overwrite")[0] == 2, "refused by the method itself"
    assert Path("keep.h5").read_bytes() == b"precious"
    assert not Path("keep.h5.part").exists()
    assert Path("c.csv").exists()


@pytest.mark.parametrize(
    "words", ["--set epsilon.foo=3", "--seed 99999999999999999999999", "--seed -1"]
)
def test_that_odd_settings_are_refused_in_words(capsys, words):
    refused(capsys, *SINKHORN, *words.split())


def test_that_a_record_names_its_files_so_that_every_folder_finds_them(capsys):
    np.savetxt("c.csv", np.eye(3), delimiter=",")
    words = ["--input", "x=c.csv", "--input", "y=c.csv", "--output", "a.h5", "--quiet"]
    code, _, err = called(capsys, *SINKHORN, *words)
    assert code == 0, err
    assert records.read_info(Path("a.h5")).inputs["x"] == str(Path("c.csv").absolute())


def test_that_a_mistyped_command_does_not_open_the_window(capsys):
    assert main(["nope"]) == 2
    assert "neither a file nor a command" in capsys.readouterr().err


def test_that_a_sweep_runs_every_place_with_every_seed_and_prints_their_table(capsys):
    words = ["sweep", "transport.sinkhorn", "--example", "two_moons", "--csv", "a.csv"]
    words += ["--grid", "epsilon=0.05,0.5", "--grid", "metric=euclidean", "--seeds", "2"]
    code, out, err = called(capsys, *words, "--output", "swept")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["epsilon", "metric", "runs"]
    assert [line.split()[:3] for line in lines[1:3]] == [
        ["0.05", "euclidean", "2"], ["0.5", "euclidean", "2"]
    ]  # fmt: skip
    found = sorted(Path("swept/runs").glob("*.h5"))
    infos = [records.read_info(path) for path in found]
    assert [(i.parameters["epsilon"], i.seed) for i in infos] == [
        (0.05, 0), (0.05, 1), (0.5, 0), (0.5, 1)
    ]  # fmt: skip
    assert len({i.tags for i in infos}) == 1
    assert len(Path("a.csv").read_text().splitlines()) == 5


@pytest.mark.parametrize(
    "words",
    [
        "--grid epsilon=-1",
        "--random -2 --grid epsilon=1:2",
        "--grid nothing=1",
        "--seeds 0",
        "--random 4 --sobol 4",
        "--grid epsilon",
    ],
)
def test_that_a_sweep_that_cannot_be_made_is_refused(capsys, words):
    refused(capsys, "sweep", "transport.sinkhorn", *words.split())


def test_that_a_search_runs_where_its_metric_may_be_best_and_names_the_place(capsys):
    pytest.importorskip("optuna")
    words = "sweep transport.sinkhorn --example two_moons --grid epsilon=0.05:0.5 --quiet"
    words += " --search reg_cost --maximise --trials 4 --csv a.csv --output swept"
    code, out, err = called(capsys, *words.split())
    assert code == 0, err
    rows = list(csv.DictReader(Path("a.csv").read_text().splitlines()))
    assert len(rows) == len({row["epsilon"] for row in rows}) == 4
    best = max(rows, key=lambda row: float(row["reg_cost"]))
    assert f"best: epsilon = {float(best['epsilon']):g}: reg_cost = " in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--search nothing", "--search is 'nothing'; it must be one of cost"),
        ("--search cost", "--minimise or --maximise"),
        ("--search cost --minimise --maximise", "leave one out"),
        ("--search marginal_error --trials 0", "has 0 runs"),
        ("--search marginal_error --sobol 4", "--sobol and --search are given"),
        ("--trials 4", "--trials is given without --search"),
    ],
)
def test_that_a_search_that_cannot_be_made_is_refused(capsys, words, said):
    pytest.importorskip("optuna")
    where = "sweep transport.sinkhorn --example two_moons --grid epsilon=0.05:0.5"
    assert said in refused(capsys, *where.split(), *words.split())


def test_that_without_optuna_a_search_says_how_to_get_it(capsys, monkeypatch):
    monkeypatch.setattr("workbench.search.importlib.util.find_spec", lambda name: None)
    words = "sweep transport.sinkhorn --example two_moons --grid epsilon=0.05:0.5"
    said = refused(capsys, *words.split(), "--search", "marginal_error")
    assert 'pip install "methods-workbench[sweep]"' in said


def test_that_the_installed_program_keeps_what_an_interrupted_run_found(tmp_path):
    endless = (
        "run pde.navier_stokes_2d --example kolmogorov --set grid=64 --set forcing=1 "
        "--set t_end=1e6 --set frames=10000 --output a.h5"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "ui", *endless.split()],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (tmp_path / "a.h5.part").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert records.read_info(tmp_path / "a.h5").state == "stopped"


def test_that_a_record_whose_folder_goes_away_is_kept_among_the_temporary_files(tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    endless = (
        "run pde.navier_stokes_2d --set grid=32 --set t_end=1e6 --set frames=10000 "
        "--set forcing=1.0 --output runs/a.h5"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "ui", *endless.split()],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (folder / "a.h5.part").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    folder.rename(tmp_path / "moved")
    folder.write_text("in the way")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    kept = Path(out.splitlines()[-1])
    assert str(kept) in err
    assert records.read_info(kept).state == "stopped"
