import numpy as np
import torch

from engines.pde.spectral import Modes, analyse, synthesise
from engines.pde.vorticity import VorticityTransport


def test_that_the_nonlinear_term_is_the_advection_of_vorticity():
    modes = Modes.of(64, "2/3", 2 * np.pi)
    field = torch.from_numpy(synthesise_low(seed=0))
    state = torch.view_as_real(analyse(field, modes)).contiguous()
    transport = VorticityTransport(modes, (0.3, -0.2), np.zeros(64, complex), state, lambda: None)
    out = torch.empty_like(state)
    transport(state, out)
    k = np.fft.fftfreq(64, 1 / 64)
    hat = np.fft.fft2(field.numpy())
    squared = k[:, None] ** 2 + k**2
    squared[0, 0] = 1
    u, v, wx, wy = (
        np.fft.ifft2(h).real
        for h in (
            1j * k[:, None] * hat / squared,
            -1j * k * hat / squared,
            1j * k * hat,
            1j * k[:, None] * hat,
        )
    )
    true = -((u + 0.3) * wx + (v - 0.2) * wy)
    ours = synthesise(torch.view_as_complex(out), modes, 64).numpy()
    # Both are free of aliasing: the field has |k| ≤ 8, its products |k| ≤ 16.
    assert abs(ours - true).max() < 1e-12 * abs(true).max()
    assert not out[:, torch.from_numpy(modes.kept()[0] == 0)].any()


def synthesise_low(seed):
    k = np.fft.fftfreq(64, 1 / 64)
    noise = np.fft.fft2(np.random.default_rng(seed).standard_normal((64, 64)))
    noise[(abs(k[:, None]) > 8) | (abs(k) > 8)] = 0
    noise[0, 0] = 0
    return np.fft.ifft2(noise).real
