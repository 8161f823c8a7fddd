"""How a table is to be read, as it stands in a reference behind its path and columns.

`PATH::x,y::delimiter=semicolon,decimal=comma,header=no,skip=3`, or without `x,y::` for all columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.data.base import BadData, quoted

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "spaces": ""}
DECIMALS = {"point": ".", "comma": ","}
HEADERS = {"yes": True, "no": False}
WORDS: dict[str, Mapping[str, str | bool]] = {
    "delimiter": DELIMITERS,
    "decimal": DECIMALS,
    "header": HEADERS,
}
OPTION = r"(?:delimiter|decimal|header|skip)=\w*"
PART = re.compile(rf"(?:(?P<columns>.*)::)?(?P<options>{OPTION}(?:,{OPTION})*)", re.S)


@dataclass(frozen=True)
class Options:
    """How a table is to be read; what is None is found out.

    `skip` lines at the top are left out, blank ones and comments among them.
    """

    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None
    skip: int = 0

    def text(self) -> str:
        """As it stands in a reference; empty where everything is found out."""
        words = [
            f"{name}={word}"
            for name, known in WORDS.items()
            for word, meaning in known.items()
            if meaning == getattr(self, name)
        ]
        return ",".join(words + ([f"skip={self.skip}"] if self.skip else []))


FOUND_OUT = Options()


def asked(part: str) -> tuple[str, Options]:
    """The columns and the options that a part of a reference names."""
    found = PART.fullmatch(part)
    if found is None:
        return part, FOUND_OUT
    words = dict(pair.split("=") for pair in found["options"].split(","))
    skip = words.pop("skip", "0")
    if not (skip.isascii() and skip.isdigit() and len(skip) < 10):
        raise BadData(f"skip is {quoted(skip)}; it must be a number of lines; give one")
    for name, word in words.items():
        if word not in WORDS[name]:
            choice = ", ".join(WORDS[name])
            raise BadData(f"{name} is {quoted(word)}; it must be one of {choice}; choose one")
    meanings = {name: WORDS[name][word] for name, word in words.items()}
    return found["columns"] or "", Options(**meanings, skip=int(skip))  # type: ignore[arg-type]


def part_text(columns: Sequence[str], options: Options, known: Sequence[str] = ()) -> str:
    """The part of a reference that asks for these of the known columns (all where none), so read.

    Quotes protect names with commas; they are needed too where `x,y` is a column of its own.
    """
    names = io.StringIO()
    alone = ",".join(columns) in known and len(columns) > 1
    plain = csv.writer(names, lineterminator="")
    quoted_all = csv.writer(names, quoting=csv.QUOTE_ALL, lineterminator="")
    (quoted_all if alone else plain).writerow(columns)
    return "::".join(filter(None, (names.getvalue(), options.text())))
