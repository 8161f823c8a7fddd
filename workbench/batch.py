"""Many figures in one go: every figure of some records, each in a file of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from workbench.export import FORMATS, ExportError, export

PATTERN = "{record}-{figure}"
FIELDS = ("record", "title", "method", "figure", "seed")


@dataclass(frozen=True)
class Piece:
    """One figure of one record, and the file it goes to."""

    record: str
    figure: str
    path: str


@dataclass(frozen=True)
class Plan:
    """What would be written, and which of these files are there already."""

    pieces: tuple[Piece, ...]
    there: tuple[str, ...]


def plan(chosen: Iterable[str | Path], folder: Path, kind: str, pattern: str = PATTERN) -> Plan:
    """Every figure of the records with its file; nothing is written yet."""
    from workbench import records  # HDF5, which the window does without

    if kind not in FORMATS:
        raise ExportError(
            f"the format is {kind}; it must be one of {', '.join(FORMATS)}; choose one of these"
        )
    _check(pattern)
    pieces: dict[str, Piece] = {}
    for record in dict.fromkeys(map(str, chosen)):
        info = records.read_info(Path(record))
        for name in records.figure_names(Path(record)):
            words = {
                "record": Path(record).stem,
                "title": info.title or Path(record).stem,
                "method": info.method.rpartition(".")[2],
                "figure": name,
                "seed": str(info.seed),
            }
            file = str(Path(folder) / f"{_name(pattern, words)}.{kind}")
            if file in pieces:
                raise ExportError(
                    f"the name {Path(file).name} stands for two figures; it must stand for one; "
                    "add {record} and {figure} to the pattern"
                )
            pieces[file] = Piece(record, name, file)
    there = tuple(file for file in pieces if Path(file).exists())
    return Plan(tuple(pieces.values()), there)


def export_pieces(
    pieces: Sequence[Piece],
    options: dict[str, Any],
    told: Callable[[int, int], None] = lambda done, total: None,
) -> list[str]:
    """Write figures, replacing what is there; gives their files. `told` may raise to end it."""
    from workbench import records, stamp

    for done, piece in enumerate(pieces):
        told(done, len(pieces))
        Path(piece.path).parent.mkdir(parents=True, exist_ok=True)
        record = Path(piece.record)
        figure = records.read_figure(record, piece.figure)
        about = stamp.made(record, records.read_info(record), figure, options)
        export(figure, piece.path, provenance=about, **options)
    told(len(pieces), len(pieces))
    return [piece.path for piece in pieces]


def _check(pattern: str) -> None:
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError:
        parts = [("", "", "", "")]
    names = [name for _, name, spec, turn in parts if name is not None]
    plain = all(not spec and not turn for _, _, spec, turn in parts)
    if not pattern.strip() or not plain or any(name not in FIELDS for name in names):
        raise ExportError(
            f"the pattern of the names is '{pattern}'; it must be words and "
            f"{', '.join('{' + field + '}' for field in FIELDS)}; write it such as {PATTERN}"
        )


def _name(pattern: str, words: dict[str, str]) -> str:
    """A file name of these words, without what file systems refuse."""
    name = re.sub(r"[^\w.,+=() -]+", "-", pattern.format(**words)).strip(" .-")
    return name[:120] or "figure"
