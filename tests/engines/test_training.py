"""The training loop: its step sizes, its minimum, and every way in which it ends."""

import math
import threading
from copy import deepcopy

import numpy as np
import pytest
import torch

from engines.context import Cancelled, Context, Logged
from engines.problem import Status
from engines.training import Adam, Check, Moments, resumed_in, train


def free(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def quadratic(x, centre=(1.0, -2.0), scales=(1.0, 9.0)):
    """Lowest at the centre, where it is 3."""
    a, c = (torch.tensor(v, dtype=torch.float64) for v in (scales, centre))
    return lambda: {"loss": (a * (x - c) ** 2).sum() + 3, "first": x[0]}


def test_that_the_step_size_falls_along_a_cosine():
    plan = Adam(steps=100, lr=0.5, end=0.1)
    assert plan.rate(0) == 0.5
    assert plan.rate(50) == pytest.approx(0.3, abs=1e-15)  # half-way between, at half of the time
    assert plan.rate(25) == pytest.approx(0.3 + 0.2 * math.sqrt(0.5), abs=1e-15)
    assert plan.rate(100) == pytest.approx(0.1, abs=1e-15)
    assert {Adam(100, 0.5, None).rate(k) for k in (0, 50, 99)} == {0.5}


def test_that_the_update_is_that_of_torch_to_the_last_bit():
    x, y = (free(4.0, -3.0, 1e-9) for _ in range(2))
    mine, peer = Moments([x]), torch.optim.Adam([y], lr=0.1)
    for k in range(30):
        for p in (x, y):
            p.grad = None
            (p.sin() * p.exp() / (k + 1)).sum().backward()
        mine.step(0.1)
        peer.step()
        np.testing.assert_array_equal(x.detach(), y.detach())
    mine.forget()
    assert x.grad is None


def test_that_the_first_step_of_adam_is_the_step_size_against_the_sign_of_the_gradient():
    x = free(4.0, -3.0)
    train([x], quadratic(x), Adam(1, 0.25), Context())
    # m/√v is the sign of the gradient at first, but for Adam's 1e-8 in the denominator.
    np.testing.assert_allclose(x.detach(), [3.75, -2.75], atol=1e-8)


def test_that_every_step_has_the_size_of_its_time():
    """A constant gradient makes m/√v exactly 1, so the way is the sum of all step sizes."""
    x, plan = free(0.0), Adam(40, 0.1, 0.01)
    train([x], lambda: {"loss": x.sum()}, plan, Context())
    assert float(-x.detach()) == pytest.approx(sum(plan.rate(k) for k in range(40)), abs=1e-6)


def test_that_long_gradients_are_shortened_as_torch_does_it():
    x, y = free(4.0, -3.0), free(4.0, -3.0)
    train([x], quadratic(x), Adam(20, 0.5, None, clip=2.0), Context())
    loss, peer = quadratic(y), torch.optim.Adam([y], lr=0.5)
    for _ in range(20):
        peer.zero_grad()
        loss()["loss"].backward()
        torch.nn.utils.clip_grad_norm_([y], 2.0)
        peer.step()
    # torch adds 1e-6 to the norm that it divides by.
    np.testing.assert_allclose(x.detach(), y.detach(), atol=1e-5)
    z = free(4.0, -3.0)
    train([z], quadratic(z), Adam(20, 0.5, None), Context())
    assert float((x - z).detach().abs().max()) > 0.1, "not so without a limit"


def test_that_training_ends_in_the_minimum():
    x = free(4.0, -3.0)
    course = train([x], quadratic(x), Adam(600, 0.1), Context())
    np.testing.assert_allclose(x.detach(), [1, -2], atol=1e-4)
    assert course.status is Status.completed
    assert course.of_steps("loss")[-1] == pytest.approx(3, abs=1e-7)
    assert len(course.of_steps("first")) == 600
    assert (np.diff(course.of_steps("seconds")) >= 0).all()


def test_that_the_gradient_told_is_that_of_calculus():
    x = free(4.0, -3.0)
    course = train([x], quadratic(x), Adam(1, 0.1), Context())
    assert course.of_steps("gradient")[0] == pytest.approx(math.hypot(2 * 3, 18 * -1), rel=1e-14)


def test_that_a_gradient_without_a_number_ends_it_at_the_last_good_step():
    x = free(0.35)
    # Each step lowers x by 0.1, to -0.05 after four; the root has no gradient there.
    course = train([x], lambda: {"loss": x.sqrt().sum()}, Adam(50, 0.1, None), Context())
    assert course.status is Status.diverged
    assert math.isfinite(float(x.detach()))
    assert np.isnan(course.of_steps("loss")[-1])
    assert np.isfinite(course.of_steps("loss")[:-1]).all()


def test_that_checks_come_when_they_are_due_and_at_the_end():
    x, seen = free(4.0, -3.0), []
    check = Check(lambda: {"place": float(x[0].detach())}, {0, 4, 8})
    course = train(
        [x], quadratic(x), Adam(10, 0.1), Context(), check=check, picture=lambda: seen.append(0)
    )
    assert course.of_checks("step").tolist() == [0, 4, 8, 10]
    # A check sees the state before its step, as the value of that step does.
    first = course.of_steps("first")
    np.testing.assert_array_equal(course.of_checks("place")[:3], first[[0, 4, 8]])
    assert course.of_checks("place")[-1] == float(x[0].detach())
    assert len(seen) == 10


def test_that_the_best_state_comes_back():
    x = free(1.0)
    check = Check(lambda: {"off": abs(float(x.detach()) - 0.42)}, range(10), "off")
    course = train([x], lambda: {"loss": x.sum()}, Adam(10, 0.1, None), Context(), check=check)
    assert float(x.detach()) == pytest.approx(0, abs=1e-6)
    course.restore_best([x])
    assert float(x.detach()) == pytest.approx(0.4, abs=1e-6)
    assert course.of_checks("off")[course.best] == course.of_checks("off").min()


def test_that_without_a_score_the_last_state_stays():
    x = free(1.0)
    course = train([x], lambda: {"loss": x.sum()}, Adam(10, 0.1, None), Context())
    course.restore_best([x])
    assert float(x.detach()) == pytest.approx(0, abs=1e-6)
    assert course.best == -1


def test_that_a_stop_ends_it_between_two_steps():
    stop, x, done = threading.Event(), free(0.0), []

    def values():
        done.append(0)
        if len(done) == 3:
            stop.set()
        return {"loss": x.sum()}

    check = Check(lambda: {"steps": float(len(done))}, {0})
    course = train([x], values, Adam(50, 0.1, None), Context(stop=stop), check=check)
    assert course.status is Status.stopped
    assert len(course.of_steps("loss")) == 3
    assert float(x.detach()) == pytest.approx(-0.3, abs=1e-6)
    assert course.of_checks("steps").tolist() == [0, 3]


def test_that_a_stop_inside_a_step_leaves_the_state_before_it():
    stop, x, done = threading.Event(), free(0.0), []

    def values():
        done.append(0)
        if len(done) == 3:
            stop.set()
            raise Cancelled
        return {"loss": x.sum()}

    course = train([x], values, Adam(50, 0.1, None), Context(stop=stop))
    assert course.status is Status.stopped
    assert len(course.of_steps("loss")) == 2
    assert float(x.detach()) == pytest.approx(-0.2, abs=1e-6)


def test_that_a_run_stopped_before_it_began_has_columns_of_one_nan():
    stop, x = threading.Event(), free(0.0)
    stop.set()
    course = train([x], lambda: {"loss": x.sum()}, Adam(5, 0.1), Context(stop=stop))
    assert np.isnan(course.of_steps("loss")).tolist() == [True]
    assert np.isnan(course.of_checks("step")).tolist() == [True]
    assert float(x.detach()) == 0


def test_that_all_values_are_told():
    events, x = [], free(4.0, -3.0)
    check = Check(lambda: {"half": 0.5}, range(0, 4, 2))
    train([x], quadratic(x), Adam(4, 0.1), Context(events.append), check=check)
    told = [row for e in events if isinstance(e, Logged) for _, _, row in e.rows]
    names = [tuple(row) for row in told]
    assert names.count(("loss", "first", "gradient")) == 4
    assert names.count(("half",)) == 3


class Kept(Context):
    """Notes every state in which training could be resumed."""

    def keep(self, build) -> None:
        self.states = [*getattr(self, "states", []), deepcopy(build())]


def as_array(value):
    return value.detach().numpy() if torch.is_tensor(value) else np.array(value)


def noisy(x, ctx):
    """Values and a check that draw, as those of methods do."""

    def values():
        drawn = torch.rand(2, dtype=torch.float64, generator=ctx.rng)
        return {"loss": ((x - drawn) ** 2).sum(), "first": x[0]}

    def check():
        return {"score": float((x.detach() - torch.rand(1, generator=ctx.rng)).norm())}

    return values, check


def trained(ctx):
    x = free(4.0, -3.0)
    values, check = noisy(x, ctx)
    course = train([x], values, Adam(12, 0.3), ctx, check=Check(check, {0, 3, 7}, "score"))
    end = x.detach().numpy().copy()
    course.restore_best([x])
    return course, end, x.detach().numpy(), ctx.rng.get_state().numpy()


def test_that_training_resumed_at_any_step_and_check_ends_in_the_same_bytes():
    ctx = Kept(seed=5)
    course, *ends = trained(ctx)
    assert len(ctx.states) == 12 + 3 + 1
    for state in ctx.states:
        kept = {n: as_array(v) for n, v in state.items()}
        again, *others = trained(Context(seed=5, kept=kept))
        assert again.best == course.best
        for name in ("loss", "first", "gradient"):
            assert again.of_steps(name).tobytes() == course.of_steps(name).tobytes()
        for name in ("step", "score"):
            assert again.of_checks(name).tobytes() == course.of_checks(name).tobytes()
        for end, other in zip(ends, others, strict=True):
            assert end.tobytes() == other.tobytes()


def test_that_training_that_diverged_can_be_resumed_after_its_end():
    """A last check comes after the last state; it is no part of that."""

    def diverging(ctx):
        x = free(0.35)
        values = lambda: {"loss": (x + 0 * torch.rand(1, generator=ctx.rng)).sqrt().sum()}  # noqa: E731
        check = Check(lambda: {"drawn": float(torch.rand(1, generator=ctx.rng))}, {0})
        course = train([x], values, Adam(9, 0.1, None), ctx, check=check)
        return course, ctx.rng.get_state()

    ctx = Kept(seed=5)
    ctx.keep = lambda build: setattr(ctx, "build", build)
    course, end = diverging(ctx)
    assert course.status is Status.diverged
    kept = {n: as_array(v) for n, v in ctx.build().items()}
    again, other = diverging(Context(seed=5, kept=kept))
    assert again.of_checks("drawn").tolist() == course.of_checks("drawn").tolist()
    assert torch.equal(end, other)


def test_that_another_phase_of_training_begins_anew():
    ctx = Kept(seed=5)
    trained(ctx)
    kept = {"phase": np.array("first map")}
    assert resumed_in("training", Context(kept=kept)) is None
    assert resumed_in("first map", Context(kept=kept)) is kept
    course, *_ = trained(Context(seed=5, kept=kept))
    assert len(course.rows) == 12
