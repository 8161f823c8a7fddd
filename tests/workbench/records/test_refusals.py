import json
import re

import h5py
import numpy as np
import pytest

from engines.figure import Line
from workbench.records import (
    Recorder,
    RecordError,
    figure_names,
    node_values,
    read_arrays,
    read_figure,
    read_history,
    read_info,
    tree,
    write_notes,
)


@pytest.fixture
def record(tmp_path, info, problem, result, figure_with):
    figure = figure_with(Line(x=[0.0, 1.0], y=[0.0, 1.0]))
    return Recorder(tmp_path / "a.h5", info, problem).finish(info, result, [figure])


def test_that_a_file_that_is_not_hdf5_is_refused(tmp_path):
    path = tmp_path / "a.h5"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(RecordError, match=r"^a.h5 is not an HDF5 file; choose a record \(.h5\)$"):
        read_info(path)


def test_that_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RecordError, match=r"a.h5 does not exist"):
        read_info(tmp_path / "a.h5")


def test_that_a_file_of_another_program_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["schema"] = 1
    with pytest.raises(RecordError, match=r"^a.h5 is not a record of this program"):
        read_info(tmp_path / "a.h5")


def test_that_a_newer_schema_is_refused_with_what_to_do(record):
    with h5py.File(record, "r+") as file:
        file.attrs["schema"] = 3
    sentence = (
        r"^a.h5 was written by a newer version \(schema 3, this one reads up to 1\); "
        "update the program$"
    )
    for read in (read_info, read_history, figure_names, tree):
        with pytest.raises(RecordError, match=sentence):
            read(record)


def test_that_a_record_cut_off_anywhere_is_refused_with_a_sentence(record):
    whole = record.read_bytes()
    for length in range(0, len(whole), len(whole) // 40):
        record.write_bytes(whole[:length])
        with pytest.raises(RecordError, match=r"^a.h5 is (cut off|not an HDF5 file)"):
            read_info(record)


def test_that_damage_inside_is_told_in_one_sentence(record):
    with h5py.File(record, "r+") as file:
        file.attrs["parameters"] = "{"
        file["figures/main"].attrs["figure"] = json.dumps({"name": "main", "panels": [{}]})
    with pytest.raises(RecordError, match=r"^a.h5 is damaged"):
        read_info(record)
    with pytest.raises(RecordError, match=r"^a.h5 is damaged"):
        read_figure(record, "main")


def test_that_a_flipped_bit_in_the_head_of_any_group_or_data_set_is_noticed(record):
    whole = record.read_bytes()
    heads = [found.start() for found in re.finditer(b"OHDR", whole)]  # those with a checksum
    assert len(heads) >= len(tree(record))
    for head in heads:
        broken = bytearray(whole)
        broken[head + 12] ^= 1
        record.write_bytes(broken)
        with pytest.raises(RecordError, match=r"^a.h5 (is damaged|cannot be opened)"):
            tree(record)


def test_that_a_record_can_be_read_while_the_same_process_has_it_open(record):
    with h5py.File(record):
        assert read_info(record).seed == 7


def test_that_a_missing_figure_or_data_set_is_named(record):
    with pytest.raises(RecordError, match="no figure named 'other'"):
        read_figure(record, "other")
    with pytest.raises(RecordError, match="no data set /problem/other"):
        node_values(record, "/problem/other", 10)


def test_that_nothing_outside_the_file_is_read(tmp_path, record):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.arange(7.0)
    (tmp_path / "secret.bin").write_bytes(bytes(56))
    with h5py.File(record, "r+") as file:
        del file["problem"]
        group = file.create_group("problem")
        group["away"] = h5py.ExternalLink(str(secret), "/x")
        group["soft"] = h5py.SoftLink("/result/plan")
        outside = [(str(tmp_path / "secret.bin"), 0, 56)]
        group.create_dataset("raw", (7,), "f8", external=outside)
        layout = h5py.VirtualLayout((7,), "f8")
        layout[:] = h5py.VirtualSource(str(secret), "x", (7,))
        group.create_virtual_dataset("woven", layout)
    with pytest.raises(RecordError, match="raw keeps its values in another file"):
        read_arrays(record, "problem")
    for name in ("raw", "woven"):
        with pytest.raises(RecordError, match="in another file"):
            node_values(record, f"/problem/{name}", 10)
    for name in ("away", "soft"):
        with pytest.raises(RecordError, match="no data set"):
            node_values(record, f"/problem/{name}", 10)
    kinds = {node.path: node.kind for node in tree(record)}
    assert kinds["/problem/away"] == kinds["/problem/soft"] == "link"


def test_that_groups_linked_to_the_outside_are_not_entered(tmp_path, record, info):
    other = Recorder(tmp_path / "b.h5", info, None).finish(info, None, ())
    with h5py.File(record, "r+") as file:
        for name in ("figures", "problem"):
            del file[name]
            file[name] = h5py.ExternalLink(str(other), "/")
    assert figure_names(record) == ()
    assert read_arrays(record, "problem") == {}


def test_that_a_size_that_the_file_does_not_hold_is_not_believed(record):
    with h5py.File(record, "r+") as file:
        file["problem"].create_dataset("huge", (2**40,), "f8", chunks=(2**20,))
        file["problem"].create_dataset("lump", (2**28,), "f8", chunks=(2**28,), compression=1)
    with pytest.raises(RecordError, match="huge claims 8796093022208 bytes"):
        read_arrays(record, "problem")
    assert node_values(record, "/problem/huge", 10).size == 10
    with pytest.raises(RecordError, match="lump claims"):  # one value costs the whole chunk
        node_values(record, "/problem/lump", 1)


def test_that_a_group_that_holds_itself_is_listed_once(record):
    with h5py.File(record, "r+") as file:
        file["result/again"] = file["result"]
        file["problem/root"] = file["/"]
    paths = [node.path for node in tree(record)]
    assert len(paths) == len(set(paths)) < 200
    assert "/result/again" in paths


def test_that_a_record_with_a_broken_heap_of_texts_does_not_hang(tmp_path, info):
    path = Recorder(tmp_path / "a.h5", info, None).finish(info, None, ())
    content = bytearray(path.read_bytes())
    entry = content.index(b"GCOL") + 16
    while int.from_bytes(content[entry : entry + 2], "little"):  # entries that hold a text
        entry += 16 + (int.from_bytes(content[entry + 8 : entry + 16], "little") + 7 & -8)
    content[entry + 8 : entry + 16] = bytes(8)  # the free room behind them takes none
    path.write_bytes(content)
    with pytest.raises(RecordError, match="heap at byte"):
        read_info(path)


def test_that_bytes_that_are_no_text_are_replaced(record):
    content = record.read_bytes()
    place = content.index(b"transport.sinkhorn")
    record.write_bytes(content[:place] + b"\xff" + content[place + 1 :])
    method = read_info(record).method
    assert method.endswith("ransport.sinkhorn")
    assert method.encode()  # a half of a character could not be written anywhere


def test_that_damage_that_only_a_change_comes_across_is_told_in_one_sentence(record, monkeypatch):
    def damaged(*given, **more):
        raise KeyError("Unable to delete attribute (incorrect metadata checksum)")

    monkeypatch.setattr("workbench.records.reading.put", damaged)
    before = record.read_bytes()
    with pytest.raises(RecordError, match=r"^a.h5 is damaged; restore it"):
        write_notes(record, title="x")
    assert record.read_bytes() == before
    assert [path.name for path in record.parent.iterdir()] == ["a.h5"]
