"""Make the shipped data anew: `.venv/bin/python packaging/samples.py [NAME ...]`.

`flow` and `network` are computed here, `brain` and `iris` come with NiBabel and scikit-learn;
`resources/data/README.md` names their licences.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

FOLDER = ROOT / "resources" / "data"
GRAIN = 1024  # steps in 1/s of vorticity: finer than can be seen, and the file halves
FIFTH = 5  # every fifth digit, from the fifth on, tests the network and is not trained on
SEED = 0


def flow() -> None:
    """A double shear layer rolls up; every second point of 41 of its states."""
    from engines.context import Context
    from engines.pde.methods.navier_stokes_2d import NavierStokes2D
    from engines.pde.problem import double_shear_layer

    method = NavierStokes2D(grid=128, viscosity=2e-3, t_end=16.0, frames=41)
    found = method.run(double_shear_layer(128), Context())
    vorticity = np.round(found.vorticity[:, ::2, ::2] * GRAIN) / GRAIN
    np.savez_compressed(
        FOLDER / "flow.npz",
        vorticity=vorticity.astype(np.float32),
        time=found.time,
        energy=found.energy,
        enstrophy=found.enstrophy,
    )


def network() -> None:
    """One hidden layer of 64 rectified units, trained on four fifths of the digits."""
    from safetensors.torch import save

    with np.load(FOLDER / "digits8.npz") as kept:
        pixels = torch.from_numpy(kept["images"].reshape(-1, 64) / 16.0).float()
        labels = torch.from_numpy(kept["labels"].astype(np.int64))
    held_out = torch.arange(len(labels)) % FIFTH == FIFTH - 1
    torch.set_num_threads(1)  # sums in one order, whatever the number of cores
    torch.manual_seed(SEED)
    layers = nn.Sequential(
        OrderedDict(hidden=nn.Linear(64, 64), rectifier=nn.ReLU(), output=nn.Linear(64, 10))
    )
    _train(layers, pixels[~held_out], labels[~held_out])
    right = (layers(pixels).argmax(1) == labels)[held_out]
    # one entry, for several come in any order
    facts = {"trained": f"seed {SEED}; {int(right.sum())} of {len(right)} held out are recognised"}
    (FOLDER / "network.safetensors").write_bytes(save(layers.state_dict(), facts))


def _train(layers: nn.Module, pixels: Tensor, labels: Tensor) -> None:
    """Adam on all digits at once; decay of the weights keeps them from learning them by heart."""
    descent = torch.optim.AdamW(layers.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(300):
        descent.zero_grad()
        nn.functional.cross_entropy(layers(pixels), labels).backward()
        descent.step()


def brain() -> None:
    """The first of two volumes, from the bottom up with the front on top, less empty columns."""
    import nibabel
    from nibabel.testing import data_path

    volume = np.asarray(nibabel.load(Path(data_path) / "example4d.nii.gz").dataobj)[..., 0]
    slices = volume.transpose(2, 1, 0)[:, ::-1, 28:104]
    np.savez_compressed(FOLDER / "brain.npz", volume=slices)


def iris() -> None:
    """Lengths and widths of leaves in cm, and the species."""
    from sklearn.datasets import load_iris

    found = load_iris()
    np.savez_compressed(
        FOLDER / "iris.npz",
        measurements=found.data,
        species=found.target.astype(np.uint8),
    )


if __name__ == "__main__":
    makers = {"flow": flow, "network": network, "brain": brain, "iris": iris}
    for name in sys.argv[1:] or makers:
        makers[name]()
