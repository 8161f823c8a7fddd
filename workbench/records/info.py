"""The header of a record: everything about a run but its arrays."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import h5py
from pydantic import BaseModel, ConfigDict

from workbench.records.attributes import plain, put

SCHEMA = 1
# Kept as JSON text in one attribute each; the other fields are plain attributes.
JSON_FIELDS = ("parameters", "inputs", "fingerprints", "versions", "warnings", "tags")


class RecordError(OSError):
    """A record that cannot be read or written, in one sentence; `errno` if the system said no."""

    def __init__(self, text: str, errno: int | None = None) -> None:
        super().__init__(text)
        self.errno = errno


class RunInfo(BaseModel):
    """What was run, on what, with which outcome. Infinity and NaN survive JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    method: str
    parameters: dict[str, Any]
    seed: int
    device: str
    precision: str
    inputs: dict[str, str] = {}
    example: str | None = None
    fingerprints: dict[str, str] = {}
    versions: dict[str, str] = {}
    resumed: str = ""  # the record that the run goes on from
    started: str
    ended: str | None = None
    seconds: float | None = None
    state: str
    status: str = ""
    note: str = ""
    verdict: str = ""  # whether an example with a known answer found it
    warnings: tuple[str, ...] = ()
    error: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    starred: bool = False

    @property
    def outcome(self) -> str:
        """How the run ended, and whether it found what is known."""
        return "; ".join(filter(None, (self.status, self.verdict)))


def run_id(info: RunInfo) -> str:
    """What tells a run from all others; it stays when the record is renamed, noted or moved."""
    parts = (info.method, info.started, info.seed, info.parameters, info.fingerprints)
    held = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(held.encode("utf-8", "replace")).hexdigest()[:16]


def write_info(file: h5py.File, info: RunInfo) -> None:
    """One root attribute for each field; what is None is left out."""
    put(file, schema=SCHEMA, **{n: v for n, v in info.model_dump().items() if v is not None})


def info_of(file: h5py.File) -> RunInfo:
    """The header of an open record."""
    held = {n: plain(file.attrs[n]) for n in RunInfo.model_fields if n in file.attrs}
    return RunInfo(**{n: json.loads(v) if n in JSON_FIELDS else v for n, v in held.items()})
