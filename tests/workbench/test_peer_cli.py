"""`check` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from ui.main import main
from workbench.api import run

SVD = "lowrank.randomized_svd"
LOW = np.random.default_rng(0).normal(size=(30, 4)) @ np.random.default_rng(1).normal(size=(4, 20))


@pytest.fixture
def record(tmp_path) -> Path:
    path = tmp_path / "a.h5"
    run(SVD, matrix=LOW, target={"kind": "rank", "k": 4}, output=path, title="mine")
    return path


def test_that_check_prints_a_table_for_each_peer(record, capsys):
    assert main(["check", str(record)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "NumPy svd (LAPACK)" in out
    assert "scikit-learn randomized_svd" in out
    assert "agrees to" in out
    heads = [line.split()[-2:] for line in out.splitlines() if line.endswith("relative")]
    assert heads == [["difference", "relative"]] * 2


def test_that_check_prints_json(record, capsys):
    assert main(["check", str(record), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first = found["reports"][0]
    assert first["peer"] == "NumPy svd (LAPACK)"
    assert first["version"] == np.__version__
    singular = next(row for row in first["rows"] if row["quantity"] == "s")
    assert singular["relative"] < 1e-12
    assert singular["theirs"] == pytest.approx(np.linalg.norm(LOW), rel=1e-12)


def test_that_a_tolerance_decides_the_exit_status(record):
    # Both are right to the last digits, and the error of four terms of four is rounding.
    assert main(["check", str(record), "--tolerance", "1e-3"]) == 0
    with h5py.File(record, "r+") as file:
        file["result/s"][:] *= 1.01
    assert main(["check", str(record)]) == 0, "a difference is information"
    assert main(["check", str(record), "--tolerance", "1e-3"]) == 1
    assert main(["check", str(record), "--tolerance", "0.02"]) == 0


@pytest.mark.parametrize("text", ["-1", "much", "nan"])
def test_that_a_tolerance_that_is_none_is_refused(record, text, capsys):
    assert main(["check", str(record), f"--tolerance={text}"]) == 2
    assert f"--tolerance is {text}" in capsys.readouterr().err


def test_that_a_run_that_cannot_be_checked_is_refused_in_one_sentence(tmp_path, capsys):
    path = tmp_path / "a.h5"
    run("transport.mec", output=path)
    assert main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("workbench: no library is known")
    assert len(err.splitlines()) == 1
