"""Meshes and clouds: equal geometry from every format, bounds kept, places of errors named."""

import contextlib
import struct
import time
import tracemalloc

import numpy as np
import pytest

from workbench.data import BadData, Limits, load, parts, preview

MESHES = ("plain.obj", "plain.off", "plain.ply", "little.ply", "big.ply", "binary.stl", "text.stl")


@pytest.fixture
def mesh(tmp_path):
    def write(content: str | bytes) -> str:
        path = tmp_path / "mesh.dat"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


def arrays(path: object) -> dict[str, np.ndarray]:
    return {p.name: load(f"{path}::{p.name}").values for p in parts(str(path))}


@pytest.mark.parametrize("name", MESHES)
def test_that_every_format_gives_the_same_closed_surface(name, examples):
    found = arrays(examples[name].path)
    corners = found["vertices"][found["faces"]].astype(float)
    assert corners.shape == (6, 3, 3)
    # The divergence theorem: a pyramid of height 3/4 over the unit square has the volume 1/4,
    # and it counts positive only where every face looks outwards.
    volume = np.linalg.det(corners).sum() / 6
    assert volume == pytest.approx(0.25, abs=1e-6)
    edges = found["faces"][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2).tolist()
    assert sorted(edges) == sorted(e[::-1] for e in edges), "each edge is passed once each way"


@pytest.mark.parametrize("name", MESHES)
def test_that_the_vertices_are_taken_where_no_part_is_named(name, examples):
    shown = preview(str(examples[name].path))
    assert (shown.kind, shown.shape, shown.dims) == ("points", (5, 3), ("vertex", "axis"))
    assert shown.reference.endswith("::vertices")


def test_that_clouds_have_points_where_meshes_have_vertices(examples):
    assert preview(str(examples["cloud.pts"].path)).dims == ("point", "axis")
    assert load(f"{examples['plain.ply'].path}::faces").dims == ("face", "corner")


@pytest.mark.parametrize("name", ["plain.ply", "little.ply", "big.ply"])
def test_that_bytes_of_colour_become_fractions(name, examples):
    found = arrays(examples[name].path)["colours"]
    np.testing.assert_allclose(found, np.tile([1, 0.2, 0], (5, 1)), atol=1e-7)  # 51 / 255


def test_that_binary_polygons_of_one_size_are_read_as_those_of_many(mesh, examples):
    mixed = arrays(examples["little.ply"].path)
    head = b"ply\nformat binary_little_endian 1.0\nelement vertex 5\n"
    head += b"property double x\nproperty double y\nproperty double z\nproperty float quality\n"
    head += b"element face 6\nproperty list uchar ushort vertex_index\nend_header\n"
    rows = b"".join(struct.pack("<3df", *p, 0.5) for p in mixed["vertices"])
    rows += b"".join(struct.pack("<B3H", 3, *f) for f in mixed["faces"])
    found = arrays(mesh(head + rows))
    np.testing.assert_array_equal(found["faces"], mixed["faces"])
    assert found["vertices"].dtype == np.float64
    assert found["quality"].tolist() == [0.5] * 5


def test_that_a_longer_list_behind_a_short_one_is_noticed(mesh):
    head = b"ply\nformat binary_little_endian 1.0\nelement vertex 4\n"
    head += b"property float x\nproperty float y\nproperty float z\n"
    head += b"element face 2\nproperty list uchar uchar vertex_indices\nend_header\n"
    faces = bytes([3, 0, 1, 2, 4, 0, 1, 2, 3])
    found = arrays(mesh(head + np.float32(np.eye(4, 3)).tobytes() + faces))
    assert found["faces"].tolist() == [[0, 1, 2], [0, 1, 2], [0, 2, 3]]


def test_that_elements_between_vertices_and_faces_are_passed_over(mesh):
    text = (
        "ply\r\nformat ascii 1.0\r\nelement vertex 3\r\nproperty float x\r\nproperty float y\r\n"
        "property float z\r\nelement strip 2\r\nproperty list uchar float weights\r\n"
        "element mark 1\r\nproperty int a\r\nelement face 1\r\n"
        "property list uchar int vertex_indices\r\nend_header\r\n"
        "0 0 0\r\n1 0 0\r\n0 1 0\r\n2 0.5 1\r\n0\r\n7\r\n3 0 1 2\r\n"
    )
    assert arrays(mesh(text))["faces"].tolist() == [[0, 1, 2]]
    data = b"".join(struct.pack(">3f", *p) for p in [(0, 0, 0), (1, 0, 0), (0, 1, 0)])
    data += struct.pack(">B2fBiB3i", 2, 0.5, 1, 0, 7, 3, 0, 1, 2)
    head = text[: text.index("end_header")].replace("ascii", "binary_big_endian")
    assert arrays(mesh((head + "end_header\r\n").encode() + data))["faces"].tolist() == [[0, 1, 2]]


def test_that_off_gives_the_normals_and_colours_it_announces(mesh):
    rows = "0 0 0  0 0 1  255 0 0 255\n1 0 0  0 0 1  0 255 0 255\n0 1 0  0 0 1  0 0 255 255\n"
    found = arrays(mesh("CNOFF 3 1 0\n" + rows + "3 0 1 2  0.5 0.5 0.5\n"))
    assert found["normals"].tolist() == [[0, 0, 1]] * 3
    assert found["colours"][:, :3].tolist() == np.eye(3).tolist()


def test_that_obj_takes_colours_and_counts_back_from_the_last_vertex(mesh):
    text = "v 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 0 1 0 0 0 1\nf -3 -2 -1\nv 1 1 0 0 0 0\nf -1 -2 2\n"
    found = arrays(mesh(text))
    assert found["faces"].tolist() == [[0, 1, 2], [3, 2, 1]]
    assert found["colours"][:3].tolist() == np.eye(3).tolist()


def test_that_a_scan_gives_intensity_and_colour(mesh):
    path = mesh("2\n0 0 0 -1200 255 0 51\n1 2 3 40 0 255 0\n")
    found = arrays(path)
    assert found["vertices"].tolist() == [[0, 0, 0], [1, 2, 3]]
    assert found["intensity"].tolist() == [-1200, 40]
    np.testing.assert_allclose(found["colours"], [[1, 0, 0.2], [0, 1, 0]], atol=1e-7)


def test_that_rows_of_three_numbers_without_a_count_are_a_cloud(mesh):
    shown = preview(mesh("0 0 0\n1 2 3\n4 5 6\n7 8 10\n"))
    assert (shown.kind, shown.shape) == ("points", (4, 3))


def test_that_polygons_keep_order_and_area_when_they_become_triangles(mesh):
    rng = np.random.default_rng(0)
    sizes = rng.integers(3, 9, 300)
    points, faces, area = [], [], 0.0
    for k, n in enumerate(sizes):  # regular polygons, each on a level of its own
        angle = 2 * np.pi * np.arange(n) / n
        points += [(np.cos(a), np.sin(a), float(k)) for a in angle]
        faces.append(range(len(points) - n, len(points)))
        area += n / 2 * np.sin(2 * np.pi / n)
    text = f"OFF\n{len(points)} {len(faces)} 0\n"
    text += "".join("{!r} {!r} {!r}\n".format(*map(float, p)) for p in points)
    text += "".join(f"{len(f)} {' '.join(map(str, f))}\n" for f in faces)
    found = arrays(mesh(text))
    corners = found["vertices"][found["faces"]]
    assert (np.diff(corners[:, 0, 2]) >= 0).all(), "triangles stand in the order of the polygons"
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert normal[:, 2].sum() / 2 == pytest.approx(area, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("v 0 0 0\nv 1 0 0\nv 0 1 x\n", "row 3 holds 'x'; it must be a number"),
        ("v 0 0 0\nv 1 0 0\nv 0 1\n", "entry 2 has 2 numbers, the first has 3"),
        ("v 0 0 0\nf 1 1 2\n", "names vertex 1 (counted from 0)"),
        ("v 0 0 0\nf 1 1 0\n", "row 2 names vertex '0'"),
        ("v 0 0 0\nf 1 1 -2\n", "names vertex -1"),
        ("v 0 0 0\nf 1 1 9999999999999999999999\n", "row 2 holds '9999999999999999999998'"),
        ("OFF\n2 1 0\n0 0 0\n1 1 1\n4 0 1 1\n", "row 5 announces '4' corners and has 3"),
        ("OFF\n9 1 0\n0 0 0\n1 1 1\n", "promises 9 vertices and has 2"),
        ("OFF\n2 1 0\n0 0\n1 1 1\n", "row 3 has 2 numbers"),
        ("OFF BINARY\n1 1 1\n", "save it as plain OFF"),
        ("5\n0 0 0\n1 1 1\n", "promises 5 points, it has 2"),
        ("1\n0 0 0\n1 1 1\n", "row 3 comes after the last point"),
        ("solid a\nfacet normal 0 0 1\nvertex 0 0 0\nvertex 1 1 1\n", "it has 2 corners"),
        ("ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\n", "its header has no end"),
        ("ply\nformat ascii 1.0\nelement vertex x\nend_header\n", "row 3 of its header"),
        ("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n", "no x, y"),
    ],
)
def test_that_what_is_wrong_is_said_with_its_place(text, words, mesh, refused):
    assert words in refused(mesh(text))


def test_that_an_unknown_part_is_refused_with_the_known_ones(examples, refused):
    assert "'vertices', 'faces'" in refused(f"{examples['plain.obj'].path}::edges")


def big_binary_ply(n: int, m: int) -> bytes:
    rng = np.random.default_rng(0)
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {n}\n"
    head += "property float x\nproperty float y\nproperty float z\n"
    head += f"element face {m}\nproperty list uchar int vertex_indices\nend_header\n"
    faces = np.empty(m, [("n", "u1"), ("f", "<i4", 3)])
    faces["n"], faces["f"] = 3, rng.integers(0, n, (m, 3))
    return head.encode() + rng.random((n, 3), np.float32).tobytes() + faces.tobytes()


def big_stl(m: int) -> bytes:
    records = np.zeros(m, [("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")])
    records["c"] = np.random.default_rng(0).integers(0, 40, (m, 3, 3))
    return bytes(80) + struct.pack("<I", m) + records.tobytes()


@pytest.mark.parametrize(
    ("content", "allowed"),
    [
        # as in the file, and faces once more as they are given back
        (big_binary_ply(200_000, 400_000), 200_000 * 12 + 400_000 * (13 + 12)),
        (big_stl(100_000), 100_000 * 108),
        (b"v 0 1 2\n" * 50_000 + b"f 1 2 3\n" * 50_000, 50_000 * (3 * 8 + 3 * 8 + 3 * 4)),
    ],
)
def test_that_a_mesh_takes_at_most_twice_the_memory_that_is_allowed(
    content, allowed, mesh, refused
):
    path = mesh(content)
    tracemalloc.start()
    try:
        load(path, limits=Limits(bytes=allowed))
        # slack for blocks of the file and places of triangles, which do not grow with it
        assert tracemalloc.get_traced_memory()[1] < 2 * allowed + (8 << 20)
    finally:
        tracemalloc.stop()
    assert "are loaded at once" in refused(path, limits=Limits(bytes=allowed * 3 // 5))


def test_that_a_header_that_promises_too_much_takes_no_memory(mesh, refused):
    head = b"ply\nformat binary_little_endian 1.0\nelement vertex 99999999999\n"
    head += b"property float x\nproperty float y\nproperty float z\nend_header\n"
    tracemalloc.start()
    try:
        refused(mesh(head), limits=Limits(bytes=1 << 50))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_that_a_hundred_thousand_triangles_as_text_load_within_seconds(mesh):
    text = "".join(f"v {k} 0.5 1e-3\n" for k in range(50_000))
    text += "".join(f"f {k}/1 {k + 1}/2 {k + 2}/3\n" for k in range(1, 49_998) for _ in (0, 1))
    path = mesh(text)
    start = time.perf_counter()
    assert load(f"{path}::faces").values.shape == (2 * 49_997, 3)
    assert time.perf_counter() - start < 5  # 0.4 s measured, and the machine may be busy


@pytest.mark.parametrize("filler", ["CN", "\n", " ", "# \n", "1\n", "s\n", "a " * 30 + "\n"])
def test_that_no_text_holds_up_the_look_at_its_beginning(filler, mesh, refused):
    path = mesh(filler * (60_000 // len(filler)) + "\0")
    start = time.perf_counter()
    assert "no known format" in refused(path)
    path = mesh(filler * (60_000 // len(filler)) + "x")
    with contextlib.suppress(BadData):
        load(path)
    assert time.perf_counter() - start < 2


def test_that_faces_without_corners_take_no_memory_beyond_the_limit(tmp_path, refused):
    path = tmp_path / "a.ply"
    count = 2_000_000  # of one byte each; where each begins would take eight
    path.write_bytes(
        b"ply\nformat binary_little_endian 1.0\nelement vertex 1\nproperty float x\n"
        b"property float y\nproperty float z\nelement face %d\n"
        b"property list uchar int vertex_indices\nend_header\n" % count + bytes(12 + count)
    )
    tracemalloc.start()
    try:
        assert "takes 30.5 MiB" in refused(path, limits=Limits(bytes=8 << 20))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
