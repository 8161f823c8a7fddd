"""The whole of Projektor on skewed digits, and what it refuses."""

import threading

import numpy as np
import pytest
from pydantic import ValidationError

from engines.context import Context, Step, Warned
from engines.problem import BadProblem, Status
from engines.transport.labelled import LabelledSources, skewed_digits
from engines.transport.methods.projektor import Projektor
from engines.transport.pilot import medians

DIGITS = skewed_digits()


def blobs(sources=2, per_source=60, seed=0):
    """Two classes beside each other; each source sees them from one side."""
    rng = np.random.default_rng(seed)
    count = sources * per_source
    labels = np.arange(count) % 2
    source = np.repeat(np.arange(sources), per_source)
    features = rng.standard_normal((count, 2)) + 2 * labels[:, None] + source[:, None] * [0.0, 1.5]
    goal = np.arange(50) % 2
    return LabelledSources(
        features=features,
        labels=labels,
        source=source,
        validation_features=rng.standard_normal((50, 2)) + 2 * goal[:, None] + [0.0, 0.7],
        validation_labels=goal,
    )


SMALL = {"n0": 50, "n1": 60, "n_target": 100, "repeats": 1, "steps": 5, "divisions": 8}


def solve(problem=DIGITS, ctx=None, **settings):
    return Projektor.model_validate(settings).run(problem, ctx or Context())


@pytest.fixture(scope="module")
def pilot():
    """Half the divisions and no repeats of the published study."""
    return solve(divisions=5, repeats=1, steps=40)


def test_that_accuracy_falls_with_the_distance_as_published(pilot):
    """Correlations of -0.863 and -0.817 at 150 and 225 samples, on the whole grid."""
    for far, right in zip(pilot.distance, pilot.accuracy, strict=True):
        # 21 mixtures drawn once in place of 66 drawn three times.
        assert np.corrcoef(far, right)[0, 1] < -0.65
    assert pilot.accuracy[0].min() < 0.45
    assert pilot.accuracy[0].max() > 0.85


def test_that_the_least_distance_is_at_nearly_equal_classes(pilot):
    """Published: (.4, .3, .3), as the sources have 4, 3 and 3 classes."""
    for far in pilot.distance:
        best = pilot.mixtures[far.argmin()]
        np.testing.assert_allclose(best, [0.4, 0.3, 0.3], atol=0.11)  # the grid is 0.2 wide


def test_that_equal_shares_are_as_accurate_as_published(pilot):
    """0.9025, 0.915 and 0.950 at 150, 225 and 900 samples."""
    equal = pilot.choice_measured[3]
    assert equal == pytest.approx(0.950, abs=0.02)  # one draw; the deviation of a draw is 0.007
    assert pilot.baseline_accuracy == pytest.approx(0.961, abs=0.02)


def test_that_distance_selection_ends_near_equal_classes():
    """Published: (.37, .29, .34) from equal shares."""
    result = solve(divisions=3, repeats=1, select_by="distance", verify=False, regressor="ot_only")
    np.testing.assert_allclose(result.path[-1], [0.37, 0.29, 0.34], atol=0.06)  # random draws


def test_that_missing_sources_are_recognised_as_bad_choices(pilot):
    equal, *without = pilot.choice_measured[3:]
    assert max(without) < equal
    assert pilot.choice_predicted[4:, -1].max() < pilot.choice_predicted[3, -1]


def test_that_a_target_at_the_larger_pilot_is_predicted_by_its_regression():
    result = solve(blobs(), **{**SMALL, "n_target": 60})
    np.testing.assert_allclose(result.choice_predicted[:, 2], result.choice_predicted[:, 1])


def test_that_the_regressor_with_the_least_left_out_error_is_taken(pilot):
    errors = {
        "ot_only": pilot.error_ot_only,
        "pq": pilot.error_pq,
        "pq_full": pilot.error_pq_full,
    }
    assert f"regressor {min(errors, key=errors.get)} " in pilot.note
    for k, error in enumerate(errors.values()):
        rest = pilot.left_out[k] - pilot.accuracy
        assert error == pytest.approx(np.sqrt((rest**2).mean()), rel=1e-12)


@pytest.mark.parametrize("model", ["knn", "mlp"])
@pytest.mark.parametrize("distance", ["exact", "sinkhorn_div"])
def test_that_other_models_and_distances_run_to_the_end(model, distance):
    result = solve(
        blobs(), model={"kind": model}, distance={"kind": distance, **(
            {"epsilon": 0.1} if distance == "sinkhorn_div" else {})}, **SMALL
    )  # fmt: skip
    assert result.status is Status.completed
    assert result.measured_accuracy > 0.8  # Bayes' error at a distance of 2√2 is 8 %
    assert result.distance.shape == (2, 9)


@pytest.mark.parametrize("sources", [2, 3, 4])
def test_that_any_number_of_sources_has_its_figures(sources):
    problem = blobs(sources)
    method = Projektor.model_validate({**SMALL, "divisions": 8 if sources == 2 else 4})
    result = method.run(problem, Context())
    names = [f.name for f in method.figures(problem, result)]
    assert names == ["scatter", "mixtures", "predicted", "choices", "sizes", "way"]
    panels = {f.name: len(f.panels) for f in method.figures(problem, result)}
    assert panels["mixtures"] == (4 if sources == 4 else 1)


def test_that_identical_sources_are_interchangeable():
    """Twice the same samples: no share of one changes the distance, whatever is drawn."""
    one = blobs(2)
    half = one.source == 0
    twice = LabelledSources(
        features=np.concatenate([one.features[half]] * 2),
        labels=np.concatenate([one.labels[half]] * 2),
        source=np.repeat([0, 1], half.sum()),
        validation_features=one.validation_features,
        validation_labels=one.validation_labels,
    )
    np.testing.assert_allclose(solve(twice, **SMALL).slope, 0, atol=1e-12)
    assert np.abs(solve(one, **SMALL).slope).max() > 0.1


def test_that_mixtures_outside_those_tried_are_told():
    events = []
    rng = np.random.default_rng(1)
    base = blobs(3)
    # Only the first source looks like the validation, and no mixture has more than half of it.
    features = base.features + 8.0 * (base.source > 0)[:, None] * rng.choice([-1, 1], 180)[:, None]
    problem = LabelledSources(
        features=features,
        labels=base.labels,
        source=base.source,
        validation_features=base.validation_features,
        validation_labels=base.validation_labels,
    )
    settings = {**SMALL, "steps": 30, "max_share": 0.5, "select_by": "distance"}
    result = solve(problem, Context(events.append), **settings)
    assert result.mixtures.max() <= 0.5
    assert result.path[-1, 0] > 0.5
    assert any("outside all that were tried" in e.text for e in events if isinstance(e, Warned))


def test_that_small_sources_are_told():
    events = []
    solve(blobs(per_source=30), Context(events.append), **SMALL)
    assert any("has 30 samples" in e.text for e in events if isinstance(e, Warned))


def test_that_too_few_mixtures_are_refused():
    with pytest.raises(BadProblem, match=r"10 mixtures, 12 coefficients.*regressor=ot_only"):
        solve(divisions=3, regressor="pq_full")
    with pytest.raises(BadProblem, match=r"3 mixtures, 2 coefficients.*raise divisions"):
        solve(blobs(), **{**SMALL, "divisions": 2})
    with pytest.raises(BadProblem, match="mixtures; there must be at most 3000; lower divisions"):
        solve(blobs(8), **{**SMALL, "divisions": 20})


def test_that_sizes_must_rise():
    with pytest.raises(ValidationError, match="n0 must be below n1"):
        Projektor(n0=200, n1=150)
    with pytest.raises(ValidationError, match="n1 at most n_target"):
        Projektor(n_target=100)


@pytest.mark.parametrize("phase", ["pilot", "select", "choices"])
def test_that_a_stopped_run_keeps_what_it_measured(phase):
    stop = threading.Event()

    def listen(event):
        if isinstance(event, Step) and event.phase == phase:
            stop.set()

    method = Projektor(**{**SMALL, "steps": 1000, "step_size": 1.0, "decay": 1.0, "repeats": 2})
    problem = blobs()
    result = method.run(problem, Context(listen, stop=stop))
    assert result.status is Status.stopped
    assert method.figures(problem, result)
    assert (result.path is None) == (phase == "pilot")
    assert result.choices is None


def test_that_medians_leave_out_what_is_missing():
    nan = np.nan
    values = np.array([[1.0, 3, 2], [4, nan, 2], [nan, 5, nan], [nan, nan, nan]])
    np.testing.assert_array_equal(medians(values), [2, 3, 5, nan])
