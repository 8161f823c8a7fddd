import numpy as np
import pytest
import torch

from engines.pde.spectral import Modes, analyse, power, resample, synthesise


def points(n):
    return np.arange(n) * (2 * np.pi / n)


def wave(n, kx, ky, phase=0.3):
    x = points(n)
    return torch.from_numpy(np.cos(kx * x[None, :] + ky * x[:, None] + phase))


def test_that_products_of_kept_modes_never_alias_back():
    for grid in range(16, 200, 2):
        for dealias in ("2/3", "3/2"):
            modes = Modes.of(grid, dealias, 1.0)
            assert 3 * modes.top < modes.points, (grid, dealias)
    # The bound is strict: at n = 96 mode 32 would alias onto itself.
    assert Modes.of(96, "2/3", 1.0).top == 31


@pytest.mark.parametrize(("kx", "ky"), [(3, 0), (0, 3), (2, 5), (2, -5)])
def test_that_a_wave_has_mean_square_one_half_whatever_its_direction(kx, ky):
    modes = Modes.of(32, "2/3", 1.0)
    total = power(analyse(wave(32, kx, ky), modes), modes).sum()
    assert total == pytest.approx(0.5, abs=1e-15)  # a few roundings of numbers below 1


def test_that_a_wave_lies_in_the_shell_of_its_length():
    modes = Modes.of(32, "2/3", 1.0)
    spectrum = power(analyse(wave(32, 3, -4), modes), modes)
    assert spectrum[modes.shells() == 5].sum() == pytest.approx(0.5, abs=1e-15)


def test_that_wavenumbers_scale_with_the_side():
    modes = Modes.of(16, "2/3", 0.5)
    assert modes.squared()[1, 1] == pytest.approx(2 * (2 * np.pi / 0.5) ** 2)


@pytest.mark.parametrize(("before", "after"), [(24, 40), (40, 24), (25, 36), (36, 25)])
def test_that_resampling_a_smooth_field_gives_its_values_at_the_new_points(before, after):
    def field(n):
        x = points(n)
        return torch.from_numpy(np.cos(4 * x)[None, :] * np.sin(7 * x + 1)[:, None] + 2)

    torch.testing.assert_close(resample(field(before), after), field(after), atol=1e-14, rtol=0)


def test_that_resampling_drops_what_the_new_grid_cannot_resolve():
    kept = resample(wave(32, 10, 0) + wave(32, 0, -9) + wave(32, 3, -2), 16)
    torch.testing.assert_close(kept, wave(16, 3, -2), atol=1e-14, rtol=0)


@pytest.mark.parametrize("dealias", ["2/3", "3/2", "none"])
def test_that_analysis_undoes_synthesis(dealias):
    modes = Modes.of(24, dealias, 1.0)
    noise = torch.randn(24, 24, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    spectrum = analyse(noise, modes)
    again = analyse(synthesise(spectrum, modes, 24), modes)
    torch.testing.assert_close(again, spectrum, atol=1e-15, rtol=0)
