"""What was done in a window, as data. Light enough for the window: no HDF5 here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["data", "run", "figure", "comparison", "report"]


@dataclass(frozen=True)
class Deed:
    """One thing that was done; `records` are those it made or needed, `path` what it wrote."""

    kind: Kind
    records: tuple[str, ...] = ()
    path: str = ""
    figure: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def deeds_of(call: str, args: Sequence[Any]) -> list[Deed]:
    """What a call of the desk or the studio did; none where it left nothing behind."""
    match call, list(args):
        case "preview", [str(reference)] if Path(reference.partition("::")[0]).exists():
            return [Deed("data", path=reference)]
        case (("export" | "movie"), [str(record), name, path, options]):
            return [Deed("figure", (record,), path, name, options)]
        case (("export_compared" | "movie"), [list(several), name, path, options]):
            return [Deed("comparison", tuple(several), path, name, options)]
        case "report", [list(several), path, *_]:
            return [Deed("report", tuple(several), path)]
        case "batch", [pieces, options]:
            return [Deed("figure", (p.record,), p.path, p.figure, options) for p in pieces]
    return []
