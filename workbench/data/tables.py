"""Tables as text (CSV, TSV, columns set by spaces): the dialect is found out, then parsed fast.

Rows are counted as editors count lines: from 1, with header, comments and blank lines. Lines that
start with `#` are comments. What is found out wrongly can be told (see table_options.py). A block
of lines that NumPy's parser cannot take as it is (missing cells, quotes, text columns) goes cell by
cell, which also finds the place of an error.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.data.base import BadData, Budget, CsvDialect, Part, Raw, listed, quoted
from workbench.data.lines import blocks
from workbench.data.sources import Source
from workbench.data.table_options import FOUND_OUT, Options, asked

SAMPLE_ROWS = 200
SAMPLE_CELLS = 100
SAMPLE_CHARACTERS = 1 << 18
MOST_COLUMNS = 100_000  # telling whether they hold numbers takes a second
LONGEST_TEXT = 1000  # of a line that is shown as it is
DELIMITERS = (",", ";", "\t", "|", "")  # of equally good ones the first is taken
FORTRAN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)d[+-]?\d+")
MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "-", "--", "?", "."))

Line = tuple[int, str]


@dataclass(frozen=True)
class Head:
    """The first rows of a table as text, each with its line, and how they are understood.

    Where they make no table, `fault` says why, and each row is one cell.
    """

    rows: tuple[tuple[int, tuple[str, ...]], ...]
    options: Options
    dialect: CsvDialect | None = None
    chosen: tuple[int, ...] = ()
    words: frozenset[tuple[int, int]] = frozenset()  # (line, column) of what is no number
    fault: str = ""


def head(source: Source, part: str, most: int) -> Head:
    """The first rows of a table, without reading the rest."""
    columns, options = asked(part)
    try:
        dialect = sniff(source, options)
        chosen = _chosen(dialect, columns)
    except BadData as error:
        lines, _ = _sample(source, _encoding(source), 0)
        shown = lines[:most]
        fault = str(error)
        return Head(
            tuple((row, (text[:LONGEST_TEXT],)) for row, text in shown), options, fault=fault
        )
    lines, _ = _sample(source, dialect.encoding, dialect.first - 1)
    rows = tuple((row, tuple(split(text, dialect.delimiter))) for row, text in lines[:most])
    words = frozenset(
        (row, k)
        for row, cells in rows
        for k, cell in enumerate(cells)
        if _is_word(cell, dialect.decimal)
    )
    return Head(rows, options, dialect, tuple(chosen), words)


def parts(source: Source, budget: Budget) -> tuple[Part, ...]:
    """The columns; rows are counted, not parsed."""
    dialect = sniff(source)
    rows = 0
    for number, text in _rows(source, dialect, budget):
        rows += sum(not _is_comment(line) for _, line in _lines(number, text))
    return tuple(
        Part(name, (rows,), "float64" if number else "text", "" if number else "not loadable")
        for name, number in zip(dialect.columns, dialect.numeric)
    )


def read(source: Source, part: str, budget: Budget) -> Raw:
    """All columns of numbers, or those that `part` names or numbers (from 0)."""
    columns, options = asked(part)
    dialect = sniff(source, options)
    chosen = _chosen(dialect, columns)
    pieces: list[np.ndarray] = []
    rows = 0
    for number, text in _rows(source, dialect, budget):
        pieces.append(_parsed(number, text, dialect, chosen))
        rows += len(pieces[-1])
        budget.claim((rows, len(chosen)), 8)
    values = np.concatenate(pieces)
    if len(chosen) > 1:
        return Raw(values, source.name, ("row", "column"), part=part, dialect=dialect)
    name, unit = _name_and_unit(dialect.columns[chosen[0]])
    return Raw(values[:, 0], name, ("row",), unit, part, dialect)


def sniff(source: Source, options: Options = FOUND_OUT) -> CsvDialect:
    """Find out how a table is written from its first lines, as far as it is not told."""
    encoding = _encoding(source)
    lines, comment = _sample(source, encoding, options.skip)
    dialects = itertools.product(
        DELIMITERS if options.delimiter is None else (options.delimiter,),
        (".", ",") if options.decimal is None else (options.decimal,),
    )
    delimiter, decimal = max(dialects, key=lambda pair: _fitness(lines, *pair))
    rows = [split(text, delimiter) for _, text in lines]
    width = _width(rows)
    if width > MOST_COLUMNS:
        raise BadData(
            f"it has {width} columns; a table must have at most {MOST_COLUMNS}; save the data as "
            ".npy or HDF5"
        )
    start = 0  # lines of text above the table, as instruments write them, are passed over
    while len(rows[start]) != width and not any(_is_number(c, decimal) for c in rows[start]):
        start += 1
        if start == len(rows):
            raise BadData("it holds no table; choose another file")
    header = options.header
    if header is None:
        header = _is_header(rows[start], rows[start + 1 :], decimal)
    body = rows[start + header :]
    if not body:
        raise BadData("it holds a header but no rows; choose another file")
    for k in (start, start + header):
        _same_width(rows[k], width, lines[k][0])
    titles = [c.strip() for c in (rows[start] if header else split(comment, delimiter))]
    titles = titles if len(titles) == width else [""] * width
    columns = zip(*(row for row in body if len(row) == width))
    numeric = tuple(_is_numeric(c, decimal, bool(t)) for c, t in zip(columns, titles))
    first = lines[start + header][0]
    return CsvDialect(encoding, delimiter, decimal, header, first, _unique(titles), numeric)


def split(line: str, delimiter: str) -> list[str]:
    """The cells of a line; quotes protect delimiters inside them."""
    if not delimiter:
        return line.split()
    if '"' in line:
        try:
            return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
        except csv.Error as error:
            most = csv.field_size_limit()
            raise BadData(
                f"a cell in quotes has more than {most} characters; it must have fewer; close the "
                "quotes or leave them out"
            ) from error
    return line.split(delimiter)


def _encoding(source: Source) -> str:
    source.stream.seek(0)
    head = source.stream.read(SAMPLE_CHARACTERS)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"


def _lines(number: int, text: str) -> Iterator[Line]:
    """Numbered lines that are not blank."""
    for row, line in enumerate(text.split("\n"), number):
        if line and not line.isspace():
            yield row, line


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _rows(source: Source, dialect: CsvDialect, budget: Budget) -> Iterator[tuple[int, str]]:
    """The same pieces from the first data row on."""
    for number, text in blocks(source, dialect.encoding):
        budget.tick()
        above = max(dialect.first - number, 0)
        if text.count("\n") >= above:
            yield number + above, text.split("\n", above)[above]


def _sample(source: Source, encoding: str, skip: int) -> tuple[list[Line], str]:
    """The first lines with cells, and the comment right above them (it may name the columns)."""
    found: list[Line] = []
    comment, size = "", 0
    pieces = blocks(source, encoding, SAMPLE_CHARACTERS)
    for number, line in itertools.chain.from_iterable(itertools.starmap(_lines, pieces)):
        if number <= skip:
            continue
        if _is_comment(line):
            comment = comment if found else line.lstrip().lstrip("#").strip()
            continue
        found.append((number, line))
        size += len(line)
        if len(found) >= SAMPLE_ROWS or (len(found) > 1 and size > SAMPLE_CHARACTERS):
            break
    if not found:
        raise BadData("it holds no rows, only blank lines or comments; choose another file")
    return found, comment


def _width(rows: list[list[str]]) -> int:
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def _fitness(lines: list[Line], delimiter: str, decimal: str) -> float:
    """How well a table comes out: rows of one width, numbers in them, more than one column."""
    rows = [split(text, delimiter) for _, text in lines]
    width = _width(rows)
    even = [row for row in rows if len(row) == width]
    cells = [c for row in even for c in row[:SAMPLE_CELLS] if c.strip()]
    numbers = sum(_is_number(c, decimal) for c in cells) / max(len(cells), 1)
    return len(even) / len(rows) * (0.1 + numbers) * (1 + (width > 1))


def _is_header(first: list[str], rest: list[list[str]], decimal: str) -> bool:
    """Whether the first row names the columns: words only, or a word above numbers."""
    words = [_is_word(c, decimal) for c in first]
    if not any(words):
        return False
    if not any(_is_number(c, decimal) for c in first):
        return True
    below = [row for row in rest if len(row) == len(first)]
    return any(w and _is_numeric([r[k] for r in below], decimal) for k, w in enumerate(words))


def _is_numeric(cells: Sequence[str], decimal: str, named: bool = False) -> bool:
    """Whether most cells of a column are numbers; an empty column counts where it has a name."""
    filled = [c for c in cells if c.strip().lower() not in MISSING]
    if not filled:
        return named
    return 2 * sum(_is_number(c, decimal) for c in filled) >= len(filled)


def _unique(titles: list[str]) -> tuple[str, ...]:
    """Column names that are not empty and all different."""
    unique: dict[str, None] = {}
    times: Counter[str] = Counter()
    for k, title in enumerate(titles):
        name = stem = title or f"column {k}"
        while name in unique:
            times[stem] += 1
            name = f"{stem} ({times[stem] + 1})"
        unique[name] = None
    return tuple(unique)


def _chosen(dialect: CsvDialect, part: str) -> list[int]:
    """The places of the columns to load; quotes protect commas in their names."""
    if not part:
        chosen = [k for k, number in enumerate(dialect.numeric) if number]
        if not chosen:
            raise BadData(f"no column holds numbers ({listed(dialect.columns)}); load another")
        return chosen
    names = [part] if part in dialect.columns else split(part, ",")
    return [_place(dialect, name) for name in names]


def _place(dialect: CsvDialect, name: str) -> int:
    name = name.strip()
    if name in dialect.columns:
        return dialect.columns.index(name)
    if name.isascii() and name.isdigit() and int(name[:9]) < len(dialect.columns):
        return int(name)
    raise BadData(f"there is no column {quoted(name)}; there are {listed(dialect.columns)}")


def _name_and_unit(title: str) -> tuple[str, str]:
    """`length (mm)` and `length [mm]` carry a unit."""
    found = re.fullmatch(r"(.*\S)\s*(?:\((\D[^()]*)\)|\[([^\[\]]+)\])", title)
    return (found[1], found[2] or found[3]) if found else (title, "")


def _number(cell: str, decimal: str) -> float:
    """The number in a cell (1.5, 1,5 with a decimal comma, Fortran's 1.5D+03), NaN if missing."""
    try:
        if "_" in cell or (decimal == "," and "." in cell):  # 1_0 is Python's, 1.000 is unclear
            raise ValueError
        return float(cell if decimal == "." else cell.replace(",", "."))
    except ValueError:
        text = cell.strip().lower()
        if text in MISSING:
            return math.nan
        if FORTRAN.fullmatch(text):
            return float(text.replace("d", "e"))
        raise


def _is_number(cell: str, decimal: str) -> bool:
    try:
        return not math.isnan(_number(cell, decimal))
    except ValueError:
        return False


def _is_word(cell: str, decimal: str) -> bool:
    return cell.strip().lower() not in MISSING and not _is_number(cell, decimal)


def _parsed(number: int, text: str, dialect: CsvDialect, chosen: list[int]) -> np.ndarray:
    """The numbers of some lines, (row, column)."""
    comma = dialect.decimal == ","
    # A point beside decimal commas would read 1.000 as one; cell by cell it is refused.
    unclear = "#" in text or (comma and ("." in text or dialect.delimiter == ","))
    if all(dialect.numeric) and text.strip() and not unclear:
        lines = (text.replace(",", ".") if comma else text).split("\n")
        try:
            values = np.loadtxt(lines, delimiter=dialect.delimiter or None, comments=None, ndmin=2)
        except ValueError:
            pass
        else:
            if values.shape[1] == len(dialect.columns):
                return values[:, chosen]
    return _parsed_by_cells(number, text, dialect, chosen)


def _parsed_by_cells(number: int, text: str, dialect: CsvDialect, chosen: list[int]) -> np.ndarray:
    values: list[list[float]] = []
    for row, line in _lines(number, text):
        if _is_comment(line):
            continue
        cells = split(line, dialect.delimiter)
        _same_width(cells, len(dialect.columns), row)
        try:
            values.append([_number(cells[k], dialect.decimal) for k in chosen])
        except ValueError:
            bad = next(k for k in chosen if _is_word(cells[k], dialect.decimal))
            raise BadData(
                f"row {row}, column {quoted(dialect.columns[bad])} holds {quoted(cells[bad])}; it "
                "must be a number; correct the cell or choose other columns"
            ) from None
    return np.array(values, np.float64).reshape(-1, len(chosen))


def _same_width(cells: list[str], width: int, row: int) -> None:
    if len(cells) != width:
        raise BadData(
            f"row {row} has {len(cells)} cells, the table has {width} columns; all rows must have "
            "as many; correct that row"
        )
