"""The pictures of a sampling run: points in a plane and small images.

Noise at σ = 80 would dwarf the data. Pictures of noisy states are therefore shrunk about the mean
by s/√(s²+σ²), s being the spread of the data, so that every level has about the data's size.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import torch

from engines.context import Context
from engines.diffusion.denoisers import MixtureDenoiser, Sampled
from engines.diffusion.problem import GaussianMixture, ImageSet, PointTarget, Samples
from engines.figure import Axis, Bars, Contours, Figure, Image, Line, Mark, Panel, Points

CLOUD = 1000  # points behind the samples; more of them hide each other
GRID = 160  # cells of a density along each axis
BLANK = Axis(ticks=False)
SHRUNK = "shrunk to the size of the data"


class Canvas:
    """The plane that pictures of a target show, and what lies behind the samples there.

    It is spanned by the features themselves, or by the principal axes where there are over two.
    """

    def __init__(self, target: Sampled) -> None:
        self.target = target
        self.spread = target.spread
        self.axes = np.eye(target.dimension)
        if target.dimension > 2:
            drawn = torch.tensor(self.drawn[:200])  # enough to see the widest directions
            _, _, right = torch.linalg.svd(drawn - drawn.mean(0), full_matrices=False)
            self.axes = right[:2].T.numpy()
        self.mean = target.mean @ self.axes

    @cached_property
    def drawn(self) -> np.ndarray:
        """Exact draws, the same ones every time."""
        return self.target.draw(CLOUD, torch.Generator().manual_seed(0))

    @cached_property
    def cloud(self) -> np.ndarray:
        """Exact draws in the plane."""
        return self.drawn @ self.axes

    @cached_property
    def limits(self) -> tuple[tuple[float, float], ...]:
        """Range of each axis: all of the cloud and a margin."""
        low, high = self.cloud.min(0), self.cloud.max(0)
        margin = 0.15 * np.maximum(high - low, 0.1 * self.spread)
        return tuple(zip((low - margin).tolist(), (high + margin).tolist(), strict=True))

    @cached_property
    def backdrop(self) -> tuple[Mark, ...]:
        """Level lines of the density where it is known in the plane, else exact draws."""
        if not isinstance(self.target, GaussianMixture) or self.target.dimension != 2:
            x, y = self.cloud.T
            name = "data" if isinstance(self.target, PointTarget) else "exact draws"
            return (Points(x=x, y=y, name=name, role="guide", size=3),)
        extent = self.limits[0] + self.limits[1]
        x, y = (low + (high - low) * (np.arange(GRID) + 0.5) / GRID for low, high in self.limits)
        grid = torch.tensor(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
        # A mixture may be flat in a direction; noise of a cell's size keeps its density finite.
        density = MixtureDenoiser(self.target, Context()).log_density(grid, self.spread / GRID)
        values = density.numpy().reshape(GRID, GRID)
        levels = values.max() - np.array([4.5, 2.0, 0.5])  # 3, 2 and 1 standard deviations
        name = "exact density"
        return (Contours(values=values, levels=levels, extent=extent, name=name, role="reference"),)

    def shrink(self, values: np.ndarray, mean: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
        """States (level, …, feature) brought to the size of the data, level by level."""
        factor = self.spread / np.sqrt(self.spread**2 + sigmas**2)
        return mean + (values - mean) * factor.reshape(-1, *[1] * (values.ndim - 1))

    def panel(self, *marks: Mark, title: str = "") -> Panel:
        """Marks in the plane, in front of the backdrop."""
        x, y = (Axis(self.label(k), limits=self.limits[k]) for k in range(2))
        return Panel((*self.backdrop, *marks), x, y, title, equal=True)

    def label(self, k: int) -> str:
        """Name of an axis."""
        return f"x{'₁₂'[k]}" if self.target.dimension <= 2 else f"principal axis {k + 1}"


def live(canvas: Canvas, x: torch.Tensor, denoised: torch.Tensor, sigma: float) -> Figure:
    """The samples now."""
    title = f"Samples at σ = {sigma:.3g}"
    target = canvas.target
    count = 16 if isinstance(target, ImageSet) else CLOUD
    state, clean = (v[:count].detach().cpu().numpy() for v in (x, denoised))
    state = canvas.shrink(state[None], target.mean, np.array([sigma]))[0]
    if isinstance(target, ImageSet):
        panels = (
            _sheet(target, state, 4, f"state, {SHRUNK}"),
            _sheet(target, clean, 4, "its denoised image"),
        )
        return Figure("samples", title, panels)
    if target.dimension == 1:
        return Figure("histogram", title, (_histogram_panel(canvas, state @ canvas.axes, 0),))
    a, b = (state @ canvas.axes).T
    return Figure("samples", title, (canvas.panel(Points(x=a, y=b, name="samples", size=3)),))


def run_figures(target: Sampled, result: Samples) -> tuple[Figure, ...]:
    """All pictures of a finished run; the movie from noise to samples comes first."""
    canvas = Canvas(target)
    if isinstance(target, ImageSet):
        found = [
            denoising(canvas, result),
            sample_sheet(target, result),
            strip(canvas, result),
            marginals(canvas, result),
            pixels(target, result),
        ]
    elif target.dimension == 1:
        found = [histogram(canvas, result), paths(canvas, result)]
    else:
        found = [
            marginals(canvas, result),
            samples(canvas, result),
            paths(canvas, result),
            histogram(canvas, result),
        ]
    found.append(levels(result))
    if result.ladder_nfe is not None:
        found.append(quality(result))
    return tuple(found)


def samples(canvas: Canvas, result: Samples) -> Figure:
    """The samples in front of the exact density or of exact draws."""
    x, y = (result.samples[: 4 * CLOUD] @ canvas.axes).T
    panel = canvas.panel(Points(x=x, y=y, name="samples", size=3))
    return Figure("samples", "Samples", (panel,), caption=_score_text(result))


def marginals(canvas: Canvas, result: Samples) -> Figure:
    """A movie of the cloud of samples, one frame for each noise level."""
    cloud = canvas.shrink(result.marginals, canvas.mean, result.sigmas)
    panel = canvas.panel(Points(x=cloud[..., 0], y=cloud[..., 1], name="samples", size=3))
    title = "From noise to samples"
    caption = f"The samples at each noise level, {SHRUNK}."
    return Figure("marginals", title, (panel,), caption, times=result.sigmas, time=Axis("σ"))


def paths(canvas: Canvas, result: Samples) -> Figure:
    """The ways that the first samples took."""
    ways = canvas.shrink(result.trajectory, canvas.target.mean, result.sigmas) @ canvas.axes
    title = "Paths of the first samples"
    # One curve with gaps instead of many curves.
    gap = np.full((1, *ways.shape[1:]), np.nan)
    joined = np.concatenate([ways, gap]).transpose(2, 1, 0).reshape(ways.shape[2], -1)
    if canvas.target.dimension == 1:
        level = np.tile(np.arange(len(ways) + 1.0), ways.shape[1])
        panel = Panel((Line(x=level, y=joined[0]),), Axis("level"), Axis("x₁"), SHRUNK)
        return Figure("paths", title, (panel,), f"Every point of a path is {SHRUNK}.")
    panel = canvas.panel(
        Line(x=joined[0], y=joined[1], name="path"),
        Points(x=ways[0, :, 0], y=ways[0, :, 1], name="start", role="guide", size=5),
        Points(x=ways[-1, :, 0], y=ways[-1, :, 1], name="end", size=7),
    )
    return Figure("paths", title, (panel,), f"Every point of a path is {SHRUNK}.")


def histogram(canvas: Canvas, result: Samples) -> Figure:
    """The samples along each axis of the plane, and what is expected there."""
    values = result.samples @ canvas.axes
    panels = tuple(_histogram_panel(canvas, values, k) for k in range(values.shape[1]))
    return Figure("histogram", "Histogram along each axis", panels, _score_text(result))


def sample_sheet(target: ImageSet, result: Samples) -> Figure:
    """The first images, and the training images nearest to them where these are known."""
    count = min(64, len(result.samples))
    columns = math.ceil(math.sqrt(count))
    panels = [_sheet(target, result.samples[:count], columns, "samples")]
    if result.nearest is not None:
        copies = target.points[result.nearest[:count]]
        panels.append(_sheet(target, copies, columns, "nearest image of the data"))
    return Figure("samples", "Samples", tuple(panels), caption=_score_text(result))


def denoising(canvas: Canvas, result: Samples) -> Figure:
    """A movie of images coming out of the noise, and of what the denoiser sees in them."""
    state, clean = _states(canvas, result)
    assert isinstance(canvas.target, ImageSet)
    panels = (
        _sheet(canvas.target, state, 4, f"state, {SHRUNK}"),
        _sheet(canvas.target, clean, 4, "its denoised image"),
    )
    title = "From noise to samples"
    caption = "Left the state of the sampler, right what the denoiser takes it for."
    return Figure("denoising", title, panels, caption, times=result.sigmas, time=Axis("σ"))


def strip(canvas: Canvas, result: Samples) -> Figure:
    """The way of three images in a row each: the state above, its denoised image below."""
    state, clean = _states(canvas, result)
    assert isinstance(canvas.target, ImageSet)
    shown = np.unique(np.linspace(0, len(state) - 1, 12).round().astype(int))
    rows = np.stack([state, clean])[:, shown, :3].transpose(2, 0, 1, 3)
    cells = rows.reshape(-1, rows.shape[-1])
    title = "State and denoised image, noise falling from left to right"
    caption = "σ = " + ", ".join(f"{sigma:.3g}" for sigma in result.sigmas[shown])
    return Figure("strip", title, (_sheet(canvas.target, cells, len(shown)),), caption)


def pixels(target: ImageSet, result: Samples) -> Figure:
    """Grey values and power spectrum of the samples and of the data."""
    made = result.samples.reshape(-1, *target.images.shape[1:])
    edges = np.linspace(target.images.min(), target.images.max(), 33)
    counts, known = (_density(values, edges) for values in (made, target.images))
    middle = (edges[1:] + edges[:-1]) / 2
    value = Panel(
        (
            Bars(edges=edges, counts=counts, name="samples"),
            Line(x=middle, y=known, name="data", role="reference"),
        ),
        Axis("grey value"),
        Axis("density"),
    )
    frequency, power = _spectrum(made)
    power_panel = Panel(
        (
            Line(x=frequency, y=power, name="samples"),
            Line(x=frequency, y=_spectrum(target.images)[1], name="data", role="reference"),
        ),
        Axis("spatial frequency", "cycles per image"),
        Axis("power", scale="log"),
    )
    caption = "What a single pixel and what neighbours look like, in samples and in the data."
    return Figure("pixels", "Grey values and power spectrum", (value, power_panel), caption)


def levels(result: Samples) -> Figure:
    """Where the noise levels lie, and how much the denoised samples change between them."""
    above = result.sigmas > 0
    panels = [
        Panel(
            (Line(x=np.flatnonzero(above), y=result.sigmas[above], name="σ"),),
            Axis("level"),
            Axis("noise level σ", "data", scale="log"),
        )
    ]
    if result.denoised is not None and len(result.denoised) > 1:
        change = np.linalg.norm(np.diff(result.denoised, axis=0), axis=2)
        rms = np.sqrt(np.square(change).mean(1))
        panels.append(
            Panel(
                (Line(x=result.sigmas[1 : len(rms) + 1], y=rms, name="change"),),
                Axis("noise level σ", "data", scale="log"),
                Axis("denoised change", "data"),
            )
        )
    caption = "The noise level of each step, and how far the denoised samples move in it."
    return Figure("levels", "Noise levels", tuple(panels), caption)


def quality(result: Samples) -> Figure:
    """Distance to the reference and to the full run against the evaluations spent."""
    nfe = Axis("evaluations of the denoiser", scale="log")
    spent = np.append(result.ladder_nfe, result.nfe)
    distance = np.append(result.ladder_sliced_wasserstein, result.sliced_wasserstein)
    floor = np.full(len(spent), result.sliced_wasserstein_floor)
    marks = (
        Line(x=spent, y=distance, name="samples"),
        Line(x=spent, y=floor, name="exact draws", role="reference"),
    )
    x, y = result.ladder_nfe, result.ladder_error
    orders = tuple(
        Line(x=x, y=y[-1] * (x / x[-1]) ** -order, name=f"order {order}", role="guide")
        for order in (1, 2)
    )
    errors = (Line(x=x, y=y, name="median"), *orders)
    panels = (
        Panel(marks, nfe, Axis("sliced Wasserstein", "data", scale="log")),
        Panel(errors, nfe, Axis("to the full run", "data", scale="log")),
    )
    caption = "Shorter runs of the same start: what each evaluation of the denoiser buys."
    return Figure("quality", "Quality against the number of evaluations", panels, caption)


def _score_text(result: Samples) -> str:
    if math.isnan(result.sliced_wasserstein):
        return "Stopped before the end; the samples still hold noise."
    return (
        f"Sliced Wasserstein distance {result.sliced_wasserstein:.3g} "
        f"(exact draws: {result.sliced_wasserstein_floor:.3g}), "
        f"{result.nfe:.0f} evaluations of the denoiser."
    )


def _histogram_panel(canvas: Canvas, values: np.ndarray, k: int) -> Panel:
    edges = np.linspace(*canvas.limits[k], 49)
    width = edges[1] - edges[0]
    counts = _density(values[:, k], edges)
    target = canvas.target
    x = (edges[1:] + edges[:-1]) / 2
    if isinstance(target, PointTarget):
        known = _density(target.points @ canvas.axes[:, k], edges)
    else:
        axis = canvas.axes[:, k]
        variance = axis @ target.covariances @ axis + width**2 / 12  # a bar blurs by its width
        offset = x[:, None] - target.means @ axis
        bells = np.exp(-(offset**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
        known = bells @ target.shares
    marks = (
        Bars(edges=edges, counts=counts, name="samples"),
        Line(x=x, y=known, name="expected", role="reference"),
    )
    return Panel(marks, Axis(canvas.label(k)), Axis("density"))


def _density(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of all values in each bar, by its width; those outside the bars count as well."""
    return np.histogram(values, edges)[0] / (values.size * np.diff(edges))


def _states(canvas: Canvas, result: Samples) -> tuple[np.ndarray, np.ndarray]:
    """The first samples at each level, shrunk, and denoised; the last level is its own."""
    state = canvas.shrink(result.trajectory, canvas.target.mean, result.sigmas)
    if result.denoised is None:
        return state, result.trajectory
    return state, np.concatenate([result.denoised, result.trajectory[-1:]])


def _sheet(target: ImageSet, points: np.ndarray, columns: int, title: str = "") -> Panel:
    """Images (…, point, feature) in rows, an empty pixel between them."""
    height, width = target.images.shape[1:]
    *frames, count, _ = points.shape
    rows = math.ceil(count / columns)
    sheet = np.full((*frames, rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for k in range(count):
        y, x = (k // columns) * (height + 1), (k % columns) * (width + 1)
        sheet[..., y : y + height, x : x + width] = points[..., k, :].reshape(
            *frames, height, width
        )
    limits = (float(target.images.min()), float(target.images.max()))
    mark = Image(values=sheet, limits=limits, colours="grey", top_down=True)
    return Panel((mark,), BLANK, BLANK, title, equal=True)


def _spectrum(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean power at each whole number of cycles an image that both directions resolve."""
    height, width = images.shape[1:]
    power = np.square(np.abs(np.fft.fft2(images, norm="ortho"))).mean(0)
    across = np.hypot(np.fft.fftfreq(height, 1 / height)[:, None], np.fft.fftfreq(width, 1 / width))
    ring = across.round().astype(int).ravel()
    total, cells = np.bincount(ring, power.ravel()), np.bincount(ring)
    kept = np.arange(min(height, width) // 2 + 1)
    return kept.astype(float), total[kept] / cells[kept]
