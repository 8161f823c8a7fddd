from dataclasses import replace

import h5py
import pytest

from engines.figure import Annotation
from workbench.records import (
    Recorder,
    RecordError,
    read_arrays,
    read_figure,
    read_info,
    write_annotations,
)

NOTE = Annotation(0, 1.5, -2e-7, "peak ∂u/∂t\n\0", 3.0, float("inf"))


@pytest.fixture
def record(tmp_path, info, result, figure_with, mark):
    path = tmp_path / "a.h5"
    figures = [figure_with(mark), figure_with(mark, name="other/one")]
    return Recorder(path, info, None).finish(info, result, figures)


def contents(path):
    """Every attribute and the bytes of every array, but for annotations."""
    found = {}

    def look(name, item):
        attributes = {k: v for k, v in item.attrs.items() if k != "annotations"}
        found[name] = (
            {
                k: str(v)
                for k, v in attributes.items()
                if k not in ("REFERENCE_LIST", "DIMENSION_LIST")
            },
            item[()].tobytes() if isinstance(item, h5py.Dataset) else b"",
        )

    with h5py.File(path) as file:
        file.visititems(look)
    return found


def test_that_annotations_are_read_back_and_nothing_else_changes(record):
    before, untouched = contents(record), read_figure(record, "main")
    write_annotations(record, "main", [NOTE, NOTE])
    read = read_figure(record, "main").annotations
    assert read[0].text.startswith("peak ∂u/∂t")
    assert [replace(note, text=NOTE.text) for note in read] == [NOTE, NOTE]
    assert read_figure(record, "other/one").annotations == ()
    assert contents(record) == before
    write_annotations(record, "main", [])
    assert str(read_figure(record, "main")) == str(untouched)


def test_that_the_numbers_of_the_result_stay_bit_for_bit(record):
    before = {n: a.tobytes() for n, a in read_arrays(record, "result").items()}
    write_annotations(record, "main", [NOTE])
    assert {n: a.tobytes() for n, a in read_arrays(record, "result").items()} == before
    assert read_info(record).title == ""


def test_that_a_figure_that_is_not_there_is_named(record):
    bytes_before = record.read_bytes()
    with pytest.raises(RecordError, match="no figure named 'nowhere'"):
        write_annotations(record, "nowhere", [NOTE])
    assert record.read_bytes() == bytes_before


def test_that_broken_annotations_are_one_sentence(record):
    with h5py.File(record, "r+") as file:
        file["figures/main"].attrs["annotations"] = '[{"panel": 0}]'
    with pytest.raises(RecordError, match="is damaged"):
        read_figure(record, "main")
