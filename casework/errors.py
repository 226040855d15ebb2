"""What can go wrong that a person should be told. One class for each rule that can be broken."""


class CaseworkError(Exception):
    """A rule of the survey was broken; *facts* say with what values."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(f"{self.__doc__} {facts}" if facts else self.__doc__)


class NotFound(CaseworkError):
    """There is no such record, or the actor may not see it."""


class NotAllowedNow(CaseworkError):
    """The record is not in a state in which this can be done."""
