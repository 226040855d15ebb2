"""Rules of designing a campaign."""

from casework.errors import CaseworkError


class NameTaken(CaseworkError):
    """There is already a campaign with this name."""


class CampaignNameUnusable(CaseworkError):
    """A campaign needs a name, and one that is not too long."""


class WithdrawalUnexplained(CaseworkError):
    """Withdrawing a campaign needs a reason that is not too long."""


class DatesOutOfOrder(CaseworkError):
    """Cut-off, end of fieldwork and day of the results must follow each other, the first in time.

    The cut-off lies in the year of the campaign or the next.
    """


class NothingChosen(CaseworkError):
    """A campaign needs a project and a reporting unit."""


class AuthenticityIsNewEmployment(CaseworkError):
    """New employment is checked for authenticity by itself, and no other project is."""


class SpotIsEverywhere(CaseworkError):
    """A spot check is of chosen regions: of counties, or of some of the units."""


class PlaceOutsideUnits(CaseworkError):
    """A county that was chosen lies in none of the chosen units."""


class NotDrawnYet(CaseworkError):
    """A follow-up wave follows a campaign whose sample is drawn."""


class NotInTheEarlierCampaign(CaseworkError):
    """A follow-up wave covers projects and units of the campaign it follows."""


class TargetsUnreadable(CaseworkError):
    """A line of the table of targets cannot be read; nothing was changed."""


class FrameEmpty(CaseworkError):
    """There is no accepted entry of the chosen projects and regions, so nothing can be frozen."""


class SizesImpossible(CaseworkError):
    """The strata cannot give these sample sizes; nothing was changed."""


class StratumTooSmall(SizesImpossible):
    """More is asked of a stratum than it has; nothing was changed."""


class FrameTooSmall(SizesImpossible):
    """The sample is larger than all strata together; nothing was changed."""


class SampleTooSmall(SizesImpossible):
    """The sample is smaller than the strata need at the least; nothing was changed."""


class SizesUnreadable(CaseworkError):
    """A line of the table of sizes cannot be read; nothing was changed."""


class NothingToPlan(CaseworkError):
    """The project has no stratum that can be drawn from."""


class WishUnusable(CaseworkError):
    """A number of the planning page lies outside its range."""


class BudgetTooSmall(CaseworkError):
    """The budget does not pay for the minimum of every stratum; nothing was changed."""


class HalfWidthsOutOfReach(CaseworkError):
    """A half-width that was asked for could not be reached even by calling everybody."""


class HalfWidthsMissing(CaseworkError):
    """Sizes by precision need the half-width of a county, a unit or a project."""


class NothingToDraw(CaseworkError):
    """No sample size is set, so there is nothing to draw."""


class AlreadyDrawn(CaseworkError):
    """A frame is drawn from once. The refused try was recorded."""
