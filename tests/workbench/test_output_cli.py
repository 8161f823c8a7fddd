"""`cite`, `script` and `report` as a person types them."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from engines.figure import Cloud3D, Figure, Image, Panel
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


@pytest.mark.parametrize(
    ("words", "head"),
    [
        (["export", "RECORD", "spectrum", "-o", "out.pdf"], b"%PDF"),
        (["script", "RECORD", "-o", "out.py"], b"#"),
        (["report", "RECORD", "-o", "out.html"], b"<!DOCTYPE html>"),
    ],
    ids=["export", "script", "report"],
)
def test_that_a_file_is_replaced_only_when_asked_and_only_as_a_whole(
    record, capsys, monkeypatch, words, head
):
    words = [str(record) if word == "RECORD" else word for word in words]
    out = Path(words[-1])
    out.write_bytes(b"mine")
    assert main(words) == 2
    assert "exists; it is not replaced; add --overwrite" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"
    with monkeypatch.context() as broken:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        broken.setattr("workbench.export.os.replace", full)
        assert main([*words, "--overwrite"]) == 2
    assert "No space left" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == [out.name], "no part of it is left"
    assert out.read_bytes() == b"mine"
    assert main([*words, "--overwrite"]) == 0
    assert out.read_bytes().startswith(head)


def cut(record: Path, share: float) -> bytes:
    held = record.read_bytes()
    return held[: int(share * len(held))]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path, _: path.mkdir(), "is a folder; it must be a record"),
        (lambda path, _: path.write_text("x,y"), "is not an HDF5 file"),
        (lambda path, _: path.write_bytes(b""), "is not an HDF5 file"),
        (lambda path, record: path.write_bytes(cut(record, 0.9)), "is cut off"),
        (lambda path, record: path.write_bytes(cut(record, 0.5)), "is cut off"),
        (lambda path, record: path.write_bytes(cut(record, 0.0) + b"\x89HDF\r\n\x1a\n"), ""),
    ],
    ids=["folder", "text", "empty", "cut late", "cut early", "head alone"],
)
@pytest.mark.parametrize("command", ["show", "export", "cite", "script", "report"])
def test_that_what_is_no_record_is_refused_without_the_words_of_hdf5(
    record, capsys, command, make, said
):
    make(Path("a.h5"), record)
    more = {"export": ["x", "-o", "x.pdf"], "script": ["-o", "x.py"], "report": ["-o", "x.html"]}
    assert main([command, "a.h5", *more.get(command, [])]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1), err
    assert said in err
    for word in ("synchronously", "errno", "eof", "sblock", "superblock", "unable"):
        assert word not in err.lower()


def test_that_a_frame_that_is_not_there_is_refused_with_the_limits(record, capsys):
    still = Figure("still", "", (Panel((Image(values=np.eye(3)),)),))
    movie = Figure("movie", "", (Panel((Image(values=np.ones((4, 3, 3))),)),), times=np.arange(4.0))
    write_record(Path("m.h5"), records.read_info(record), None, None, (still, movie), {})
    for frame, figure, limits in (
        ("-1", "movie", "be from 0 to 3"),
        ("4", "movie", "be from 0 to 3"),
        ("-1", "still", "be 0"),
    ):
        assert main(["export", "m.h5", figure, "-o", "a.png", "--frame", frame]) == 2
        err = capsys.readouterr().err
        assert f"the frame is {frame}; it must {limits}" in err
    assert not Path("a.png").exists()
    assert main(["export", "m.h5", "movie", "-o", "a.png", "--frame", "0"]) == 0


def test_that_view_turns_what_lies_in_space_and_nonsense_is_refused(record, capsys):
    points = np.random.default_rng(0).normal(size=(50, 3))
    figure = Figure("space", "", (Panel((Cloud3D(points=points),)),))
    write_record(Path("m.h5"), records.read_info(record), None, None, (figure,), {})
    for name, words in (("a", ()), ("b", ("--view", "100,-20")), ("c", ("--view=-60,30",))):
        assert main(["export", "m.h5", "space", "-o", f"{name}.png", *words]) == 0
    own, turned, same = (Path(f"{name}.png").read_bytes() for name in "abc")
    assert own == same
    assert own != turned
    capsys.readouterr()
    for wrong in ("1", "a,b", "0,91", "nan,0", "1,2,3"):
        assert main(["export", "m.h5", "space", "-o", "d.png", f"--view={wrong}"]) == 2
        assert f"is '{wrong}'; it must be an azimuth and an elevation" in capsys.readouterr().err
    assert not Path("d.png").exists()


@pytest.fixture
def moving() -> Path:
    values = np.random.default_rng(0).random((6, 8, 8))
    movie = Figure("wave", "Wave", (Panel((Image(values=values),)),))
    cube = Figure("cube", "Cube", (Panel((Cloud3D(points=np.eye(3)),)),))
    info = records.RunInfo(
        method="pde.x",
        parameters={},
        seed=0,
        device="cpu",
        precision="float64",
        started="2026-01-01T00:00:00+00:00",
        state="done",
    )
    write_record(Path("a.h5"), info, None, None, (movie, cube), {})
    return Path("a.h5")


def test_that_a_movie_is_exported_and_shown_as_what_it_was_drawn_from(moving, capsys):
    small = ["--width", "60mm", "--dpi", "50"]
    call = ["export", "a.h5", "wave", *small]
    for out in ("w.gif", "w.mp4", "w/"):
        assert main([*call, "-o", out, "--every", "2", "--fps", "5"]) == 0
        assert capsys.readouterr() == (f"{out}\n", "")
        assert main([*call, "-o", out]) == 2
        assert "it is not replaced; add --overwrite" in capsys.readouterr().err
        assert main([*call, "-o", out, "--overwrite"]) == 0
        capsys.readouterr()
    assert len(list(Path("w").iterdir())) == 6
    with PIL.Image.open("w.gif") as image:
        assert (image.n_frames, image.width) == (6, round(60 / 25.4 * 50))
    for picture, words in (("w.gif", "wave of"), ("w/frame-00002.png", "wave, frame 2 of")):
        assert main(["show", picture, "--workspace", "ws"]) == 0
        out = capsys.readouterr().out
        assert f"figure {words} {moving.absolute()}\n" in out
        assert "wave, cube" in out
        assert main(["show", picture, "--workspace", "ws", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["figures"] == ["wave", "cube"]
    moving.unlink()
    assert main(["show", "w.gif", "--workspace", "ws"]) == 2
    assert "it must be in the workspace or at" in capsys.readouterr().err
    Path("other.png").write_bytes(b"x")
    assert main(["show", "other.png"]) == 2
    assert "says nothing about a record" in capsys.readouterr().err


def test_that_all_figures_of_records_go_into_a_folder(moving, record, capsys):
    call = ["export", "a.h5", str(record), "--all", "-o", "out", "--dpi", "50", "--format", "png"]
    assert main(call) == 0
    spectra = [f"out/{n}.png" for n in ("a-wave", "a-cube")]
    # Two records with the same name differ in their figures.
    assert capsys.readouterr().out.splitlines()[:2] == spectra
    assert len(list(Path("out").iterdir())) == 2 + len(records.figure_names(record))
    assert main(call) == 2
    assert "are not replaced; add --overwrite" in capsys.readouterr().err
    assert main([*call, "--overwrite"]) == 0
    capsys.readouterr()
    assert main([*call[:-2], "--names", "{figure}", "--format", "svg"]) == 0
    assert (Path("out") / "wave.svg").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a.h5", "wave", "-o", "x.gif", "--frame", "1"], "leave it out"),
        (["a.h5", "wave", "-o", "x.png", "--fps", "5"], "are for movies"),
        (["a.h5", "wave", "-o", "x.gif", "--every", "9"], "one in 9 frames"),
        (["a.h5", "cube", "-o", "x.gif"], "is a still picture"),
        (["a.h5", "wave", "-o", "no/where/"], "there is no folder"),
        (["a.h5", "-o", "x.png"], "add --all"),
        (["a.h5", "--all", "-o", "x", "--frame", "1"], "leave it out"),
        (["a.h5", "--all", "-o", "a.h5"], "it must be a folder"),
        (["a.h5", "--all", "-o", "x", "--names", "x"], "stands for two figures"),
        (["a.h5", "--all", "-o", "x", "--format", "gif"], "format is gif"),
    ],
)
def test_that_a_wrong_export_is_refused_in_one_sentence(moving, capsys, words, said):
    assert main(["export", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert [path.name for path in Path().iterdir()] == ["a.h5"]
