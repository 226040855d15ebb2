"""The numbers under which the person of a case may be called."""

from casework.ledgers.models import LedgerEntry
from casework.ledgers.phones import read_phones


def dialable_numbers(entry: LedgerEntry) -> tuple[str, ...]:
    """Return the numbers of the ledger that can be dialled, the first to be dialled first."""
    return read_phones(entry.phones).numbers if entry.phones else ()


def masked(number: str) -> str:
    """Return a number with its middle covered: ``138****2706``, ``0374-****311``."""
    area, dash, local = number.rpartition("-")
    if dash:
        return f"{area}-{'*' * max(len(local) - 3, 0)}{local[-3:]}"
    return f"{number[:3]}{'*' * max(len(number) - 7, 0)}{number[-4:]}"


def masked_name(name: str) -> str:
    """Return a name with all but its first character covered: ``冯**``."""
    return name[:1] + "*" * max(len(name) - 1, 0)
