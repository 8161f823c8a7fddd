"""What can be asked of a record on disk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engines.figure import Annotation, Figure
from engines.problem import ArraySpec
from workbench.records.attributes import put
from workbench.records.figures import annotate, figure_of, name_of
from workbench.records.history import History, histories_of
from workbench.records.info import RecordError, RunInfo, info_of
from workbench.records.safe import Stored, children, member, opened, values_of
from workbench.records.writing import written


@dataclass(frozen=True)
class Held:
    """One array of a record: shape, type, and its declaration."""

    shape: tuple[int, ...]
    dtype: str
    spec: ArraySpec


@dataclass(frozen=True)
class Outline:
    """Arrays by name, scalars by name with their unit, and arrays that are only referenced."""

    arrays: dict[str, Held]
    scalars: dict[str, tuple[Any, str]]
    referenced: dict[str, str]


def read_info(path: Path) -> RunInfo:
    """The header of a record."""
    with opened(path) as file:
        return info_of(file)


def read_history(path: Path) -> dict[str, History]:
    """The scalars of a run by name, in a named phase as `phase: name`; also of a live .part."""
    with opened(path) as file:
        return histories_of(file)


def figure_names(path: Path) -> tuple[str, ...]:
    """Names of the figures, the default one first."""
    with opened(path) as file:
        return tuple(_figures(file))


def read_figure(path: Path, name: str) -> Figure:
    """A figure, equal to the one that was written."""
    with opened(path) as file:
        group = _figures(file).get(name)
        if group is not None:
            return figure_of(group)
    raise _no_figure(path, name)


def read_arrays(path: Path, group: str) -> dict[str, np.ndarray]:
    """Arrays of `problem` or `result` by name; empty where the record has no such group."""
    with opened(path) as file:
        return {name: values_of(data) for name, data, _, _ in _stored(file, group).arrays()}


def read_scalars(path: Path, group: str) -> dict[str, Any]:
    """Numbers and words of `problem` or `result` by name, in the order of their declaration."""
    with opened(path) as file:
        scalars = _stored(file, group).scalars()
        return {name: value for name, value, _ in scalars if name != "referenced"}


def read_outline(path: Path, group: str) -> Outline:
    """What `problem` or `result` holds, without the values of its arrays."""
    with opened(path) as file:
        held = _stored(file, group)
        scalars = {name: (value, spec.unit) for name, value, spec in held.scalars()}
        referenced = scalars.pop("referenced", ("{}", ""))[0]
        arrays = {name: Held(d.shape or (), str(d.dtype), s) for name, d, _, s in held.arrays()}
        return Outline(arrays, scalars, json.loads(referenced))


def read_summary(path: Path) -> tuple[RunInfo, dict[str, float], tuple[str, ...]]:
    """What a list of records shows: header, metrics that are numbers, figure names."""
    with opened(path) as file:
        scalars = _stored(file, "result").scalars()
        metrics = {n: float(v) for n, v, _ in scalars if isinstance(v, (int, float))}
        return info_of(file), metrics, tuple(_figures(file))


def write_notes(
    path: Path,
    *,
    title: str | None = None,
    tags: Iterable[str] | None = None,
    notes: str | None = None,
    starred: bool | None = None,
) -> None:
    """Change what people add to a record; None leaves a field as it is.

    A copy is changed and takes the place of the file, so that nothing can break it.
    """
    with opened(path) as file:
        info_of(file)  # nothing but a record is changed
    kept = None if tags is None else tuple(tags)
    given = {"title": title, "tags": kept, "notes": notes, "starred": starred}
    with written(Path(path), overwrite=True, changed=True) as output:
        put(output.file, **{name: value for name, value in given.items() if value is not None})


def write_annotations(path: Path, name: str, annotations: Sequence[Annotation]) -> None:
    """Keep what people added to a figure of a record, in the way of `write_notes`."""
    with opened(path) as file:
        info_of(file)
        if name not in _figures(file):
            raise _no_figure(path, name)
    with written(Path(path), overwrite=True, changed=True) as output:
        annotate(_figures(output.file)[name], annotations)


def _no_figure(path: Path, name: str) -> RecordError:
    return RecordError(f"{Path(path).name} has no figure named '{name}'; ask for one that it has")


def _figures(file: h5py.File) -> dict[str, h5py.Group]:
    found = member(file, "figures")  # a run that goes on has none yet
    return {name_of(group): group for _, group in children(found)} if found else {}


def _stored(file: h5py.File, group: str) -> Stored:
    return Stored(member(file, group))
