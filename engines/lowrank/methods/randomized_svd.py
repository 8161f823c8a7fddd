"""Randomized SVD: a few products with random vectors find the large singular values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from engines.context import Context
from engines.figure import Figure
from engines.lowrank import figures
from engines.lowrank.factor import (
    Basis,
    exact_spectrum,
    fixed_rank_bases,
    growing_bases,
    optimal_errors,
    residual,
    singular_triplets,
)
from engines.lowrank.problem import Image, LowRank, Matrix, Stack
from engines.lowrank.problem import decaying, hilbert, phantom, sunset, waves
from engines.method import Cost, Example, Method, Option, Paper, param
from engines.problem import BadProblem, Status

# ‖A‖² − ‖W‖² subtracts nearly equal numbers and loses half of the digits.
SMALLEST_TOL = {torch.float64: 1e-7, torch.float32: 3e-3}
