from pathlib import Path

import pytest

from casework.demo.ledgers import Demonstration, build_demonstration

SCALE = 0.01  #: some 6,000 rows in 326 files


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return build_demonstration(tmp_path_factory.mktemp("demo"), scale=SCALE)


@pytest.fixture(scope="session")
def folder(demonstration: Demonstration) -> Path:
    return demonstration.ledgers[0].path.parent.parent
