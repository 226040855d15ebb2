"""Chance in tests: what a secret decides is the same in every run, and another in another if asked.

Secret numbers decide who is drawn, called again and visited. A test that meets an unlucky one
once in a thousand runs would accuse a change that is innocent, so each test has numbers of its
own that its name fixes, and Hypothesis tries the same examples. ``HEYAN_TEST_CHANCE=2 ./run test``
gives all of them others, which is how tests that live from luck are found.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings

CHANCE = os.environ.get("HEYAN_TEST_CHANCE", "1")

# A slow machine is no fault of what is tested, so no example has a deadline.
settings.register_profile("fixed", derandomize=CHANCE == "1", deadline=None)
settings.load_profile("fixed")


@contextmanager
def fixed_by(name: str) -> Iterator[None]:
    """Let secrets and uids of this process follow from *name* while the block runs."""
    numbers = random.Random(f"{CHANCE} {name}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", numbers.randbytes)  # uuid asks here
        patch.setattr(random, "_urandom", numbers.randbytes)  # and the module secrets here
        yield
