"""How many people the rehearsal draws and how many of them it visits, and why.

The figures come from simulating twelve draws with calls and visits on these ledgers and the
product's own estimation: of 66 decisions about units some 44 are rightly "met", 6 rightly "not
met" and 16 stay undetermined; in no draw was a truly complete unit "not met" or a missing one
"met"; 98 % of the shown intervals hold the truth.

The audit of the phone-yes answers is what decides, since a handful of unseen liars would spoil a
result at .025 a side. With 100 people a unit and two visits in five, 8 of the 60 complete units
were "met"; with 70 people and four visits in five, 44. Calls cost more than visits here, so the
sample is small and its audit large: about 3,840 cases, 7,500 calls and 3,600 visits.
"""

from casework.demo.scale import units
from casework.ledgers.projects import Project

#: People drawn in a unit that has counties, and in one that counts for itself.
SAMPLE_OF_CITY = {
    Project.RE_EMPLOYMENT: 70,
    Project.HARDSHIP: 55,
    Project.OVERCAPACITY: 60,
}
SAMPLE_OF_COUNTY = {
    Project.RE_EMPLOYMENT: 60,
    Project.HARDSHIP: 45,
    Project.OVERCAPACITY: 60,
}
LEAST_OF_STRATUM = 3  #: fewer would leave a county's phone classes empty

YES_VISITS_OF_CITY = 0.8  #: share of the phone-yes answers that is visited at random
YES_VISITS_OF_COUNTY = 1.0  #: small samples are audited whole
UNRESOLVED_VISITS = 1.0  #: of every kind of unresolved: whoever hides there hides on purpose
MAX_ATTEMPTS = 3  #: one cycle of calls; three more would add a third of the calls, and no decision


def sample_of(project: Project, unit: str) -> int:
    """People to draw in a unit for a project, at most; a smaller frame is taken whole."""
    sizes = SAMPLE_OF_CITY if len(units()[unit]) > 1 else SAMPLE_OF_COUNTY
    return sizes[project]


def yes_visits_of(unit: str) -> float:
    """Share of a unit's phone-yes answers that is visited at random."""
    return YES_VISITS_OF_CITY if len(units()[unit]) > 1 else YES_VISITS_OF_COUNTY
