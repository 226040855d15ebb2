"""Every figure of a reference as a test of its own: leaves of nested expected values."""

import numpy as np
import pytest


def leaves(tree, path=()):
    """Yield (path, number) for every number in nested lists and objects; texts are no figures."""
    if isinstance(tree, dict | list):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, branch in items:
            yield from leaves(branch, (*path, key))
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield path, tree


def at(tree, path):
    """Look up what stands at a path; the number itself may be the only entry of an array."""
    for key in path:
        tree = tree[key]
    return np.asarray(tree, dtype=float).item()


def name(path):
    return ".".join(str(key) for key in path)


def equal_figure(mine, path, number):
    """Closed forms agree to 1e-9 relative, the ends of intervals of shares to 1e-6."""
    limit = {"abs": 1e-6} if "ci" in path else {"rel": 1e-9}
    assert at(mine, path) == pytest.approx(number, **limit)
