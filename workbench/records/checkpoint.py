"""The checkpoint beside a record: what it takes to go on with a run that did not come to its end.

It is `<record>.ckpt.npz`, while the run goes on that of its `.part`: the arrays of the method
without pickles, and the seconds the run had taken. It is there whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from workbench import __version__
from workbench.records.info import RecordError
from workbench.records.process import this_process

# States of a run that can go on.
RESUMABLE = ("stopped", "interrupted")
# Names of the file that are not those of the method, which stand behind a prefix.
PREFIX, SECONDS, VERSION = "state.", "seconds", "version"


@dataclass(frozen=True)
class Checkpoint:
    """The state of a method, and the seconds it took to come there."""

    state: Mapping[str, np.ndarray]
    seconds: float


def checkpoint_of(record: Path) -> Path:
    """Where the checkpoint of a record is, if it has one."""
    return record.with_name(f"{record.name}.ckpt.npz")


def write_checkpoint(record: Path, checkpoint: Checkpoint) -> None:
    """Put a checkpoint beside a record, in place of the one that is there."""
    path = checkpoint_of(record)
    temporary = path.with_name(f"{path.name}.{this_process().tag}.tmp")
    held = {f"{PREFIX}{name}": values for name, values in checkpoint.state.items()}
    try:
        with open(temporary, "wb") as file:
            np.savez(
                file,
                allow_pickle=False,
                **{SECONDS: np.array(checkpoint.seconds), VERSION: np.array(__version__), **held},
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_checkpoint(record: Path) -> Checkpoint:
    """The checkpoint of a record; one of another version of the program is refused."""
    path = checkpoint_of(record)
    try:
        with path.open("rb") as stream, _whole(stream) as file:
            version = str(file[VERSION])
            state = {n.removeprefix(PREFIX): file[n] for n in file.files if n.startswith(PREFIX)}
            found = Checkpoint(state, float(file[SECONDS]))
    except FileNotFoundError as error:
        raise RecordError(
            f"{record.name} has no checkpoint; it must lie beside it as {path.name}; run again"
        ) from error
    except Exception as error:  # on damaged files libraries raise anything there is
        raise RecordError(f"{path.name} is damaged; run again") from error
    if version != __version__:
        raise RecordError(
            f"{path.name} is of version {version!a:.40}; it must be of {__version__}; run again"
        )
    return found


def _whole(stream: BinaryIO) -> np.lib.npyio.NpzFile:
    """An archive whose arrays are not packed, as ours are: they take no more than the file."""
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError("packed")
    stream.seek(0)
    return np.load(stream, allow_pickle=False)


def settle_checkpoint(part: Path, record: Path, state: str) -> None:
    """Give the checkpoint of a run to its record; remove it where the run needs none any more."""
    old, new = checkpoint_of(part), checkpoint_of(record)
    with contextlib.suppress(OSError):
        if state not in RESUMABLE:
            old.unlink(missing_ok=True)
            new.unlink(missing_ok=True)
        elif old.exists():
            shutil.move(old, new)  # the record may be on another disk
