"""A script or notebook of a record: it runs, and its numbers are those of the record."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

from workbench import catalogue, records
from workbench.api import run
from workbench.export import ExportError
from workbench.registry import method
from workbench.script import call, save_script, script

ROOT = Path(__file__).resolve().parents[2]
SVD = "lowrank.randomized_svd"
HOSTILE = 'a """ \' \\ \n# b\r\x0c\x00<b>\u2028$x$ é'
SMALL = {
    "lowrank.randomized_svd": {"example": "hilbert", "target": {"kind": "rank", "k": 5}},
    "transport.sinkhorn": {"preset": "quick", "example": "two_moons"},
    "pde.navier_stokes_2d": {"example": "double_shear_layer", "grid": 32, "t_end": 0.2,
                             "dt": {"kind": "auto", "cfl": 0.4}},
    "diffusion.edm_sampler": {"preset": "quick", "seed": 7, "precision": "float32"},
}  # fmt: skip
# After the first script the figures are only named: drawing takes long and has tests of its own.
EVERY = """
import runpy, sys, workbench.api as api
for path in sys.argv[1:]:
    runpy.run_path(path)
    api.export = lambda figure, path, **options: path.touch()
"""


@pytest.fixture(scope="module")
def repeated(tmp_path_factory) -> tuple[Path, str]:
    """Records, their scripts and a notebook, all executed (two of them twice) by one Python."""
    folder = tmp_path_factory.mktemp("repeated")
    rng = np.random.default_rng(0)
    np.save(folder / "x.npy", rng.normal(size=(30, 2)))
    np.savetxt(folder / "y.csv", rng.normal(size=(20, 2)), delimiter=",")
    flow = {"name": "transport.sinkhorn", "epsilon": 0.5, "tol": 1e-4}
    files = {"x": str(folder / "x.npy"), "y": str(folder / "y.csv")}
    arrays = {"x": rng.normal(size=(30, 1)), "y": rng.normal(size=(20, 1)).astype(np.float32)}
    runs = {n.split(".")[0]: {"name": n, **given} for n, given in SMALL.items()}
    runs |= {"files": {**flow, **files}, "arrays": {**flow, **arrays}}
    scripts = []
    for name, given in runs.items():
        path = folder / f"my {name}.h5"
        run(**given, device="cpu", output=path)
        scripts.append(f"{name}.py")
        card = catalogue.card(given["name"], method(given["name"]))
        save_script(path, folder / scripts[-1], card)
    run(**runs["lowrank"], device="cpu", output=folder / "book.h5", title="A *b* <b>title</b>")
    save_script(folder / "book.h5", folder / "book.ipynb", catalogue.card(SVD, method(SVD)))
    scripts += ["files.py", "arrays.py", cells(folder)]
    done = subprocess.run(
        [sys.executable, "-c", EVERY, *scripts],
        cwd=folder,
        # Twice the threads of these tests: the script has to ask for as many as the run had.
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def cells(folder: Path) -> str:
    """The code cells of the notebook as a script, and a display that only tells."""
    code = json.loads((folder / "book.ipynb").read_text())["cells"]
    text = "\n".join("".join(c["source"]) for c in code if c["cell_type"] == "code")
    (folder / "cells.py").write_text(text)
    (folder / "IPython").mkdir()
    (folder / "IPython" / "__init__.py").write_text("version_info = (9, 0)\n")
    shown = "Image = str\ndef display(picture):\n    print('shown', picture)\n"
    (folder / "IPython" / "display.py").write_text(shown)
    return "cells.py"


@pytest.mark.parametrize("name", [*(n.split(".")[0] for n in SMALL), "files", "arrays"])
def test_that_the_script_of_a_record_gives_its_arrays_to_the_last_byte(name, repeated):
    first, again = repeated[0] / f"my {name}.h5", repeated[0] / f"my-{name}-again.h5"
    assert_same(first, again)
    before, after = records.read_info(first), records.read_info(again)
    assert after.fingerprints == before.fingerprints
    assert after.parameters == before.parameters
    figures = {p.stem for p in (repeated[0] / f"my-{name}-again-figures").glob("*.pdf")}
    assert figures == set(records.figure_names(first))


def test_that_the_notebook_follows_its_format_and_runs(repeated):
    folder, out = repeated
    book = json.loads((folder / "book.ipynb").read_text())
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids), "format 4.5 asks for ids that differ"
    for cell in book["cells"]:
        wanted = {"cell_type", "id", "metadata", "source"}
        wanted |= {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == wanted
        assert all(isinstance(line, str) for line in cell["source"])
    about = "".join(book["cells"][0]["source"])
    assert r"A \*b\* \<b\>title" in about
    assert "arXiv:0909.4061" in about
    assert_same(folder / "book.h5", folder / "book-again.h5")
    assert out.count("shown book-again-figures/") == len(records.figure_names(folder / "book.h5"))


def assert_same(first: Path, second: Path) -> None:
    a, b = (records.read_arrays(path, "result") for path in (first, second))
    assert a.keys() == b.keys()
    for name in a.keys() - {"seconds"}:  # the clock is not part of the mathematics
        assert a[name].dtype == b[name].dtype
        assert a[name].tobytes() == b[name].tobytes(), name


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "a'\"b $c.h5"
    settings = {"target": {"kind": "rank", "k": 2}, "title": HOSTILE}
    run("lowrank.randomized_svd", matrix=np.eye(4), **settings, output=path)
    return path


def test_that_a_hostile_title_stays_a_comment_and_a_string(hostile):
    text = script(hostile)
    assert all(c.isprintable() or c == "\n" for c in text), "nothing that an editor would hide"
    tree = ast.parse(text)
    kinds = [type(node) for node in tree.body]
    assert kinds == [ast.ImportFrom, ast.Assign, ast.Expr, ast.For, ast.Expr]
    given = {k.arg: k.value for k in tree.body[1].value.keywords}
    assert ast.literal_eval(given["title"]) == records.read_info(hostile).title
    held = ast.literal_eval(given["matrix"])
    assert held == f"{hostile}::problem/matrix"
    assert all(t.type != tokenize.ERRORTOKEN for t in tokens(text))


def tokens(text: str):
    return tokenize.generate_tokens(io.StringIO(text).readline)


@pytest.mark.parametrize(
    "value",
    [float("inf"), float("-inf"), 1e-300, 0.1 + 0.2, 2**70, True, None, "a'\"\\\n\x00\ud800🙂",
     {"kind": "rank", "k": [1, 2]}],
)  # fmt: skip
def test_that_python_reads_back_every_value(value):
    found = {}
    text = call("m", {"value": value}).encode("utf-8", "replace")
    exec(text, {"run": lambda name, **given: found.update(given), "float": float})
    assert found["value"] == value


def test_that_a_name_which_is_code_is_refused():
    with pytest.raises(ExportError, match="must be a word"):
        call("m", {"x=__import__('os').system('true'), y": 1})
    with pytest.raises(ExportError, match="must be a word"):
        call("m", {"lambda": 1})


def test_that_a_run_that_was_stopped_is_said_to_go_on(tmp_path):
    path = tmp_path / "a.h5"
    info = run("transport.sinkhorn", preset="quick").info
    halted = info.model_copy(update={"state": "interrupted", "status": "the process was killed"})
    records.recorder.write_record(path, halted, None, None, (), {})
    assert "# That run was interrupted (the process was killed)" in script(path)


def test_that_data_which_were_too_large_to_be_kept_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(records.recorder, "LARGEST", 10)
    path = tmp_path / "a.h5"
    run("lowrank.randomized_svd", matrix=np.eye(4), target={"kind": "rank", "k": 2}, output=path)
    with pytest.raises(ExportError, match=r"matrix of a\.h5 .* too large"):
        script(path)


def test_that_an_unknown_ending_is_refused_and_nothing_is_written(hostile, tmp_path):
    with pytest.raises(ExportError, match=r"ending is \.txt; it must be one of \.py, \.ipynb"):
        save_script(hostile, tmp_path / "a.txt")
    assert not list(tmp_path.iterdir())
