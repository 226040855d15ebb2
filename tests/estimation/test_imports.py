"""What importing the package costs those who only want a number."""

import subprocess
import sys

from tests.benchmarks.estimation_speed import EVERY_MODULE


def test_no_module_loads_the_slow_parts_of_scipy_before_they_are_needed():
    code = f"{EVERY_MODULE}\nimport sys\nprint(*sys.modules)"

    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    )

    loaded = set(run.stdout.split())
    assert {"estimation.domains", "estimation.shares", "scipy.special"} <= loaded
    assert not {"scipy.stats", "scipy.optimize"} & loaded
