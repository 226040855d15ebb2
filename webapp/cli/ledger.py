"""``heyan ledger check``: look at a ledger file before it is handed in."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from casework.db import utcnow
from casework.ledgers.annotated import write_annotated
from casework.ledgers.checking import Outcome, check
from casework.ledgers.columns import columns_of
from casework.ledgers.people import Terms
from casework.ledgers.places import Scope
from casework.ledgers.projects import Project
from casework.ledgers.reading import Book, open_book
from casework.ledgers.refusals import FileRefused, UnknownRegion
from casework.ledgers.rules import Problem, rules
from casework.ledgers.tables import Found, find_tables
from webapp.i18n import SOURCES, catalog
from webapp.ledgers.words import REFUSALS

FINE, HAS_PROBLEMS, WRONG_USAGE = 0, 1, 2
_SHOWN = 50  #: problems printed for reading; the rest is in --json and --out
_ABOUT = """\
上报前校验台账文件，列出每个问题。
List every problem of a ledger file before it is handed in.
"""
_FILES = """\
项目 (P; short or long):
  P0 new_employment 新增就业      P1 re_employment 失业人员再就业
  P2 hardship 就业困难人员就业    P3 overcapacity 去产能职工安置

必填的列 (columns that every row fills):
{columns}
  其余各列可选或视情况必填。表头可用常见别名，次序不限，上方可有标题行；.csv 为 UTF-8 或 GB18030。
  (Others are optional or depend on the row. Common other names, any order and titles above the
  header are fine; .csv in UTF-8 or GB18030.)

退出码 (exit status): 0 没有错误 no error; 1 有错误 errors; 2 用法不对 wrong usage
"""
_SHORT = {
    "P0": Project.NEW_EMPLOYMENT,
    "P1": Project.RE_EMPLOYMENT,
    "P2": Project.HARDSHIP,
    "P3": Project.OVERCAPACITY,
}


@dataclass(frozen=True, slots=True)
class _Checked:
    book: Book
    found: Found
    outcome: Outcome


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    ledger = commands.add_parser("ledger", help="work with ledger files")
    verbs = ledger.add_subparsers(dest="verb", required=True, metavar="VERB")
    parser = verbs.add_parser(
        "check",
        help="list every problem of a ledger file",
        description=_ABOUT,
        epilog=_FILES.format(columns="\n".join(map(_required, Project))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_options(parser)
    parser.set_defaults(run=run)


def _required(project: Project) -> str:
    names = (c.header.split("（")[0] for c in columns_of(project) if c.required == "R")
    return f"  {project}: {'、'.join(names)}"


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=_file, metavar="FILE", help="台账文件 (.xlsx or .csv)")
    parser.add_argument(
        "--project", type=_project, required=True, metavar="P", help="项目 (one of those below)"
    )
    parser.add_argument(
        "--region",
        type=_region,
        required=True,
        metavar="CODE",
        help="上报地区的六位行政区划代码 (GB/T 2260 code of the region that reports)",
    )
    parser.add_argument(
        "--year", type=int, metavar="Y", help="年度 (without it F018 and F019 are not applied)"
    )
    parser.add_argument(
        "--cutoff",
        type=date.fromisoformat,
        metavar="DATE",
        help="截止日期，如 2017-11-30 (last day reported on)",
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON (print one JSON object)")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.xlsx",
        help="写回带问题批注的工作簿 (write the file back with the problems)",
    )


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def _project(text: str) -> Project:
    try:
        return _SHORT.get(text) or Project(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"choose one of {', '.join(Project)}") from None


def _region(text: str) -> str:
    try:
        return Scope(text).region
    except UnknownRegion as error:
        raise argparse.ArgumentTypeError(_sentence(error)) from None


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out; returns the exit status."""
    terms = Terms(
        arguments.project, arguments.region, utcnow().date(), arguments.year, arguments.cutoff
    )
    try:
        book = open_book(arguments.file)
        found = find_tables(book, arguments.project)
        checked = _Checked(book, found, check(found, terms))
    except FileRefused as error:
        return _refuse(error, as_json=arguments.json)
    if arguments.out:
        _write(checked, arguments.out)
    if arguments.json:
        print(json.dumps(_as_json(checked), ensure_ascii=False))
    else:
        _print(checked)
    return HAS_PROBLEMS if checked.outcome.errors else FINE


def _refuse(error: FileRefused, *, as_json: bool) -> int:
    message = _sentence(error)
    if as_json:
        refused = {"code": type(error).__name__, "message": message, "facts": error.facts}
        nothing = {"rows": 0, "accepted": 0, "problems": [], "by_rule": {}, "refused": refused}
        print(json.dumps(nothing, ensure_ascii=False))
    else:
        print(message, file=sys.stderr)
    return HAS_PROBLEMS


def _sentence(error: FileRefused | UnknownRegion) -> str:
    words = catalog(SOURCES).gettext(str(REFUSALS[type(error)]))
    return words.format(**error.facts)


def _words(problem: Problem) -> str:
    """Say a problem in one line, with the row it repeats where it is a duplicate."""
    text = f"{problem.column} {problem.rule} {rules()[problem.rule].zh}"
    if "kept_row" in problem.facts:
        text += f"（保留工作表“{problem.facts['kept_sheet']}”第{problem.facts['kept_row']}行）"
    return text


def _write(checked: _Checked, path: Path) -> None:
    write_annotated(checked.book, checked.outcome.problems, path, title="核验问题", words=_words)


def _as_json(checked: _Checked) -> Mapping[str, object]:
    outcome = checked.outcome
    return {
        "rows": outcome.rows,
        "accepted": len(outcome.accepted),
        "problems": [
            {
                "sheet": problem.sheet,
                "row": problem.row,
                "column": problem.column,
                "rule": problem.rule,
                "severity": problem.severity,
                "message": rules()[problem.rule].zh,
                **({"facts": problem.facts} if problem.facts else {}),
            }
            for problem in outcome.problems
        ],
        "by_rule": outcome.by_rule,
        "notes": _notes(checked),
    }


def _notes(checked: _Checked) -> list[str]:
    """Say what a person should know about how the file was read."""
    book, found, outcome = checked.book, checked.found, checked.outcome
    said = (
        (not outcome.years_checked, "未指定年度，未检查 F018、F019。"),
        (found.missing, f"缺少必填列：{'、'.join(found.missing)}。"),
        (found.unknown, f"以下列不属于本项目，未读取：{'、'.join(found.unknown)}。"),
        (
            found.without_header,
            f"以下工作表没有本项目表头，未读取：{'、'.join(found.without_header)}。",
        ),
        (found.hidden, f"以下隐藏工作表不是台账，未读取：{'、'.join(found.hidden)}。"),
        (book.hidden_rows, f"有 {book.hidden_rows} 行被隐藏或筛选掉，已照常读取。"),
        (book.formulas, f"有 {book.formulas} 个公式单元格，按文件中保存的结果读取。"),
        (
            outcome.skipped.total(),
            f"跳过空行、合计、重复表头和表尾共 {outcome.skipped.total()} 行。",
        ),
    )
    return [sentence for holds, sentence in said if holds]


def _print(checked: _Checked) -> None:
    outcome = checked.outcome
    for problem in outcome.problems[:_SHOWN]:
        print(f"{problem.sheet}!{problem.row} {problem.severity} {_words(problem)}")
    if len(outcome.problems) > _SHOWN:
        print(f"…… 共 {len(outcome.problems)} 个问题，其余见 --json 或 --out")
    for note in _notes(checked):
        print(note)
    counts = "，".join(f"{rule} {count}" for rule, count in outcome.by_rule.items())
    print(f"共 {outcome.rows} 行，可接受 {len(outcome.accepted)} 行。{counts}")
