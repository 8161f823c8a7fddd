"""Numbers between the decades of a logarithmic axis on paper, as many as have room."""

from __future__ import annotations

from math import ceil, floor, log10

from matplotlib.axis import Axis, XAxis
from matplotlib.ticker import LogFormatterSciNotation

# Room that 3 × 10¹ and 10¹ take along the axis, in sizes of the type, with a gap.
ACROSS, UPWARDS = (4.0, 2.6), (1.4, 1.4)
SHORT, LETTER = r"$\mathdefault{3\times10^{0}}$", 0.6  # what is longer takes so much for a letter


class Apart(LogFormatterSciNotation):
    """As matplotlib has it, but a number that would touch its neighbour is left out."""

    def format_ticks(self, values: list[float]) -> list[str]:
        """The texts of the small ticks; empty where there is none."""
        texts = super().format_ticks(values)
        assert isinstance(self.axis, Axis)  # it belongs to one by now
        low, high = sorted(log10(limit) for limit in self.axis.get_view_interval())
        place, across = self.axis.axes.get_window_extent(), isinstance(self.axis, XAxis)
        wide, narrow = ACROSS if across else UPWARDS
        if across:
            wide += LETTER * max(0, max(map(len, texts), default=0) - len(SHORT))
        size = float(self.axis.majorTicks[0].label1.get_fontsize()) / 72
        inches = (place.width if across else place.height) / self.axis.axes.figure.dpi
        room = inches / size / max(high - low, 1e-9)  # of a decade, in sizes of the type
        decades = range(ceil(low - 1e-9), floor(high + 1e-9) + 1)
        taken = [(float(decade), (wide + narrow) / 2) for decade in decades]
        for i, value in enumerate(values):
            where = log10(value)
            if not texts[i] or not low - 1e-9 <= where <= high + 1e-9:
                continue
            if all(abs(where - other) * room >= apart for other, apart in taken):
                taken.append((where, wide))
            else:
                texts[i] = ""
        return texts
