"""Records of runs: one HDF5 file each, which silx, H5Web, NeXpy and xarray open as well.

    /            schema, method, parameters (JSON), seed, device, … : one attribute a header field
    /problem     arrays with units, long_name and dimension scales; numbers and words are attributes
    /result      the same; scalar metrics are attributes, `<name>_units` where there is a unit
    /history     <phase or "run">/<scalar>: step, seconds, value as NXdata
    /figures     <name>/panel<i>/mark<k>: NXdata; attribute `figure` (JSON) says how to draw them,
                 `annotations` (JSON) is what people added to it

`default` attributes lead from the root to the first mark of the first figure. While a run goes on
its record is `<name>.h5.part` with /problem and /live/log (JSON lines), in HDF5's SWMR mode.
Beside a record that can go on lies its checkpoint, `<name>.h5.ckpt.npz`.
"""

from workbench.records.checkpoint import (
    RESUMABLE,
    Checkpoint,
    checkpoint_of,
    read_checkpoint,
)
from workbench.records.history import History
from workbench.records.info import SCHEMA, RecordError, RunInfo, run_id
from workbench.records.reading import (
    Outline,
    figure_names,
    read_arrays,
    read_figure,
    read_history,
    read_info,
    read_outline,
    read_scalars,
    read_summary,
    write_annotations,
    write_notes,
)
from workbench.records.recorder import Recorder
from workbench.records.recovery import recover, recover_one
from workbench.records.tree import Node, node_values, tree

__all__ = [
    "RESUMABLE",
    "SCHEMA",
    "Checkpoint",
    "History",
    "Node",
    "Outline",
    "RecordError",
    "Recorder",
    "RunInfo",
    "checkpoint_of",
    "figure_names",
    "node_values",
    "read_arrays",
    "read_checkpoint",
    "read_figure",
    "read_history",
    "read_info",
    "read_outline",
    "read_scalars",
    "read_summary",
    "recover",
    "recover_one",
    "run_id",
    "tree",
    "write_annotations",
    "write_notes",
]
