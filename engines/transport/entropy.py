"""Entropy and information of discrete variables, in bits."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import entr


def bits(p: np.ndarray) -> np.ndarray:
    """-p log₂ p of each probability; 0 where p is 0."""
    return entr(p) / math.log(2)


def entropy(p: np.ndarray) -> float:
    """H(p) = -Σ p log₂ p over all entries, also of a joint distribution."""
    return float(bits(p).sum())


def mutual_information(joint: np.ndarray) -> float:
    """I(X;Y) = H(X) + H(Y) - H(X,Y) of the two axes of a joint distribution."""
    found = entropy(joint.sum(1)) + entropy(joint.sum(0)) - entropy(joint)
    return max(found, 0.0)  # rounding can take it below


def binary_entropy(p: float) -> float:
    """H of a coin that falls on one side with probability p."""
    return entropy(np.array([p, 1 - p]))
