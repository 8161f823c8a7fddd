"""Which runs a sweep is made of."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.fields import fields
from workbench.jobs import Job
from workbench.registry import method
from workbench.sweep import MOST, BadSweep, Plan, jobs, with_seed

SINKHORN = fields(method("transport.sinkhorn"))
SVD = fields(method("lowrank.randomized_svd"))
JOB = Job("transport.sinkhorn", {"metric": "euclidean"}, "two_moons", title="moons", seed=3)


def made(plan, job=JOB, known=SINKHORN):
    return jobs(job, known, plan)


def test_that_a_grid_takes_all_combinations_and_each_with_every_seed():
    found = made(Plan({"epsilon": "0.1, 0.01", "metric": "cosine,euclidean"}, seeds=2))
    seen = [(j.parameters["epsilon"], j.parameters["metric"], j.seed) for j in found]
    assert seen == [(e, m, s) for e in (0.1, 0.01) for m in ("cosine", "euclidean") for s in (3, 4)]
    assert len({j.id for j in found}) == 8
    (tag,) = {j.tags for j in found}
    assert tag[0].startswith("sweep-")
    assert found[0].title == "moons, ε = 0.1, C = cosine, seed 3"


def test_that_a_range_is_spaced_as_the_parameter_is_edited():
    epsilon = [j.parameters["epsilon"] for j in made(Plan({"epsilon": "0.001:0.1:3"}))]
    np.testing.assert_allclose(epsilon, [0.001, 0.01, 0.1], rtol=1e-4)  # equal ratios, 4 digits
    ranks = jobs(Job("lowrank.randomized_svd"), SVD, Plan({"target.k": "1:10:4", "n_power": "1"}))
    assert [j.parameters["target"]["k"] for j in ranks] == [1, 4, 7, 10]
    assert all(j.parameters["target"]["kind"] == "rank" for j in ranks)


@pytest.mark.parametrize("kind", ["random", "sobol"])
def test_that_scattered_points_fill_the_range_and_are_the_same_every_time(kind):
    plan = Plan({"epsilon": "0.001:0.1", "max_iter": "10:1000"}, kind=kind, points=32)
    first, second = (
        [(j.parameters["epsilon"], j.parameters["max_iter"]) for j in made(plan)] for _ in range(2)
    )
    assert first == second
    assert len(set(first)) == 32
    logs = np.log10([e for e, _ in first])
    assert logs.min() > -3.001
    assert logs.max() < -0.999
    # Halves of the range hold about as many each; 32 Sobol points exactly so.
    below = np.count_nonzero(logs < -2)
    assert below == 16 if kind == "sobol" else 6 < below < 26


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"epsilon": "-1"}, "epsilon is -1"),
        ({"epsilon": "a:b"}, "must be values"),
        ({"epsilon": " "}, "must be values"),
        ({"epsilon": "1:2:3:4"}, "must be values"),
        ({"nothing": "1"}, "no parameter 'nothing'"),
        ({"epsilon": "1e-3:1:1000", "max_iter": "1:1000:1000"}, f"1 to {MOST}"),
        ({"epsilon": "0.1:1:5000"}, "the sweep has 5000 runs; it must have 1 to 2000; take fewer"),
        ({"epsilon": "0.1:1:1000000000000"}, "the sweep has 1000000000000 runs"),
        ({"max_iter": "1:1000000:1000000", "epsilon": "1,2"}, "the sweep has 2000000 runs"),
    ],
)
def test_that_a_sweep_that_cannot_be_made_is_refused_with_a_sentence(values, words):
    with pytest.raises(BadSweep, match=words):
        made(Plan(values))


def test_that_a_dense_range_of_whole_numbers_takes_each_of_them_once():
    found = made(Plan({"max_iter": "10:200:5000"}))
    assert sorted(job.parameters["max_iter"] for job in found) == list(range(10, 201))


def test_that_too_many_places_or_seeds_are_refused_with_their_number():
    for plan in (
        Plan({"epsilon": "1:2"}, "sobol", 1500, 2),
        Plan({"epsilon": "0.1:1:1500"}, seeds=2),
        Plan({}, seeds=3000),
    ):
        with pytest.raises(BadSweep, match="has 3000 runs; it must have 1 to 2000; take fewer"):
            made(plan)


def test_that_repeating_with_seeds_alone_needs_no_parameter():
    found = made(Plan({}, seeds=3))
    assert [j.seed for j in found] == [3, 4, 5]
    assert len({j.title for j in found}) == 3


def test_that_another_seed_takes_the_place_of_the_former_in_the_title():
    job = Job("pde.navier_stokes_2d", seed=3, title="Flow, seed 3", tags=("a",))
    other = with_seed(job, 12)
    assert (other.seed, other.title, other.tags) == (12, "Flow, seed 12", ("a",))
    assert other.id != job.id
    assert with_seed(Job("x", seed=3, title="Flow"), 4).title == "Flow, seed 4"
    assert with_seed(Job("x"), 4).title == "seed 4"
