import math
import subprocess
import sys

import h5py
import numpy as np
import pytest

from workbench.records import Recorder, RecordError, RunInfo, read_info, write_notes


def test_that_a_header_survives_json_with_infinity_and_nan(info):
    strange = info.model_copy(
        update={"seconds": math.inf, "parameters": {"a": [math.inf, -math.inf], "b": {"c": 1e-300}}}
    )
    assert RunInfo.model_validate_json(strange.model_dump_json()) == strange
    nan = RunInfo.model_validate_json(
        info.model_copy(update={"parameters": {"a": math.nan}}).model_dump_json()
    )
    assert math.isnan(nan.parameters["a"])


def test_that_a_header_with_every_field_set_is_read_back_equal(tmp_path, info):
    full = info.model_copy(
        update={
            "example": "plate",
            "ended": "2026-01-02T03:05:05+00:00",
            "seconds": 59.5,
            "state": "done",
            "status": "reached the tolerance",
            "note": "stopped early",
            "warnings": ("one", "two"),
            "error": "Traceback\n" + "x" * 200_000,  # longer than HDF5's 64 kB for fixed text
            "title": "Größe ∂u",
            "tags": ("good", "ünï"),
            "notes": "a\nb",
            "starred": True,
            "seed": 2**64 - 1,
        }
    )
    path = Recorder(tmp_path / "a.h5", info, None).finish(full, None, ())
    assert read_info(path) == full


def test_that_a_field_that_is_none_is_no_attribute_and_read_as_none(tmp_path, info):
    path = Recorder(tmp_path / "a.h5", info, None).finish(info, None, ())
    with h5py.File(path) as file:
        assert "ended" not in file.attrs
        assert file.attrs["schema"] == 1
        assert file.attrs["seed"] == 7
        assert file.attrs["NX_class"] == "NXroot"
    assert read_info(path).ended is None


def test_that_text_hdf5_cannot_hold_does_not_cost_the_record(tmp_path, info):
    odd = info.model_copy(update={"notes": "a\0b", "title": "file \udcff"})
    path = Recorder(tmp_path / "a.h5", info, None).finish(odd, None, ())
    assert read_info(path).notes == "a␀b"
    assert read_info(path).title == "file ?"


def test_that_notes_change_only_what_is_given(tmp_path, info, problem):
    path = Recorder(tmp_path / "a.h5", info, problem).finish(info, None, ())
    write_notes(path, title="new", tags=["b", "a"])
    write_notes(path, notes="long", starred=True)
    expected = {"title": "new", "tags": ("b", "a"), "notes": "long", "starred": True}
    assert read_info(path) == info.model_copy(update=expected)
    assert [p.name for p in tmp_path.iterdir()] == ["a.h5"]


def test_that_notes_are_refused_by_a_file_that_is_no_record(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
    before = path.read_bytes()
    with pytest.raises(RecordError, match="is not a record of this program"):
        write_notes(path, title="mine")
    assert path.read_bytes() == before


def test_that_reading_records_needs_neither_torch_nor_qt():
    code = (
        "import sys, workbench.records, workbench.workspace;"
        "print([m for m in ('torch', 'PySide6', 'matplotlib', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
