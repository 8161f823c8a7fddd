import h5py
import numpy as np
import pytest

from workbench.records import Node, Recorder, node_values, tree


@pytest.fixture
def record(tmp_path, info, problem):
    return Recorder(tmp_path / "a.h5", info, problem).finish(info, None, ())


def test_that_the_tree_lists_what_h5py_visits(record):
    with h5py.File(record) as file:
        visited = ["/"]
        file.visit(lambda name: visited.append(f"/{name}"))
    paths = [node.path for node in tree(record)]
    assert sorted(paths) == sorted(set(visited) - {"/problem/y", "/problem/y_2"})  # names of axes


def test_that_a_node_tells_shape_type_and_attributes(record):
    nodes = {node.path: node for node in tree(record)}
    about = {"units": "K", "long_name": "temperature", "dims": "y x"}
    assert nodes["/problem/u"] == Node("/problem/u", "dataset", (5, 7), "float64", about)
    assert nodes["/"].attributes["method"] == "transport.sinkhorn"


def test_that_a_long_attribute_is_cut(record):
    with h5py.File(record, "r+") as file:
        file.attrs["notes"] = "x" * 10_000
    text = next(iter(tree(record))).attributes["notes"]
    assert len(text) == 200
    assert text.endswith("x…")


def test_that_the_first_values_are_whole_rows(record, problem):
    whole = node_values(record, "/problem/u", 1000)
    np.testing.assert_array_equal(whole, problem.u)
    np.testing.assert_array_equal(node_values(record, "/problem/u", 20), problem.u[:2])
    np.testing.assert_array_equal(node_values(record, "/problem/u", 3), problem.u[:1, :3])


def test_that_words_and_single_numbers_are_values_too(record):
    with h5py.File(record, "r+") as file:
        file["problem/word"] = "heat"
        file["problem/number"] = 2.5
    assert node_values(record, "/problem/number", 5) == 2.5
    assert node_values(record, "/problem/word", 5) == b"heat"
