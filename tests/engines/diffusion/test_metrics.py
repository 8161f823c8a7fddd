import math

import numpy as np
import pytest
import torch

from engines.context import Context
from engines.diffusion.metrics import (
    Reference,
    floors,
    mode_tv,
    nearest_points,
    scorer,
    unit_directions,
)
from engines.diffusion.problem import DataSet, digits8, gmm_ring8


def normal(n, d, seed, shift=0.0):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, dtype=torch.float64, generator=rng) + shift


def test_that_the_energy_distance_of_two_normals_has_its_closed_form():
    # N(0,1) and N(1,1): 2E|X−Y| with X−Y ~ N(1,2), less twice E|X−X'| = 2/√π.
    across = 2 * math.sqrt(2) * math.exp(-0.25) / math.sqrt(2 * math.pi) + math.erf(0.5)
    exact = 2 * across - 4 / math.sqrt(math.pi)
    assert exact == pytest.approx(0.541807, abs=1e-6)
    a, b = normal(4000, 1, 0), normal(4000, 1, 1, shift=1.0)
    found = Reference(b, torch.ones(1, 1, dtype=torch.float64)).energy_distance(a)
    # Standard error at n = 4000: about 2·sd(E|x−Y| over x)/√n ≈ 2·0.6·√2/63 = 0.03.
    assert found == pytest.approx(exact, abs=0.06)


def test_that_the_energy_distance_of_two_points_is_twice_theirs():
    reference = Reference(torch.tensor([[3.0, 4.0]]), torch.ones(1, 2))
    assert reference.energy_distance(torch.zeros(1, 2)) == 10.0


def test_that_the_sliced_distance_of_a_shift_is_its_length_by_root_d():
    d, n = 5, 50
    shift = torch.tensor([3.0, 0, 4, 0, 0], dtype=torch.float64)
    points = normal(n, d, 0)
    directions = unit_directions(20_000, d, Context())
    found = Reference(points + shift, directions).sliced_wasserstein(points)
    # (μ·θ)² has mean ‖μ‖²/d and, over 20 000 directions, an error of 1 % of that; its root 0.5 %.
    assert found == pytest.approx(5 / math.sqrt(5), rel=0.015)


def test_that_quantiles_stand_in_for_sorted_values_where_the_numbers_differ():
    line = torch.ones(1, 1, dtype=torch.float64)
    a = torch.linspace(0, 1, 1001, dtype=torch.float64)[:, None]
    b = torch.linspace(2, 3, 301, dtype=torch.float64)[:, None]
    assert Reference(b, line).sliced_wasserstein(a) == pytest.approx(2.0, abs=1e-12)


def test_that_a_single_sample_can_be_compared():
    line = torch.ones(1, 1, dtype=torch.float64)
    reference = Reference(torch.zeros(7, 1, dtype=torch.float64), line)
    assert reference.sliced_wasserstein(torch.full((1, 1), 3.0, dtype=torch.float64)) == 3.0


def test_that_directions_have_length_1_and_no_preference():
    directions = unit_directions(50_000, 3, Context())
    np.testing.assert_allclose(directions.norm(dim=1), 1, rtol=1e-12)
    # E θθᵀ = I/3; five standard errors of 50 000 values of variance 4/45.
    spread = directions.T @ directions / len(directions)
    np.testing.assert_allclose(spread, np.eye(3) / 3, atol=5 * math.sqrt(4 / 45 / 5e4))


def test_that_mode_tv_is_the_share_of_samples_in_the_wrong_mode():
    means = torch.tensor([[0.0], [10.0]])
    samples = torch.tensor([[0.1], [-1.0], [0.2], [9.0]])  # three quarters and one quarter
    assert mode_tv(samples, means, torch.tensor([0.5, 0.5])) == 0.25


def test_that_the_nearest_point_of_a_copy_is_the_original_at_distance_zero():
    points = normal(300, 40, 2).float() * 100
    distance, which = nearest_points(points[[7, 250]], points, Context(dtype=torch.float32))
    assert which.tolist() == [7, 250]
    assert distance.tolist() == [0.0, 0.0]


def test_that_digits_kept_aside_are_as_far_from_the_others_as_is_known():
    digits = digits8()
    ctx = Context()
    data, kept = ctx.tensors(digits.points, digits.held_out_points)
    # Known: 2.04 as the median nearest distance, 0.050 as the sliced distance of the two parts.
    assert float(nearest_points(kept, data, ctx)[0].median()) == pytest.approx(2.04, abs=0.005)
    sliced = Reference(kept, unit_directions(512, 64, ctx)).sliced_wasserstein(data)
    assert sliced == pytest.approx(0.050, abs=0.005)  # 512 random directions


def test_that_exact_draws_of_the_ring_score_what_is_known_of_them():
    ctx, ring = Context(), gmm_ring8()
    floor = floors(ring, 1000, scorer(ring, ctx), ctx)
    # Known for single pairs of sets: 0.063 with n = 4000, 0.0009 and 0.013 with n = 3000.
    # The first and last grow like n^(-1/2), the other like 1/n; chance is a factor of 2.
    assert 0.063 < floor["sliced_wasserstein_floor"] < 0.063 * 4
    assert 0.0027 / 2 < floor["energy_distance_floor"] < 0.0027 * 2
    assert 0.0225 / 2 < floor["mode_tv_floor"] < 0.0225 * 2


def test_that_samples_from_elsewhere_score_far_above_the_floor():
    ctx = Context()
    data = DataSet(data=normal(800, 3, 3).numpy(), held_out=normal(400, 3, 4).numpy())
    score = scorer(data, ctx)
    floor = floors(data, 500, score, ctx)
    good, bad = score(normal(500, 3, 5)), score(normal(500, 3, 5, shift=1.0))
    for name in ("sliced_wasserstein", "energy_distance"):
        assert good[name] < 2 * floor[f"{name}_floor"]
        assert bad[name] > 5 * floor[f"{name}_floor"]
