"""``heyan ledger check`` as people and other programs call it."""

import argparse
import json

import openpyxl
import pytest

from casework.errors import CaseworkError
from casework.ledgers import refusals
from tests.casework.ledgers.builders import row, titles, workbook
from webapp.cli import ledger
from webapp.ledgers.words import REFUSALS


@pytest.fixture
def call(capsys):
    """Run the command; returns its exit status and what it printed."""
    parser = argparse.ArgumentParser()
    ledger.add_to(parser.add_subparsers())

    def call(*words):
        try:
            arguments = parser.parse_args(["ledger", "check", *map(str, words)])
        except SystemExit as stopped:
            return stopped.code, capsys.readouterr().err
        return arguments.run(arguments), capsys.readouterr().out

    return call


TERMS = ("--project", "re_employment", "--region", "411000", "--year", "2017")


def test_a_faultless_ledger_is_fine(tmp_path, call):
    path = workbook(tmp_path / "a.xlsx", [titles(), row()])

    status, out = call(path, *TERMS, "--json")

    answer = json.loads(out)
    assert status == 0
    assert (answer["rows"], answer["accepted"]) == (1, 1)
    assert (answer["problems"], answer["by_rule"]) == ([], {})


def test_problems_are_listed_and_change_the_exit_status(tmp_path, call):
    path = workbook(tmp_path / "a.xlsx", [["标题"], titles(), row(), row(phone="", name="测试")])

    status, out = call(path, *TERMS, "--json")

    answer = json.loads(out)
    assert status == 1
    assert (answer["rows"], answer["accepted"]) == (2, 1)
    assert answer["by_rule"] == {"D001": 1, "F002": 1, "F010": 1}
    assert {"row": 4, "column": "联系电话", "rule": "F010", "severity": "error"}.items() <= (
        answer["problems"][1].items()
    )


def test_for_reading_there_are_sentences(tmp_path, call):
    path = workbook(tmp_path / "a.xlsx", [titles(), row(), row(phone="")])

    status, out = call(path, *TERMS)

    assert status == 1
    assert "再就业!3 error 联系电话 F010 联系电话为空" in out
    assert "保留工作表“再就业”第2行" in out
    assert "共 2 行，可接受 1 行" in out


def test_without_a_year_it_says_which_rules_were_left_out(tmp_path, call):
    path = workbook(tmp_path / "a.xlsx", [titles(), row()])

    status, out = call(path, "--project", "P1", "--region", "411025")

    assert status == 0
    assert "未检查 F018、F019" in out


def test_the_file_is_written_back_with_its_problems(tmp_path, call):
    path = workbook(tmp_path / "a.xlsx", [titles(), row(), row(id_no="4.1E+17")])

    status, _ = call(path, *TERMS, "--out", tmp_path / "out.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["再就业"]
    assert status == 1
    assert "F008" in sheet.cell(3, len(titles()) + 1).value


def test_a_refused_file_says_what_was_kept_and_what_to_do(tmp_path, call):
    path = workbook(tmp_path / "a.xlsx", [["预算", "支出"]])

    status, out = call(path, *TERMS, "--json")

    answer = json.loads(out)
    assert status == 1
    assert (answer["rows"], answer["accepted"]) == (0, 0)
    assert answer["refused"]["code"] == "UnknownHeader"
    assert "未保存任何内容" in answer["refused"]["message"]


@pytest.mark.parametrize(
    "words",
    [
        ("nowhere.xlsx", *TERMS),
        ("FILE", "--project", "pensions", "--region", "411000"),
        ("FILE", "--project", "P1", "--region", "999999"),
        ("FILE", "--project", "P1"),
        ("FILE", *TERMS, "--year", "last"),
    ],
)
def test_wrong_usage(tmp_path, call, words):
    path = workbook(tmp_path / "a.xlsx", [titles(), row()])

    status, error = call(*(path if word == "FILE" else word for word in words))

    assert status == 2
    assert error


def test_every_refusal_has_a_sentence():
    def kinds(base: type[CaseworkError]) -> set[type[CaseworkError]]:
        return {kind for child in base.__subclasses__() for kind in {child, *kinds(child)}}

    assert set(REFUSALS) == kinds(refusals.FileRefused) | {refusals.UnknownRegion}
