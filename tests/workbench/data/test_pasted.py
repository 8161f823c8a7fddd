"""What is pasted becomes a file that loads as the same numbers; what is no data leaves none."""

import numpy as np
import pytest

from workbench.data import BadData, load
from workbench.data.pasted import keep_picture, keep_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\t2\n3\t4\n", [[1, 2], [3, 4]]),
        ("a\tb\r\n1,5\t2\r\n3\t4,25\r\n", [[1.5, 2], [3, 4.25]]),
        ("größe;b\n1;2\n", [[1, 2]]),
    ],
)
def test_that_a_table_is_kept_as_it_was(text, expected, tmp_path):
    path = keep_text(tmp_path / "pasted", text)
    assert path == tmp_path / "pasted" / "table 1.txt"
    assert load(str(path)).values.tolist() == expected


def test_that_nothing_pasted_before_is_replaced(tmp_path):
    paths = [keep_text(tmp_path, f"{k} 1\n2 3\n") for k in range(3)]
    assert [p.name for p in paths] == ["table 1.txt", "table 2.txt", "table 3.txt"]
    assert [load(str(p)).values[0, 0] for p in paths] == [0, 1, 2]


@pytest.mark.parametrize(
    "text", ["hello world", "", "a,b\nc,d\n", "x\0y", "1,2\n3\n", "1 2\n\ud800 3\n"]
)
def test_that_what_is_no_table_is_refused_and_leaves_no_file(text, tmp_path):
    with pytest.raises(BadData, match="no table of numbers") as caught:
        keep_text(tmp_path, text)
    assert "table 1.txt" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_that_a_picture_comes_back_byte_by_byte(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 4), np.uint8)
    pixels[..., 3] = 255
    path = keep_picture(tmp_path, pixels)
    assert path.name == "picture 1.png"
    np.testing.assert_array_equal(load(str(path)).values, np.float32(pixels[..., :3] / 255))
