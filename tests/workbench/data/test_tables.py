"""Text tables: the dialect is found out, numbers agree with Python's, errors name their place."""

import io
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.data import (
    BadData,
    CsvDialect,
    Limits,
    load,
    parts,
    preview,
    table_head,
    tables,
)
from workbench.data.table_options import DECIMALS, DELIMITERS, Options, asked, part_text


@pytest.fixture
def table(tmp_path):
    """Write a text and give its path."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal", "header"),
    [
        ("a,b\n1.5,2\n3,4.25\n", ",", ".", True),
        ("1.5,2\n3,4.25\n", ",", ".", False),
        ("1.5, 2\n3, 4.25\n", ",", ".", False),
        ("a;b\n1,5;2\n3;4,25\n", ";", ",", True),
        ("1.5;2\n3;4.25", ";", ".", False),
        ("a\tb\n1.5\t2\n3\t4.25\n", "\t", ".", True),
        ("1,5\t2\n3\t4,25\n", "\t", ",", False),
        ("1.5|2\n3|4.25\n", "|", ".", False),
        ("  1.5  2\n 3    4.25\n", "", ".", False),
        ("1,5 2\n3 4,25\n", "", ",", False),
        ('"a","b"\n"1.5","2"\n"3","4.25"\n', ",", ".", True),
        ('"1,5","2"\n"3,0","4,25"\n', ",", ",", False),
        ("a,b\r\n1.5,2\r\n3,4.25\r\n", ",", ".", True),
        ("1.5,2\r3,4.25\r", ",", ".", False),
        ("# made by hand\n\n1.5,2\n\n# and more\n3,4.25\n\n", ",", ".", False),
        ("1.5D0,2\n3.0d+00,4.25\n", ",", ".", False),
        ("1.50e0,+2\n.3e1,425E-2\n", ",", ".", False),
    ],
)
def test_that_every_way_to_write_a_table_gives_the_same_numbers(
    text, delimiter, decimal, header, table
):
    path = table(text)
    loaded = load(path)
    assert loaded.values.tolist() == [[1.5, 2.0], [3.0, 4.25]]
    assert loaded.dims == ("row", "column")
    dialect = preview(path).dialect
    assert (dialect.delimiter, dialect.decimal, dialect.header) == (delimiter, decimal, header)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_that_encodings_are_told_apart(encoding, table):
    path = table("größe,b\n1,2\n", encoding)
    assert [p.name for p in parts(path)] == ["größe", "b"]
    assert preview(path).dialect.encoding == encoding
    assert load(f"{path}::größe").values.tolist() == [1]


def test_that_numbers_survive_to_the_last_bit(table):
    values = np.random.default_rng(0).standard_normal((200, 4)) * 10.0 ** np.arange(-200, 200, 100)
    text = "\n".join(",".join(map(repr, row)) for row in values.tolist())
    np.testing.assert_array_equal(load(table(text)).values, values)
    by_cells = text.replace("\n", ",\n") + ","  # an empty column more
    np.testing.assert_array_equal(load(table(by_cells)).values, values)


@given(st.lists(st.floats() | st.integers(-(10**15), 10**15), min_size=2, max_size=5))
def test_that_whatever_number_python_writes_is_read_back(tmp_path_factory, row):
    path = tmp_path_factory.getbasetemp() / "numbers.csv"
    cells = [repr(x) for x in row]
    path.write_text(f"{','.join(cells)}\n{','.join('7' for _ in row)}\n")
    np.testing.assert_array_equal(load(str(path)).values[0], [float(c) for c in cells])


def test_that_columns_are_taken_by_name_or_number_in_the_order_asked_for(table):
    path = table("x,y,z\n1,2,3\n4,5,6\n")
    assert load(f"{path}::z,x").values.tolist() == [[3, 1], [6, 4]]
    assert load(f"{path}::1").values.tolist() == [2, 5]
    assert load(f"{path}::y").name == "y"
    assert load(f"{path}::y").dims == ("row",)


def test_that_a_column_name_may_hold_a_comma_and_wins_over_a_number(table):
    path = table('"a, b";1\n1;2\n3;4\n')
    assert load(f"{path}::a, b").values.tolist() == [1, 3]
    path = table("1st;0\n1;2\n3;4\n")
    assert load(f"{path}::0").values.tolist() == [2, 4]


@pytest.mark.parametrize("title", ["length (mm)", "length [mm]"])
def test_that_the_unit_of_a_column_is_read_from_its_title(title, table):
    loaded = load(table(f"{title}\n1\n2\n"))
    assert (loaded.name, loaded.unit, loaded.values.tolist()) == ("length", "mm", [1, 2])


def test_that_text_columns_are_left_out_and_shown_as_text(table):
    path = table("name,x,y\nfirst,1,2\nsecond,3,4\n")
    assert load(path).values.tolist() == [[1, 2], [3, 4]]
    assert [(p.name, p.shape, p.dtype) for p in parts(path)] == [
        ("name", (2,), "text"),
        ("x", (2,), "float64"),
        ("y", (2,), "float64"),
    ]


def test_that_missing_cells_become_nan_and_are_counted(table):
    path = table("a,b\n1,\nNA,2\n3,-\n nan ,4\n")
    expected = [[1, np.nan], [np.nan, 2], [3, np.nan], [np.nan, 4]]
    np.testing.assert_array_equal(load(path).values, expected)
    assert preview(path).missing == 4


def test_that_a_named_column_without_any_value_is_a_column_of_nan(table):
    assert np.isnan(load(table("a,b\n1,\n2,\n")).values[:, 1]).all()


def test_that_a_comment_above_the_rows_names_the_columns_as_numpy_writes_them(table):
    text = io.StringIO()
    np.savetxt(text, np.eye(2), header="left right")
    assert [p.name for p in parts(table(text.getvalue()))] == ["left", "right"]


def test_that_lines_of_text_above_the_table_are_passed_over(table):
    path = table("Spectrometer 3\nmade in Ulm\n\nx;y\n1;2\n3;4\n")
    assert load(path).values.tolist() == [[1, 2], [3, 4]]
    assert preview(path).dialect.columns == ("x", "y")
    assert preview(path).dialect.first == 5


def test_that_equal_and_empty_titles_are_told_apart(table):
    assert [p.name for p in parts(table("a,a,\n1,2,3\n"))] == ["a", "a (2)", "column 2"]


@pytest.mark.parametrize("quote", ["", '"'])  # with quotes the rows are parsed cell by cell
def test_that_text_in_a_column_of_numbers_is_refused_with_its_place(quote, table, refused):
    lines = ["a,b,c"] + [f"{k},{k}.5,{quote}{k}{quote}" for k in range(40)]
    lines[16] = "15,abc,15"
    sentence = refused(table("\n".join(lines)))
    assert "row 17, column 'b' holds 'abc'; it must be a number" in sentence


def test_that_rows_of_another_length_are_refused_with_their_place(table, refused):
    rows = ["1,2,3"] * 30
    for wrong in ("1,2", "1,2,3,4"):
        rows[20] = wrong
        assert "row 21 has" in refused(table("\n".join(rows)))
        assert "row 22 has" in refused(table("# note\n" + "\n".join(rows)))
    assert "row 1 has 3 cells" in refused(table("a,b,1\n" + "1,2\n" * 9))
    assert "row 2 has 2 cells" in refused(table("a,b,c\n1.5,2\n"))


def test_that_the_place_is_right_far_beyond_the_first_block(table, refused):
    rows = ["1.25,2.5"] * 700_000  # two blocks of 4 MiB
    rows[650_000] = "1.25,x"
    assert "row 650002, column 'b' holds 'x'" in refused(table("a,b\n" + "\n".join(rows)))


def test_that_an_unclear_number_is_refused_and_not_guessed(table, refused):
    text = "a;b\n" + "1,5;2,5\n" * 5
    assert "holds '1.000'" in refused(table(text + "1.000;2\n"))
    assert "holds '1_0'" in refused(table("a,b\n1,2\n3,4\n5,6\n1_0,2\n"))


def test_that_tables_without_numbers_or_rows_are_refused(table, refused):
    assert "no column holds numbers" in refused(table("a,b\nc,d\n"))
    assert "no rows" in refused(table("a,b\n"))
    assert "no rows" in refused(table("# only\n# comments\n\n"))
    assert "no column 'q'" in refused(table("a,b\n1,2\n") + "::q")
    assert "no column '7'" in refused(table("a,b\n1,2\n") + "::7")
    assert "holds 'c'" in refused(table("a,b\nc,1\n") + "::a")


def test_that_one_endless_line_is_refused(table, refused):
    assert "longer than 4 MiB" in refused(table("1" * (5 << 20)))


def test_that_a_table_beyond_the_limit_is_refused_while_it_is_read(table, refused):
    path = table("1,2\n" * 10_000)
    assert "10000 × 2" in refused(path, limits=Limits(bytes=100_000))


def test_that_a_million_rows_load_within_seconds(table):
    values = np.random.default_rng(0).integers(0, 1000, (1000, 3))
    text = "".join(f"{a},{b},{c}\n" for a, b, c in values)
    path = table("a,b,c\n" + text * 1000)
    start = time.perf_counter()
    loaded = load(path).values
    assert time.perf_counter() - start < 5  # 0.5 s measured, and the machine may be busy
    np.testing.assert_array_equal(loaded, np.tile(values, (1000, 1)))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", [[15, 2], [3, 4]]),  # found out: commas delimit
        ("delimiter=semicolon,decimal=comma", [[1.5], [3.25]]),
        ("decimal=comma,delimiter=semicolon", [[1.5], [3.25]]),
    ],
)
def test_that_what_is_told_goes_before_what_is_found_out(options, expected, table):
    text = {"": "15,2\n3,4\n"}.get(options, "1,5\n3,25\n")
    loaded = load(table(text) + (f"::{options}" if options else ""))
    assert loaded.values.reshape(2, -1).tolist() == expected


def test_that_header_and_skipped_lines_can_be_told(table):
    path = table("7;8\n# note\n\n1;2\n3;4\n")
    assert load(path).values.tolist() == [[7, 8], [1, 2], [3, 4]]
    assert load(f"{path}::header=yes").values.tolist() == [[1, 2], [3, 4]]
    assert load(f"{path}::8::header=yes").values.tolist() == [2, 4]
    assert load(f"{path}::skip=3").values.tolist() == [[1, 2], [3, 4]]
    assert load(f"{path}::1::skip=3,header=no").values.tolist() == [2, 4]
    words = table("a;b\n1;2\n")
    assert "'a'; it must be a number" in _refusal(f"{words}::0::header=no")


def _refusal(reference: str) -> str:
    with pytest.raises(BadData) as caught:
        load(reference)
    return str(caught.value)


def test_that_the_reference_repeats_what_was_told(table):
    path = table("a;b\n1,5;2\n3;4,25\n")
    reference = f"{path}::b,a::delimiter=semicolon,decimal=comma,header=yes"
    first = load(reference)
    assert first.reference == reference
    assert load(first.reference).sha256 == first.sha256
    assert first.values.tolist() == [[2, 1.5], [4.25, 3]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("decimal=dot", "decimal is 'dot'; it must be one of point, comma"),
        ("delimiter=,", "there is no column"),
        ("header=maybe", "it must be one of yes, no"),
        ("skip=x", "skip is 'x'"),
        ("skip=99", "no rows"),
    ],
)
def test_that_options_that_cannot_be_are_refused(options, words, table, refused):
    assert words in refused(f"{table('1,2' + chr(10) + '3,4')}::{options}")


@given(
    st.lists(st.sampled_from(["a", "b", "a,b", 'say "a"', "0", "a b", "x::y"]), min_size=1),
    st.builds(
        Options,
        st.sampled_from([None, *DELIMITERS.values()]),
        st.sampled_from([None, *DECIMALS.values()]),
        st.sampled_from([None, True, False]),
        st.integers(0, 99),
    ),
)
def test_that_columns_and_options_survive_the_reference(columns, options):
    known = ["a", "b", "a,b", 'say "a"', "0", "a b", "x::y"]
    columns = list(dict.fromkeys(columns))
    names, found = asked(part_text(columns, options, known))
    assert found == options
    dialect = CsvDialect("utf-8", ",", ".", True, 2, tuple(known), (True,) * len(known))
    assert [known[k] for k in tables._chosen(dialect, names)] == columns


def test_that_the_head_of_a_table_shows_cells_lines_and_what_is_no_number(table):
    rows = "".join(f"{k};{k}.5;text\n" for k in range(300))
    found = table_head(table("# note\nn;x;word\n" + rows) + "::n,word::skip=1", 5)
    assert found.rows[0] == (3, ("0", "0.5", "text"))
    assert [row for row, _ in found.rows] == [3, 4, 5, 6, 7]
    assert found.chosen == (0, 2)
    assert found.words == {(row, 2) for row in range(3, 8)}
    assert found.dialect.numeric == (True, True, False)
    assert (found.options, found.fault) == (Options(skip=1), "")


def test_that_the_head_of_what_is_no_table_shows_its_lines_and_the_reason(table):
    found = table_head(table("a,b,1\n1,2\n3,4\n"))
    assert found.rows == ((1, ("a,b,1",)), (2, ("1,2",)), (3, ("3,4",)))
    assert "row 1 has 3 cells" in found.fault
    assert found.dialect is None


def test_that_other_formats_have_no_head(examples):
    with pytest.raises(BadData, match="not a table of text"):
        table_head(str(examples["grey.png"].path))


@pytest.mark.parametrize(
    "text",
    [
        ",".join(["a"] * 60_000) + "\n" + ",".join(["1"] * 60_000) + "\n",
        "a\n" + "1" * 100_000 + "x\n2\n",
        "solid" + " " * 60_000 + "x\n1 2 3\n",
    ],
    ids=["equal titles", "almost a Fortran number", "almost an STL"],
)
def test_that_no_text_takes_time_beyond_its_length(text, table):
    start = time.monotonic()
    assert parts(str(table(text)))
    # Each took minutes when its time grew with the square of the length; now 0.2 s.
    assert time.monotonic() - start < 5


def test_that_more_columns_than_a_table_has_are_refused(table, refused):
    wide = "1," * 100_000 + "1\n"
    assert "it has 100001 columns; a table must have at most 100000" in refused(table(wide))


def test_that_quotes_that_do_not_close_are_refused_in_our_words(table, refused):
    assert "a cell in quotes has more than 131072 characters" in refused(table('"' * 300_000))


def test_that_lines_that_make_no_table_are_shown_cut(table):
    head = table_head(str(table("1," * 200_000)))
    assert head.fault
    assert len(head.rows[0][1][0]) == 1000
