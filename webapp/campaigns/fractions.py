"""What the map of sampling fractions shows."""

from casework.campaigns.models import Stratum
from casework.regions.tree import RegionTree
from webapp import maps


def fraction_map(rows: list[Stratum], tree: RegionTree) -> dict[str, object]:
    """Return what the map of sampling fractions shows; a unit without counties is its own place."""
    sizes: dict[str, list[int]] = {}
    for row in rows:
        inside = tree.places_of(row.region_code) or [tree.by_code[row.region_code]]
        for place in inside:  # overcapacity is sampled by unit
            both = sizes.setdefault(place.code, [0, 0])
            both[0] += row.sample_size
            both[1] += row.frame_size
    shares = {code: sampled / entries for code, (sampled, entries) in sizes.items() if sampled}
    return {
        "fractions": shares,
        "outlines": maps.outlines(),
        "scale": maps.shades(list(shares.values())),
        "shade_of": maps.shade_of,
    }
