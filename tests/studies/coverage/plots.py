"""One plot a study: the coverage of each interval over all settings. Same figures, same bytes."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from tests.studies.coverage.results import LEVEL, Part

LEAST = 0.6  # coverage at the left edge; what lies below is drawn there
STYLE = {
    "svg.hashsalt": "coverage-study",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
}
TEN, NINETY = 10, 90  # percent of the settings within the thick line


def draw(parts: Sequence[Part], folder: Path) -> None:
    """Write an SVG for each part that compares intervals."""
    folder.mkdir(exist_ok=True)
    with mpl.rc_context(STYLE):
        for part in parts:
            if part.by_method:
                _plot(part).savefig(folder / f"{part.name}.svg", metadata={"Date": None})


def _plot(part: Part) -> Figure:
    """Draw smallest to largest as a line, the middle four fifths thick, the mean as a dot."""
    methods = list(part.by_method)
    figure = Figure(figsize=(7, 0.9 + 0.28 * len(methods)), layout="constrained")
    axes = figure.add_subplot()
    for y, method in enumerate(methods):
        covered = np.array([point.covered for point in part.by_method[method]])
        ends = np.clip([covered.min(), covered.max()], LEAST, 1)
        middle = np.clip(np.percentile(covered, [TEN, NINETY]), LEAST, 1)
        axes.plot(ends, [y, y], color="#7a8794", linewidth=1)
        axes.plot(middle, [y, y], color="#1f5f8b", linewidth=4, solid_capstyle="butt")
        axes.plot(max(covered.mean(), LEAST), y, "o", color="#c0392b", markersize=5)
    axes.axvline(LEVEL, color="black", linewidth=0.8, linestyle=":")
    axes.set(xlim=(LEAST, 1.002), ylim=(len(methods) - 0.5, -0.5), xlabel="coverage")
    axes.set_yticks(range(len(methods)), methods)
    axes.set_title(part.title, loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
