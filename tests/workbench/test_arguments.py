"""What is refused before any work begins: one sentence, status 2, and nothing is touched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ui.main import main
from workbench.arguments import Parser, Refusal, free, pairs

SINKHORN = "transport.sinkhorn"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refused(capsys, *words: str) -> str:
    code = main(list(words))
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1, err
    assert "usage:" not in err
    return err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("methods --jsno", "'--jsno' is not known to `workbench methods`; write --json"),
        ("describe", "METHOD is missing"),
        ("run", "METHOD is missing"),
        ("run m --seed one", "--seed is 'one'; it must be a whole number"),
        ("run m --precision half", "it must be one of"),
        ("run m --input", "--input has no value"),
        ("run m --quiet=1", "it takes none"),
        ("run m --se 1", "`workbench run --help`"),
        ("run m --epsilon 1", "'--epsilon' is not known to `workbench run`; leave it out"),
        ("sweep m --seeds few", "--seeds is 'few'"),
        ("show", "FILE.h5|PICTURE is missing"),
        ("check --tolerance", "--tolerance has no value"),
        ("export a.h5", "-o/--output is missing"),
        ("export a.h5 plan -o a.pdf --width wide", "--width is 'wide'; it must be millimetres"),
        ("export a.h5 plan -o a.pdf --dpi 1.5", "--dpi is '1.5'; it must be a whole number"),
        ("demo --headless twice", "'twice' is not known to `workbench demo`"),
        ("cite", "METHOD|FILE.h5 is missing"),
        ("script a.h5", "-o/--output is missing"),
        ("report -o a.html", "FILE.h5 is missing"),
        ("--bogus", "'--bogus' is not known to `workbench`"),
    ],
)
def test_that_bad_usage_gets_one_sentence_that_says_what_to_do(capsys, words, said):
    err = refused(capsys, *words.split())
    assert said in err
    assert err.rstrip().endswith("--help`")


def test_that_only_the_named_words_are_in_the_way():
    parser = Parser("p")
    parser.add_argument("--size", type=int)
    assert parser.parse_args(["--size", "3"]).size == 3
    with pytest.raises(Refusal, match="'--sise' is not known to `p`; write --size"):
        parser.parse_args(["--sise", "3"])


def test_that_an_array_is_given_once(capsys):
    assert pairs(["x=a=b", "y=c"], "--input", "F=F") == {"x": "a=b", "y": "c"}
    np.save("a.npy", np.eye(3))
    np.save("b.npy", np.eye(3))
    words = ["--input", "x=a.npy", "--input", "y=a.npy", "--input", "x=b.npy"]
    err = refused(capsys, "run", SINKHORN, *words, "--output", "a.h5")
    assert "--input x is given twice, as 'a.npy' and as 'b.npy'" in err
    assert not Path("a.h5").exists()
    grid = ["--grid", "epsilon=0.1", "--grid", "epsilon=0.2"]
    assert "--grid epsilon is given twice" in refused(capsys, "sweep", SINKHORN, *grid)


@pytest.mark.parametrize("place", ["nowhere/a.csv", "kept.csv", "folder"])
def test_that_a_sweep_whose_table_has_no_place_does_not_begin(capsys, place):
    Path("folder").mkdir()
    Path("kept.csv").write_text("mine")
    words = ["--grid", "epsilon=0.1,0.2", "--output", "swept", "--csv", place]
    assert place in refused(capsys, "sweep", SINKHORN, *words)
    assert not Path("swept").exists()
    assert Path("kept.csv").read_text() == "mine"


def test_that_a_sweep_does_not_write_over_its_data(capsys):
    np.savetxt("a.csv", np.eye(3), delimiter=",")
    words = ["--input", "x=a.csv", "--input", "y=a.csv", "--csv", "a.csv", "--overwrite"]
    err = refused(capsys, "sweep", SINKHORN, *words, "--grid", "epsilon=0.5")
    assert "--csv a.csv is one of the inputs" in err
    assert np.loadtxt("a.csv", delimiter=",").shape == (3, 3)


def test_that_the_table_of_a_sweep_may_lie_with_its_records(capsys):
    words = ["--example", "two_moons", "--preset", "quick", "--grid", "epsilon=0.5", "--quiet"]
    assert main(["sweep", SINKHORN, *words, "--output", "swept", "--csv", "swept/a.csv"]) == 0
    assert Path("swept/a.csv").read_text().startswith("epsilon,seed,state,")


def test_that_a_place_is_free_only_where_a_file_can_be_written(tmp_path):
    there = tmp_path / "there"
    there.write_text("mine")
    assert free(tmp_path / "new", overwrite=False) == tmp_path / "new"
    assert free(there, overwrite=True) == there
    for path, overwrite, said in (
        (there, False, "add --overwrite"),
        (tmp_path, True, "is a folder"),
        (tmp_path / "no" / "new", True, "there is no folder"),
        (there / "new", True, "there is no folder"),
    ):
        with pytest.raises(Refusal, match=said):
            free(path, overwrite)
    assert there.read_text() == "mine"
