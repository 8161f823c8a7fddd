"""Pictures of two-dimensional flows, live and afterwards."""

from __future__ import annotations

import numpy as np

from engines.figure import Axis, Figure, Image, Line, Panel

# Below this share of the peak a spectrum is rounding error and only stretches the axis.
SPECTRUM_FLOOR = 1e-16


def vorticity_movie(values: np.ndarray, times: np.ndarray, length: float) -> Figure:
    """Vorticity (frame, y, x) over time."""
    return Figure(
        "vorticity",
        "Vorticity",
        (_vorticity_panel(values, length),),
        caption="Red turns anticlockwise, blue clockwise.",
        times=times,
        time=Axis("t", "s"),
    )


def vorticity_now(values: np.ndarray, time: float, length: float) -> Figure:
    """Vorticity (y, x) at one time."""
    return Figure(
        "vorticity", f"Vorticity at t = {time:.3g} s", (_vorticity_panel(values, length),)
    )


def decay_curves(
    times: np.ndarray,
    energy: np.ndarray,
    enstrophy: np.ndarray,
    exact: np.ndarray | None,
) -> Figure:
    """Energy and enstrophy over time; `exact` is the known share that is left, where known."""
    panels = []
    for name, unit, values in (("energy", "m²/s²", energy), ("enstrophy", "1/s²", enstrophy)):
        marks = [Line(x=times, y=values, name=name)]
        if exact is not None:
            marks.append(Line(x=times, y=values[0] * exact, name="exact", role="reference"))
        top = max(float(values.max()), np.finfo(float).tiny)
        axis = Axis(name, unit, limits=(0.0, 1.05 * top))
        panels.append(Panel(tuple(marks), x=Axis("t", "s"), y=axis))
    caption = "Without viscosity, drag and forcing both stay constant."
    return Figure("energy_enstrophy", "Energy and enstrophy", tuple(panels), caption)


def spectrum_movie(k: np.ndarray, spectrum: np.ndarray, times: np.ndarray) -> Figure:
    """Energy by wavenumber (frame, k) over time, with the slope of an enstrophy cascade."""
    return Figure(
        "spectrum",
        "Energy spectrum",
        (_spectrum_panel(k, spectrum),),
        caption="A pile-up at the right end means that the grid is too coarse.",
        times=times,
        time=Axis("t", "s"),
    )


def spectrum_now(k: np.ndarray, spectrum: np.ndarray, time: float) -> Figure:
    """Energy by wavenumber at one time."""
    return Figure(
        "spectrum", f"Energy spectrum at t = {time:.3g} s", (_spectrum_panel(k, spectrum),)
    )


def speed_map(velocity: np.ndarray, time: float, length: float) -> Figure:
    """Speed |u| from the velocity (2, y, x)."""
    speed = np.hypot(velocity[0], velocity[1])
    image = Image(values=speed, extent=_box(speed, length), name="speed", unit="m/s")
    title = f"Speed at t = {time:.3g} s"
    return Figure("speed", title, (_square(image),), "How fast the fluid moves at the end.")


def _spectrum_panel(k: np.ndarray, spectrum: np.ndarray) -> Panel:
    """Both axes logarithmic, without k = 0; the guide touches the spectrum at its peak."""
    k, spectrum = k[1:], spectrum[..., 1:]
    last = spectrum.reshape(-1, len(k))[-1]
    best = int(last.argmax())
    peak = max(float(last[best]), np.finfo(float).tiny)
    guide = peak * (k[best:] / k[best]) ** -3.0
    shown = np.where(spectrum > SPECTRUM_FLOOR * peak, spectrum, np.nan)
    return Panel(
        (
            Line(x=k, y=shown, name="E(k)"),
            Line(x=k[best:], y=guide, name="k⁻³", role="guide"),
        ),
        x=Axis("wavenumber k", "1/m", scale="log"),
        y=Axis("energy E(k)", "m²/s²", scale="log"),
    )


def _vorticity_panel(values: np.ndarray, length: float) -> Panel:
    return _square(
        Image(
            values=values,
            extent=_box(values, length),
            colours="diverging",
            name="vorticity",
            unit="1/s",
        )
    )


def _square(image: Image) -> Panel:
    return Panel((image,), x=Axis("x", "m"), y=Axis("y", "m"), equal=True)


def _box(values: np.ndarray, length: float) -> tuple[float, float, float, float]:
    """Outer pixel edges: a pixel is centred on its grid point, the first of which is at 0."""
    half = length / values.shape[-1] / 2
    return (-half, length - half, -half, length - half)
