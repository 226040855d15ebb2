"""Rules of handing in a ledger, beside those of reading it in refusals.py."""

from casework.errors import CaseworkError


class SameFile(CaseworkError):
    """The very same file was handed in before."""


class RowsStillFaulty(CaseworkError):
    """Some rows still have errors, so nothing was accepted."""


class NoSuchFault(CaseworkError):
    """None of these rows has an error, so none was removed."""


class InFrame(CaseworkError):
    """Entries of this ledger are in a frozen frame, so it can no longer be withdrawn."""
