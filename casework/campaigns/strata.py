"""The strata of a campaign: how they are named, joined and split, and what each gives the sample.

A stratum is a project and a reporting place; in overcapacity a unit and an enterprise. A follow-up
wave that stays apart from the campaigns it follows, or overlaps with them, splits each in two: who
was selected before, and the rest. Whoever was selected before is a simple random sample of the old
frame, by keys that nobody could choose; so a simple random sample of the rest, or of those selected
with as many of the rest as are wanted beside them, is one of the old frame as a whole, and the two
halves are estimated as the one stratum they are. Entries that are new since then had no chance to
be selected before: they are a stratum of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from casework.campaigns.kinds import earlier_sample
from casework.campaigns.models import Campaign, Coordination, Stratum, StratumPart
from casework.campaigns.rows import Row
from casework.campaigns.size_plans import SizePlan
from casework.ledgers.projects import Project
from sampling.strata import merge_small

SPLIT = "+"  # between the code of a region and the part; codes are digits


def stratum_key(project: Project, region_code: str, enterprise: str = "") -> str:
    """Name a stratum: project and place; for overcapacity unit and enterprise."""
    parts = [project.value, region_code, *([enterprise] if enterprise else [])]
    return "|".join(parts)


def part_key(key: str, part: StratumPart) -> str:
    """Name a part of the stratum *key*."""
    if part is StratumPart.WHOLE:
        return key
    project, region_code, *rest = key.split("|", 2)
    return "|".join([project, f"{region_code}{SPLIT}{part}", *rest])


def read_key(key: str) -> tuple[Project, str, str, StratumPart]:
    """Return project, region code, enterprise and part of a stratum."""
    project, place, *enterprise = key.split("|", 2)
    region_code, _, part = place.partition(SPLIT)
    named = StratumPart(part) if part else StratumPart.WHOLE
    return Project(project), region_code, "".join(enterprise), named


def joined_enterprises(sizes: Mapping[str, int], least: int) -> dict[str, str]:
    """Return where the strata of small enterprises go: key before -> key now.

    Enterprises with fewer than *least* entries are joined within their unit as
    :func:`sampling.strata.merge_small` says. Places are never joined: each has figures of its own.
    """
    names = [key for key in sizes if read_key(key)[2]]
    if least < 1 or not names:
        return {}
    groups = ["|".join(name.split("|", 2)[:2]) for name in names]
    return merge_small(names, [sizes[name] for name in names], groups, least=least).moved


def placed(campaign: Campaign, rows: Iterable[Row], session: Session) -> Iterator[Row]:
    """Yield the rows of a frame in the strata in which they are sampled.

    Small enterprises are joined, and a follow-up wave splits its strata.
    """
    rows = list(rows)
    moved = joined_enterprises(Counter(row[1] for row in rows), campaign.merge_below)
    selected, known = earlier_sample(campaign, session)
    for uid, key, file, sheet, row, digest in rows:
        part = StratumPart.WHOLE
        if campaign.coordination is not Coordination.AFRESH:
            part = _part(uid, selected, known)
        yield uid, part_key(moved.get(key, key), part), file, sheet, row, digest


def _part(uid: str, selected: Collection[str], known: Collection[str]) -> StratumPart:
    if uid in selected:
        return StratumPart.EARLIER
    return StratumPart.WHOLE if uid in known else StratumPart.ADDED


def new_stratum(
    campaign: Campaign, key: str, size: int, units: Mapping[str, str | None]
) -> Stratum:
    """Return the row of a stratum. Large enterprises are certain: everybody is called."""
    project, region_code, enterprise, part = read_key(key)
    large = bool(enterprise) and 0 < campaign.certain_from <= size
    return Stratum(
        campaign_id=campaign.id,
        key=key,
        project=project,
        region_code=region_code,
        unit_code=units[region_code] or region_code,
        enterprise=enterprise,
        frame_size=size,
        certain=large and part is not StratumPart.EARLIER,
        part=part,
    )


def sizes_of(
    strata: Sequence[Stratum], plan: SizePlan, coordination: Coordination
) -> dict[str, int]:
    """Spread *plan* over the strata of one project, ``key -> size``.

    Certain strata are taken whole and count in the plan's total; in a wave that overlaps so are
    those of them who were selected before. Raises SizesImpossible with the numbers where the strata
    cannot give what is asked for.
    """
    overlap = coordination is Coordination.OVERLAP
    large = {stratum.key for stratum in strata if stratum.certain}
    certain = {
        stratum.key: stratum.frame_size
        for stratum in strata
        if stratum.certain or (overlap and whole_key(stratum.key) in large)
    }
    halves = _halves([stratum for stratum in strata if whole_key(stratum.key) not in large])
    room = {key: rest + (earlier if overlap else 0) for key, (earlier, rest) in halves.items()}
    sizes = dict.fromkeys((stratum.key for stratum in strata), 0) | certain
    for key, size in plan.without(certain).sizes(room).items():
        earlier = min(size, halves[key][0]) if overlap else 0
        sizes[part_key(key, StratumPart.EARLIER)] = earlier
        sizes[key] = size - earlier
    return sizes


def _halves(strata: Sequence[Stratum]) -> dict[str, tuple[int, int]]:
    """Return how many entries of each stratum were selected before, and how many were not."""
    sizes: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for stratum in strata:
        earlier = stratum.part is StratumPart.EARLIER
        sizes[whole_key(stratum.key)][earlier] += stratum.frame_size
    return {key: (both[True], both[False]) for key, both in sizes.items()}


def whole_key(key: str) -> str:
    """Return the stratum that is estimated: those selected before and the rest are one."""
    project, region_code, enterprise, part = read_key(key)
    return stratum_key(project, region_code, enterprise) if part is StratumPart.EARLIER else key
