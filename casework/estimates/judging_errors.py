"""The rules that judging a run may break."""

from casework.errors import CaseworkError


class RunUnfinished(CaseworkError):
    """Released cases were unfinished or disputed when the run was computed; it stays interim."""


class DataMovedOn(CaseworkError):
    """There is a later run on other data; what was begun on the old ones is void."""


class AnotherRunIsOut(CaseworkError):
    """Another run of the campaign is sent round or signed and neither published nor withdrawn."""


class DayTooEarly(CaseworkError):
    """The day lies before the one that the campaign fixed for its results, or before today."""


class AlreadySigned(CaseworkError):
    """Somebody signed for this region already; one signature is kept."""


class LaterFindings(CaseworkError):
    """Findings came in after the run, and whoever signs did not say to know of so many."""


class UnitsUnsigned(CaseworkError):
    """The province signs after its units."""


class ObjectionsOpen(CaseworkError):
    """Objections are not closed yet."""


class OverridesWaiting(CaseworkError):
    """Overrides wait for a second person."""


class SecondPersonNeeded(CaseworkError):
    """The same person cannot be the second one."""


class ReasonNeeded(CaseworkError):
    """A reason is missing, or it is too long."""


class NothingOverridden(CaseworkError):
    """The decision is the same as the one by the rule, or none that can be set."""


class AlreadyProposed(CaseworkError):
    """An override of this decision waits or holds already."""


class FileUnusable(CaseworkError):
    """A file of evidence is empty, too large, or of a kind that is not taken."""


class TooManyFiles(CaseworkError):
    """An objection takes five files at most."""
