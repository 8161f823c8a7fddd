"""The only place that asks which hardware there is."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
import torch


class UnknownDevice(ValueError):
    """The device is not there, or cannot do what is asked."""


@dataclass(frozen=True)
class Device:
    """A place to compute: its name for torch, its name for people, memory in bytes."""

    name: str
    title: str
    total: int
    precisions: tuple[str, ...]


def devices() -> tuple[Device, ...]:
    """Every device of this machine, the fastest first."""
    found = []
    for i in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        about = torch.cuda.get_device_properties(i)
        found.append(Device(f"cuda:{i}", about.name, about.total_memory, ("float32", "float64")))
    total = psutil.virtual_memory().total
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Apple GPU", total, ("float32",)))
    title = f"CPU ({psutil.cpu_count(logical=True)} threads)"
    found.append(Device("cpu", title, total, ("float32", "float64")))
    return tuple(found)


def pick(name: str, precision: str) -> Device:
    """The device of that name; `auto` takes the first that can compute in that precision."""
    known = devices()
    if name == "auto":
        return next(d for d in known if precision in d.precisions)
    wanted = "cuda:0" if name == "cuda" else name
    for device in known:
        if device.name == wanted:
            if precision not in device.precisions:
                raise UnknownDevice(
                    f"precision is {precision}; on {device.title} it must be "
                    f"{' or '.join(device.precisions)}; choose that, or the CPU"
                )
            return device
    names = ", ".join(("auto", *(d.name for d in known)))
    raise UnknownDevice(f"device is '{name}'; it must be one of {names}; choose one of these")


def free_memory(name: str) -> int:
    """Bytes that a run on this device could take now."""
    if name.startswith("cuda"):
        return torch.cuda.mem_get_info(name)[0]
    return psutil.virtual_memory().available


def release(name: str) -> None:
    """Give cached memory back after a run."""
    if name.startswith("cuda"):
        torch.cuda.empty_cache()
    elif name == "mps":
        torch.mps.empty_cache()
