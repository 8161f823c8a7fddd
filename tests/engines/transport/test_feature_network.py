"""The network and its loss against definitions, invariances, and limits."""

import numpy as np
import pytest
import torch

from engines.context import Context
from engines.transport.feature_network import WIDTH, Block, FeatureNetwork, Matching
from engines.transport.functional_map import Side
from engines.transport.laplacian import spectrum, wave_kernel
from engines.transport.surfaces import blob


def go_on():
    pass


@pytest.fixture(scope="module")
def surface():
    return spectrum(*blob(20), 30, go_on)


def matching(one, two, **changes):
    given = {"k": 10, "mu": 1.0, "regulariser": "resolvent", "tau": 0.07, "check": go_on} | changes
    return Matching(one, two, **given)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def features(n, seed=0):
    return torch.randn(n, 5, generator=rng(seed), dtype=torch.float64)


def test_that_renumbered_vertices_have_their_features_renumbered(surface):
    one = Side.of(surface, Context())
    order = torch.randperm(len(one.mass), generator=rng())
    two = Side(one.values, one.basis[order] * -1, one.mass[order])  # signs mean nothing
    network, known = FeatureNetwork(20, 100.0, rng()), torch.as_tensor(wave_kernel(surface, 20))
    with torch.no_grad():
        np.testing.assert_allclose(
            network(known[order], two), network(known, one)[order], atol=1e-10
        )


def test_that_a_block_spreads_features_as_heat(surface):
    """With layers that pass on what was spread: 1 stays, φ falls by exp(-λ t)."""
    one, block = Side.of(surface, Context()), Block(100.0, rng())
    with torch.no_grad():
        for layer in (block.inner, block.outer):
            layer.weight.zero_()
            layer.bias.zero_()
        block.inner.weight[:, WIDTH:] = torch.eye(WIDTH)
        block.outer.weight[:] = torch.eye(WIDTH)
        phi = one.basis[:, 3:4] / one.basis[:, 3].abs().max() / 2
        decay = torch.exp(-one.values[3] * block.log_time.exp())
        found = block(1 + phi.expand(-1, WIDTH), one)
    np.testing.assert_allclose(found, 1 + phi + 1 + phi * decay, atol=1e-9)
    assert block.log_time.exp().min() >= 1 / 100
    assert block.log_time.exp().max() <= 1


def test_that_equal_seeds_give_equal_networks_whatever_torch_has_drawn():
    first = FeatureNetwork(20, 100.0, rng(3)).state_dict()
    torch.rand(5)
    second = FeatureNetwork(20, 100.0, rng(3)).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_that_soft_maps_are_softmaxes_of_cosines(surface):
    one = Side.of(surface, Context())
    f1, f2 = features(4), features(6, 1)
    p12, p21 = matching(one, one).soft_maps(f1, f2)
    cosine = torch.nn.functional.cosine_similarity(f1[:, None], f2, dim=2) / 0.07
    np.testing.assert_allclose(p12, cosine.softmax(1), atol=1e-12)
    np.testing.assert_allclose(p21, cosine.T.softmax(1), atol=1e-12)


def test_that_balanced_maps_share_out_both_sides(surface):
    one = Side.of(surface, Context())
    f1, f2 = features(30), features(40, 1)
    p12, p21 = matching(one, one).balanced_maps(f1, f2)
    np.testing.assert_allclose(p12.sum(1), 1, rtol=1e-12)
    np.testing.assert_allclose(p21.sum(1), 1, rtol=1e-12)
    soft, _ = matching(one, one).soft_maps(f1, f2)
    # Where each of 40 should get 30/40: ten sweeps bring most of them near to it.
    assert (p12.sum(0) - 0.75).abs().mean() < 0.5 * (soft.sum(0) - 0.75).abs().mean()


def test_that_a_surface_and_itself_have_no_loss_but_that_of_blur(surface):
    """Equal features: C is the identity, so there and back is nothing and areas are kept."""
    one = Side.of(surface, Context())
    f = features(len(one.mass))
    terms = matching(one, one, mu=0.0).losses(f, f, balanced=False, n_proj=5, rng=rng())
    assert set(terms) == {"bijective", "orthogonal", "aligned", "sliced"}
    # Five features determine no map of ten functions: as many as there are do.
    many = torch.randn(len(one.mass), 40, generator=rng(), dtype=torch.float64)
    terms = matching(one, one, mu=0.0, tau=1e-4).losses(
        many, many, balanced=False, n_proj=5, rng=rng()
    )
    for name, value in terms.items():
        assert float(value) < 1e-6, name


def test_that_the_sliced_term_is_that_of_sorted_lines(surface):
    one = Side.of(surface, Context())
    n = len(one.mass)
    f1, f2 = features(n), features(n, 1)
    pair = matching(one, one)
    found = float(pair.losses(f1, f2, balanced=False, n_proj=3, rng=rng(5))["sliced"])
    draws = torch.randn(3, 5, generator=rng(5), dtype=torch.float64).numpy()
    theta = draws / np.linalg.norm(draws, axis=1, keepdims=True)
    p12, p21 = (p.numpy() for p in pair.soft_maps(f1, f2))
    wanted = 0.0
    for x, y in ((f1.numpy(), p12 @ f2.numpy()), (p21 @ f1.numpy(), f2.numpy())):
        for line in theta:
            wanted += np.mean((np.sort(x @ line) - np.sort(y @ line)) ** 2) / 3
    assert found == pytest.approx(wanted, rel=1e-9)


def test_that_a_stop_is_heard_on_the_way_back_too(surface):
    one, asked = Side.of(surface, Context()), []
    f = features(len(one.mass)).requires_grad_()
    pair = matching(one, one, check=lambda: asked.append(True))
    terms = pair.losses(f, features(len(one.mass), 1), balanced=False, n_proj=5, rng=rng())
    before = len(asked)
    sum(terms.values()).backward()
    assert len(asked) >= before + 3


def test_that_every_parameter_has_a_gradient(surface):
    one = Side.of(surface, Context())
    network, known = FeatureNetwork(20, 100.0, rng()), torch.as_tensor(wave_kernel(surface, 20))
    other = known + 0.1 * torch.randn(known.shape, generator=rng(), dtype=torch.float64)
    for balanced in (False, True):
        f1, f2 = network(known, one), network(other, one)
        terms = matching(one, one).losses(f1, f2, balanced=balanced, n_proj=5, rng=rng())
        network.zero_grad()
        sum(terms.values()).backward()
        for name, values in network.named_parameters():
            assert values.grad is not None, name
            assert values.grad.isfinite().all(), name
            assert values.grad.abs().sum() > 0, name
