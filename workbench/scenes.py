"""Scenes: views of records in an order, with a sentence each, as a small file of the workspace."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

NAME = "scenes.json"

Ends = tuple[float, float]


@dataclass(frozen=True)
class Sight:
    """What of a figure is in sight.

    `ranges` has for each panel the limits along both axes as they are drawn (logarithms where an
    axis is logarithmic), None where all data are shown; `camera` is None where it is that of the
    figure, else azimuth, elevation, zoom and shift.
    """

    frame: int = 0
    ranges: tuple[tuple[Ends, Ends] | None, ...] = ()
    camera: tuple[float, float, float, Ends] | None = None


@dataclass(frozen=True)
class Scene:
    """One view: a figure of a record (a path from the folder of records), and words about it."""

    name: str
    record: str
    figure: str
    sight: Sight = Sight()
    text: str = ""


_SCENE = TypeAdapter(Scene)


class Scenes:
    """The scenes of a workspace. A file that cannot be read, or parts of it, are no harm."""

    def __init__(self, workspace: Path) -> None:
        self._file = Path(workspace) / NAME
        self._runs = Path(workspace).absolute() / "runs"
        self.complaint = ""  # what could not be read, in one sentence

    def read(self) -> list[Scene]:
        """All scenes that can be read."""
        self.complaint = ""
        try:
            held = json.loads(self._file.read_text("utf8"))["scenes"]
            entries = list(held)
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            self.complaint = (
                f"{self._file} is no list of scenes; it must be as this program wrote it; move it "
                "away or mend it, else the next scene replaces it"
            )
            return []
        found = []
        for entry in entries:
            try:
                found.append(_SCENE.validate_python(entry))
            except ValidationError:
                self.complaint = f"a scene in {self._file} cannot be read; it was left out"
        return found

    def write(self, scenes: list[Scene]) -> None:
        """Replace the file; raises OSError where the workspace cannot be written to."""
        text = json.dumps({"scenes": [asdict(scene) for scene in scenes]}, indent=1)
        new = self._file.with_suffix(".new")
        new.write_text(text + "\n", "utf8")
        os.replace(new, self._file)

    def short(self, record: str) -> str:
        """How a record is named in a scene: from the folder of records, where it lies there."""
        path = Path(record).absolute()
        inside = path.is_relative_to(self._runs)
        return path.relative_to(self._runs).as_posix() if inside else str(path)

    def path(self, scene: Scene) -> Path:
        """Where the record of a scene is; relative ones move with the workspace."""
        return self._runs / scene.record
