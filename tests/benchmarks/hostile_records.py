"""The files of our own that `hostile` damages: records, checkpoints, pictures of ours, scenes."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image

from engines.events import Logged, Step
from engines.figure import Figure, Line, Panel
from engines.figure import Image as Picture
from engines.problem import Problem, array, scalar
from tests.benchmarks.hostile_files import LAUGHS, MB, Bomb, described, npy, png
from workbench.export import export
from workbench.records import Checkpoint, RunInfo
from workbench.records.checkpoint import write_checkpoint
from workbench.records.recorder import Recorder, write_record
from workbench.scenes import Scene, Scenes, Sight
from workbench.stamp import made
from workbench.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Plate(Problem):
    """What a record holds."""

    u: Any = array("y x", "temperature", "K")
    nu: float = scalar(0.1, "diffusivity", "m²/s")


def write_own(folder: Path) -> None:
    """One folder for each group."""
    for group, write in {
        "records": _records,
        "live records": _live,
        "checkpoints": _checkpoints,
        "stamps": _stamps,
        "scenes": _scenes,
        "indices": _indices,
    }.items():
        (folder / group).mkdir()
        write(folder / group)


def _info() -> RunInfo:
    return RunInfo(
        method="pde.x",
        parameters={"a": 1.5, "schedule": {"kind": "a", "n": [1, 2]}},
        seed=3,
        device="cpu",
        precision="float64",
        inputs={"u": "plate.csv"},
        fingerprints={"u": "0" * 64},
        started="2026-01-01T00:00:00.000001+00:00",
        state="done",
        tags=("a", "b"),
    )


def _figures() -> tuple[Figure, Figure]:
    values = np.random.default_rng(0).random((3, 4, 4))
    movie = Panel((Picture(values=values),), title="left")
    curve = Panel((Line(x=[1, 2], y=[1, 2], error=[0.1, 0.2]),))
    return (
        Figure("wave", "Wave", (movie, curve), times=[0.0, 1.0, 2.0]),
        Figure("curve", "", (curve,), caption="Below."),
    )


def _plate() -> Problem:
    return Plate(u=np.random.default_rng(3).random((5, 7)))


def _records(folder: Path) -> None:
    write_record(folder / "done.h5", _info(), _plate(), None, _figures(), {})
    write_record(folder / "bare.h5", _info(), None, None, (), {})
    with h5py.File(folder / "old format.h5", "w") as file, h5py.File(folder / "done.h5") as good:
        for name in good:
            good.copy(name, file)
        file.attrs.update(good.attrs)
    for name, change in {
        "deep": {"parameters": "[" * 100_000},
        "digits": {"parameters": '{"a": ' + "1" * 5000 + "}"},
        "words": {"seed": "many", "started": 3},
        "schema": {"schema": 2**62},
        "long": {"title": "a" * 60_000},
    }.items():
        (folder / f"{name}.h5").write_bytes((folder / "old format.h5").read_bytes())
        with h5py.File(folder / f"{name}.h5", "r+") as file:
            file.attrs.update(change)
    (folder / "bomb.h5").write_bytes((folder / "old format.h5").read_bytes())
    with h5py.File(folder / "bomb.h5", "r+") as file:
        file.create_dataset("result/huge", (2**40,), "f8", chunks=(2**16,))
        data = file.create_dataset("result/lie", (10,), "f8", chunks=(10,), compression="gzip")
        data.id.write_direct_chunk((0,), zlib.compress(bytes(300 * MB)))
        file["result/out"] = h5py.ExternalLink("/etc/passwd", "/")
        file["result/ring"] = h5py.SoftLink("/result/ring")


def _live(folder: Path) -> None:
    recorder = Recorder(folder / "run.h5", _info(), _plate())
    recorder.add(Logged("", ((0, 0.1, {"loss": 1.0}), (1, 0.2, {"loss": 0.5}))))
    recorder.add(Step("", 2, 10, 0.2))
    recorder.keep({"x": np.arange(3.0)}, 0.2)
    recorder._end()


def _checkpoints(folder: Path) -> None:
    state = {"x": np.arange(12.0).reshape(3, 4), "seed": np.array(3), "name": np.array("abc")}
    write_checkpoint(folder / "run.h5", Checkpoint(state, 1.5))
    good = folder / "run.h5.ckpt.npz"
    for name, header in {
        "product": described((2**31, 2**31)),
        "nested": "(" * 9000,
        "largest": described((2**62,)),
        "bomb": described((300 * MB // 8,)),
    }.items():
        with (
            zipfile.ZipFile(good) as old,
            zipfile.ZipFile(folder / f"{name}.h5.ckpt.npz", "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for member in old.namelist():
                new.writestr(member, old.read(member))
            new.writestr("state.y.npy", npy(header, bytes(300 * MB if name == "bomb" else 64)))
    np.savez(folder / "pickled.h5.ckpt.npz", seconds=1.0, **{"state.x": np.array([Bomb()])})


def _stamps(folder: Path) -> None:
    workspace = Workspace(folder.parent / "stamps workspace")
    record = workspace.runs / "00001-x.h5"
    write_record(record, _info(), None, None, _figures(), {})
    figure = _figures()[1]
    about = made(record, _info(), figure, {"dpi": 50})
    for ending in ("png", "svg", "pdf", "tiff"):
        export(figure, folder / f"a.{ending}", provenance=about, width_mm=60, height_mm=50, dpi=50)
    Image.new("L", (9, 9)).save(folder / "a.gif", comment=json.dumps(about).encode())
    comment = json.dumps(about).encode()
    head = b"\xa9cmt" + struct.pack(">I", len(comment) + 16) + bytes(12)
    (folder / "a.mp4").write_bytes(bytes(96) + head + comment)  # as our movies hold it
    for name, text in {
        "nested": "[" * 100_000,
        "long": json.dumps({"record": "a" * 5000, "figure": "b"}),
        "zero": json.dumps({"record": "a\0b", "figure": "b"}),
        "kinds": json.dumps({"record": [1], "figure": {}, "run": {"a": 1}, "view": "abc"}),
        "passwd": json.dumps({"record": "/etc/passwd", "figure": "b", "frame": -(10**30)}),
        "zeros": json.dumps({"record": "/dev/zero", "figure": "b"}),
    }.items():
        words = b"provenance\0" + text.encode()
        small = png(4, 4, 8, 0, zlib.compress(bytes(20)), (b"tEXt", words))
        (folder / f"{name}.png").write_bytes(small)
    zeros = zlib.compress(bytes(300 * MB), 9)
    (folder / "bomb.png").write_bytes(png(40_000, 40_000, 8, 2, zeros))
    (folder / "words.png").write_bytes(png(4, 4, 8, 0, b"", (b"zTXt", b"provenance\0\0" + zeros)))
    (folder / "keywords.pdf").write_bytes(b"%PDF /Keywords (" * 200_000)
    (folder / "one keyword.pdf").write_bytes(b"%PDF /Keywords (" + b"a" * (30 * MB))
    (folder / "escapes.pdf").write_bytes(b"%PDF /Keywords (" + b"\\a" * (5 * MB) + b")")
    (folder / "elements.svg").write_text("<svg>" + "<a/>" * (6 * MB) + "</svg>")
    (folder / "nested.svg").write_text("<a>" * MB)
    (folder / "laughs.svg").write_text(
        LAUGHS + "<svg><description xmlns='http://purl.org/dc/elements/1.1/'>&a12;&e;"
        "</description></svg>"
    )
    (folder / "text.svg").write_text("<svg>" + "x" * (90 * MB) + "</svg>")


def _scenes(folder: Path) -> None:
    sight = Sight(3, (((0.0, 1.0), (2.0, 3.0)), None), (1.0, 2.0, 3.0, (0.0, 0.0)))
    Scenes(folder).write([Scene("a", "b.h5", "c", sight, "words"), Scene("d", "e.h5", "f")])
    (folder / "nested.json").write_text('{"scenes": ' + "[" * 100_000)
    (folder / "digits.json").write_text('{"scenes": [' + "1" * 5000 + "]}")
    (folder / "kinds.json").write_text('{"scenes": [1, null, {"name": 3}, {"sight": "a"}]}')
    (folder / "words.json").write_text('{"scenes": "abc"}')
    (folder / "bytes.json").write_bytes(b"\xff\xfe\x00")


def _indices(folder: Path) -> None:
    workspace = Workspace(folder.parent / "index workspace")
    write_record(workspace.runs / "00001-x.h5", _info(), None, None, _figures(), {})
    workspace.list()
    (workspace.folder / "index.sqlite").replace(folder / "index.sqlite")
