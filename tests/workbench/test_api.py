"""The workbench in a script: what a person types, what comes back, what is refused."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.events import Finished, Step
from engines.lowrank.methods.randomized_svd import FixedRank
from engines.problem import array_specs
from workbench import api, records
from workbench.api import Refused, RunFailed, load, methods, run, save_figures
from workbench.fields import fields
from workbench.registry import problems

SVD, FLOW = "lowrank.randomized_svd", "transport.sinkhorn"
RANK_3 = {"kind": "rank", "k": 3}


def low(rank: int = 3) -> np.ndarray:
    """A matrix of known rank."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, rank)) @ rng.normal(size=(rank, 30))


def test_that_no_method_has_a_name_that_the_call_needs_for_itself():
    own = set(inspect.signature(run).parameters) - {"given"}
    for name, cls in methods().items():
        parameters = {f.name for f in fields(cls)}
        arrays = {n for kind in problems(cls) for n in array_specs(kind)}
        assert not own & (parameters | arrays), name
        assert not parameters & arrays, name


def test_that_arrays_go_in_and_the_decomposition_comes_back():
    A = low()
    outcome = run(SVD, matrix=A, target=RANK_3)
    result = outcome.result
    found = (result.U * result.s) @ result.V.T
    # A has rank 3, so three terms are all of it; sums of 40 products round at 1e-15 each.
    np.testing.assert_allclose(found, A, atol=1e-12 * np.linalg.norm(A))
    assert outcome.info.state == "done"
    assert outcome.record is None
    assert outcome.figures


def test_that_a_tensor_a_list_an_option_object_and_a_number_of_numpy_are_taken_as_well():
    A = low()
    first = run(SVD, matrix=A, target=RANK_3)
    for matrix in (torch.from_numpy(A), A.tolist()):
        again = run(SVD, matrix=matrix, target=FixedRank(k=3), n_power=np.int64(2))
        np.testing.assert_array_equal(again.result.s, first.result.s)


def test_that_references_and_arrays_may_be_mixed(tmp_path):
    x, y = np.random.default_rng(1).normal(size=(2, 20, 2))
    np.save(tmp_path / "x.npy", x)
    np.savetxt(tmp_path / "y.csv", y, delimiter=",", fmt="%.17g")
    settings = {"epsilon": 0.5, "tol": 1e-4}
    ways = (
        run(FLOW, x=x, y=y, **settings),
        run(FLOW, x=str(tmp_path / "x.npy"), y=str(tmp_path / "y.csv"), **settings),
        run(FLOW, x=load(str(tmp_path / "x.npy")), y=str(tmp_path / "y.csv"), **settings),
    )
    for way in ways[1:]:
        assert way.info.fingerprints == ways[0].info.fingerprints
        np.testing.assert_array_equal(way.result.plan, ways[0].result.plan)
    assert ways[1].info.inputs["x"] == str(tmp_path / "x.npy")


def test_that_load_gives_the_array_of_a_file_and_of_a_sample(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(load(str(tmp_path / "a.npy")), [[0, 1, 2], [3, 4, 5]])
    assert load("sample:moons").shape[1] == 2


def test_that_an_example_brings_its_settings_and_a_given_one_wins():
    cls = methods()[SVD]
    example = next(e for e in cls.examples if e.settings)
    outcome = run(SVD, example=example.name, preset="quick", n_power=0)
    assert outcome.info.example == example.name
    assert outcome.info.parameters["n_power"] == 0
    assert outcome.info.parameters["target"]["k"] == cls.presets["quick"]["target"]["k"]


def test_that_equal_seeds_give_equal_bytes_and_others_do_not():
    a, b, c = (run(SVD, matrix=low(20), target=RANK_3, seed=seed) for seed in (1, 1, 2))
    assert a.result.U.tobytes() == b.result.U.tobytes()
    assert a.result.U.tobytes() != c.result.U.tobytes()


def test_that_threads_are_those_asked_for_and_then_as_before():
    before = torch.get_num_threads()
    outcome = run(SVD, matrix=low(), target=RANK_3, threads=before + 1)
    assert outcome.info.versions["threads"] == str(before + 1)
    assert torch.get_num_threads() == before


def test_that_precision_and_title_are_those_asked_for():
    outcome = run(SVD, matrix=low(), target=RANK_3, precision="float32", title="mine")
    assert (outcome.info.precision, outcome.info.title) == ("float32", "mine")
    # Single precision has 24 bits: the singular values agree to 1e-6 and no better than 1e-9.
    error = np.abs(outcome.result.s - np.linalg.svd(low())[1][:3]).max() / outcome.result.s[0]
    assert 1e-9 < error < 1e-6


def test_that_listen_hears_the_steps_and_the_end():
    heard = []
    run(FLOW, preset="quick", listen=heard.append)
    assert isinstance(heard[-1], Finished)
    assert heard[-1].state == "done"
    assert any(isinstance(e, Step) for e in heard)


def test_that_output_is_a_record_and_is_replaced_only_when_asked(tmp_path):
    path = tmp_path / "a.h5"
    outcome = run(SVD, matrix=low(), target=RANK_3, output=path)
    assert outcome.record == path
    kept = records.read_arrays(path, "result")
    np.testing.assert_array_equal(kept["s"], outcome.result.s)
    with pytest.raises(Refused, match="exists"):
        run(SVD, matrix=low(), target=RANK_3, output=path)
    with pytest.raises(Refused):
        run(SVD, matrix=low(), target={"kind": "rank", "k": 99999}, n_power=-1, output=path,
            overwrite=True)  # fmt: skip
    assert path.exists(), "a call that is refused takes nothing away"
    run(SVD, matrix=low(5), target=RANK_3, output=path, overwrite=True)
    assert not np.array_equal(records.read_arrays(path, "result")["s"], kept["s"])


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("no method is called", {"name": "transport.sinkhorm"}),
        ("epsilon is -1", {"name": FLOW, "epsilon": -1.0}),
        ("example is 'nowhere'", {"name": FLOW, "example": "nowhere"}),
        ("both data and an example", {"name": SVD, "matrix": low(), "example": "sunset"}),
        ("needs", {"name": FLOW, "x": np.zeros((3, 2))}),
        ("NaN", {"name": SVD, "matrix": np.full((4, 4), np.nan)}),
        ("nowhere.csv", {"name": FLOW, "x": "nowhere.csv", "y": "nowhere.csv"}),
        ("nowhere.csv", {"name": FLOW, "x": np.zeros((3, 2)), "y": "nowhere.csv"}),
        ("tpu", {"name": SVD, "device": "tpu"}),
        ("preset is 'none'", {"name": SVD, "preset": "none"}),
    ],
)
def test_that_a_bad_call_is_refused_in_one_sentence(words, call):
    with pytest.raises(Refused, match=words) as refusal:
        run(**call)
    assert "\n" not in str(refusal.value)


def test_that_a_run_which_cannot_end_well_says_why():
    with pytest.raises(RunFailed, match="k is 31"):
        run(SVD, matrix=low(), target={"kind": "rank", "k": 31})


def test_that_the_figures_of_a_run_are_written_with_where_they_came_from(tmp_path):
    outcome = run(SVD, matrix=low(), target=RANK_3, output=tmp_path / "a.h5")
    files = save_figures(outcome, tmp_path / "new" / "figures", formats=("svg", "csv"))
    names = [f.name for f in outcome.figures]
    assert [p.name for p in files] == [f"{n}.{k}" for n in names for k in ("svg", "csv")]
    assert all(p.stat().st_size > 0 for p in files)
    assert "a.h5" in files[0].read_text()


def test_that_every_name_of_the_module_that_is_public_is_documented():
    for name in api.__all__:
        assert inspect.getdoc(getattr(api, name)), name
    assert Path(inspect.getfile(api)).read_text().startswith('"""The workbench in a script.')
