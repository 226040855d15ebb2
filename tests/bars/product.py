"""What gunicorn serves in a bar: the product, with short leases and, if one is named, a mutant.

Both are set here before the product is loaded. The product itself has no such switch.
"""

import os
from datetime import timedelta

from flask import Flask

from tests.bars.mutants import MUTANTS, break_product

LEASE_SECONDS = "HEYAN_BAR_LEASE"
MUTANT = "HEYAN_BAR_MUTANT"


def app() -> Flask:
    """Load and return the product."""
    if name := os.environ.get(MUTANT):
        break_product(MUTANTS[name])
    if seconds := os.environ.get(LEASE_SECONDS):
        from casework.calls import holding

        holding.LEASE = timedelta(seconds=float(seconds))  # others take it from there
    from webapp import serving_app

    return serving_app()
