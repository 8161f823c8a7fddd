from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engines import figure as f
from engines.problem import Problem, Result, Status, array, metric, scalar
from workbench.records import RunInfo


@dataclass(frozen=True, kw_only=True)
class Plate(Problem):
    """A heated plate."""

    u: Any = array("y x", "temperature", "K")
    x: Any = array("x", "place", "m")
    coupling: Any = array("y y", "exchange between rows")
    nu: float = scalar(0.1, "diffusivity", "m²/s")
    border: str = scalar("periodic", "what happens at the edge")


@dataclass(frozen=True, kw_only=True)
class Plan(Result):
    """What was found."""

    plan: Any = array("source target", "mass moved", "kg")
    kept: Any = array("source", "whether a source counts")
    source: Any = array("source", "number of the source")
    zeta: float = metric("the most telling number", "J")
    alpha: float = metric("a number that does not apply")
    count: int = metric("a whole number")


@pytest.fixture
def problem() -> Problem:
    rng = np.random.default_rng(0)
    return Plate(u=rng.random((5, 7)), x=np.linspace(0, 1, 7), coupling=np.eye(5), nu=0.25)


@pytest.fixture
def result() -> Result:
    plan = np.zeros((300, 40), np.float32)
    plan[7, 3] = 1.5
    return Plan(
        plan=plan,
        kept=np.arange(300) % 2 == 0,
        source=np.arange(300),
        zeta=1e-3,
        count=12,
        status=Status.converged,
    )


@pytest.fixture
def info() -> RunInfo:
    return RunInfo(
        method="transport.sinkhorn",
        parameters={"epsilon": 0.05, "bound": float("inf"), "schedule": {"kind": "a", "n": [1, 2]}},
        seed=7,
        device="cpu",
        precision="float64",
        inputs={"u": "plate.csv"},
        fingerprints={"u": "0" * 64},
        versions={"numpy": np.__version__},
        started="2026-01-02T03:04:05+00:00",
        state="running",
    )


def _marks() -> dict[str, f.Mark]:
    x = np.array([1.0, 2.0, 4.0, 8.0])
    y = np.array([[1.0, np.nan, np.inf, -np.inf]] * 3) * np.arange(1, 4)[:, None]
    grid = np.arange(24.0).reshape(2, 3, 4)
    return {
        "line": f.Line(x=x, y=y[0], error=x / 10, name="loss", role="reference"),
        "moving line": f.Line(x=x, y=y, error=np.abs(y)),
        "line whose ends differ": f.Line(x=x, y=x[:3]),
        "line without points": f.Line(x=[], y=[]),
        "dots": f.Points(x=x, y=x, name="dots", size=2.5),
        "coloured dots": f.Points(x=x, y=-x, values=x**2, unit="kg"),
        "moving dots": f.Points(x=y, y=2 * y, values=x),
        "image": f.Image(values=grid[0], extent=(0, 1, -2, 2), limits=(0.0, 9.0), unit="K"),
        "movie": f.Image(values=grid.astype(np.float32), colours="diverging", top_down=True),
        "logarithmic image": f.Image(values=grid[1], log=True),
        "picture": f.Image(values=np.zeros((4, 5, 3), np.uint8), colours="rgb"),
        "film": f.Image(values=np.zeros((2, 4, 5, 3), np.float32), colours="rgb"),
        "contours": f.Contours(values=grid, levels=[1.0, 2.0], extent=(0, 1, 0, 1)),
        "bars": f.Bars(edges=np.arange(5.0), counts=x, name="how often"),
        "arrows": f.Segments(x0=x, y0=x, x1=x + 1, y1=x, weights=x / 8, arrows=True),
        "plain segments": f.Segments(x0=x, y0=x, x1=x + 1, y1=x),
        "surface": f.Surface(
            vertices=np.eye(4, 3), faces=[[0, 1, 2], [1, 2, 3]], values=np.arange(4.0), unit="K"
        ),
        "moving surface": f.Surface(
            vertices=np.zeros((3, 4, 3), np.float32), faces=np.empty((0, 3)), rgb=np.eye(4, 3)
        ),
        "cloud": f.Cloud3D(points=np.eye(5, 3), name="dots", size=2.0),
        "coloured cloud": f.Cloud3D(
            points=np.eye(5, 3), values=np.arange(15.0).reshape(3, 5), limits=(0.0, 9.0)
        ),
        "painted cloud": f.Cloud3D(points=np.eye(2, 3), rgb=np.eye(2, 3, dtype=np.float32)),
        "words": f.Text(x=np.float32(0.5), y=float("inf"), text="peak ∂u/∂t\n\0"),
    }


@pytest.fixture(params=_marks())
def mark(request: pytest.FixtureRequest) -> f.Mark:
    return _marks()[request.param]


@pytest.fixture
def figure_with():
    """Make a figure of marks, with labels, units and times where one moves."""

    def make(*marks: f.Mark, name: str = "main") -> f.Figure:
        frames = max(m.frames() for m in marks)
        in_space = any(isinstance(m, f.Surface | f.Cloud3D) for m in marks)
        return f.Figure(
            name,
            "A title",
            (
                f.Panel(
                    marks,
                    x=f.Axis("length", "m", limits=(0.0, 9.0)),
                    y=f.Axis("loss", scale="linear" if in_space else "log", ticks=False),
                    title="left",
                    equal=True,
                    z=f.Axis("height", "m", limits=(0.0, 1.0)) if in_space else f.Axis(),
                ),
                f.Panel((), x=f.Axis("empty")),
            ),
            caption="Said below.",
            columns=2,
            times=np.linspace(0, 1, frames) if frames > 1 else None,
            time=f.Axis("time", "s"),
            view=(120.0, 10.0) if in_space else (-60.0, 30.0),
        )

    return make
