"""A movie as GIF, MP4 and pictures: as many frames as asked for, of true size, where only data
move."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import psutil
import pytest

import workbench.movie
from engines.figure import Axis, Cloud3D, Figure, Image, Line, Panel
from workbench.export import ExportError, export
from workbench.movie import NO_FFMPEG, export_movie, ffmpeg, pace
from workbench.page import MM

X = np.linspace(0, 1, 32)
TIMES = np.linspace(0, 0.5, 6)
FIELD = np.sin(6 * X)[None, :, None] * np.cos(5 * X + 0 * TIMES[:, None, None])[:, None, 0, :]
WAVE = (1 + TIMES)[:, None, None] * FIELD  # grows: a range of colours of its own would hide that
MOVIE = Figure(
    "wave",
    "Wave",
    (Panel((Image(values=WAVE, extent=(0, 1, 0, 1), colours="diverging", name="u"),), equal=True),),
    times=TIMES,
    time=Axis("t", "s"),
)
SIZE = {"width_mm": 50.8, "height_mm": 40.64, "dpi": 100}
PIXELS = (200, 160)  # two inches by 1.6, of a hundred dots


def frames_of(path: Path) -> list[np.ndarray]:
    with PIL.Image.open(path) as image:
        found = []
        for index in range(image.n_frames):
            image.seek(index)
            found.append(np.asarray(image.convert("RGB"), int))
    return found


def test_that_a_gif_has_all_frames_the_size_and_the_pace_that_were_asked_for(tmp_path):
    export_movie(MOVIE, tmp_path / "a.gif", fps=10, **SIZE)
    with PIL.Image.open(tmp_path / "a.gif") as image:
        assert (image.n_frames, image.size) == (6, PIXELS)
        assert image.info["duration"] == 100
        assert image.info["loop"] == 0, "for ever"


def test_that_one_frame_in_k_begins_with_the_first(tmp_path):
    export_movie(MOVIE, tmp_path / "all.gif", **SIZE)
    export_movie(MOVIE, tmp_path / "few.gif", every=2, **SIZE)
    every, few = frames_of(tmp_path / "all.gif"), frames_of(tmp_path / "few.gif")
    assert len(few) == 3
    # Palettes differ by the frames they are made of, but less than one frame from the next.
    nearest = [np.argmin([np.abs(one - other).mean() for other in every]) for one in few]
    assert nearest == [0, 2, 4]


def test_that_axes_and_colours_stand_still_while_the_data_move(tmp_path):
    title = replace(MOVIE, title="")  # which would tell the time
    export_movie(title, tmp_path / "a", **SIZE)
    found = [
        np.asarray(PIL.Image.open(p).convert("RGB"), int)
        for p in sorted((tmp_path / "a").iterdir())
    ]
    moving = np.any([np.abs(f - found[0]).max(axis=2) > 0 for f in found[1:]], axis=0)
    # What moves is one rectangle, the image; axes, numbers and the bar of colours do not.
    rows, columns = np.nonzero(moving)
    inside = np.zeros_like(moving)
    inside[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    assert moving.any()
    assert inside.mean() < 0.7
    strength = [np.abs(f[inside] - 247).mean() for f in found]
    assert strength == sorted(strength), "a growing wave has growing colours"
    assert strength[-1] > 1.15 * strength[0]


@pytest.mark.parametrize("place", [0, 5])
def test_that_a_frame_is_the_picture_that_export_draws_of_it(tmp_path, place):
    line = Panel((Line(x=X, y=(1 + TIMES)[:, None] * X),), y=Axis("u", "m"))
    both = Figure("f", "", (line, *MOVIE.panels))
    export_movie(both, tmp_path / "a", every=5, **SIZE)
    export(both, tmp_path / "a.png", frame_index=place, **SIZE)
    pictures = tmp_path / "a" / f"frame-{place:05d}.png", tmp_path / "a.png"
    one, other = (np.asarray(PIL.Image.open(path).convert("RGB")) for path in pictures)
    assert np.array_equal(one, other)


def test_that_the_title_tells_the_time_with_as_many_digits_in_each_frame():
    clock = workbench.movie._clock(MOVIE)
    assert [clock(i) for i in range(3)] == ["t = 0.0 s", "t = 0.1 s", "t = 0.2 s"]


def test_that_frames_are_numbered_as_in_the_movie_and_name_their_own(tmp_path):
    folder = tmp_path / "frames"
    export_movie(MOVIE, folder, every=3, provenance={"figure": "wave"}, **SIZE)
    names = [path.name for path in sorted(folder.iterdir())]
    assert names == ["frame-00000.png", "frame-00003.png"]
    with PIL.Image.open(folder / names[1]) as image:
        assert json.loads(image.text["provenance"]) == {"figure": "wave", "frame": 3}
        assert image.info["dpi"] == pytest.approx((100, 100), abs=0.1)
    (folder / "notes.txt").write_text("mine")
    export_movie(MOVIE, folder, every=5, **SIZE)
    assert sorted(path.name for path in folder.iterdir()) == [
        "frame-00000.png",
        "frame-00005.png",
        "notes.txt",
    ]


def test_that_an_mp4_has_even_sizes_and_all_frames(tmp_path):
    odd = {"width_mm": 201 / 100 * MM, "height_mm": 161 / 100 * MM, "dpi": 100}
    export_movie(MOVIE, tmp_path / "a.mp4", fps=10, **odd)
    program = ffmpeg()
    words = [program, "-i", str(tmp_path / "a.mp4"), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(words, capture_output=True, check=True)
    assert b"202x162" in done.stderr
    assert b"10 fps" in done.stderr
    shown = np.frombuffer(done.stdout, np.uint8).reshape(-1, 162, 202, 3).astype(int)
    assert len(shown) == 6
    export_movie(MOVIE, tmp_path / "b", **odd)
    last = np.asarray(PIL.Image.open(tmp_path / "b" / "frame-00005.png").convert("RGB"), int)
    # Colours have half the resolution in MP4: edges differ, surfaces by a few levels in 255.
    assert np.abs(shown[-1][:161, :201] - last).mean() < 4


def test_that_a_cloud_in_space_is_a_movie_as_well_and_seen_from_where_one_looks(tmp_path):
    points = np.random.default_rng(0).normal(size=(1, 60, 3)) * (1 + TIMES[:, None, None])
    cloud = Figure("c", "", (Panel((Cloud3D(points=points),)),))
    for name, view in (("a", (-60.0, 30.0)), ("b", (20.0, 60.0))):
        export_movie(cloud, tmp_path / f"{name}.gif", view=view, **SIZE)
    one, other = frames_of(tmp_path / "a.gif"), frames_of(tmp_path / "b.gif")
    assert len(one) == 6
    assert np.abs(one[0] - one[-1]).max() > 50
    assert np.abs(one[0] - other[0]).max() > 50


@pytest.mark.parametrize("name", ["a.gif", "a.mp4", "a"])
def test_that_what_is_ended_leaves_nothing(tmp_path, name):
    seen = []

    def told(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_movie(MOVIE, tmp_path / name, told=told, **SIZE)
    assert seen == [(0, 6), (1, 6), (2, 6), (3, 6)]
    assert list(tmp_path.iterdir()) == []
    assert not [c for c in psutil.Process().children() if "ffmpeg" in c.name()]


def test_that_without_ffmpeg_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExportError) as caught:
        export_movie(MOVIE, tmp_path / "a.mp4", **SIZE)
    assert str(caught.value) == NO_FFMPEG
    assert "pip install" in NO_FFMPEG
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\necho 'no such coder' >&2\nexit 1\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ExportError, match="no such coder; choose GIF"):
        export_movie(MOVIE, tmp_path / "a.mp4", **SIZE)
    assert [path.name for path in tmp_path.iterdir()] == ["ffmpeg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fps": 0}, "pace is 0 pictures"),
        ({"fps": 51}, "pace is 51 pictures"),
        ({"every": 6}, "one in 6 frames"),
        ({"every": 0}, "one in 0 frames"),
        ({"dpi": 10}, "resolution is 10 dpi"),
    ],
)
def test_that_what_cannot_be_drawn_is_refused(tmp_path, options, words):
    with pytest.raises(ExportError, match=words):
        export_movie(MOVIE, tmp_path / "a.gif", **{**SIZE, **options})


def test_that_a_still_picture_is_no_movie(tmp_path):
    still = Figure("f", "", (Panel((Line(x=X, y=X),)),))
    with pytest.raises(ExportError, match="f is a still picture"):
        export_movie(still, tmp_path / "a.gif", **SIZE)


def test_that_a_movie_lasts_about_as_long_as_on_the_screen():
    assert [pace(count) for count in (6, 60, 100, 1000)] == [4, 10, 17, 25]


def test_that_a_hundred_frames_of_64_by_64_take_less_than_20_seconds(tmp_path):
    x, t = np.linspace(0, 6, 64), np.linspace(0, 1, 100)
    values = np.sin(x[:, None] + 6 * t[:, None, None]) * np.cos(x)
    panel = Panel((Image(values=values, extent=(0, 6, 0, 6)),), equal=True)
    start = time.process_time()  # other programs may have the processors
    export_movie(Figure("f", "Title", (panel,), times=t), tmp_path / "a.gif")
    assert time.process_time() - start < 20
