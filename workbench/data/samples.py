"""Built-in data, at least one for every family of methods; the same numbers each time."""

from __future__ import annotations

from functools import partial
from importlib import resources

import numpy as np

from engines.transport.surfaces import arm, arm_faces, bent_arm
from workbench.data import sources, tensors
from workbench.data.base import Budget, Kind, Limits, Sample

FOLDER = resources.files("resources") / "data"
VERTICES, FACES = ("vertex", "axis"), ("face", "corner")
FORMULA = "computed from a formula"
OWN = "BSD-3-Clause"
MATPLOTLIB = "Matplotlib licence"
CC_BY = "CC-BY-4.0"
NAVY = "J. S. Davis, official portrait of Rear Admiral Grace Hopper, United States Navy, 1984"
FAULT = "elevation in metres around the Jacksboro fault, Tennessee; sample data of Matplotlib"
BRAIN = (
    "magnetic resonance images of a head, 2 × 2 mm a pixel and 2.2 mm from slice to slice; first "
    "volume of example4d.nii.gz of NiBabel"
)
DIGITS = (
    "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, "
    "UCI Machine Learning Repository, 1998 (test set)"
)
IRIS = (
    "R. A. Fisher, Iris, UCI Machine Learning Repository, 1936; length of sepal, length and width "
    "of petal in cm, 50 flowers of each of three species"
)
FLOW = (
    "vorticity in 1/s of a double shear layer every 0.4 s, computed by pde.navier_stokes_2d with "
    "ν = 0.002 m²/s on 128 × 128 points, every second of them kept"
)
NETWORK = (
    "64 rectified units and 10 outputs for sample:digits divided by 16, trained from seed 0 on "
    "all but every fifth digit; 347 of these 359 are recognised"
)


def samples() -> dict[str, Sample]:
    """All samples by name; load one as `sample:NAME`."""
    found = (
        Sample("moons", "Two half moons", "points", OWN, FORMULA, moons),
        Sample("ring", "A ring", "points", OWN, FORMULA, ring),
        Sample("iris", "Measured iris flowers", "points", CC_BY, IRIS, _iris, ("flower", "axis")),
        Sample("arm", "An arm, stretched", "points", OWN, FORMULA, arm, VERTICES, "arm_faces"),
        Sample(
            "bent_arm",
            "The same arm, bent: point by point",
            "points",
            OWN,
            FORMULA,
            bent_arm,
            VERTICES,
            "arm_faces",
        ),
        Sample(
            "arm_faces", "Triangles of the arm, both poses", "table", OWN, FORMULA, arm_faces, FACES
        ),
        Sample(
            "hillside",
            "Surface of a hillside",
            "points",
            MATPLOTLIB,
            FAULT,
            hillside,
            VERTICES,
            "hillside_faces",
        ),
        Sample(
            "hillside_faces",
            "Triangles of the hillside",
            "table",
            MATPLOTLIB,
            FAULT,
            hillside_faces,
            FACES,
        ),
        Sample("phantom", "Shepp-Logan phantom", "image", OWN, FORMULA, phantom),
        Sample("brain", "Slices of a brain", "stack", "MIT", BRAIN, _brain),
        Sample("phantom_slices", "Slices of a phantom", "stack", OWN, FORMULA, phantom_slices),
        Sample("terrain", "Mountains on a fault", "image", MATPLOTLIB, FAULT, _terrain),
        Sample("profile", "Heights over a fault", "signal", MATPLOTLIB, FAULT, _profile, ("x",)),
        Sample("portrait", "Grace Hopper", "image", "public domain", NAVY, _portrait),
        Sample("digits", "Handwritten digits 0 to 9", "stack", CC_BY, DIGITS, _digits),
        Sample("minerals", "Mixed spectra", "stack", OWN, FORMULA, minerals, ("band", "y", "x")),
        Sample("vorticity", "Vortices of both signs", "image", OWN, FORMULA, vorticity),
        Sample("flow", "A shear layer rolls up", "stack", OWN, FLOW, _flow, ("time", "y", "x")),
        Sample("decay", "Matrix with singular values 1, 1/2, 1/4, …", "array", OWN, FORMULA, decay),
        _tensor("hidden.weight", "Network: weights of its units", "array", ("unit", "pixel")),
        _tensor("hidden.bias", "Network: offsets of its units", "signal", ("unit",)),
        _tensor("output.weight", "Network: weights of its outputs", "array", ("digit", "unit")),
        _tensor("output.bias", "Network: offsets of its outputs", "signal", ("digit",)),
    )
    return {sample.name: sample for sample in found}


def moons(n: int = 400) -> np.ndarray:
    """Two interleaved half circles of radius 1 with a little noise, (n, 2)."""
    angle = np.pi * _even(n // 2)
    upper = np.column_stack((np.cos(angle), np.sin(angle)))
    lower = np.column_stack((1 - np.cos(angle), 0.5 - np.sin(angle)))
    noise = np.random.default_rng(0).normal(scale=0.05, size=(2 * len(angle), 2))
    return np.vstack((upper, lower)) + noise


def ring(n: int = 400) -> np.ndarray:
    """Points around the circle of radius 1.5 about (0.5, 0.25), the middle of the moons, (n, 2)."""
    angle = 2 * np.pi * _even(n)
    radius = 1.5 + np.random.default_rng(1).normal(scale=0.05, size=n)
    return np.column_stack((0.5 + radius * np.cos(angle), 0.25 + radius * np.sin(angle)))


# Intensity, half axes a, b, c, centre x, y and angle in degrees of each ellipsoid: the ellipses of
# Shepp and Logan (1974), with the contrast of Toft (1996) so that the inside can be seen, and with
# heights about the plane of the picture as usual in space.
ELLIPSOIDS = (
    (1.0, 0.69, 0.92, 0.81, 0.0, 0.0, 0),
    (-0.8, 0.6624, 0.874, 0.78, 0.0, -0.0184, 0),
    (-0.2, 0.11, 0.31, 0.22, 0.22, 0.0, -18),
    (-0.2, 0.16, 0.41, 0.28, -0.22, 0.0, 18),
    (0.1, 0.21, 0.25, 0.41, 0.0, 0.35, 0),
    (0.1, 0.046, 0.046, 0.05, 0.0, 0.1, 0),
    (0.1, 0.046, 0.046, 0.05, 0.0, -0.1, 0),
    (0.1, 0.046, 0.023, 0.05, -0.08, -0.605, 0),
    (0.1, 0.023, 0.023, 0.02, 0.0, -0.606, 0),
    (0.1, 0.023, 0.046, 0.02, 0.06, -0.605, 0),
)


def phantom(n: int = 128) -> np.ndarray:
    """Shepp and Logan's head, (n, n) between 0 and 1, top row first."""
    return _head(n, np.zeros(1))[0]


def phantom_slices(slices: int = 41, n: int = 128) -> np.ndarray:
    """The head in space, cut at even distances from its base to its crown, (slices, n, n).

    The one in the middle of an odd number is the phantom.
    """
    crown = ELLIPSOIDS[0][3]
    return _head(n, crown * (2 * _even(slices) - 1))


# Of each mineral: level, slope and the dips of its reflectance, each a middle and a width in µm and
# a depth, all made up after what water, hydroxyl, carbonate and iron do to rocks.
MINERALS = (
    (0.30, 0.10, ((0.90, 0.12, 0.12), (0.53, 0.05, 0.08))),
    (0.62, 0.02, ((2.20, 0.04, 0.25), (1.40, 0.04, 0.20))),
    (0.75, -0.05, ((2.34, 0.06, 0.30),)),
    (0.18, 0.06, ((1.00, 0.20, 0.08), (2.00, 0.25, 0.06))),
)
BANDS = 0.4, 2.5  # µm


def minerals(bands: int = 100, n: int = 64) -> np.ndarray:
    """A hyperspectral cube: reflectance of four minerals in smooth shares, (bands, n, n).

    Linear mixing: each pixel is Σ share · spectrum with shares that are positive and sum to 1, plus
    noise of standard deviation 0.002. So all but the noise has rank 4.
    """
    wave = BANDS[0] + (BANDS[1] - BANDS[0]) * _even(bands)
    spectra = []
    for level, slope, dips in MINERALS:
        kept = [1 - depth * np.exp(-0.5 * ((wave - at) / width) ** 2) for at, width, depth in dips]
        spectra.append((level + slope * (wave - wave[0])) * np.prod(kept, axis=0))
    rng = np.random.default_rng(3)
    x = 2 * np.pi * _even(n)
    turns, phases = rng.integers(1, 4, (len(MINERALS), 2)), rng.uniform(0, 2 * np.pi, (2, 4, 1, 1))
    waves = np.cos(turns[:, :1, None] * x[:, None] + phases[0]) * np.cos(
        turns[:, 1:, None] * x + phases[1]
    )
    shares = np.exp(3 * waves)
    shares /= shares.sum(0)
    noise = rng.normal(scale=0.002, size=(bands, n, n))
    return np.tensordot(np.array(spectra).T, shares, axes=1) + noise


def vorticity(n: int = 128) -> np.ndarray:
    """Vorticity of random waves of wavelengths 1/2 to 1/8 on the unit torus, (n, n), greatest 1."""
    rng = np.random.default_rng(2)
    x = 2 * np.pi * np.arange(n) / n
    field = np.zeros((n, n))
    for kx in range(-8, 9):
        for ky in range(9):
            k = np.hypot(kx, ky)
            if 2 <= k <= 8:
                phase = rng.uniform(0, 2 * np.pi)
                field += k**-1.5 * np.cos(kx * x + ky * x[:, None] + phase)
    return field / np.abs(field).max()


def decay(rows: int = 200, columns: int = 150) -> np.ndarray:
    """A matrix with cosines as singular vectors and singular values 2⁻ᵏ, k = 0, 1, …"""
    left, right = _cosines(rows)[:, :columns], _cosines(columns)
    return (left * 0.5 ** np.arange(columns)) @ right.T


CORNER, SIDE = (296, 220), 32  # of the hillside: its first point in the terrain, points a side
PACE = (74.7, 92.5)  # metres from column to column and row to row: 3 arc seconds at 36.5° north


def hillside() -> np.ndarray:
    """A steep piece of the terrain, (1024, 3): metres to the east, to the north and above sea."""
    row, column = CORNER
    height = _terrain()[row : row + SIDE, column : column + SIDE]
    along = np.arange(SIDE)
    east, north = np.meshgrid(PACE[0] * along, PACE[1] * along[::-1])
    return np.column_stack((east.ravel(), north.ravel(), height.ravel()))


def hillside_faces() -> np.ndarray:
    """Two triangles for each square of the hillside, looking up, (1922, 3)."""
    a = (SIDE * np.arange(SIDE - 1)[:, None] + np.arange(SIDE - 1)).ravel()
    b, c, d = a + SIDE, a + SIDE + 1, a + 1
    return np.vstack((np.column_stack((a, b, c)), np.column_stack((a, c, d))))


def _tensor(part: str, title: str, kind: Kind, dims: tuple[str, ...]) -> Sample:
    """One array of the network that ships."""
    name = f"network_{part.replace('.', '_')}"
    return Sample(name, title, kind, OWN, NETWORK, partial(_weights, part), dims)


def _even(n: int) -> np.ndarray:
    """The middles of n equal pieces of 0…1."""
    return (np.arange(n) + 0.5) / n


def _cosines(n: int) -> np.ndarray:
    """The orthogonal matrix of the discrete cosine transform, a wave in each column."""
    waves = np.cos(np.pi * _even(n)[:, None] * np.arange(n))
    return waves / np.linalg.norm(waves, axis=0)


def _head(n: int, heights: np.ndarray) -> np.ndarray:
    """Slices of the head over -1…1 at some heights, (height, n, n), top row first."""
    x = 2 * _even(n) - 1
    y, z = -x[:, None], heights[:, None, None]
    image = np.zeros((len(heights), n, n))
    for intensity, a, b, c, x0, y0, degrees in ELLIPSOIDS:
        turn = np.deg2rad(degrees)
        along = (x - x0) * np.cos(turn) + (y - y0) * np.sin(turn)
        across = (y - y0) * np.cos(turn) - (x - x0) * np.sin(turn)
        image[(along / a) ** 2 + (across / b) ** 2 + (z / c) ** 2 <= 1] += intensity
    return np.clip(image, 0, 1)


def _digits() -> np.ndarray:
    return _shipped("digits8.npz", "images")


def _terrain() -> np.ndarray:
    return _shipped("terrain.npz", "elevation")


def _profile() -> np.ndarray:
    """The row of the terrain through the middle of the hillside."""
    return _terrain()[CORNER[0] + SIDE // 2]


def _portrait() -> np.ndarray:
    return np.divide(_shipped("portrait.npz", "grey"), 255, dtype=np.float32)


def _brain() -> np.ndarray:
    return _shipped("brain.npz", "volume")


def _iris() -> np.ndarray:
    """Without the width of the sepal, which tells least about the species."""
    return _shipped("iris.npz", "measurements")[:, [0, 2, 3]]


def _flow() -> np.ndarray:
    return _shipped("flow.npz", "vorticity")


def _weights(part: str) -> np.ndarray:
    budget = Budget(Limits())
    with (
        resources.as_file(FOLDER / "network.safetensors") as path,
        sources.opened(str(path), budget) as source,
    ):
        return tensors.read(source, part, budget).values


def _shipped(name: str, part: str) -> np.ndarray:
    with (FOLDER / name).open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        return np.asarray(archive[part])
