"""What every method promises, checked for all of them; a new method is covered by existing."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from engines.context import Context, Shown
from engines.figure import Figure
from engines.problem import BadProblem, Better, Problem, Result, Status, array_specs
from workbench import records, runs
from workbench.catalogue import card, directions
from workbench.export import export
from workbench.fields import fields
from workbench.jobs import Job, Refused
from workbench.records.checkpoint import Checkpoint, write_checkpoint
from workbench.registry import FAMILIES, method_id, methods, problems

METHODS = methods()
# "Stop" answers within half a second; the best of three tries, for a machine may be busy.
STOP_SECONDS = 0.5

every_method = pytest.mark.parametrize("name", METHODS)
every_example = pytest.mark.parametrize(
    ("name", "example"), [(n, e.name) for n, cls in METHODS.items() for e in cls.examples]
)


def quick(name: str, example: str = ""):
    cls = METHODS[name]
    chosen = example or cls.examples[0].name
    settings = runs.settings(cls, "quick", chosen)
    return runs.prepare(Job(name, settings, chosen))


class Keeping(Context):
    """Counts how often the run could be resumed, and stops it at one of these places."""

    def __init__(self, *args, stop_at: int = 0, **given) -> None:
        self.saved: list[Checkpoint] = []
        super().__init__(*args, save=lambda *kept: self.saved.append(Checkpoint(*kept)), **given)
        self.count, self._stop_at = 0, stop_at

    def keep(self, build) -> None:
        super().keep(build)
        self.count += 1
        if self.count == self._stop_at:
            self._stop.set()


KEPT: dict[str, int] = {}  # how often


@cache
def solved(name: str, precision: str = "float64", seed: int = 0) -> tuple[Problem, Result, list]:
    prepared, events = quick(name), []
    ctx = Keeping(events.append, dtype=getattr(torch, precision), seed=seed)
    result = prepared.method.run(prepared.problem, ctx)
    KEPT[name] = ctx.count
    return prepared.problem, result, events


def arrays(result: Result) -> dict[str, np.ndarray]:
    return {name: values for name, values, _, _ in result.arrays()}


@every_method
def test_that_parameters_survive_json(name):
    cls = METHODS[name]
    for preset in cls.presets:
        settings = runs.settings(cls, preset)
        made = cls.model_validate_json(json.dumps(settings))
        assert cls.model_validate_json(made.model_dump_json()) == made


@every_method
def test_that_the_three_presets_are_there(name):
    assert {"quick", "default", "paper"} <= set(METHODS[name].presets)
    assert METHODS[name].presets["default"] == {}


@every_method
def test_that_a_method_and_its_problem_travel_to_another_process(name):
    prepared = quick(name)
    method, problem = pickle.loads(pickle.dumps((prepared.method, prepared.problem)))
    assert method == prepared.method
    for (_, a, _, _), (_, b, _, _) in zip(problem.arrays(), prepared.problem.arrays(), strict=True):
        np.testing.assert_array_equal(a, b)


@every_method
def test_that_equal_seeds_give_equal_arrays(name):
    _, first, _ = solved(name)
    prepared = quick(name)
    again = prepared.method.run(prepared.problem, Context(seed=0))
    timed = {n for n in arrays(again) if "seconds" in n}
    for key in set(arrays(again)) - timed:
        np.testing.assert_array_equal(arrays(first)[key], arrays(again)[key], err_msg=key)


@every_method
def test_that_a_method_that_keeps_checkpoints_is_resumed_byte_for_byte(name, tmp_path):
    """It is stopped half-way, its state goes through a file, and it starts again with that."""
    _, whole, _ = solved(name)
    for half in {KEPT[name] // 2} - {0}:
        prepared, ctx = quick(name), Keeping(seed=0, stop_at=half)
        assert prepared.method.run(prepared.problem, ctx).status is Status.stopped
        write_checkpoint(tmp_path / "a.h5", ctx.saved[-1])
        found = records.read_checkpoint(tmp_path / "a.h5")
        again = Context(seed=0, kept=found.state, before=found.seconds)
        result = prepared.method.run(prepared.problem, again)
        assert (result.status, result.note) == (whole.status, whole.note)
        ours, theirs = arrays(whole), arrays(result)
        assert list(ours) == list(theirs)
        for key in (key for key in ours if "seconds" not in key):
            assert ours[key].tobytes() == theirs[key].tobytes(), key
        for (key, a, spec), (_, b, _) in zip(whole.scalars(), result.scalars(), strict=True):
            assert np.float64(a).tobytes() == np.float64(b).tobytes() or spec.unit == "s", key


@every_method
def test_that_the_data_are_left_as_they_were(name):
    prepared = quick(name)
    before = {n: v.copy() for n, v, _, _ in prepared.problem.arrays()}
    prepared.method.run(prepared.problem, Context())
    for key, values, _, _ in prepared.problem.arrays():
        np.testing.assert_array_equal(values, before[key])


@every_method
def test_that_single_and_double_precision_agree(name):
    """Metrics of the two precisions agree to single precision times the length of a computation."""
    _, double, _ = solved(name)
    _, single, _ = solved(name, "float32")
    assert single.status is double.status
    for (key, a, spec), (_, b, _) in zip(double.scalars(), single.scalars(), strict=True):
        if np.isnan(a) or "drift" in key or "error" in key or "steps" in key or spec.unit == "s":
            continue  # a measure of round-off itself, or of time
        assert b == pytest.approx(a, rel=2e-2, abs=1e-3), key


@every_method
def test_that_a_stop_ends_the_run_at_once_and_leaves_a_result(name):
    cls = METHODS[name]
    prepared = runs.prepare(
        Job(name, runs.settings(cls, "", cls.examples[0].name), cls.examples[0].name)
    )
    prepared.method.run(
        quick(name).problem, Context(stop=_set())
    )  # warm: first calls load libraries
    waits = []
    for _ in range(3):
        stop, asked = threading.Event(), []

        def listen(event, stop=stop, asked=asked):
            if not asked:
                asked.append(time.perf_counter())
                stop.set()

        result = prepared.method.run(prepared.problem, Context(listen, stop=stop))
        assert asked, "the run said nothing"
        waits.append(time.perf_counter() - asked[0])
        if waits[-1] < STOP_SECONDS:
            break
    assert min(waits) < STOP_SECONDS
    assert prepared.method.figures(prepared.problem, replace(result, status=Status.stopped))


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@every_method
def test_that_progress_scalars_and_pictures_are_reported(name):
    _, _, events = solved(name)
    kinds = {type(e).__name__ for e in events}
    assert {"Step", "Logged", "Shown"} <= kinds


@every_method
def test_that_the_live_pictures_are_figures_that_stay(name):
    """A live picture has the name of a final one, so that the tab stays when the run ends."""
    problem, result, events = solved(name)
    final = {f.name for f in quick(name).method.figures(problem, result)}
    live = {e.figure.name for e in events if isinstance(e, Shown)}
    assert live
    assert live & final


@every_method
@pytest.mark.parametrize("fault", ["nan", "empty", "axes", "text"])
def test_that_bad_data_are_refused_with_a_sentence(name, fault):
    problem = quick(name).problem
    given = {n: v for n, v, _, _ in problem.arrays()}
    key = next(n for n, s in array_specs(type(problem)).items() if not s.optional)
    values = given[key].copy()
    bad = {
        "nan": lambda: np.where(np.arange(values.size).reshape(values.shape) == 3, np.nan, values),
        "empty": lambda: values[:0],
        "axes": lambda: values[None, None],
        "text": lambda: np.full(values.shape, "x"),
    }[fault]()
    with pytest.raises(BadProblem, match=key) as refusal:
        type(problem)(**{**given, key: bad})
    assert ";" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@every_method
def test_that_every_array_and_number_is_described(name):
    _, result, _ = solved(name)
    assert isinstance(result.status, Status)
    for key, values, dims, spec in result.arrays():
        assert spec.help, key
        assert len(dims) == values.ndim
        assert values.size
    for kind in problems(METHODS[name]):
        assert all(s.help for s in array_specs(kind).values())
    for key, _, spec in result.scalars():
        assert spec.help, key


@every_method
def test_that_every_metric_says_which_way_it_is_better_or_neither(name):
    for metric in card(name, METHODS[name]).metrics:
        assert metric.better in get_args(Better), metric.name


def test_that_a_metric_is_better_the_same_way_in_every_method():
    """So a name alone tells it, for records of several methods and of former versions."""
    cards = [card(name, cls) for name, cls in METHODS.items()]
    ways = {(metric.name, metric.better) for one in cards for metric in one.metrics}
    assert len(ways) == len(dict(ways)), sorted(ways)
    known = directions(cards)
    assert known["relative_error"] == known["run time"] == known["seconds"] == "lower"
    assert known["accuracy"] == "higher"
    for neither in ("cost", "reg_cost", "entropy", "iterations", "optimal_error", "nn_distance"):
        assert neither not in known


@every_method
def test_that_every_figure_goes_on_paper(name, tmp_path):
    problem, result, _ = solved(name)
    figures = quick(name).method.figures(problem, result)
    assert len({f.name for f in figures}) == len(figures) >= 2
    for figure in figures:
        assert isinstance(figure, Figure)
        assert figure.title
        assert figure.caption
        export(figure, tmp_path / f"{figure.name}.png", dpi=60)
        assert (tmp_path / f"{figure.name}.png").stat().st_size > 1000


@every_method
def test_that_every_figure_goes_on_the_screen(name, qtbot):
    from ui.figure_view import FigureView

    view = FigureView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    problem, result, _ = solved(name)
    for figure in quick(name).method.figures(problem, result):
        view.set_figure(figure)
        shot = view.grab().toImage()
        colours = {shot.pixel(x, y) for x in range(0, 600, 7) for y in range(0, 400, 7)}
        assert len(colours) > 3, figure.name


@every_method
def test_that_a_record_gives_back_what_was_found(name, tmp_path):
    cls = METHODS[name]
    job = Job(
        name, runs.settings(cls, "quick", cls.examples[0].name), output=str(tmp_path / "a.h5")
    )
    outcome = runs.execute(runs.prepare(job))
    assert outcome.info.state == "done", outcome.info.error
    read = records.read_arrays(outcome.record, "result")
    for key, values in arrays(outcome.result).items():
        np.testing.assert_array_equal(read[key], values)
    _, metrics, _ = records.read_summary(outcome.record)
    for key, value, _ in outcome.result.scalars():
        np.testing.assert_equal(metrics[key], value)
    assert records.read_info(outcome.record).parameters == json.loads(
        runs.prepare(job).method.model_dump_json()
    )
    assert records.figure_names(outcome.record) == tuple(f.name for f in outcome.figures)


@every_method
def test_that_limits_are_enforced(name):
    cls = METHODS[name]
    for field in fields(cls):
        if field.kind not in ("int", "float"):
            continue
        outside = (
            field.gt
            if field.gt is not None
            else field.ge - 1
            if field.ge is not None
            else field.le + 1
            if field.le is not None
            else None
        )
        assert outside is not None, f"{field.name} has no limit"
        with pytest.raises(ValidationError):
            cls.model_validate_json(json.dumps({field.name: outside}))
        assert field.name in field.fault(outside)


@every_method
def test_that_unknown_parameters_are_refused_by_name(name):
    with pytest.raises(Refused, match="no parameter 'nonsense'"):
        runs.prepare(Job(name, {"nonsense": 1}))


@every_method
def test_that_the_documentation_is_complete(name):
    cls = METHODS[name]
    text = cls.__doc__ or ""
    assert len(text.split()) > 60
    assert "\n    " in text.expandtabs(), "the equation stands on lines of its own"
    assert cls.papers
    assert all(p.arxiv or p.doi or p.venue for p in cls.papers)
    assert method_id(cls) == name
    for field in fields(cls):
        assert field.meaning
        assert field.symbol


@every_example
@pytest.mark.timeout(60)  # a quick preset takes seconds; a minute allows for a busy machine
def test_that_every_example_ends_well(name, example):
    prepared = quick(name, example)
    result = prepared.method.run(prepared.problem, Context())
    assert result.status in (Status.completed, Status.converged), result.note
    assert not prepared.method.cost(prepared.problem).memory < sum(
        v.nbytes for _, v, _, _ in result.arrays()
    ), "the estimate is below what the result alone takes"


def test_that_importing_the_methods_changes_nothing(tmp_path):
    """In a fresh process: no output, no files, torch's defaults and random state untouched."""
    code = """
import torch, numpy
def state():
    drawn = torch.random.get_rng_state().sum(), numpy.random.get_state()[2]
    return torch.get_default_dtype(), torch.get_num_threads(), drawn
before = state()
from workbench.registry import methods
methods()
assert before == state(), (before, state())
assert not torch.cuda.is_initialized()
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")
    assert not list(tmp_path.iterdir())


KNOWN = [(n, e.name) for n, cls in METHODS.items() for e in cls.examples if e.expects]


@pytest.mark.parametrize(("name", "example"), KNOWN)
def test_that_an_example_with_a_known_answer_finds_it(name, example):
    """At its own settings, where the answer is known; the sources are stated with the examples."""
    cls = METHODS[name]
    outcome = runs.execute(runs.prepare(Job(name, runs.settings(cls, "", example), example)))
    assert outcome.info.verdict.startswith("as known: "), outcome.info.verdict
    assert all(e.source for x in cls.examples if x.name == example for e in x.expects.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_that_every_family_has_three_examples_with_a_known_answer(family):
    assert sum(name.startswith(f"{family}.") for name, _ in KNOWN) >= 3
