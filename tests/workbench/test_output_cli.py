"""`cite`, `script` and `report` as a person types them."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from ui.main import main
from workbench import records
from workbench.api import run
from workbench.records.recorder import write_record

SVD = "lowrank.randomized_svd"


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("records") / "a.h5"
    run(SVD, example="hilbert", target={"kind": "rank", "k": 5}, output=path, title="mine")
    return path


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_that_cite_prints_bibtex_for_a_method_and_for_a_record(record, capsys):
    assert main(["cite", SVD]) == 0
    of_method = capsys.readouterr().out
    assert of_method.startswith("@article{halko2011finding,")
    assert main(["cite", str(record)]) == 0
    assert capsys.readouterr().out == of_method


@pytest.mark.parametrize("what", ["lowrank.randomised_svd", "nowhere.h5"])
def test_that_what_cannot_be_cited_is_refused_in_one_sentence(what, capsys):
    assert main(["cite", what]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1


def test_that_script_writes_python_or_a_notebook(record, capsys):
    assert main(["script", str(record), "-o", "a.py"]) == 0
    assert capsys.readouterr().out == "a.py\n"
    ast.parse(Path("a.py").read_text("utf8"))
    assert "# N. Halko" in Path("a.py").read_text("utf8")
    assert main(["script", str(record), "-o", "a.ipynb"]) == 0
    assert json.loads(Path("a.ipynb").read_text("utf8"))["nbformat"] == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["script", "RECORD", "-o", "a.txt"], ".py, .ipynb"),
        (["script", "RECORD", "-o", "nowhere/a.py"], "cannot be written"),
        (["report", "RECORD", "-o", "a.docx"], ".html, .pdf, .pptx"),
        (["report", "RECORD", "-o", "nowhere/a.html"], "cannot be written"),
        (["report", "nowhere.h5", "-o", "a.html"], "does not exist"),
    ],
)
def test_that_a_bad_call_is_refused_and_writes_nothing(record, capsys, words, said):
    assert main([str(record) if w == "RECORD" else w for w in words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not list(Path().iterdir())


def test_that_report_takes_several_records_and_methods_of_other_versions(record, capsys):
    info = records.read_info(record).model_copy(update={"method": "lowrank.unheard_of"})
    write_record(Path("b.h5"), info, None, None, (), {})
    words = ["report", str(record), "b.h5", "-o", "r.html", "--title", "Two of them"]
    assert main(words) == 0
    assert capsys.readouterr().out == "r.html\n"
    text = Path("r.html").read_text("utf8")
    assert "<title>Two of them</title>" in text
    assert text.count("<article") == 2
    assert text.count("<figure>") == len(records.figure_names(record))
