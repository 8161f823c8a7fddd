"""The words of a command line; what is wrong becomes one sentence that says what to do."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

# What argparse says, and what we say instead.
SENTENCES = (
    (r"the following arguments are required: (.+)", r"\1 is missing; it must be given; add it"),
    (r"argument (.+?): expected .*argument.*", r"\1 has no value; it must have one; add it"),
    (
        r"argument (.+?): invalid int value: (.*)",
        r"\1 is \2; it must be a whole number; correct it",
    ),
    (
        r"argument (.+?): invalid choice: (.*?) \(choose from (.+)\)",
        r"\1 is \2; it must be one of \3; choose one of these",
    ),
    (
        r"argument (.+?): ignored explicit argument (.*)",
        r"\1 is given the value \2; it takes none; leave the value out",
    ),
    (
        r"ambiguous option: (.+) could match (.+)",
        r"\1 may mean \2; it must be one of them; write it in full",
    ),
    (r"argument (.+?): (.+)", r"\1 \2"),
)


class Refusal(ValueError):
    """The command line asks for something that cannot be."""


class Parser(argparse.ArgumentParser):
    """Raises `Refusal` where argparse would print how to call it, and leave the program."""

    def error(self, message: str) -> NoReturn:
        """Refuse the words."""
        for pattern, sentence in SENTENCES:
            if found := re.fullmatch(pattern, message, re.S):
                message = found.expand(sentence)
                break
        raise Refusal(f"{' '.join(message.split())}; see `{self.prog} --help`")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does; words that are not known are refused by the command they follow."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            near = get_close_matches(
                unknown[0].partition("=")[0], self._option_string_actions, 1, 0.75
            )
            way = f"write {near[0]}" if near else "leave it out"
            self.error(f"'{unknown[0]}' is not known to `{self.prog}`; {way}")
        return found, unknown


def pair(text: str, option: str, form: str) -> tuple[str, str]:
    """The two sides of an option such as `NAME=VALUE`."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise Refusal(f"{option} is '{text}'; it must be {form}; write it so")
    return name.strip(), value.strip()


def pairs(texts: Iterable[str], option: str, form: str) -> dict[str, str]:
    """The values of an option by name; a name that comes twice is refused."""
    found: dict[str, str] = {}
    for text in texts:
        name, value = pair(text, option, form)
        if name in found:
            raise Refusal(
                f"{option} {name} is given twice, as '{found[name]}' and as '{value}'; it must be "
                "given once; leave one out"
            )
        found[name] = value
    return found


def add_output(parser: argparse.ArgumentParser, metavar: str) -> None:
    """The options for the file that a command writes."""
    parser.add_argument("-o", "--output", required=True, metavar=metavar)
    parser.add_argument("--overwrite", action="store_true", help="replace the output file")


def free(path: Path, overwrite: bool) -> Path:
    """A place where a file can be written, given back; asked before the work, not after it."""
    if path.is_dir():
        raise Refusal(f"{path} is a folder; it must be a file; add a name to it")
    if path.exists() and not overwrite:
        raise Refusal(f"{path} exists; it is not replaced; add --overwrite, or choose another name")
    folder = path.parent
    if not folder.is_dir():
        raise Refusal(f"{path} cannot be written: there is no folder {folder}; make it first")
    if not os.access(folder, os.W_OK):
        raise Refusal(f"{path} cannot be written: {folder} is read-only; choose another folder")
    return path
