"""Projection on the simplex, of all entries of a row or of its k largest."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Chosen(NamedTuple):
    """Nonnegative weights of each row (row, rank), where they are, and what was subtracted."""

    weights: Tensor
    places: Tensor
    shift: Tensor


def project_simplex(values: Tensor, totals: Tensor) -> Tensor:
    """The nearest rows with entries ≥ 0 and these totals (Held 1974)."""
    chosen = project_largest(values, totals, values.shape[-1])
    return torch.zeros_like(values).scatter_(-1, chosen.places, chosen.weights)


def project_largest(values: Tensor, totals: Tensor, k: int) -> Chosen:
    """The nearest rows with at most k entries above 0, all others 0, and these totals.

    Chosen first, projected then: in the other order the k largest would not have the total.
    -∞ is an entry that must be 0.
    """
    top, places = values.topk(k, dim=-1)
    rank = torch.arange(1, k + 1, device=values.device)
    shifts = (top.cumsum(-1) - totals[..., None]) / rank
    positive = (top > shifts).sum(-1, keepdim=True).clamp_min(1)
    shift = shifts.gather(-1, positive - 1)
    return Chosen((top - shift).clamp_min(0), places, shift[..., 0])
