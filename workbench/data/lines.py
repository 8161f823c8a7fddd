"""Text files in pieces of whole lines, and the numbers in such lines; lines are counted from 1."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from itertools import chain

import numpy as np

from workbench.data.base import BadData, Budget, quoted, size_text
from workbench.data.sources import Source

BLOCK = 1 << 19  # characters taken at a time: half a second of the slowest parsing, cell by cell
LONGEST_LINE = 4 << 20
WORDS = 1 << 15  # words of text kept before they become numbers: 2 MiB of Python's strings

Row = tuple[int, list[str]]


def blocks(source: Source, encoding: str, size: int = BLOCK) -> Iterator[tuple[int, str]]:
    """The text in pieces of whole lines, each with the number of its first line."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    decode = io.IncrementalNewlineDecoder(decoder, translate=True).decode
    source.stream.seek(0)
    number, text, piece = 1, "", b"-"
    while piece:
        piece = source.stream.read(size)
        text += decode(piece, final=not piece)
        end = text.rfind("\n") + 1 if piece else len(text)
        row = number + text.count("\n", 0, end)
        if len(text) - end > LONGEST_LINE:
            raise BadData(
                f"row {row} is longer than {size_text(LONGEST_LINE)}; a table has one row a line; "
                "save the data as .npy or HDF5"
            )
        yield number, text[:end]
        number, text = row, text[end:]


def worded(source: Source, budget: Budget, after: int = 0) -> Iterator[Row]:
    """The words of every line below line `after`; comments (`#`) and blank lines are left out."""
    for number, text in blocks(source, "latin-1", BLOCK // 2):
        budget.tick()
        for row, line in enumerate(text.split("\n"), number):
            if row > after and (words := line.partition("#")[0].split()):
                yield row, words


class Numbers:
    """Rows of numbers, turned from words into arrays as they come, so that few words are kept."""

    def __init__(self, kind: type[int] | type[float], budget: Budget) -> None:
        self._kind, self._budget = kind, budget
        self._dtype = np.dtype(np.int64 if kind is int else np.float64)
        self._waiting: list[Row] = []
        self._words = 0
        self._values: list[np.ndarray] = []
        self._counts: list[np.ndarray] = []

    def add(self, row: int, words: list[str]) -> None:
        """Take the words of a line."""
        self._waiting.append((row, words))
        self._words += len(words)
        if self._words >= WORDS:
            self._flush()

    def ragged(self) -> tuple[np.ndarray, np.ndarray]:
        """All numbers in one row, and how many each line had."""
        self._flush()
        values, self._values = np.concatenate(self._values), []
        return values, np.concatenate(self._counts)

    def table(self) -> np.ndarray:
        """All numbers as (line, column); every line must have as many."""
        values, counts = self.ragged()
        if not len(counts):
            return np.empty((0, 3), self._dtype)
        if (counts != counts[0]).any():
            odd = int(np.argmax(counts != counts[0]))
            raise BadData(
                f"entry {odd} has {counts[odd]} numbers, the first has {counts[0]}; all must have "
                "as many; correct that line"
            )
        return values.reshape(-1, counts[0])

    def _flush(self) -> None:
        lines, count = self._waiting, self._words
        self._waiting, self._words = [], 0
        self._budget.tick()
        self._budget.add(count * self._dtype.itemsize)
        words = chain.from_iterable(words for _, words in lines)
        try:
            self._values.append(np.fromiter(map(self._kind, words), self._dtype, count))
        except (ValueError, OverflowError):
            self._point_out(lines)
            raise
        self._counts.append(np.fromiter((len(words) for _, words in lines), np.int64, len(lines)))

    def _point_out(self, lines: list[Row]) -> None:
        what = "a whole number" if self._kind is int else "a number"
        for row, words in lines:
            for word in words:
                try:
                    np.array(self._kind(word), self._dtype)
                except (ValueError, OverflowError):
                    raise BadData(
                        f"row {row} holds {quoted(word)}; it must be {what}; correct that line"
                    ) from None
