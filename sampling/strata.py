"""Very small strata: which are taken whole, and which are joined with a neighbour.

The rule is stated, so that everybody can repeat it. Strata about which something is decided by
itself, such as a county with a target, are never joined. Of the others, those with fewer entries
than the least are joined within their group: the smallest with the next smallest of the group, and
so on, until what is joined has enough; a remainder goes to the smallest of what is joined. What is
then as small as a census may be is taken whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.size import CENSUS_UP_TO


@dataclass(frozen=True, slots=True)
class Merged:
    """The strata to sample: H' of them, and where each of the H before went."""

    names: tuple[str, ...]  #: of the H' strata, in the order of their first member
    frame_size: NDArray[np.int64]  #: (H',)
    census: NDArray[np.bool_]  #: (H',) taken whole
    position: NDArray[np.int64]  #: (H,) the stratum that each of those before is in now
    moved: dict[str, str]  #: name before -> name now, only where something was joined


def merge_small(
    names: Sequence[str],
    frame_size: Sequence[int],
    groups: Sequence[str],
    *,
    least: int,
    kept: Sequence[str] = (),
    census_up_to: int = CENSUS_UP_TO,
) -> Merged:
    """Join strata with fewer than *least* entries inside their group.

    Parameters
    ----------
    names, frame_size, groups : (H,)
        Strata with their entries, and the group (project and unit) that a stratum may be joined in.
    least
        Entries that a stratum needs to stand alone. 0 joins nothing.
    kept
        Names that are never joined.
    census_up_to
        Strata with so many entries or fewer are taken whole.

    A joined stratum takes the name of its largest member, of the first one among equals. Raises
    ValueError for columns of different length, a repeated name, an empty stratum, or a kept name
    that is not there.
    """
    sizes = np.asarray(frame_size, dtype=np.int64)
    _check(names, sizes, groups, kept)
    joined = [[h] for h in range(len(names)) if names[h] in kept]
    for group in dict.fromkeys(groups):
        open_ = [h for h in range(len(names)) if groups[h] == group and names[h] not in kept]
        joined += _bundles(open_, sizes, least)
    joined.sort(key=min)
    labels = [names[max(bundle, key=lambda h: (sizes[h], -h))] for bundle in joined]
    together = np.array([sizes[bundle].sum() for bundle in joined], dtype=np.int64)
    place = {h: i for i, bundle in enumerate(joined) for h in bundle}
    bundles = [bundle for bundle in joined if len(bundle) > 1]
    return Merged(
        names=tuple(labels),
        frame_size=together,
        census=together <= census_up_to,
        position=np.array([place[h] for h in range(len(names))], dtype=np.int64),
        moved={names[h]: labels[place[h]] for bundle in bundles for h in sorted(bundle)},
    )


def _bundles(members: list[int], sizes: NDArray[np.int64], least: int) -> list[list[int]]:
    """Cut one group into bundles, from the smallest stratum up."""
    bundles: list[list[int]] = []
    for h in sorted(members, key=lambda h: (sizes[h], h)):
        if bundles and sizes[bundles[-1]].sum() < least:
            bundles[-1].append(h)
        else:
            bundles.append([h])
    if len(bundles) > 1 and sizes[bundles[-1]].sum() < least:
        remainder = bundles.pop()
        min(bundles, key=lambda bundle: int(sizes[bundle].sum())).extend(remainder)
    return bundles


def _check(
    names: Sequence[str],
    sizes: NDArray[np.int64],
    groups: Sequence[str],
    kept: Sequence[str],
) -> None:
    if not len(names) == len(sizes) == len(groups):
        raise ValueError(f"{len(names)} names, {len(sizes)} sizes and {len(groups)} groups")
    if len(set(names)) != len(names):
        repeated = next(name for i, name in enumerate(names) if name in names[:i])
        raise ValueError(f"stratum {repeated!r} occurs twice")
    if np.any(sizes < 1):
        h = int(np.argmin(sizes))
        raise ValueError(f"stratum {names[h]!r} has {sizes[h]} entries")
    if unknown := [name for name in kept if name not in set(names)]:
        raise ValueError(f"stratum {unknown[0]!r} is to be kept but is not there")
