"""Damaged and hostile files: `python -m tests.benchmarks.hostile [N [group …]]`.

N files of every group (2000 if none is given) are made from whole ones (seeded) and read in a
process of their own. Each must load, or be refused with a sentence (BadData, RecordError, `None`
for a picture that is not ours) within 5 s, in twice the memory that is allowed, in silence, and
nothing in it may run. Whatever else happens is a fault; its file is kept.
"""

from __future__ import annotations

import io
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from tests.workbench.data.mutations import damaged

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = 64 << 20  # bytes of a loaded array
SECONDS = 5.0
SEED = 20
MUTABLE = 1 << 20  # larger files are attacks as they are
FORBIDDEN = ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "os.kill")
FORBIDDEN += ("socket.connect", "socket.bind", "pickle.find_class", "ctypes.dlopen", "urllib")
Report = dict[str, object]


def main() -> None:
    """Print one line for each group, then faults, then some refusals to be read by people."""
    count = int(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdecimal() else 2000
    kept = Path(tempfile.mkdtemp(prefix="hostile-"))
    whole = kept / "whole"
    whole.mkdir()
    _python("--write", str(whole)).wait()
    asked = [name for name in sys.argv[2:] if name in READERS] or list(READERS)
    print(
        f"{'group':<14}{'files':>8}{'loaded':>8}{'refused':>8}{'faults':>8}{'slowest':>9}{'MB':>6}"
    )
    sentences: set[str] = set()
    faults: list[str] = []
    for group in asked:
        seen: Counter[str] = Counter()
        slowest = most = 0.0
        for report in _reports(group, count, whole, kept):
            fault = str(report["fault"])
            seen["fault" if fault else str(report["verdict"])] += 1
            slowest, most = max(slowest, report["seconds"]), max(most, report["bytes"])
            if fault:
                faults.append(f"{group} {report['index']} ({report['of']}): {fault}")
                print(faults[-1], file=sys.stderr, flush=True)
            sentences |= {f"{group}: {text}" for text in report["sentences"]}
        print(
            f"{group:<14}{sum(seen.values()):>8}{seen['loaded']:>8}{seen['refused']:>8}"
            f"{seen['fault']:>8}{slowest:8.2f}s{most / 1e6:6.0f}",
            flush=True,
        )
    print(f"\n{len(faults)} faults; their files are in {kept}\n")
    print(*random.Random(SEED).sample(sorted(sentences), min(100, len(sentences))), sep="\n")
    shutil.rmtree(whole)
    sys.exit(bool(faults))


def _python(*arguments: str, **more: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.benchmarks.hostile", *arguments]
    return subprocess.Popen(command, cwd=ROOT, text=True, **more)


def _reports(group: str, count: int, whole: Path, kept: Path) -> Iterator[Report]:
    """What a process says of each file; where it dies or hangs, a new one goes on behind it."""
    index = 0
    total = count + len(list((whole / group).iterdir()))
    while index < total:
        work = kept / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        arguments = ("--read", group, str(index), str(total), str(whole), str(work))
        child = _python(*arguments, stdout=subprocess.PIPE)
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(child.stdout, lines), daemon=True).start()
        began, of = time.monotonic(), ""
        while True:
            try:
                line = lines.get(timeout=SECONDS + 2 if of else 60)
            except queue.Empty:
                line = "hung"
            if line.startswith("began "):
                of = line.split(" ", 1)[1].strip()
                began = time.monotonic()
            elif line and line != "hung":
                report = json.loads(line)
                yield report
                index, of = index + 1, ""
            else:
                break
        child.kill()
        code = child.wait()
        if index < total:
            _keep(work, f"{group} {index}")
            fault = line or f"process ended by {code}"
            seconds = time.monotonic() - began
            yield _report(index, of, fault=fault, seconds=seconds)
            index += 1


def _listen(stream: TextIO, lines: queue.SimpleQueue[str]) -> None:
    for line in stream:
        lines.put(line)
    lines.put("")


def _keep(work: Path, name: str) -> None:
    """Put the file aside that did harm."""
    plain = [path for path in work.rglob("*") if path.is_file() and not path.is_symlink()]
    for path in plain:
        shutil.copy(path, work.with_name(f"{name} {path.name}"))


def _report(index: int, of: str, **more: object) -> Report:
    empty = {"verdict": "", "fault": "", "sentences": [], "seconds": 0.0, "bytes": 0}
    return {"index": index, "of": of, **empty, **more}


class Watch:
    """What must not happen while a file is read, noticed in the process that reads it."""

    def __init__(self, work: Path) -> None:
        self.work, self.seen = work, ""
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):  # what libraries in C say there cannot be kept from being said
            os.dup2(silence, stream)
        sys.stdout = sys.stderr = self.said = io.StringIO()
        self._homes = tuple({str(ROOT), sys.prefix, sys.base_prefix, str(work.parent), "/proc"})
        sys.addaudithook(self._hook)

    def _hook(self, event: str, given: tuple) -> None:
        if event.startswith(FORBIDDEN):
            self.seen = self.seen or f"{event} {given!r:.200}"
        elif event == "open" and isinstance(given[0], (str, bytes)):
            path = os.path.abspath(os.fsdecode(given[0]))
            if not path.startswith(self._homes):
                self.seen = self.seen or f"opened {path}"

    def fault(self, seconds: float, growth: float) -> str:
        """What happened, or nothing."""
        said = self.said.getvalue().strip()
        self.said.truncate(self.said.seek(0))
        found, self.seen = self.seen, ""
        canaries = [*self.work.rglob("canary*"), *ROOT.glob("canary*")]
        for wrong, words in (
            (found, found),
            (canaries, "it ran"),
            (said, f"noise: {said[-300:]}"),
            (seconds > SECONDS, f"took {seconds:.1f} s"),
            (growth > 2 * ALLOWED, f"took {growth / 1e6:.0f} MB"),
        ):
            if wrong:
                return words
        return ""


def _read(group: str, first: int, end: int, whole: Path, work: Path) -> None:
    """Read the files of a group from one number to another, and report."""
    warnings.simplefilter("always")  # before the readers say which they do not want
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    read = READERS[group]
    good = sorted((whole / group).iterdir())
    small = [path for path in good if path.stat().st_size <= MUTABLE]
    watch = Watch(work)
    place = work / "files"
    for path in {path.suffix: path for path in small}.values():  # imports cost memory once
        _watched(read, _put(place, path.name, path.read_bytes()), watch, channel)
    for index in range(first, end):
        rng = np.random.default_rng([SEED, zlib.crc32(group.encode()), index])
        if index < len(good):
            path, data = good[index], good[index].read_bytes()
        else:
            path, other = (small[k] for k in rng.integers(0, len(small), 2))
            data = damaged(path.read_bytes(), other.read_bytes(), rng)
        file = _put(place, path.name, data)
        del data
        report = _watched(read, file, watch, channel)
        if report["fault"]:
            _keep(work, f"{group} {index}")
        print(json.dumps({**report, "index": index}), file=channel)


def _put(folder: Path, name: str, data: bytes) -> Path:
    """The only file of a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / name).write_bytes(data)
    return folder / name


def _watched(read: Callable, file: Path, watch: Watch, channel: TextIO) -> Report:
    from workbench.data import BadData
    from workbench.records import RecordError

    sentences: list[str] = []
    loaded, slowest = 0, 0.0

    def attempt(call: Callable[[], object]) -> object:
        nonlocal loaded, slowest
        print(f"began {file.name}", file=channel)
        began = time.monotonic()
        try:
            found = call()
        except (BadData, RecordError) as error:
            sentences.append(str(error))
            return None
        finally:
            slowest = max(slowest, time.monotonic() - began)
        loaded += 1
        return found

    wrong = ""
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    try:
        read(file, file.parent, attempt)
    except Exception as error:
        wrong = f"{type(error).__name__}: {str(error)[:200]}"
    growth = _memory("VmHWM") - before
    odd = next((text for text in sentences if not _is_sentence(text)), "")
    fault = wrong or watch.fault(slowest, growth) or (odd and f"says {odd!r:.300}")
    return _report(
        0,
        file.name,
        verdict="loaded" if loaded else "refused",
        fault=fault,
        sentences=sentences[:2],
        seconds=slowest,
        bytes=growth,
    )


def _is_sentence(text: str) -> bool:
    """One line of letters that says what to do; a list of what there is says it too."""
    advice = (";" in text) or (" it has " in text) or (" there are " in text)
    return advice and text.isprintable() and len(text) < 600


def _memory(what: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return 1024 * int(line.split()[1])
    raise KeyError(what)


def _data(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench import data

    limits = data.Limits(bytes=ALLOWED, seconds=SECONDS - 1)
    found = attempt(lambda: data.parts(str(file), limits=limits))
    attempt(lambda: data.preview(str(file), limits=limits))
    for part in (found or ())[:2]:
        attempt(lambda name=part.name: data.load(f"{file}::{name}", limits=limits))
    if file.suffix in (".csv", ".tsv", ".txt"):
        attempt(lambda: data.table_head(str(file), limits=limits))


def _folder(file: Path, folder: Path, attempt: Callable) -> None:
    """Among whole pictures, and links of every kind."""
    rng = np.random.default_rng(0)
    from PIL import Image

    Image.fromarray(rng.integers(0, 256, (9, 7), np.uint8)).save(folder / "0.png")
    for name, target in {
        "zero": "/dev/zero",
        "passwd": "/etc/passwd",
        "nowhere": "/nowhere/at/all",
        "circle": "circle",
        "up": "..",
    }.items():
        (folder / f"{name}.png").symlink_to(target)
    os.mkfifo(folder / "pipe.png")
    _data(folder, folder, attempt)


def _pasted(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench.data import pasted

    text = file.read_bytes().decode("utf-8", "surrogateescape")  # the clipboard may hold halves
    path = attempt(lambda: pasted.keep_text(folder / "pasted", text))
    assert path or not list((folder / "pasted").iterdir())


def _record(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench import records
    from workbench.workspace import Workspace

    for call in (records.read_info, records.read_summary, records.read_history, records.tree):
        attempt(lambda call=call: call(file))
    for group in ("problem", "result"):
        for call in (records.read_arrays, records.read_scalars, records.read_outline):
            attempt(lambda call=call, group=group: call(file, group))
    for name in attempt(lambda: records.figure_names(file)) or ():
        attempt(lambda name=name: records.read_figure(file, name))
    for node in (attempt(lambda: records.tree(file)) or ())[:8]:
        if node.kind == "dataset":
            attempt(lambda node=node: records.node_values(file, node.path, 1000))
    attempt(lambda: records.write_notes(file, title="x"))
    workspace = Workspace(folder / "workspace")
    file.replace(workspace.runs / "00001-x.h5")
    assert [e.path.name for e in workspace.list()] == ["00001-x.h5"]
    _data(workspace.runs / "00001-x.h5", folder, attempt)


def _live(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench import records
    from workbench.records import recovery

    if file.suffix == ".part":
        attempt(lambda: records.read_history(file))
        recovery.PAUSES = (0.0,)  # nobody writes these files
        made = records.recover(folder)
        for path in made:
            if path.suffix == ".h5":
                attempt(lambda path=path: records.read_summary(path))
    else:
        attempt(
            lambda: records.read_checkpoint(file.with_name(file.name.removesuffix(".ckpt.npz")))
        )


def _checkpoint(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench import records

    attempt(lambda: records.read_checkpoint(file.with_name(file.name.removesuffix(".ckpt.npz"))))


def _stamp(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench import stamp
    from workbench.workspace import Workspace

    held = attempt(lambda: stamp.read(file))
    if held is not None:
        workspace = Workspace(folder / "workspace")
        attempt(lambda: stamp.record_of(held, workspace))


def _scenes(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench.scenes import Scenes

    file.rename(folder / "scenes.json")
    scenes = Scenes(folder)
    for scene in attempt(scenes.read) or ():
        attempt(lambda scene=scene: scenes.path(scene))


def _index(file: Path, folder: Path, attempt: Callable) -> None:
    from workbench.workspace import Workspace

    workspace = Workspace(folder)
    shutil.copy(file, workspace.runs / "00001-x.h5")
    for entry in workspace.list():
        attempt(entry.row)


READERS: dict[str, Callable] = {
    **dict.fromkeys(("tables", "numpy", "hdf5", "matlab", "pictures", "tiff"), _data),
    **dict.fromkeys(("meshes", "safetensors", "strangers"), _data),
    "folders": _folder,
    "pasted": _pasted,
    "records": _record,
    "live records": _live,
    "checkpoints": _checkpoint,
    "stamps": _stamp,
    "scenes": _scenes,
    "indices": _index,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        from tests.benchmarks.hostile_files import write_data
        from tests.benchmarks.hostile_records import write_own

        write_data(Path(sys.argv[2]))
        write_own(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--read"]:
        _read(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]), Path(sys.argv[6]))
    else:
        main()
