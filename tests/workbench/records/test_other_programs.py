"""Records as the programs see them that other people open them with."""

import shutil
import subprocess
import warnings

import h5py
import numpy as np
import pytest

from engines.events import Logged
from engines.figure import Axis, Bars, Figure, Image, Line, Panel, Points
from workbench.records import Recorder, tree

xarray = pytest.importorskip("xarray")
pytest.importorskip("h5netcdf")
nxdata = pytest.importorskip("silx.io.nxdata")


@pytest.fixture
def record(tmp_path, info, problem, result):
    movie = Image(
        values=np.arange(24.0).reshape(2, 3, 4), extent=(0, 8, 0, 3), name="u", unit="K", log=True
    )
    x = np.array([1.0, 10.0, 100.0])
    figures = (
        Figure(
            "field",
            "A field",
            (Panel((movie,), x=Axis("x", "m"), y=Axis("y", "m")),),
            times=[0.5, 1.5],
            time=Axis("time", "s"),
        ),
        Figure(
            "curves",
            "Curves",
            (
                Panel(
                    (Line(x=x, y=x**2, error=x / 10, name="error"), Points(x=x, y=-x, values=x)),
                    x=Axis("rank", scale="log"),
                    y=Axis("error", "%", scale="log"),
                ),
                Panel((Bars(edges=[0.0, 1.0, 3.0], counts=[5.0, 6.0]),), x=Axis("x")),
            ),
        ),
    )
    recorder = Recorder(tmp_path / "a.h5", info, problem)
    recorder.add(Logged("", tuple((k, k / 10, {"loss": 2.0**-k}) for k in range(5))))
    return recorder.finish(info, result, figures)


def test_that_silx_shows_the_first_figure(record):
    with h5py.File(record) as file:
        shown = nxdata.get_default(file)
        assert shown.group.name == "/figures/field/panel1/mark1"
        assert shown.is_valid
        assert shown.title == "A field – u"
        assert shown.interpretation == "image"
        assert shown.signal_name == "u (K)"
        assert shown.axes_names == ["time (s)", "y (m)", "x (m)"]
        np.testing.assert_array_equal(shown.axes[0], [0.5, 1.5])
        np.testing.assert_array_equal(shown.axes[1], [0.5, 1.5, 2.5])  # centres of the pixels
        np.testing.assert_array_equal(shown.axes[2], [1.0, 3.0, 5.0, 7.0])
        assert shown.plot_style.signal_scale_type == "log"


def test_that_silx_plots_curves_with_errors_and_log_axes(record):
    with h5py.File(record) as file:
        curve = nxdata.NXdata(file["figures/curves/panel1/mark1"])
        assert curve.is_curve
        np.testing.assert_allclose(curve.errors, [0.1, 1.0, 10.0])
        assert curve.plot_style.axes_scale_types == ("log",)
        assert curve.plot_style.signal_scale_type == "log"
        dots = nxdata.NXdata(file["figures/curves/panel1/mark2"])
        assert dots.is_scatter
        assert dots.plot_style.axes_scale_types == ("log", "log")
        assert dots.plot_style.signal_scale_type == "linear"
        assert [axis.name.rsplit("/")[-1] for axis in dots.axes] == ["x", "y"]
        bars = nxdata.NXdata(file["figures/curves/panel2/mark1"])
        np.testing.assert_array_equal(bars.axes[0], [0.5, 2.0])  # middles of the bars
        assert nxdata.NXdata(file["history/run/loss"]).is_curve


def test_that_silx_finds_every_mark_valid(tmp_path, info, figure_with, mark):
    if not mark.arrays() or next(iter(mark.arrays().values())).size == 0:
        pytest.skip("there is nothing to plot")
    path = Recorder(tmp_path / "a.h5", info, None).finish(info, None, [figure_with(mark)])
    with h5py.File(path) as file:
        assert nxdata.get_default(file).issues == []


def test_that_silx_shows_the_history_of_a_run_without_figures(tmp_path, info):
    recorder = Recorder(tmp_path / "a.h5", info, None)
    recorder.add(Logged("", ((0, 0.0, {"loss": 1.0}), (1, 0.1, {"loss": 0.5}))))
    with h5py.File(recorder.finish(info, None, ())) as file:
        assert nxdata.get_default(file).group.name == "/history/run/loss"


def test_that_xarray_opens_every_group_with_names_and_coordinates(record):
    groups = [n.path for n in tree(record) if n.kind == "group"]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # a dimension without a name, or twice
        for group in groups:
            with xarray.open_dataset(record, engine="h5netcdf", group=group) as data:
                data.load()
        with xarray.open_dataset(record, engine="h5netcdf", group="problem") as data:
            assert data.u.dims == ("y", "x")
            assert data.u.attrs["units"] == "K"
            assert data.u.attrs["long_name"] == "temperature"
            assert float(data.u.sel(x=1.0)[2]) == float(data.u[2, -1])
            assert data.attrs["nu"] == 0.25
        with xarray.open_dataset(record, engine="h5netcdf", group="result") as data:
            assert data.plan.dims == ("source", "target")
            assert float(data.plan.sel(source=7)[3]) == 1.5
            assert data.kept.dtype == bool
        with xarray.open_dataset(
            record, engine="h5netcdf", group="figures/field/panel1/mark1"
        ) as data:
            assert data["values"].dims == ("time", "y", "x")
            assert float(data["values"].sel(time=1.5, y=2.5, x=7.0)) == 23.0


def test_that_h5dump_reads_the_whole_structure(record):
    h5dump = shutil.which("h5dump")
    if h5dump is None:
        pytest.skip("the program h5dump is not installed")
    done = subprocess.run([h5dump, "-H", str(record)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert 'DATASET "plan"' in done.stdout
    assert done.stdout.count("GROUP") == sum(n.kind == "group" for n in tree(record))
