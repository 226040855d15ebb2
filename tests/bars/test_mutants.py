"""The known-bad variants still fit the product that they are made from."""

import ast
from importlib import import_module
from inspect import getsource

import pytest

from tests.bars.mutants import MUTANTS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_takes_a_guard_away_and_stays_a_program(name):
    mutant = MUTANTS[name]

    assert mutant.edits or mutant.database
    for module, source in mutant.sources().items():
        ast.parse(source)
        assert source != getsource(import_module(module))
