import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from casework.campaigns.target_tables import TargetRow, read_targets
from casework.demo import MARK
from casework.demo.claims import draw_cell
from casework.demo.defects import ERRORS, FAKE_PHONE
from casework.demo.entries import PERIOD_END, YEAR
from casework.demo.ledgers import Demonstration, LedgerFile, build_demonstration
from casework.demo.people import Numbers
from casework.demo.truth import TrueRow, read_truth
from casework.ledgers.checking import Outcome, check
from casework.ledgers.identifiers import has_right_check
from casework.ledgers.people import Terms
from casework.ledgers.reading import open_book
from casework.ledgers.rules import Severity
from casework.ledgers.tables import find_tables
from tests.casework.demo.conftest import SCALE

Checked = dict[str, Outcome]


def self_check(ledger: LedgerFile) -> Outcome:
    terms = Terms(ledger.project, ledger.region, dt.date(YEAR, 12, 5), YEAR, PERIOD_END)
    return check(find_tables(open_book(ledger.path), ledger.project), terms)


@pytest.fixture(scope="module")
def checked(demonstration: Demonstration) -> Checked:
    return {ledger.path.name: self_check(ledger) for ledger in demonstration.ledgers}


def test_the_self_check_finds_every_injected_fault(demonstration: Demonstration, checked: Checked):
    found = {(f, p.row, p.rule) for f, outcome in checked.items() for p in outcome.problems}
    assert {(e.file, e.row, e.rule) for e in demonstration.expected} <= found


def test_no_row_without_an_injected_error_is_refused(
    demonstration: Demonstration, checked: Checked
):
    faulty = {(row.file, row.row) for row in demonstration.truth.rows if row.rule}
    refused = {
        (file, problem.row)
        for file, outcome in checked.items()
        for problem in outcome.problems
        if problem.severity is Severity.ERROR
    }
    assert refused == faulty


def test_every_kind_of_fault_is_injected(demonstration: Demonstration):
    rules = Counter(expected.rule for expected in demonstration.expected)
    assert set(rules) == {d.rule for d in ERRORS} | {FAKE_PHONE.rule}


def test_accepted_rows_have_the_mark_a_right_number_and_a_sequence_from_900(
    demonstration: Demonstration, checked: Checked
):
    people: dict[str, set[str]] = defaultdict(set)
    for file, outcome in checked.items():
        for row in outcome.accepted:
            assert has_right_check(row.id_no)
            assert row.id_no[14] == "9"
            assert row.details["remark"] == MARK
            people[row.id_no].add(row.name)
        assert MARK in file
    assert all(len(names) == 1 for names in people.values())


def test_offices_hand_in_workbooks_and_text_with_and_without_titles(
    demonstration: Demonstration,
):
    kinds = Counter(ledger.path.suffix for ledger in demonstration.ledgers)
    assert set(kinds) == {".xlsx", ".csv"}
    firsts = {min(r.row for r in rows) for rows in _rows_by_file(demonstration).values()}
    assert firsts == {2, 3}


def test_one_hardship_entry_in_five_is_in_the_re_employment_ledger_too(
    demonstration: Demonstration, checked: Checked
):
    people: dict[str, set[str]] = defaultdict(set)
    for ledger in demonstration.ledgers:
        people[ledger.project] |= {row.id_no for row in checked[ledger.path.name].accepted}
    shared = people["re_employment"] & people["hardship"]
    assert 0.12 < len(shared) / len(people["hardship"]) < 0.25


def test_the_same_seed_writes_the_same_rows(demonstration: Demonstration, tmp_path: Path):
    again = build_demonstration(tmp_path, scale=SCALE)
    assert again.targets == demonstration.targets
    assert again.expected == demonstration.expected
    assert list(again.truth.rows) == list(demonstration.truth.rows)
    for one, other in zip(demonstration.ledgers, again.ledgers, strict=True):
        # To the byte: the frame commits to the files, and the draw depends on that.
        assert one.path.read_bytes() == other.path.read_bytes()


def test_another_seed_draws_other_people(demonstration: Demonstration):
    plan = demonstration.plans[0]
    names = [
        [record.claim.person.name for record in draw_cell(plan, seed, Numbers(set(), set()), [])]
        for seed in ("one", "other")
    ]
    assert names[0] != names[1]


def test_truth_and_targets_stand_apart_from_the_ledgers(demonstration: Demonstration, folder: Path):
    assert {path.parent.name for path in folder.rglob("*.xlsx")} == {"ledgers"}
    kept = read_truth(folder / "truth" / "truth.csv")
    assert list(kept.rows) == list(demonstration.truth.rows)


def test_the_targets_load_as_the_page_of_a_campaign_loads_them(
    demonstration: Demonstration, folder: Path
):
    read = read_targets((folder / "targets.csv").read_text(encoding="utf-8"))
    assert read == [
        TargetRow(t.project, t.region, t.persons, t.carry_over, t.planned)
        for t in demonstration.targets
    ]


def _rows_by_file(demonstration: Demonstration) -> dict[str, list[TrueRow]]:
    rows: dict[str, list[TrueRow]] = defaultdict(list)
    for row in demonstration.truth.rows:
        rows[row.file].append(row)
    return rows
