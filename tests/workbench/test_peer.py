"""Recorded runs beside POT, SciPy, NumPy, scikit-learn, py-pde and diffusers."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from engines.lowrank.problem import decaying
from engines.method import Method
from engines.pde.problem import taylor_green
from engines.problem import BadProblem
from engines.transport.gaussian import RIDGE
from engines.transport.methods.exact_ot import ExactOT
from engines.transport.peers.entropic import MAP
from engines.transport.problem import PointClouds
from workbench import peer
from workbench.api import run
from workbench.peer import PeerError, check, no_peer
from workbench.records import recorder
from workbench.registry import method, methods

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 2)), RNG.normal(size=(40, 2)) + 1
A, B = RNG.random(30) + 0.1, RNG.random(40) + 0.1
WEIGHTS = {"a": A / A.sum(), "b": B / B.sum()}
CLOUDS = {"x": X, "y": Y}
T = "transport."
GRID = (np.arange(40) + 0.5) / 40
BELLS = np.stack([np.exp(-(((GRID - m) / s) ** 2) / 2) for m, s in ((0.3, 0.1), (0.6, 0.06))])
SPOTS = BELLS[:, ::2, None] * BELLS[:, None, ::2]
TURNED = X @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + 3


def groups(count: int, of: int = 30) -> np.ndarray:
    """Places of a group of so many at 1, and of the others at 0."""
    return np.repeat([[0.0, 0.0], [1.0, 0.0]], [of - count, count], axis=0)


# Entries of both solutions to the tolerance 1e-10 of the marginals, divided by a plan's decay.
SOLVED = 1e-6
EXACT = 1e-12  # digits that a linear programme loses

CASES = {
    "plan": (
        f"{T}exact_ot", {**CLOUDS, **WEIGHTS}, {"cost": EXACT, "W_p": EXACT}
    ),
    "matches": (f"{T}exact_ot", {"x": X, "y": Y[:30], "metric": "cityblock"}, {"cost": EXACT}),
    "cosine": (f"{T}exact_ot", {**CLOUDS, "metric": "cosine"}, {"cost": EXACT}),
    "line": (
        f"{T}exact_ot", {"source": BELLS[0] / BELLS[0].sum(), "target": BELLS[1] / BELLS[1].sum()},
        {"cost": EXACT, "W_p": EXACT},
    ),
    "sinkhorn": (
        f"{T}sinkhorn", {**CLOUDS, **WEIGHTS, "epsilon": 0.05, "tol": 1e-10},
        {"cost": SOLVED, "reg_cost": SOLVED, "entropy": SOLVED, "plan": SOLVED, MAP: SOLVED},
    ),
    # The kernel between the groups is e^-2000, and part of the mass has to go that way.
    "sharp": (
        f"{T}sinkhorn",
        {"x": 0.01 * X + groups(3), "y": 0.01 * Y + groups(20, 40), "epsilon": 0.001, "tol": 1e-7},
        {"cost": 1e-5, "plan": 1e-3},
    ),
    "empty bins": (
        f"{T}sinkhorn",
        {"source": np.eye(8)[2] + np.eye(8)[5], "target": np.full(8, 0.25), "epsilon": 0.05},
        {"cost": 1e-5, "plan": 1e-5, MAP: 1e-5},
    ),
    "newton": (
        f"{T}sinkhorn_newton_sparse",
        {"cost": RNG.random((30, 40)), "epsilon": 1 / 200, "compare": False},
        {"cost": SOLVED, "plan": SOLVED},
    ),
    "divergence": (
        f"{T}sinkhorn_divergence",
        {**CLOUDS, **WEIGHTS, "epsilon": 0.05, "n_steps": 0, "tol": 1e-10},
        {"s": SOLVED, "ot_ab": SOLVED, "ot_aa": SOLVED, "ot_bb": SOLVED, "gradient": 1e-5},
    ),
    "unbalanced": (
        f"{T}unbalanced_ot",
        {**CLOUDS, "a": A, "b": 2 * B, "epsilon": 0.05, "rho": 0.5, "tol": 1e-9},
        {"mass": SOLVED, "cost": SOLVED, "reg_cost": SOLVED, "plan": SOLVED, "unit_mass": EXACT},
    ),
    "one side exact": (
        f"{T}unbalanced_ot",
        {**CLOUDS, "a": A, "b": B, "epsilon": 0.05, "rho": math.inf, "rho_target": 0.5,
         "tol": 1e-9},
        {"mass": SOLVED, "reg_cost": SOLVED, "plan": SOLVED},
    ),
    # With so many sources for each target the top of the dual is smooth.
    "sparse": (f"{T}sparsity_constrained_ot", {**CLOUDS, "k": 30, "curve": False},
               {"dual_value": 1e-6}),
    "grid": (
        f"{T}wasserstein_barycenter",
        {"densities": BELLS, "support": {"kind": "grid", "epsilon": 0.01, "debiased": False},
         "tol": 1e-9, "steps": 1},
        {"density": 1e-5, "entropy": 1e-6},
    ),
    # Here the epsilon of POT's pixels, which are farther apart, is another.
    "pictures": (
        f"{T}wasserstein_barycenter",
        {"densities": SPOTS, "support": {"kind": "grid", "epsilon": 0.02, "debiased": False},
         "tol": 1e-9, "steps": 1},
        {"density": 1e-6, "entropy": 1e-6},
    ),
    "debiased": (
        f"{T}wasserstein_barycenter",
        {"densities": BELLS, "support": {"kind": "grid", "epsilon": 0.01}, "tol": 1e-6, "steps": 1},
        {"density": 1e-2, "entropy": 1e-2},  # both go on becoming sharper
    ),
    "free": (
        f"{T}wasserstein_barycenter",
        {"points": np.concatenate([X, Y[:30]]), "cloud": np.repeat([0, 1], 30),
         "support": {"kind": "free", "n_support": 30}, "tol": 1e-9, "steps": 1},
        {"points": EXACT, "objective": EXACT},
    ),
    "gromov": (f"{T}gromov_wasserstein", {"x": X, "y": TURNED[::-1], "n_starts": 5},
               {"plan": 1e-6}),
    "soft gromov": (
        f"{T}gromov_wasserstein",
        {"x": X, "y": Y, "solver": {"kind": "entropic", "epsilon": 0.1, "tol": 1e-9},
         "n_starts": 2},
        {"value": 1e-5, "plan": 1e-3},
    ),
    "colours": (
        f"{T}color_transfer",
        {"source": RNG.random((6, 7, 3)), "reference": RNG.random((5, 9, 3)) ** 2,
         "way": "gaussian", "strength": 0.7, "preserve_luminance": True},
        {"image": RIDGE, "map_cost": RIDGE},  # by which our covariances are larger
    ),
    # scikit-learn does not orthonormalise between two power steps: half of the digits are lost.
    "svd": (
        "lowrank.randomized_svd",
        {"matrix": np.array(decaying(60, 40, 0.5 ** np.arange(40)).matrix),
         "target": {"kind": "rank", "k": 8}},
        {"s": 1e-10, "relative_error": 1e-10, "sum of the terms": 1e-7},
    ),
    # Differences of second order: (kh)²/12 of the decay, and of the drift with the mean flow.
    "flow": (
        "pde.navier_stokes_2d",
        {"vorticity": np.array(taylor_green(32).vorticity), "grid": 32, "viscosity": 0.05,
         "t_end": 0.5, "frames": 3},
        {"last vorticity": 1e-3, "last energy": 1e-3},
    ),
    # The same steps in the same precision, in another order of additions.
    "sampler": (
        "diffusion.edm_sampler", {"data": X, "n_steps": 6, "n_samples": 20},
        {"last state": 1e-12},
    ),
    # diffusers turns the state into float32 for each of its Euler steps.
    "euler": (
        "diffusion.edm_sampler",
        {"data": X, "n_steps": 6, "n_samples": 20, "solver": "euler"},
        {"last state": 1e-5},
    ),
}  # fmt: skip


def recorded(folder: Path, name: str, given: dict) -> Path:
    path = folder / "a.h5"
    run(name, **given, output=path)
    return path


# Large libraries that only the extra `bench` installs.
LARGE = {"flow": "pde", "sampler": "diffusers", "euler": "diffusers"}


@pytest.mark.parametrize("case", CASES)
def test_that_a_peer_agrees_with_a_run(case, tmp_path):
    if case in LARGE:
        pytest.importorskip(LARGE[case])
    name, given, tolerances = CASES[case]
    found = check(recorded(tmp_path, name, given))
    assert not found.left_out
    for report in found.reports:
        rows = {row.quantity: row for row in report.rows}
        assert "warned" not in report.note
        for quantity, tolerance in tolerances.items():
            assert rows[quantity].relative <= tolerance, (report.peer, rows[quantity])


def test_that_two_estimates_of_a_sliced_distance_agree_within_their_scatter(tmp_path):
    given = {**CLOUDS, "n_projections": 400, "repeats": 10, "flow_steps": 0}
    path = recorded(tmp_path, f"{T}sliced_wasserstein_cv", given)
    (report,) = check(path).reports
    with h5py.File(path) as file:
        scatter = file["result"].attrs["standard_error"]
    row = next(row for row in report.rows if row.quantity == "sw_p")
    assert 0 < row.greatest < 5 * scatter


def test_that_mean_flow_and_force_mean_the_same_to_the_peer(tmp_path):
    """A force in y, a mean flow in x and drag, on a flow that has no symmetry between the axes."""
    pytest.importorskip("pde")
    x = 2 * math.pi * np.arange(48) / 48
    given = {"vorticity": np.sin(x)[:, None] + np.cos(2 * x) + 0 * x[:, None]}
    settings = {"grid": 48, "viscosity": 0.05, "t_end": 0.5, "frames": 3}
    settings |= {"forcing": 0.5, "wavenumber": 2, "drag": 0.3}
    (report,) = check(recorded(tmp_path, "pde.navier_stokes_2d", given | settings)).reports
    # (kh)²/12 = 0.6 % for k = 2, in half a turn of a vortex.
    assert report.rows[2].quantity == "last vorticity"
    assert report.rows[2].relative < 5e-3


@pytest.fixture(scope="module")
def sinkhorn(tmp_path_factory) -> Path:
    return recorded(tmp_path_factory.mktemp("records"), f"{T}sinkhorn", {**CLOUDS, "epsilon": 0.1})


def tampered(record: Path, folder: Path) -> Path:
    """One entry of the plan doubled, and the cost 2 % higher."""
    path = Path(shutil.copy(record, folder / "b.h5"))
    with h5py.File(path, "r+") as file:
        file["result"].attrs["cost"] *= 1.02
        file["result/plan"][3, 4] *= 2
    return path


def test_that_a_tampered_result_is_found(sinkhorn, tmp_path):
    (report,) = check(tampered(sinkhorn, tmp_path)).reports
    rows = {row.quantity: row for row in report.rows}
    assert rows["cost"].relative == pytest.approx(0.02, rel=1e-3)
    with h5py.File(sinkhorn) as file:
        entry = file["result/plan"][3, 4]
    assert rows["plan"].greatest == pytest.approx(entry, rel=1e-3)
    assert report.verdict().startswith("cost differs by 2 %")


def test_that_the_verdict_names_agreement_and_time(sinkhorn):
    found = check(sinkhorn)
    (report,) = found.reports
    assert (report.peer, report.library) == ("POT ot.sinkhorn", "POT")
    assert report.verdict().startswith("cost agrees to ")
    assert report.seconds > 0
    assert report.peer_seconds > 0
    ratio = report.peer_seconds / report.seconds
    assert report.verdict().endswith(f"POT ot.sinkhorn took {ratio:.2g} times as long")
    text = found.text()
    assert report.verdict() in text
    assert "plan (30 × 40)" in text


def test_that_times_are_not_compared_where_the_run_did_more(tmp_path):
    given = {**CLOUDS, "n_projections": 50, "repeats": 3, "flow_steps": 0}
    (report,) = check(recorded(tmp_path, f"{T}sliced_wasserstein_cv", given)).reports
    assert "times" not in report.verdict()


def test_that_what_a_library_prints_and_warns_stays_out_of_the_table(tmp_path, capsys):
    """POT prints a shape at each evaluation of the sparse dual."""
    given = {**CLOUDS, "k": 4, "curve": False, "average_iter": 100}
    check(recorded(tmp_path, f"{T}sparsity_constrained_ot", given))
    assert capsys.readouterr().out == ""


def test_that_a_missing_library_is_named_with_the_way_to_get_it(tmp_path, monkeypatch):
    name, given, _ = CASES["flow"]
    path = recorded(tmp_path, name, given)
    monkeypatch.setattr(peer, "find_spec", lambda library: None)
    with pytest.raises(PeerError, match=r"py-pde is not installed.*pip install py-pde"):
        check(path)
    assert "pip install py-pde" in no_peer(method(name))


def test_that_one_missing_library_does_not_keep_the_other_from_its_answer(tmp_path, monkeypatch):
    name, given, _ = CASES["svd"]
    path = recorded(tmp_path, name, given)
    monkeypatch.setattr(peer, "find_spec", lambda library: None if library == "sklearn" else True)
    found = check(path)
    assert [report.library for report in found.reports] == ["numpy"]
    assert "pip install scikit-learn" in found.left_out[0]


def test_that_a_method_without_a_peer_says_so(tmp_path):
    path = recorded(tmp_path, f"{T}mec", {"example": method(f"{T}mec").examples[0].name})
    with pytest.raises(PeerError, match="no library is known"):
        check(path)


def test_that_exactly_the_methods_that_name_a_library_have_a_peer():
    for cls in methods().values():
        assert bool(cls.peer_libraries) == (cls.peers is not Method.peers), cls.title


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted"])
def test_that_only_a_finished_run_is_checked(state, sinkhorn, tmp_path):
    path = Path(shutil.copy(sinkhorn, tmp_path / "b.h5"))
    with h5py.File(path, "r+") as file:
        file.attrs["state"] = state
    with pytest.raises(PeerError, match=f"the run is {state}"):
        check(path)


def test_that_too_many_pairs_are_refused_before_anything_is_computed():
    cloud = np.zeros((7000, 2))
    with pytest.raises(BadProblem, match="7000 × 7000 pairs"):
        ExactOT().peers(PointClouds(x=cloud, y=cloud), None)


def test_that_a_peer_that_needs_too_much_memory_is_left_out(sinkhorn, monkeypatch):
    monkeypatch.setattr("workbench.devices.free_memory", lambda name: 1024)
    with pytest.raises(PeerError, match="needs about 56 KiB; 1 KiB are free"):
        check(sinkhorn)


def test_that_large_data_are_read_again_and_must_be_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "LARGEST", 100)
    for name, cloud in CLOUDS.items():
        np.save(tmp_path / f"{name}.npy", cloud)
    given = {name: str(tmp_path / f"{name}.npy") for name in CLOUDS}
    path = recorded(tmp_path, f"{T}sinkhorn", {**given, "epsilon": 0.1})
    assert check(path).reports[0].rows[0].relative < 1e-5
    np.save(tmp_path / "x.npy", X + 1)
    with pytest.raises(PeerError, match="changed since the run"):
        check(path)


def test_that_large_data_of_a_script_cannot_be_had_again(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "LARGEST", 100)
    with pytest.raises(PeerError, match="came from a script"):
        check(recorded(tmp_path, f"{T}sinkhorn", {**CLOUDS, "epsilon": 0.1}))


def test_that_settings_which_no_peer_can_take_are_named(tmp_path):
    given = CASES["colours"][1] | {"way": "sliced", "rounds": 2}
    with pytest.raises(PeerError, match="way is sliced"):
        check(recorded(tmp_path, f"{T}color_transfer", given))


@pytest.mark.parametrize(
    ("ours", "theirs", "relative"),
    [
        (1.0, 1.0, 0.0),
        (0.0, 0.0, 0.0),
        (1.0, 0.0, math.inf),
        (np.array([3.0, math.nan]), np.array([4.0, math.nan]), 0.25),
        (np.array([3.0, 1.0]), np.array([4.0, math.nan]), math.inf),
        (np.zeros((2, 3)), np.zeros((3, 2)), math.inf),
    ],
)
def test_that_differences_are_relative_to_the_peer(ours, theirs, relative):
    assert peer._difference("cost", ours, "", theirs).relative == relative
