"""Any recorded run as a short Python script or notebook that repeats it with `workbench.api`."""

from __future__ import annotations

import json
import math
import re
import textwrap
from collections.abc import Mapping
from datetime import datetime
from keyword import iskeyword
from pathlib import Path
from typing import Any

from workbench import records
from workbench.catalogue import MethodCard
from workbench.cite import citation
from workbench.export import ExportError, write_whole
from workbench.records import RunInfo

ENDINGS = (".py", ".ipynb")
WIDEST = 96  # columns of a comment
IMPORTS = "from workbench.api import run, save_figures"
METRICS = """print(outcome.info.status)
for name, value, about in outcome.result.scalars():
    print(name, value, about.unit)"""


def script(record: Path, card: MethodCard | None = None) -> str:
    """The script; `card` adds the citation."""
    info = records.read_info(record)
    lines = (part for line in _about(record, info, card) for part in _wrapped(line))
    comment = "\n".join(f"# {line}".rstrip() for line in lines)
    name = again_name(record)
    output = f"{name}.h5"
    return (
        f"{comment}\n\n{IMPORTS}\n\n{recorded_call(record, info, output)}\n\n{METRICS}\n"
        f'save_figures(outcome, "{name}-figures")\n'
    )


def notebook(record: Path, card: MethodCard | None = None) -> str:
    """The same as a Jupyter notebook (nbformat 4.5) that shows the figures."""
    info = records.read_info(record)
    title, *rest = filter(None, _about(record, info, card))
    name = again_name(record)
    output = f"{name}.h5"
    show = (
        "from IPython.display import Image, display\n\n"
        f'for path in save_figures(outcome, "{name}-figures", formats=("png",)):\n'
        "    display(Image(path))"
    )
    cells = [
        _cell("about", "markdown", "\n\n".join([f"# {_marked(title)}", *map(_marked, rest)])),
        _cell("run", "code", f"{IMPORTS}\n\n{recorded_call(record, info, output)}"),
        _cell("metrics", "code", METRICS),
        _cell("figures", "code", show),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def save_script(record: Path, path: Path, card: MethodCard | None = None) -> None:
    """Write a script or a notebook, as the ending of `path` says."""
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise ExportError(
            f"the file's ending is {kind or 'missing'}; it must be one of "
            f"{', '.join(ENDINGS)}; choose another name"
        )
    text = (script if kind == ".py" else notebook)(record, card)
    write_whole(path, lambda file: file.write(text.encode("utf-8", "replace")))


def call(method: str, settings: Mapping[str, Any], outcome: str = "outcome") -> str:
    """`outcome = run("method", …)`, one argument a line."""
    for name in settings:
        if not name.isidentifier() or iskeyword(name):  # a record may come from a stranger
            raise ExportError(
                f"a parameter is named {quoted(name)}; it must be a word; this is no record of ours"
            )
    lines = [f"    {quoted(method)},"]
    lines += [f"    {name}={literal(value)}," for name, value in settings.items()]
    return "\n".join([f"{outcome} = run(", *lines, ")"])


def recorded_call(record: Path, info: RunInfo, output: str, outcome: str = "outcome") -> str:
    """The call that repeats a recorded run, and writes the record `output`."""
    threads = info.versions.get("threads", "")
    return call(
        info.method,
        {
            **_data(record, info),
            **info.parameters,
            "seed": info.seed,
            "device": info.device,
            "precision": info.precision,
            **({"threads": int(threads)} if threads.isdecimal() else {}),
            **({"title": info.title} if info.title else {}),
            "output": output,
            "overwrite": True,
        },
        outcome,
    )


def _data(record: Path, info: RunInfo) -> dict[str, str]:
    """The example, the files, or what a script had at hand: that lies in the record itself."""
    if info.example:
        return {"example": info.example}
    if info.inputs:
        return dict(info.inputs)
    outline = records.read_outline(record, "problem")
    if outline.referenced or not outline.arrays:
        missing = ", ".join(outline.referenced) or "the data"
        raise ExportError(
            f"{missing} of {record.name} came from a script and were too large to be kept; "
            "a run can only be repeated with its data; write them to a file and run on that"
        )
    place = record.resolve()
    return {array: f"{place}::problem/{array}" for array in outline.arrays}


def _about(record: Path, info: RunInfo, card: MethodCard | None) -> list[str]:
    """What the script does, as lines without markup."""
    names = {"workbench": "Methods Workbench", "python": "Python", "torch": "torch"}
    made = ", ".join(
        f"{n} {info.versions[key]}" for key, n in names.items() if key in info.versions
    )
    day = datetime.fromisoformat(info.started)
    lines = [
        _line(info.title or info.method),
        "",
        f"Repeats the run of {day:%d %B %Y} in {_line(record.name)} ({_line(made)}).",
        "With equal versions the CPU of that machine gives equal numbers, bit for bit.",
    ]
    if info.state != "done":
        lines += [f"That run was {info.state} ({_line(info.status)}); this one goes on to the end."]
    for field in info.inputs:
        lines += [f"SHA-256 of {_line(field)}: {_line(info.fingerprints.get(field, 'unknown'))}"]
    if card is not None:
        lines += ["", *map(_line, map(citation, card.papers))]
    return lines


def again_name(record: Path) -> str:
    """A name for what the script writes, not that of the record it repeats."""
    return (re.sub(r"[^\w.-]+", "-", record.stem).strip("-.") or "run") + "-again"


def literal(value: Any) -> str:
    """A setting as Python reads it back."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(k)}: {literal(v)}" for k, v in value.items()) + "}"
    return repr(value)


def quoted(text: str) -> str:
    """A string as Python reads it back."""
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)


def _line(text: str) -> str:
    """Text without line breaks or anything else that could end a comment."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDEST, break_long_words=False, break_on_hyphens=False) or [""]


def _marked(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#$|&~])", r"\\\1", text)


def _cell(name: str, kind: str, text: str) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": lines}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
