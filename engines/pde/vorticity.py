"""The nonlinear term of the two-dimensional vorticity equation, by four transforms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engines.pde.spectral import Modes


class VorticityTransport:
    """N(ω) = f − u·∇ω on a periodic square, u = (ψ_y, −ψ_x), −Δψ = ω, plus a mean flow.

    As ∇·u = 0, −u·∇ω = (∂_yy − ∂_xx)(u v) + ∂_xy(u² − v²): two fields go to the points and two
    products come back (Basdevant 1983), where u·∇ω itself takes five transforms. Transforms in y
    run over the kept kx only. Large temporaries are reused or overwritten: at 512² fresh memory
    for each would cost as much time as the transforms.

    Spectra are passed as real tensors with the axes (kx, ky, real and imaginary part), because
    real weights times real numbers is half the work. `force` is the spectrum of f, which varies
    in y only (kx = 0). `check` is called before each evaluation.
    """

    def __init__(
        self,
        modes: Modes,
        mean: tuple[float, float],
        force: np.ndarray,
        state: Tensor,
        check: Callable[[], None],
    ) -> None:
        self._modes, self._check = modes, check
        self._mean = state.new_tensor([mean, (0.0, 0.0)]).T.contiguous() if any(mean) else None
        kx, ky = modes.wavenumbers()
        kept, squared = modes.kept(), modes.squared()
        inverse = kept / np.where(squared == 0, 1, squared)
        velocity = torch.from_numpy(np.stack([1j * ky * inverse, -1j * kx * inverse]))
        self._velocity = torch.view_as_complex(torch.view_as_real(velocity).to(state))
        weights = np.stack([-kx * ky * kept, (kx**2 - ky**2) * kept])[..., None]
        self._weights = torch.from_numpy(weights).to(state).expand(2, *state.shape).contiguous()
        self._force = torch.view_as_real(torch.from_numpy(force)).to(state) if any(force) else None
        points = modes.points
        self._columns = torch.empty_like(self._velocity)
        self._padded = self._columns.new_zeros(2, points, points // 2 + 1)
        self._kept = self._padded[:, :, : modes.top + 1].mT
        self._scratch = state.new_empty(points, points)

    def velocity(self, state: Tensor) -> Tensor:
        """u and v on the points, (2, y, x)."""
        columns = self._columns
        torch.mul(self._velocity, torch.view_as_complex(state), out=columns)
        if self._mean is not None:
            torch.view_as_real(columns)[:, 0, 0] = self._mean
        self._kept.copy_(torch.fft.ifft(columns, dim=-1, norm="forward"))
        return torch.fft.irfft(self._padded, n=self._modes.points, dim=-1, norm="forward")

    def __call__(self, state: Tensor, out: Tensor) -> None:
        """Write N(ω) into `out`."""
        self._check()
        products = self.velocity(state)
        u, v = products[0], products[1]
        torch.mul(u, v, out=self._scratch)
        u.mul_(u).addcmul_(v, v, value=-1)
        v.copy_(self._scratch)
        rows = torch.fft.rfft(products, dim=-1, norm="forward")
        self._columns.copy_(rows[:, :, : self._modes.top + 1].mT)
        spectra = torch.fft.fft(self._columns, dim=-1, norm="forward")
        difference, product = torch.view_as_real(spectra)
        torch.mul(self._weights[0], difference, out=out)
        out.addcmul_(self._weights[1], product)
        if self._force is not None:
            out[0] += self._force
