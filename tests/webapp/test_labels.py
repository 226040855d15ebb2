from casework.errors import CaseworkError
from webapp.errors import BROKEN_RULES
from webapp.labels import LABELS


def test_every_code_has_words():
    for codes, words in LABELS.items():
        assert set(codes) == set(words), codes


def subclasses(error):
    for child in error.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_broken_rule_has_a_status_and_a_sentence():
    import webapp.application  # noqa: F401 - loads every module that declares a rule

    leaves = {error for error in subclasses(CaseworkError) if not error.__subclasses__()}
    assert leaves - set(BROKEN_RULES) == set()
