"""Draw the small pictures of the gallery: `.venv/bin/python packaging/gallery.py [METHOD ...]`.

Each is the first figure of an example, or the one named in PICKS, as the screen draws it, without
axes and words. An example whose own settings take long is run with its quick ones.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image as Picture  # noqa: E402
from PIL import ImageChops, ImageStat  # noqa: E402

from engines.figure import Axis, Figure, Mark, Panel, Points, Text, frame  # noqa: E402
from engines.method import Example  # noqa: E402
from workbench import runs  # noqa: E402
from workbench.jobs import Job  # noqa: E402
from workbench.registry import methods  # noqa: E402

FOLDER = ROOT / "resources" / "gallery"
SIZE = (240, 136)  # pixels of the place that they fill
MARGINS = (5, 5, 5, 5)
ROUNDS = 4  # in which rulers and panels find their places
MOST_BYTES = 12_000
PATIENCE = 20.0  # seconds that the own settings of an example may take
SAME = 6.0  # grey values by which a dark picture must differ to be kept beside the light one
# Figure (empty: the first), numbers of its panels and share of its movie that say most, for all
# examples of a method or for one.
PICKS: dict[str, tuple[str, tuple[int, ...], float]] = {
    "lowrank.randomized_svd.fast_decay": ("", (0,), 1),
    "lowrank.randomized_svd.flow": ("", (1,), 1),
    "lowrank.randomized_svd.slow_decay": ("", (0,), 1),
    "lowrank.randomized_svd.hilbert": ("", (0,), 1),
    "lowrank.randomized_svd.waves": ("spectrum", (0,), 1),
    "pde.navier_stokes_2d": ("", (0,), 0.55),
    "pde.navier_stokes_2d.decaying_turbulence": ("", (0,), 0.15),
    "pde.navier_stokes_2d.taylor_green": ("", (0,), 0),
    "pde.navier_stokes_2d.drifting_cells": ("", (0,), 0.1),
    "transport.color_transfer": ("pictures", (0, 2), 1),
    "transport.exact_ot": ("displacement", (0,), 0.6),
    "transport.exact_ot.assignment": ("plan", (0,), 1),
    "transport.light_sb": ("paths", (0,), 1),
    "transport.mec": ("coupling", (1,), 1),
    "transport.mec_bottleneck": ("couplings", (0, 1), 1),
    "transport.shape_interpolation": ("", (0,), 0.5),
    "transport.shape_interpolation.disc_and_star": ("strip", (0, 1, 2, 3), 1),
    "transport.shape_interpolation.one_and_two": ("strip", (0, 1, 2, 3), 1),
    "transport.shape_interpolation.o_and_x": ("strip", (0, 1, 2, 3), 1),
    "transport.sinkhorn": ("displacement", (0,), 0.5),
    "transport.sinkhorn.disc_and_star": ("displacement", (0,), 0.6),
    "transport.sinkhorn.assignment": ("plan", (0,), 1),
    "transport.sinkhorn_divergence": ("strip", (0, 1, 2, 3), 1),
    "transport.sliced_wasserstein_cv.far_torus": ("strip", (0, 1, 2, 3), 1),
    "transport.sliced_wasserstein_cv.torus_and_ellipsoid": ("strip", (0, 1, 2, 3), 1),
    "transport.wasserstein_barycenter": ("interpolation", (0,), 0.5),
}
DOT = 0.6  # size of points beside that in a window


def main(wanted: list[str]) -> None:
    """Draw the pictures of some methods, or of all, and take out those whose example is gone."""
    FOLDER.mkdir(exist_ok=True)
    examples = {f"{n}.{e.name}": (n, e) for n, cls in methods().items() for e in cls.examples}
    for file in FOLDER.glob("*.png"):
        if file.stem.removesuffix("-dark") not in examples:
            file.unlink()
    for id, (name, example) in examples.items():
        if not wanted or name in wanted:
            draw(id, figures_of(name, example))
            print(id, flush=True)


def figures_of(name: str, example: Example) -> tuple[Figure, ...]:
    """The figures of an example, from a run that does not take long."""
    cls = methods()[name]
    for preset in ("", "quick"):
        prepared = runs.prepare(Job(name, runs.settings(cls, preset, example.name), example.name))
        if runs.bill(prepared).seconds < PATIENCE:
            break
    return runs.execute(prepared).figures


def draw(id: str, figures: tuple[Figure, ...]) -> None:
    """Write the picture of an example, and one for a dark ground where that looks different."""
    figure = _chosen(id, figures)
    light, dark = (_rendered(figure, night) for night in (False, True))
    (FOLDER / f"{id}.png").write_bytes(_small(light))
    difference = ImageStat.Stat(ImageChops.difference(light, dark).convert("L")).mean[0]
    other = FOLDER / f"{id}-dark.png"
    if difference > SAME:
        other.write_bytes(_small(dark))
    else:
        other.unlink(missing_ok=True)


def _chosen(id: str, figures: tuple[Figure, ...]) -> Figure:
    name, numbers, share = PICKS.get(id, PICKS.get(id.rpartition(".")[0], ("", (0, 1), 1.0)))
    figure = next((f for f in figures if f.name == name), figures[0])
    still = frame(figure, round(share * max(0, figure.frames() - 1)))
    panels = tuple(_bare(still.panels[i]) for i in numbers if i < len(still.panels))
    return replace(still, title="", caption="", panels=panels, columns=0, annotations=())


def _bare(panel: Panel) -> Panel:
    """The marks alone."""

    def axis(given: Axis) -> Axis:
        return replace(given, label="", unit="", ticks=False)

    marks = tuple(_plain(mark) for mark in panel.marks if not isinstance(mark, Text))
    axes = {"x": axis(panel.x), "y": axis(panel.y), "z": replace(axis(panel.z), label="\u00a0")}
    return replace(panel, title="", marks=marks, **axes)


def _plain(mark: Mark) -> Mark:
    """Without a name, and points as small as the picture."""
    changes = {"name": ""} if hasattr(mark, "name") else {}
    if isinstance(mark, Points):
        changes["size"] = mark.size * DOT
    return replace(mark, **changes)


def _rendered(figure: Figure, night: bool) -> Picture.Image:
    """What the screen shows without colour bars, at twice the size."""
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    from ui.figure_view import FigureView

    assert app is not None
    view = FigureView()
    view.plots.ci.layout.setContentsMargins(*MARGINS)
    view.plots.setFixedSize(*SIZE)
    view.set_dark(night)
    view.set_figure(figure)
    view.show()
    image = QImage(2 * view.plots.viewport().size(), QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(2.0)
    for panel in view.plots.panels:
        panel.bar.hide()
        panel.bar.setMaximumWidth(0)
    for _ in range(ROUNDS):
        image.fill(view.theme().ground)
        view.plots.rest()
        view.plots.viewport().render(image)
        view.plots.settled()
    view.close()
    size, data = (image.width(), image.height()), bytes(image.constBits())
    return Picture.frombytes("RGB", size, data, "raw", "RGB", image.bytesPerLine())


def _small(picture: Picture.Image) -> bytes:
    """As PNG with as many colours and pixels as the limit allows."""
    for share in (1.0, 0.75, 0.5):
        size = (round(picture.width * share), round(picture.height * share))
        scaled = picture.resize(size, Picture.Resampling.LANCZOS)
        for colours in (128, 64, 32, 16):
            file = io.BytesIO()
            scaled.quantize(colours, dither=Picture.Dither.NONE).save(file, "PNG", optimize=True)
            if file.tell() <= MOST_BYTES:
                return file.getvalue()
    raise ValueError(f"no version of the picture has at most {MOST_BYTES} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
