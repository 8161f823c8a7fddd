"""Exported pictures know where they come from, and lead back there."""

from __future__ import annotations

import json
import shutil
import time
import tracemalloc
import zlib
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


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"/Keywords (" * 100_000),
        ("a.pdf", b"/Keywords (" + b"\\a" * 5_000_000 + b")"),
        ("a.svg", b"<svg>" + b"<a/>" * 900_000 + b"</svg>"),
        (
            "a.svg",
            b"<description xmlns='http://purl.org/dc/elements/1.1/'>" + b"x" * 3_000_000 + b"</",
        ),
        (
            "a.svg",
            b'<!DOCTYPE x [<!ENTITY a "haha">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + k, b"&%c;" % (97 + k) * 10) for k in range(9))
            + b"]><description xmlns='http://purl.org/dc/elements/1.1/'>&j;</description>",
        ),
    ],
    ids=["many keywords", "long keywords", "many elements", "long text", "entities"],
)
def test_that_a_picture_made_to_harm_takes_neither_time_nor_memory(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    tracemalloc.start()
    try:
        start = time.monotonic()
        assert stamp.read(tmp_path / name) is None
        assert time.monotonic() - start < 5
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"record": [1], "figure": "b"}',
        '{"record": "a", "figure": "b", "run": 1}',
        '{"record": "a", "figure": "b", "view": "ab"}',
        '{"record": "a", "figure": "b", "view": [1, NaN]}',
        '{"record": "a", "figure": "b", "frame": 1e300}',
        '{"record": "a", "figure": "b", "frame": 1' + "0" * 30 + "}",
    ],
)
def test_that_words_of_another_kind_are_none_of_ours(tmp_path, text):
    from PIL import Image

    Image.new("L", (2, 2)).save(tmp_path / "a.gif", comment=text.encode())
    assert stamp.read(tmp_path / "a.gif") is None


def test_that_a_picture_larger_than_can_be_is_none_of_ours(tmp_path, recwarn):
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + kind + body + check

    about = {"record": "a.h5", "figure": "b", "run": "c"}
    for side in 40_000, 12_000:  # Pillow refuses the one and warns of the other
        head = side.to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
        words = b"provenance\0" + json.dumps(about).encode()
        content = chunk(b"IHDR", head) + chunk(b"tEXt", words) + chunk(b"IDAT", b"")
        (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
        assert stamp.read(tmp_path / "a.png") == about  # its pixels are not looked at
    assert not recwarn.list


@pytest.mark.parametrize("record", ["/etc/passwd", "/dev/zero", "a" * 5000, "a\0b", ".", ""])
def test_that_a_picture_leads_to_nothing_but_records(workspace, record):
    with pytest.raises(RecordError, match="open the record itself") as refusal:
        stamp.record_of({"record": record, "figure": "curve"}, workspace)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 400
