"""The numbers under which the person of a case may be called."""

from casework.ledgers.models import LedgerEntry
from casework.ledgers.phones import read_phones


def dialable_numbers(entry: LedgerEntry) -> tuple[str, ...]:
    """Return the numbers of the ledger that can be dialled, the first to be dialled first."""
    return read_phones(entry.phones).numbers if entry.phones else ()
