"""Numbers as people read them: shortest exact form, times, sizes."""

from __future__ import annotations


def number_text(value: float | bool | None) -> str:
    """A number as short as it can be without changing it."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def duration_text(seconds: float) -> str:
    """`< 0.1 s`, `0.4 s`, `12 s`, `3.2 min`, `2 h`, `15 d`."""
    if seconds < 0.05:
        return "< 0.1 s"  # 0.0 s would look like a run that did nothing
    if seconds < 1:
        return f"{seconds:.1f} s"
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{_short(seconds / size)} {unit}"
    return f"{_short(seconds / 86_400)} d"


def bytes_text(size: float) -> str:
    """`938 KiB`, `26 MiB`, `1.5 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1000:
            return f"{_short(size)} {unit}"
        size /= 1024
    return f"{_short(size)} TiB"


def _short(value: float) -> str:
    """Two digits at least, and no decimals from ten on."""
    return number_text(round(value, 1) if value < 9.95 else round(value))
