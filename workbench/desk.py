"""The desk process: reads files and records and draws on paper, so the window never waits.

No torch here. A call that crashes or hangs costs this process, which is started again.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.figure import Annotation, Figure
from workbench import messages as m
from workbench.child import TRIES, Child, quiet_child
from workbench.compare import (
    Comparison,
    csv_text,
    read_compared,
    read_comparison,
    read_juxtaposed,
)
from workbench.deeds import Deed, deeds_of
from workbench.export import clear
from workbench.jobs import Job
from workbench.juxtapose import Pair
from workbench.listing import Row
from workbench.parallel import Sheet
from workbench.seeds import Contrast, Groups

if TYPE_CHECKING:
    from workbench.catalogue import MethodCard

# Seconds for which files of records are read before other calls have their turn.
LOOK = 0.4


def serve(connection: Connection, workspace: str) -> None:
    """Answer calls in their order until the pipe closes."""
    quiet_child()
    calls = Calls(Path(workspace))
    with contextlib.suppress(EOFError, OSError):
        while (call := connection.recv()) is not None:
            connection.send(_answer(calls, *call))


class Calls:
    """What the window can ask for. Every public method is one call."""

    def __init__(self, workspace: Path) -> None:
        from workbench.workspace import Workspace

        self._workspace = Workspace(workspace)

    def samples(self) -> dict[str, Any]:
        """Built-in data sets by name, without their makers."""
        from workbench import data

        return {name: (s.title, s.kind, s.licence, s.source) for name, s in data.samples().items()}

    def preview(self, reference: str) -> Any:
        """Facts and a small picture of a data set."""
        from workbench import data

        return data.preview(reference)

    def tried(self, reference: str) -> Any:
        """The same of one that is not opened yet."""
        return self.preview(reference)

    def parts(self, reference: str) -> Any:
        """What a file holds."""
        from workbench import data

        return data.parts(reference)

    def table_head(self, reference: str) -> Any:
        """The first rows of a table and how it is understood."""
        from workbench import data

        return data.table_head(reference)

    def paste_text(self, text: str) -> str:
        """Keep a table from the clipboard; gives its path."""
        from workbench.data import pasted

        return str(pasted.keep_text(self._workspace.folder / "pasted", text))

    def paste_picture(self, width: int, pixels: bytes) -> str:
        """Keep a picture from the clipboard, four bytes a pixel; gives its path."""
        import numpy as np

        from workbench.data import pasted

        values = np.frombuffer(pixels, np.uint8).reshape(-1, width, 4)
        return str(pasted.keep_picture(self._workspace.folder / "pasted", values))

    def runs(self) -> tuple[list[Row], int]:
        """Records of the workspace, and how many are still to be read: ask again for them."""
        entries, left = self._workspace.look(LOOK)
        return [entry.row() for entry in entries], left

    def run(self, record: str) -> Any:
        """Header, scalars over time and figure names of one record."""
        from workbench import records

        path = Path(record)
        return records.read_info(path), records.read_history(path), records.figure_names(path)

    def differences(self, first: str, second: str) -> tuple[int, tuple[str, ...]]:
        """How many arrays the results of two records have, and which differ in any byte."""
        from workbench import records

        one, other = (records.read_arrays(Path(path), "result") for path in (first, second))
        names = {**one, **other}
        same = {
            n
            for n in one.keys() & other.keys()
            if (one[n].dtype, one[n].shape) == (other[n].dtype, other[n].shape)
            and one[n].tobytes() == other[n].tobytes()
        }
        return len(names), tuple(n for n in names if n not in same)

    def resumption(self, record: str) -> Job:
        """The job that goes on with the run of a record."""
        from workbench.resuming import job_to_resume

        return job_to_resume(record)

    def summary(self, record: str) -> Any:
        """Header, metrics and figure names of one record."""
        from workbench import records

        return records.read_summary(Path(record))

    def sweep(self, job: Any, known: Any, plan: Any) -> Any:
        """The jobs of a sweep."""
        from workbench.sweep import jobs

        return jobs(job, known, plan)

    def search(self, job: Any, known: Any, plan: Any, tried: Any) -> Any:
        """The jobs of the place that a search tries next; none at its end."""
        from workbench.search import next_jobs

        return next_jobs(job, known, plan, tried)

    def figure(self, record: str, name: str) -> Figure:
        """One figure of a record."""
        from workbench import records

        return records.read_figure(Path(record), name)

    def comparison(self, records: list[str]) -> Comparison:
        """What differs between records and what they share."""
        return read_comparison(records)

    def judged(self, groups: Groups, first: int, level: float) -> dict[str, tuple[Contrast, ...]]:
        """Which groups of runs differ from one of them by more than chance."""
        from workbench.seeds import judge

        return judge(groups, first, level)

    def repetitions(self, records: list[str]) -> list[Job]:
        """The jobs that give records further seeds."""
        from workbench.repeating import repetitions

        return repetitions(records)

    def compared(self, records: list[str], name: str) -> tuple[Figure, tuple[Pair, ...]]:
        """The figures of one name of several records, in one, and what can be overlaid of it."""
        return read_juxtaposed(records, name)

    def export_compared(
        self, records: list[str] | Sheet | str, name: str, path: str, options: dict[str, Any]
    ) -> str:
        """Draw figures of several records on paper, or write the table where no name is given.

        A sheet of parallel axes, or a table as text, is given in place of the records.
        """
        from workbench.export import export, write_whole

        if isinstance(records, Sheet):
            figure = records.figure()
            export(figure, path, provenance={"figure": figure.name}, **options)
        elif isinstance(records, str):
            held = records.encode("utf-8", "replace")
            write_whole(Path(path), lambda file: file.write(held))
        elif name:
            provenance = {"records": [Path(record).name for record in records], "figure": name}
            export(read_compared(records, name), path, provenance=provenance, **options)
        else:
            text = csv_text(read_comparison(records)).encode()
            write_whole(Path(path), lambda file: file.write(text))
        return path

    def tree(self, record: str) -> Any:
        """Groups and data sets of an HDF5 file."""
        from workbench import records

        return records.tree(Path(record))

    def node(self, record: str, node: str) -> Any:
        """The first values of one data set."""
        from workbench import records

        return records.node_values(Path(record), node, 2000)

    def note(self, record: str, changes: dict[str, Any]) -> None:
        """Change title, tags, notes or star of a record."""
        from workbench import records

        records.write_notes(Path(record), **changes)

    def annotate(self, record: str, name: str, annotations: tuple[Annotation, ...]) -> None:
        """Keep what people added to a figure of a record."""
        from workbench import records

        records.write_annotations(Path(record), name, annotations)

    def trash(self, record: str) -> str:
        """Move a record to the bin; gives the place it went to."""
        return str(self._workspace.trash(Path(record)))

    def restore(self, binned: str) -> str:
        """Take a record out of the bin again."""
        return str(self._workspace.restore(Path(binned)))

    def export(self, record: str, name: str, path: str, options: dict[str, Any]) -> str:
        """Draw a figure of a record on paper."""
        from workbench import records, stamp
        from workbench.export import export

        figure = records.read_figure(Path(record), name)
        about = stamp.made(Path(record), records.read_info(Path(record)), figure, options)
        export(figure, path, provenance=about, **options)
        return path

    def origin(self, picture: str) -> dict[str, Any] | None:
        """Record, figure, frame and view that a picture was drawn from; None if it is not ours."""
        from workbench import stamp

        held = stamp.read(Path(picture))
        if held is None:
            return None
        return {**held, "record": str(stamp.record_of(held, self._workspace))}

    def batch_plan(self, records: list[str], folder: str, kind: str, pattern: str) -> Any:
        """Every figure of some records with the file it would go to."""
        from workbench import batch

        return batch.plan(records, Path(folder), kind, pattern)

    def page(self, record: str | list[str] | Sheet, name: str, options: dict[str, Any]) -> bytes:
        """What `export` or `export_compared` would draw, as PNG."""
        from workbench import records
        from workbench.export import picture

        if isinstance(record, Sheet):
            figure = record.figure()
        elif isinstance(record, list):
            figure = read_compared(record, name)
        else:
            figure = records.read_figure(Path(record), name)
        return picture(figure, "png", **options)

    def caption(self, record: str, name: str, cards: dict[str, MethodCard]) -> str:
        """What stands under a figure in print."""
        from workbench import records
        from workbench.facts import caption, read_facts

        card = cards.get(records.read_info(Path(record)).method)
        return caption(read_facts(Path(record), card), records.read_figure(Path(record), name))

    def save_caption(self, record: str, name: str, path: str, cards: dict[str, MethodCard]) -> str:
        """Write the caption of a figure into a text file."""
        from workbench.export import write_whole

        text = self.caption(record, name, cards).encode("utf-8", "replace")
        write_whole(Path(path), lambda file: file.write(text))
        return path

    def report(self, records: list[str], path: str, cards: dict[str, MethodCard]) -> str:
        """Write some records as one page, PDF or slides."""
        from workbench.report import report

        report([Path(record) for record in records], Path(path), cards)
        return path

    def script(self, record: str, cards: dict[str, MethodCard]) -> str:
        """The script that repeats a run."""
        from workbench import records
        from workbench.script import script

        return script(Path(record), cards.get(records.read_info(Path(record)).method))

    def save_script(self, record: str, path: str, cards: dict[str, MethodCard]) -> str:
        """Write the script or notebook that repeats a run."""
        from workbench import records
        from workbench.script import save_script

        card = cards.get(records.read_info(Path(record)).method)
        save_script(Path(record), Path(path), card)
        return path

    def save_session(self, deeds: list[Deed], path: str) -> str:
        """Write the script that does again what was done in a window."""
        from workbench.session import save_session

        save_session(deeds, Path(path))
        return path


def _answer(calls: Calls, token: int, name: str, args: tuple[Any, ...]) -> m.Answer:
    try:
        return m.Answer(token, getattr(calls, name)(*args))
    except (ValueError, OSError) as error:  # bad data, records and paths explain themselves
        return m.Answer(token, None, str(error), traceback.format_exc())
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return m.Answer(token, None, text, traceback.format_exc())


class Desk:
    """The window's end: `call` returns a token; the Answer with that token is posted later."""

    def __init__(self, workspace: Path, post: Callable[[m.Message], None]) -> None:
        self._workspace = workspace
        self._post = post
        self._tokens = itertools.count(1)
        self._open: dict[int, tuple[str, tuple[Any, ...]]] = {}  # calls without an answer
        self._lock = threading.RLock()
        self._closing = False
        self._deaths = 0
        self._child = self._start()

    @property
    def pid(self) -> int:
        """Process number of the desk."""
        return self._child.pid

    def call(self, name: str, *args: Any) -> int:
        """Ask for one of the methods of Calls."""
        with self._lock:
            token = next(self._tokens)
            if self._deaths >= TRIES:
                self._post(m.Answer(token, None, "the file process does not start; restart"))
                return token
            self._open[token] = name, args
            self._child.send((token, name, args))
        return token

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closing = True
        self._child.close(2.0)

    def _start(self) -> Child:
        return Child("desk", serve, (str(self._workspace),), self._received, self._exited)

    def _received(self, answer: m.Answer) -> None:
        with self._lock:
            self._deaths = 0
            self._open.pop(answer.token, None)
        self._post(answer)

    def _exited(self, reason: str) -> None:
        with self._lock:
            lost, self._open = self._open, {}
            for deed in (deed for call in lost.values() for deed in deeds_of(*call)):
                clear(deed.path, self._child.pid)
            if self._closing:
                return
            self._deaths += 1
            if self._deaths < TRIES:
                self._child = self._start()
            else:
                self._post(m.Died("desk", reason, gave_up=True))
        for token in sorted(lost):
            self._post(m.Answer(token, None, f"the file process died: {reason}; try again"))
