"""Draw the pictures of start page and README anew: `.venv/bin/python packaging/pictures.py`.

The cards are the real results of the first examples; the screenshots are the real window, driven.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from workbench.api import run  # noqa: E402
from workbench.palette import DARK, LIGHT, Theme  # noqa: E402
from workbench.runs import Outcome  # noqa: E402

CARDS = ROOT / "resources" / "cards"
SHOTS = ROOT / "resources" / "screenshots"
SIZE = (600, 340)  # pixels of a card, twice those of the start page
SHOWN = ("start-light", "window-light", "transport-dark")  # the rest is not kept
PATIENCE = 300.0  # seconds for each wait


def cards() -> None:
    """One picture a family, without axes, filling the card; what is on white also on a dark one."""
    CARDS.mkdir(exist_ok=True)
    _compressed("lowrank.png")
    moons = run("transport.sinkhorn", example="two_moons", epsilon=0.005)
    flow = run("pde.navier_stokes_2d", example="thin_shear_layer", grid=256, frames=2)
    ring = run("diffusion.edm_sampler", example="gmm_ring8", n_samples=1500, n_steps=18)
    for ending, theme in ((".png", LIGHT), ("-dark.png", DARK)):
        _carried(moons, f"transport{ending}", theme)
        _rolled_up(flow, f"pde{ending}", theme)
        _sampled(ring, f"diffusion{ending}", theme)


def _sheet() -> tuple:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE[0] / 200, SIZE[1] / 200), dpi=200)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return figure, axes


def _compressed(name: str) -> None:
    figure, axes = _sheet()
    picture = run("lowrank.randomized_svd").problem.image
    rough = run("lowrank.randomized_svd", target={"kind": "rank", "k": 6}).figures[0]
    compressed = rough.panels[1].marks[0].values
    compressed = compressed[-1] if compressed.ndim == 4 else compressed
    half = picture.shape[1] // 2
    joined = picture.copy()
    joined[:, half:] = compressed[:, half:]
    top = (joined.shape[0] - joined.shape[1] * SIZE[1] // SIZE[0]) // 2
    axes.imshow(joined[max(top, 0) : joined.shape[0] - max(top, 0)].clip(0, 1), aspect="auto")
    axes.axvline(half, color="white", lw=1)
    figure.savefig(CARDS / name)


def _carried(found: Outcome, name: str, theme: Theme) -> None:
    figure, axes = _sheet()
    x, y, to = found.problem.x, found.problem.y, found.result.map
    faint, strong = LIGHT.series[5], LIGHT.series[0]
    blues, orange = (faint, strong) if theme is LIGHT else (strong, faint), theme.series[1]
    for t, colour in zip((0.0, 0.33, 0.66, 1.0), (theme.guide, *blues, orange), strict=True):
        axes.scatter(*((1 - t) * x + t * to).T, s=3, color=colour, lw=0)
    for a, b in zip(x[::5], to[::5], strict=True):
        axes.plot([a[0], b[0]], [a[1], b[1]], color=theme.guide, lw=0.3, zorder=0)
    axes.scatter(*y.T, s=3, facecolors="none", edgecolors=orange, lw=0.3)
    figure.savefig(CARDS / name, transparent=True)


def _rolled_up(found: Outcome, name: str, theme: Theme) -> None:
    figure, axes = _sheet()
    last = found.result.vorticity[-1]
    limit = abs(last).max() * 0.8
    rows = last.shape[0]
    cut = int(rows * SIZE[1] / SIZE[0])
    axes.imshow(
        last[: cut], cmap="RdBu_r" if theme is LIGHT else "berlin", vmin=-limit, vmax=limit,
        origin="lower", aspect="auto", interpolation="bicubic",
    )  # fmt: skip
    figure.savefig(CARDS / name)


def _sampled(found: Outcome, name: str, theme: Theme) -> None:
    figure, axes = _sheet()
    ways = found.result.trajectory
    for i in range(ways.shape[1]):
        axes.plot(ways[:, i, 0], ways[:, i, 1], color=theme.guide, lw=0.3)
    axes.scatter(*found.result.samples.T, s=1.5, color=theme.series[0], lw=0)
    axes.set_xlim(-6.2, 6.2)
    axes.set_ylim(-3.5, 3.5)
    figure.savefig(CARDS / name, transparent=True)


def screenshots() -> None:
    """The window on its start page, while a flow runs, and after a transport."""
    from PySide6.QtWidgets import QApplication

    from ui import theme

    app = QApplication([])
    for scheme in ("light", "dark"):
        theme.apply(app, scheme)
        _drive(scheme)


def _drive(scheme: str) -> None:
    """Take one window through its states and write those of SHOWN."""
    from PySide6.QtCore import QSettings
    from PySide6.QtTest import QTest

    from ui.window import MainWindow

    folder = Path(tempfile.mkdtemp())
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow(folder, settings)
    window.show()
    window.resize(1440, 900)

    def wait(what) -> None:
        until = time.monotonic() + PATIENCE
        while not what() and time.monotonic() < until:
            QTest.qWait(20)

    def write(state: str) -> None:
        QTest.qWait(1500)  # for pictures to arrive and notices to go
        if f"{state}-{scheme}" in SHOWN:
            window.grab().save(str(SHOTS / f"{state}-{scheme}.png"))

    wait(lambda: window.start.card("pde").isEnabled() and window.run_pane.devices())
    write("start")
    for family, figure in (("lowrank", ""), ("transport", "displacement")):
        window.start.card(family).click()
        run = window.plots.run
        wait(lambda run=run: bool(run.names))
        if figure:
            window.plots.choose(figure)
            write(family)
    window.start.card("pde").click()
    run = window.plots.run
    wait(lambda: run.step is not None and run.step.done > 60)
    window.plots.choose("vorticity")
    write("window")
    window.runs.stop(run.id)
    wait(lambda: run.over)
    window.close()


if __name__ == "__main__":
    if "--screenshots-only" not in sys.argv:
        cards()
    screenshots()
