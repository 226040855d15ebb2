"""The phone scripts as data, and the one walker through them.

A script is the opening that all projects share, then the questions of its project. What was
answered so far leads either to the next question or to the end of the call.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from casework.calls.verdicts import outcome_of
from casework.errors import CaseworkError
from casework.ledgers.projects import Project

Answers = Mapping[str, Sequence[str]]  #: question id to the keys of the answers given

FLEXIBLE = "fact:flexible"  #: the ledger says that the work is flexible
_BODY = "BODY"  # where the opening passes on to the questions of the project
_BY_PROXY = "G1a:3"
_INTERVIEW, _PROXY_INTERVIEW = "11", "12"


class NotAnAnswer(CaseworkError):
    """The question does not have this answer, or may not be answered now."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; it leads to the question ``next``, or ends the call if that is empty."""

    key: str
    zh: str
    en: str
    next: str
    disposition: str  #: with which the call ends here; "" where the verdict tells
    record: bool  #: whether words are written down with it


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Texts have places such as ``{name}`` that the page fills."""

    id: str
    short_zh: str
    short_en: str
    zh: str
    en: str
    of_another_en: str  #: as it is asked of a relative, where the Chinese only names the person
    instruction_zh: str
    instruction_en: str
    answers: tuple[Answer, ...]
    multi: bool
    verbatim: bool  #: read word for word, with a time mark, before an answer counts
    only_if: frozenset[str]  #: asked only after one of these tokens; always if empty

    @property
    def about_person(self) -> bool:
        """Whether it is of the project and so about the person, whoever is on the phone."""
        return not self.id.startswith("G")

    def answer(self, key: str) -> Answer:
        """Return the answer of a key. Raises NotAnAnswer if the question has none such."""
        for answer in self.answers:
            if answer.key == key:
                return answer
        raise NotAnAnswer(question=self.id, answer=key)


@dataclass(frozen=True, slots=True)
class Script:
    project: Project
    questions: Mapping[str, Question]
    first: str
    body: str  #: the first question of the project


@dataclass(frozen=True, slots=True)
class End:
    """How the script says the call ends: a disposition, with an outcome after an interview."""

    disposition: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the answers lead."""

    answered: tuple[tuple[Question, tuple[str, ...]], ...]
    question: Question | None  #: to be asked next; None at the end
    end: End | None
    tokens: frozenset[str]
    outcome: str  #: the verdict so far, "" if there is none yet

    @property
    def by_proxy(self) -> bool:
        """Whether somebody else answers for the person."""
        return _BY_PROXY in self.tokens

    def before(self, question: str) -> Question | None:
        """Return the question answered before *question*; the last one if that has no answer."""
        return self._beside(question, -1)

    def after(self, question: str) -> Question | None:
        """Return the question answered after *question*, None if that is the last one."""
        return self._beside(question, 1)

    def _beside(self, question: str, step: int) -> Question | None:
        asked = [answered for answered, _keys in self.answered]
        place = next((i for i, one in enumerate(asked) if one.id == question), len(asked))
        return asked[place + step] if 0 <= place + step < len(asked) else None


@cache
def script_for(project: Project) -> Script:
    """Return the script of a project."""
    opening, body = _read("opening"), _read(project.value)
    questions = {question.id: question for question in (*opening, *body)}
    return Script(project, MappingProxyType(questions), first=opening[0].id, body=body[0].id)


def walk(script: Script, answers: Answers, facts: Set[str] = frozenset()) -> Walk:
    """Follow *answers* from the first question.

    Parameters
    ----------
    answers
        What was answered. Answers to questions off the path are passed over: they were given
        before somebody went back and chose another way.
    facts
        Tokens known from the ledger, such as ``FLEXIBLE``.
    """
    path: list[tuple[Question, tuple[str, ...]]] = []
    tokens = set(facts)
    place = script.first
    ending = ""
    while place:
        question = script.questions[script.body if place == _BODY else place]
        if question.only_if and not question.only_if & tokens:
            place = question.answers[0].next  # the way past a question that is not asked
            continue
        keys = tuple(answers.get(question.id, ()))
        if not keys:
            return _walked(script, path, tokens, question, None)
        _check(question, keys)
        path.append((question, keys))
        tokens |= {f"{question.id}:{key}" for key in keys}
        taken = question.answer(keys[0])
        place, ending = taken.next, taken.disposition
    return _walked(script, path, tokens, None, ending)


def _check(question: Question, keys: Sequence[str]) -> None:
    for key in keys:
        question.answer(key)
    if len(keys) > 1 and not question.multi:
        raise NotAnAnswer(question=question.id, answer=" ".join(keys))


def _walked(
    script: Script,
    path: Sequence[tuple[Question, tuple[str, ...]]],
    tokens: Set[str],
    question: Question | None,
    ending: str | None,
) -> Walk:
    outcome = outcome_of(script.project, tokens)
    end = None
    if question is None:
        interview = _PROXY_INTERVIEW if _BY_PROXY in tokens else _INTERVIEW
        end = End(ending, "") if ending else End(interview, outcome)
    return Walk(tuple(path), question, end, frozenset(tokens), outcome)


def every_path(
    script: Script, facts: Set[str] = frozenset(), start: Answers | None = None
) -> Iterator[tuple[dict[str, Sequence[str]], End]]:
    """Yield every way through a script from the answers *start*, one answer to each question."""
    given = dict(start or {})
    here = walk(script, given, facts)
    if here.question is None:
        if here.end is not None:
            yield given, here.end
        return
    for answer in here.question.answers:
        yield from every_path(script, facts, {**given, here.question.id: (answer.key,)})


@cache
def answers_leading_to(project: Project, outcome: str) -> Mapping[str, Sequence[str]]:
    """Return the first way through the script that ends in *outcome*, for rehearsals.

    Raises KeyError for an outcome to which the script does not lead.
    """
    for answers, end in every_path(script_for(project)):
        if end == End(_INTERVIEW, outcome):
            return MappingProxyType(answers)
    raise KeyError(outcome)


def _read(name: str) -> list[Question]:
    source = files("casework.calls") / "data" / "scripts" / f"{name}.toml"
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    return [_question(row) for row in table["question"]]


def _question(row: Mapping[str, Any]) -> Question:
    instruction = row.get("instruction", ("", ""))
    return Question(
        id=row["id"],
        short_zh=row["short"][0],
        short_en=row["short"][1],
        zh=row["text"][0],
        en=row["text"][1],
        of_another_en=row.get("of_another_en", row["text"][1]),
        instruction_zh=instruction[0],
        instruction_en=instruction[1],
        answers=tuple(_answer(answer) for answer in row["answers"]),
        multi=row.get("multi", False),
        verbatim=row.get("verbatim", False),
        only_if=frozenset(row.get("only_if", ())),
    )


def _answer(row: Mapping[str, Any]) -> Answer:
    return Answer(
        key=row["key"],
        zh=row["text"][0],
        en=row["text"][1],
        next=row.get("next", ""),
        disposition=row.get("end", ""),
        record=row.get("record", False),
    )
