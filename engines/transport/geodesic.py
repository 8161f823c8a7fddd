"""How far a map is from the truth, measured along the source surface (Princeton protocol)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from engines.context import Context
from engines.transport.mesh_pair import edges

# Target vertices whose error is read; that of all of them would say no more.
PROBES = 2500

# Vertices from which distances are found between two questions whether to stop.
AT_ONCE = 16

# An error below this, of the root of the area, is close.
CLOSE = 0.05


@dataclass(frozen=True)
class Judge:
    """Distances from the true places of some target vertices to all of the source surface."""

    probes: np.ndarray
    rows: np.ndarray
    table: np.ndarray

    @classmethod
    def of(cls, truth: np.ndarray, places: np.ndarray, faces: np.ndarray, ctx: Context) -> Judge:
        """Shortest ways along the edges; `places` are those of a source surface of area 1."""
        probes = np.arange(0, len(truth), -(-len(truth) // PROBES))
        starts, rows = np.unique(truth[probes].astype(np.int64), return_inverse=True)
        graph = edges(places, faces)
        table = np.empty((len(starts), len(places)), dtype=np.float32)
        for first in range(0, len(starts), AT_ONCE):
            ctx.check()
            some = slice(first, first + AT_ONCE)
            table[some] = dijkstra(graph, indices=starts[some])
        return cls(probes, rows, table)

    def errors(self, t: np.ndarray) -> np.ndarray:
        """Error of each probe under a vertex map."""
        found: np.ndarray = self.table[self.rows, t[self.probes]].astype(np.float64)
        return found


def curve(errors: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Share of the errors at or below each threshold."""
    return np.searchsorted(np.sort(errors), thresholds, side="right") / len(errors)
