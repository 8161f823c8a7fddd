"""What was done in a window as one Python script: the same runs and the same exports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from workbench import records
from workbench.deeds import Deed
from workbench.export import ExportError, write_whole
from workbench.script import again_name, literal, quoted, recorded_call

HEAD = """# What was done in a window of the Methods Workbench, as a script: {runs} and {exports}.
# Records and exports are written into the folder in which it is started.
# With equal versions the CPU of that machine gives equal numbers, bit for bit."""


def session_script(deeds: Sequence[Deed]) -> str:
    """The script: every record that was made or shown is run once, exports follow in their order.

    What cannot be repeated, as its record was deleted since, stands there as a comment.
    """
    runs: dict[str, str] = {}  # record → the name of its outcome, empty where there is none
    lines: list[str] = []
    written: set[str] = set()
    used: set[str] = set()
    for deed in deeds:
        if deed.kind == "data":
            lines.append(f"# Opened {_comment(deed.path)}")
        for record in deed.records:
            if record not in runs:
                runs[record] = f"run_{len(runs) + 1}"
                try:
                    lines += _run(Path(record), runs[record], written)
                except (OSError, ExportError) as error:
                    runs[record] = ""
                    lines.append(f"# Not repeated: {_comment(str(error))}")
        names = [runs[record] for record in deed.records]
        if deed.kind in ("data", "run"):
            continue
        if all(names):
            used.add(f"save_{deed.kind}")
            lines.append(_export(deed, names, written))
        else:
            lines.append(f"# Not written, as a run is missing: {_comment(deed.path)}")
    count = sum(map(bool, runs.values()))
    if not count:
        raise ExportError("the session has no runs; it must have at least one; run a method first")
    exports = sum(line.startswith("save_") for line in lines)
    head = HEAD.format(runs=_counted(count, "run"), exports=_counted(exports, "export"))
    imports = ", ".join(["run", *sorted(used)])
    return f"{head}\n\nfrom workbench.api import {imports}\n\n" + "\n".join(lines)


def save_session(deeds: Sequence[Deed], path: Path) -> None:
    """Write the script into a file."""
    held = session_script(deeds).rstrip() + "\n"
    write_whole(path, lambda file: file.write(held.encode("utf-8", "replace")))


def _run(record: Path, name: str, written: set[str]) -> list[str]:
    info = records.read_info(record)
    lines = [f"# {_comment(info.title or info.method)}"]
    if info.state != "done":
        lines.append(f"# That run was {_comment(info.state)}; this one goes on to the end.")
    output = _free(f"{again_name(record)}.h5", written)
    return ["", *lines, recorded_call(record, info, output, name)]


def _export(deed: Deed, names: Sequence[str], written: set[str]) -> str:
    several = f"[{', '.join(names)}]"
    path = quoted(_free(Path(deed.path).name, written))
    # Where a picture came from is no setting of it.
    given = {n: v for n, v in deed.options.items() if v is not None and n != "provenance"}
    options = "".join(f", {n}={literal(v)}" for n, v in given.items())
    if deed.kind == "report":
        return f"save_report({several}, {path})"
    first = names[0] if deed.kind == "figure" else several
    return f"save_{deed.kind}({first}, {quoted(deed.figure)}, {path}{options})"


def _free(name: str, written: set[str]) -> str:
    """A name that no other output of the script has."""
    stem, dot, ending = name.rpartition(".")
    found, count = name, 2
    while found in written:
        found, count = f"{stem}-{count}{dot}{ending}", count + 1
    written.add(found)
    return found


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" + ("" if count == 1 else "s")


def _comment(words: str) -> str:
    """Words without anything that could end a comment."""
    return re.sub(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]", " ", words)
