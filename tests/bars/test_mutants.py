"""The known-bad variants still fit the product that they are made from."""

import ast
from importlib import import_module
from inspect import getsource
from types import ModuleType

import pytest

from casework.calls import queue, taking
from tests.bars.mutants import MUTANTS
from tests.casework.calls.rows import claimed, open_replicate
from tests.factories import make_user


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_takes_a_guard_away_and_stays_a_program(name):
    mutant = MUTANTS[name]

    assert mutant.edits or mutant.database
    for module, source in mutant.sources().items():
        ast.parse(source)
        assert source != getsource(import_module(module))


@pytest.mark.usefixtures("app")
def test_the_variant_without_a_row_lock_still_hands_out_cases(monkeypatch):
    mutated = ModuleType(taking.__name__)
    exec(MUTANTS["no-row-lock"].sources()[taking.__name__], mutated.__dict__)  # noqa: S102
    for name, value in vars(mutated).items():
        if name in vars(queue) and taking.__name__ == getattr(value, "__module__", ""):
            monkeypatch.setattr(queue, name, value)
    open_replicate(2)

    first, second = claimed(make_user()), claimed(make_user())

    assert first.case_id != second.case_id
