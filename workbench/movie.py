"""A movie on paper: GIF, MP4 or a folder of PNG frames, drawn as `workbench.export` draws a still.

Axes, colours and the places of the panels are those of the whole movie, so that only data move.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from engines.figure import Cloud3D, Figure, Image, Panel, Surface, frame
from workbench.export import (
    ExportError,
    as_seen,
    check,
    check_pixels,
    ending,
    paper,
    workshop,
    write_whole,
)
from workbench.layout import Layout, layouts
from workbench.page import MM, Places, compose, natural_height, places

MOVIES = ("gif", "mp4")
FRAMES = ""  # no ending: a folder of pictures
FPS = (1, 50)  # browsers slow a GIF down whose pictures stand for less than 0.02 s
SECONDS = 6.0  # a movie lasts about this long unless somebody says otherwise, as on the screen
SLOWEST, FASTEST = 4, 25  # pictures a second, then
MOST_GIF = 1.5e9  # pixels of all pictures of a GIF, which are held in memory
RANGED = (Image, Surface, Cloud3D)  # marks whose values have colours
NAME = "frame-{:05d}.png"
NO_FFMPEG = (
    "MP4 needs the program ffmpeg, which is not there; run pip install 'methods-workbench[video]', "
    "or choose GIF"
)

Told = Callable[[int, int], None]  # pictures that are done, and of how many; may raise to end it


@dataclass(frozen=True)
class Reel:
    """What is drawn of a movie, and how."""

    figure: Figure
    chosen: Sequence[int]
    size: tuple[float, float]
    dpi: int

    def pictures(self) -> Iterator[np.ndarray]:
        """The frames as bytes (height, width, 3); to be called within `paper()`."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        plan = layouts(self.figure)
        # Ranges are known now: they are not looked for again in every frame.
        pinned = replace(self.figure, panels=tuple(map(_pinned, self.figure.panels, plan)))
        clock, stand = _clock(self.figure), _stand(pinned, plan, self.size, self.dpi)
        for index in self.chosen:
            still = frame(pinned, index)
            still = replace(still, title=", ".join(filter(None, (still.title, clock(index)))))
            page = compose(still, plan, "png", self.size, self.dpi, stand)
            canvas: Any = FigureCanvasAgg(page)
            canvas.draw()
            yield np.array(canvas.buffer_rgba())[..., :3]


def export_movie(
    figure: Figure,
    path: Path,
    *,
    width_mm: float = 89.0,
    height_mm: float | None = None,
    dpi: int = 150,
    fps: int | None = None,
    every: int = 1,
    view: tuple[float, float] | None = None,
    annotations: bool = True,
    provenance: dict[str, Any] | None = None,
    told: Told = lambda done, total: None,
) -> None:
    """Write all frames of a figure, or one in `every`, to `path`; its ending says the format.

    Without an ending it is a folder of PNG files; those of an earlier movie in it are replaced.
    `told` hears of each picture that is done; what it raises ends the work, and nothing is left.
    """
    path = Path(path)
    kind = ending(path)
    check(figure, kind, width_mm, height_mm, dpi, None, (*MOVIES, FRAMES))
    chosen = _chosen(figure, fps, every)
    fps = fps or pace(len(chosen))
    height = height_mm or natural_height(frame(figure, 0), layouts(figure), width_mm)
    check_pixels((width_mm, height), dpi)
    reel = Reel(as_seen(figure, view, annotations), chosen, (width_mm, height), dpi)
    with paper():
        shown = _counted(reel, told)
        if kind == "gif":
            _write_gif(path, shown, reel, fps, provenance)
        elif kind == "mp4":
            _write_mp4(path, shown, fps, provenance)
        else:
            _write_frames(path, shown, reel, provenance)


def pace(count: int) -> int:
    """Pictures a second at which so many of them last about as long as on the screen."""
    return round(min(max(count / SECONDS, SLOWEST), FASTEST))


def ffmpeg() -> str:
    """The program that writes MP4: that of the package imageio-ffmpeg, else the one on the path."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError:
        found = shutil.which("ffmpeg")
    else:
        try:
            found = str(get_ffmpeg_exe())
        except RuntimeError:
            found = shutil.which("ffmpeg")
    if not found:
        raise ExportError(NO_FFMPEG)
    return found


def _chosen(figure: Figure, fps: int | None, every: int) -> range:
    count = figure.frames()
    if count < 2:
        raise ExportError(
            f"the figure {figure.name} is a still picture; it must be a movie; export it as PNG"
        )
    if fps is not None and not FPS[0] <= fps <= FPS[1]:
        raise ExportError(
            f"the pace is {fps} pictures a second; it must be from {FPS[0]} to {FPS[1]}; 15 is "
            "usual"
        )
    if not 1 <= every < count:
        raise ExportError(
            f"one in {every} frames is asked for; it must be one in 1 to {count - 1}; choose fewer"
        )
    return range(0, count, every)


def _counted(reel: Reel, told: Told) -> Iterator[np.ndarray]:
    told(0, len(reel.chosen))
    for done, picture in enumerate(reel.pictures(), 1):
        yield picture
        told(done, len(reel.chosen))


def _stand(figure: Figure, plan: tuple[Layout, ...], size: tuple[float, float], dpi: int) -> Places:
    """Where the panels stand in all frames."""
    return places(compose(frame(figure, 0), plan, "png", size, dpi))


def _clock(figure: Figure) -> Callable[[int], str]:
    """What time it is in a frame, always with as many digits, so that the words stand still."""
    times, axis = figure.times, figure.time
    if times is None or not figure.title or len(times) != figure.frames():
        return lambda index: ""
    steps = np.abs(np.diff(times))
    least = float(steps[steps > 0].min(initial=np.inf))
    if not (np.isfinite(times).all() and 1e-6 < least < np.inf):
        return lambda index: f"{axis.label} = {times[index]:.3e} {axis.unit}".rstrip()
    digits = max(0, math.ceil(-math.log10(least)))
    return lambda index: f"{axis.label} = {times[index]:.{digits}f} {axis.unit}".rstrip()


def _pinned(panel: Panel, plan: Layout) -> Panel:
    """A panel whose marks have their colour range written on them."""
    marks = (
        replace(mark, limits=ends) if ends and isinstance(mark, RANGED) else mark
        for mark, ends in zip(panel.marks, plan.ranges, strict=True)
    )
    return replace(panel, marks=tuple(marks))


def _write_gif(
    path: Path,
    shown: Iterator[np.ndarray],
    reel: Reel,
    fps: int,
    provenance: dict[str, Any] | None,
) -> None:
    """All pictures in one set of 256 colours, so that nothing flickers."""
    from PIL import Image as Picture

    wide, high = (round(side * reel.dpi / MM) for side in reel.size)
    if wide * high * len(reel.chosen) > MOST_GIF:
        raise ExportError(
            f"the movie is {len(reel.chosen)} pictures of {wide} × {high} pixels; a GIF must be "
            f"below {MOST_GIF:.1e} pixels; lower the resolution, leave frames out or choose MP4"
        )
    colours = _colours(reel)

    def reduced() -> Iterator[Any]:
        for picture in shown:
            made = Picture.fromarray(picture)
            yield made.quantize(palette=colours, dither=Picture.Dither.NONE)

    pictures = reduced()
    first = next(pictures)
    write_whole(
        path,
        lambda file: first.save(
            file,
            "GIF",
            save_all=True,
            append_images=pictures,
            duration=round(100 / fps) * 10,  # GIF counts in hundredths of a second
            loop=0,
            disposal=1,
            comment=json.dumps(provenance, sort_keys=True).encode() if provenance else b"",
        ),
    )


def _colours(reel: Reel) -> Any:
    """The palette of the first, a middle and the last frame."""
    from PIL import Image as Picture

    few = sorted({reel.chosen[0], reel.chosen[len(reel.chosen) // 2], reel.chosen[-1]})
    strip = np.concatenate(list(replace(reel, chosen=few).pictures()))
    found = Picture.fromarray(strip).quantize(255, method=Picture.Quantize.MAXCOVERAGE)
    held = Picture.new("P", (1, 1))
    held.putpalette([*(found.getpalette() or [])[: 3 * 255], *(255, 255, 255)])  # the ground
    return held


def _write_mp4(
    path: Path, shown: Iterator[np.ndarray], fps: int, provenance: dict[str, Any] | None
) -> None:
    program = ffmpeg()
    first = _even(next(shown))
    high, wide = first.shape[:2]
    stamp = json.dumps(provenance, sort_keys=True) if provenance else ""
    words = (
        f"{program} -y -loglevel error -f rawvideo -pix_fmt rgb24 -s {wide}x{high} -r {fps} -i -"
        " -an -c:v libx264 -preset medium -crf 16 -pix_fmt yuv420p -movflags +faststart -metadata"
    )
    with workshop(path) as folder:
        held = folder / "movie.mp4"
        with tempfile.TemporaryFile() as complaints:
            running = subprocess.Popen(
                [*words.split(" "), f"comment={stamp}", str(held)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
            )
            try:
                _feed(running, first, shown)
            finally:
                if running.poll() is None:
                    running.kill()
                    running.wait()
            if running.returncode:
                raise ExportError(f"{path} cannot be written: {_last(complaints)}; choose GIF")
        held.replace(path)


def _feed(running: Any, first: np.ndarray, shown: Iterator[np.ndarray]) -> None:
    with suppress(BrokenPipeError):  # it says why on its own
        running.stdin.write(first.tobytes())
        for picture in shown:
            running.stdin.write(_even(picture).tobytes())
        running.stdin.close()
    running.wait()


def _last(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode("utf8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "ffmpeg failed")


def _even(picture: np.ndarray) -> np.ndarray:
    """MP4 knows only even sizes: a row or column of the ground more, nothing is stretched."""
    odd = [(0, side % 2) for side in picture.shape[:2]]
    return np.pad(picture, [*odd, (0, 0)], constant_values=255)


def _write_frames(
    folder: Path, shown: Iterator[np.ndarray], reel: Reel, provenance: dict[str, Any] | None
) -> None:
    from PIL import Image as Picture
    from PIL.PngImagePlugin import PngInfo

    with workshop(folder) as held:
        for index, picture in zip(reel.chosen, shown, strict=False):
            info = PngInfo()
            if provenance:
                stamp = json.dumps({**provenance, "frame": index}, sort_keys=True)
                info.add_itxt("provenance", stamp)
            where = held / NAME.format(index)
            Picture.fromarray(picture).save(where, dpi=(reel.dpi, reel.dpi), pnginfo=info)
        folder.mkdir(exist_ok=True)
        for old in frames_in(folder):
            old.unlink()
        for made in sorted(held.iterdir()):
            made.replace(folder / made.name)


def frames_in(folder: Path) -> list[Path]:
    """The pictures of a movie that lie in a folder already."""
    known = re.compile(r"frame-\d{5,}\.png")
    return sorted(path for path in folder.glob("frame-*.png") if known.fullmatch(path.name))
