"""Runs again under further seeds, so that chance can be told from effect."""

from __future__ import annotations

from pathlib import Path

from workbench.compare import read_groups
from workbench.jobs import Job, job_of
from workbench.records import RecordError, read_info
from workbench.seeds import WANTED, missing_seeds
from workbench.sweep import with_seed


def repetitions(records: list[str], seeds: int = WANTED) -> list[Job]:
    """The jobs that give each group of records as many seeds; all groups get the same seeds."""
    found = read_groups([Path(record) for record in records])
    jobs = []
    for group, missing in zip(found.groups, missing_seeds(found, seeds), strict=True):
        job = _repeated(Path(group.runs[0]))
        jobs += [with_seed(job, seed) for seed in missing]
    return jobs


def _repeated(record: Path) -> Job:
    """The job that repeats the run of a record."""
    info = read_info(record)
    if not info.inputs and not info.example:
        raise RecordError(
            f"the data of {record.name} came from a script; they must come from files or an "
            "example; run there with further seeds"
        )
    return job_of(info)
