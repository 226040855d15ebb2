"""``heyan estimate``: completed persons, intervals and decisions from three CSV files."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.cli.tables import (
    InputProblems,
    Problem,
    Usage,
    print_json,
    read_table,
    refuse,
    report,
    row_number,
    whole_number,
)

if TYPE_CHECKING:
    from estimation.domains import DomainEstimates, Value

COLUMNS = (
    *("frame_size", "sampled", "resolved", "share", "share_se", "share_low", "share_high"),
    *("completed", "completed_se", "completed_low", "completed_high"),
    *("target", "rate", "rate_low", "rate_high", "decision", "bounds_low", "bounds_high"),
    *("method", "flags"),
)
PLACE = ("project", "unit", "stratum")
CODES = {
    "phone": ("achieved", "deemed", "not_achieved", "unresolved", ""),
    "visit": ("achieved", "deemed", "not_achieved", "unresolved", ""),
    "visit_reason": ("random", "lead", ""),
}
SEPARATOR = "\x1f"
_FILES = """\
文件均为带表头的 UTF-8 CSV，列的次序不限 (CSV files in UTF-8 with a header, columns in any order):
  --strata    project, unit, stratum  项目、单位、层;  frame_size  该层抽样框人数 (persons)
  --cases     case_id, project, unit, stratum, phone, visit, visit_reason [, phone_class]
              每个抽中的个案一行 (one row for each sampled case)
  --targets   project, unit, target  目标任务，空为无任务 (empty: no task)

代码 (codes; 空为尚无 empty: none yet):
  phone, visit   achieved 实现  deemed 视为实现  not_achieved 未实现  unresolved 无法判定
  visit_reason   random 随机抽查  lead 问题线索；有 visit 时必填 (needed with a visit)
  phone_class    可选，自定的无法判定类别 (optional, your own name for a kind of unresolved)

区间 (--interval; default hypergeometric_mid_p):
  hypergeometric_mid_p hypergeometric_exact jeffreys_capped korn_graubard_capped wilson_capped
  added_row
  korn_graubard jeffreys wilson logit arcsine wald

退出码 (exit status): 0 正常 fine; 1 输入有问题 problems; 2 用法不对 wrong usage
"""

Key = tuple[str, ...]
Row = dict[str, str]


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser(
        "estimate",
        help="estimate and decide from CSV files (推算)",
        description="推算各项目、各单位的完成人数并认定，输出 JSON。\nEstimate and decide for each "
        "project and unit; prints JSON.",
        epilog=_FILES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option, needed, words in (
        ("--strata", True, "抽样框各层人数 (size of each stratum)"),
        ("--cases", True, "个案及结论 (the cases and their verdicts)"),
        ("--targets", False, "目标任务 (targets; without it nothing has a task)"),
    ):
        parser.add_argument(option, type=Path, required=needed, metavar="FILE", help=words)
    parser.add_argument(
        "--level", type=float, default=0.95, help="置信水平 (of the intervals, %(default)s)"
    )
    parser.add_argument("--interval", metavar="NAME", help="区间方法，见下 (a name listed below)")
    parser.add_argument(
        "--detail", action="store_true", help="另列各层 (add one object for each stratum)"
    )
    parser.add_argument(
        "--pool-audit",
        action="store_true",
        help="单位内各层合用核查比例 (share audit rates in a unit)",
    )
    parser.add_argument(
        "--phone-accepted",
        action="store_true",
        help="方案在抽样前已定电话结论无需现场核查 (accepted without audit before the draw)",
    )
    parser.add_argument("--json", action="store_true", help="问题也用 JSON (problems as JSON too)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out; returns the exit status."""
    try:
        objects = _estimate(arguments)
    except InputProblems as found:
        status = report(found.problems, as_json=arguments.json)
        if not arguments.json:
            _say_codes(found.problems)
        return status
    except Usage as wrong:
        print(wrong, file=sys.stderr)
        return 2
    print_json(objects)
    return 0


def _say_codes(problems: Sequence[Problem]) -> None:
    """Say once, for each column with an unknown code, what may stand there."""
    unknown = {problem.column for problem in problems if problem.rule == "unknown_code"}
    for column in [column for column in CODES if column in unknown]:
        codes = " ".join(filter(None, CODES[column]))
        print(f"{column} 可用的代码 (allowed codes): {codes}，或空 (or empty)", file=sys.stderr)


def _estimate(arguments: argparse.Namespace) -> list[dict[str, "Value"]]:
    from estimation.classes import Cases, Strata
    from estimation.domains import Protocol, estimate_domains

    _check_options(arguments)
    protocol = Protocol(arguments.level, arguments.interval, arguments.phone_accepted)
    sizes = _strata(arguments.strata)
    rows = _cases(arguments.cases, sizes)
    targets = _targets(arguments.targets) if arguments.targets else {}
    keys = list(sizes)
    position = {key: i for i, key in enumerate(keys)}
    strata = Strata([key[2] for key in keys], list(sizes.values()))
    cases = Cases(
        [position[_place(row)] for row in rows],
        phone=[row["phone"].strip() for row in rows],
        visit=[row["visit"].strip() for row in rows],
        visit_reason=[row["visit_reason"].strip() for row in rows],
        phone_class=[row.get("phone_class", "").strip() for row in rows],
    )
    units = [SEPARATOR.join(key[:2]) for key in keys]
    pools = units if arguments.pool_audit else None
    cuts: list[tuple[list[str], Mapping[str, int]]] = [(units, targets)]
    if arguments.detail:
        cuts.append(([SEPARATOR.join(key) for key in keys], {}))
    return [
        found
        for labels, tasks in cuts
        for found in _objects(
            estimate_domains(
                strata,
                cases,
                domain_of_stratum=labels,
                targets=tasks,
                pool_of_stratum=pools,
                protocol=protocol,
            )
        )
    ]


def _check_options(arguments: argparse.Namespace) -> None:
    from estimation.intervals import interval_method

    if not 0 < arguments.level < 1:
        raise Usage(f"--level 须在 0 与 1 之间，给的是 {arguments.level} (between 0 and 1)")
    try:
        interval_method(arguments.interval)
    except ValueError as error:
        raise Usage(f"--interval 无此方法：{error}") from None


def _objects(estimates: "DomainEstimates") -> list[dict[str, "Value"]]:
    """Return the columns of the contract for each domain, the place first."""
    objects: list[dict[str, Value]] = []
    for d, label in enumerate(estimates.domain):
        row = estimates.row(d)
        if isinstance(row["target"], float):
            row["target"] = round(row["target"])
        place: dict[str, Value] = dict(zip(PLACE, label.split(SEPARATOR), strict=False))
        objects.append(place | {name: row[name] for name in COLUMNS})
    return objects


def _place(row: Row) -> Key:
    return tuple(row[name] for name in PLACE)


def _strata(path: Path) -> dict[Key, int]:
    """Read the frame: the size of each stratum of each project and unit."""
    sizes: dict[Key, int] = {}
    problems = []
    for row in read_table(path, (*PLACE, "frame_size")):
        N = whole_number(row["frame_size"])
        if N is None:
            problems.append(
                _problem(path, row, "frame_size", "not_a_number", "不是整数 (whole number)")
            )
        if _place(row) in sizes:
            problems.append(
                _problem(path, row, "stratum", "repeated", "该层重复 (repeated stratum)")
            )
        if not all(_place(row)):
            problems.append(_problem(path, row, "stratum", "empty", "项目、地区或层为空 (empty)"))
        sizes[_place(row)] = N or 0
    refuse(problems)
    return sizes


def _targets(path: Path) -> dict[str, int]:
    """Read the targets; an empty one is no task."""
    targets: dict[str, int] = {}
    problems = []
    for row in read_table(path, (*PLACE[:2], "target")):
        label, text = SEPARATOR.join(_place_of_unit(row)), row["target"].strip()
        persons = whole_number(text)
        if label in targets:
            problems.append(_problem(path, row, "unit", "repeated", "该地区重复 (repeated unit)"))
        if persons is not None:
            targets[label] = persons
        elif text:
            problems.append(
                _problem(path, row, "target", "not_a_number", "不是整数 (whole number)")
            )
    refuse(problems)
    return targets


def _place_of_unit(row: Row) -> Key:
    return tuple(row[name] for name in PLACE[:2])


def _cases(path: Path, sizes: Mapping[Key, int]) -> list[Row]:
    """Read the cases; each must lie in a stratum, and no stratum may have more than its frame."""
    rows = read_table(path, ("case_id", *PLACE, *CODES))
    problems, seen, counts = [], set[tuple[str, str]](), dict[Key, int]()
    for row in rows:
        problems += _case_problems(path, row, sizes)
        case = (row["project"], row["case_id"])
        if case in seen:
            problems.append(_problem(path, row, "case_id", "repeated", "个案重复 (repeated case)"))
        seen.add(case)
        counts[_place(row)] = counts.get(_place(row), 0) + 1
    for key, n in counts.items():
        if key in sizes and n > sizes[key]:
            message = (
                f"层 {key[2]} 有 {n} 个个案，多于抽样框的 {sizes[key]} 条 (more cases than entries)"
            )
            problems.append(Problem(path.name, 0, "stratum", "more_than_frame", message))
    refuse(problems)
    return rows


def _case_problems(path: Path, row: Row, sizes: Mapping[Key, int]) -> list[Problem]:
    problems = []
    if not row["case_id"]:
        problems.append(_problem(path, row, "case_id", "empty", "个案编号为空 (empty)"))
    if _place(row) not in sizes:
        message = f"层 {row['stratum']!r} 不在 --strata 文件中 (unknown stratum)"
        problems.append(_problem(path, row, "stratum", "unknown_stratum", message))
    for column, allowed in CODES.items():
        if row[column].strip() not in allowed:
            message = f"{row[column]!r} 不是可用的代码 (unknown code)"
            problems.append(_problem(path, row, column, "unknown_code", message))
    if row["visit"].strip() and not row["visit_reason"].strip():
        message = "有现场结论但没有核查原因 (a visit needs a reason)"
        problems.append(_problem(path, row, "visit_reason", "reason_missing", message))
    return problems


def _problem(path: Path, row: Row, column: str, rule: str, message: str) -> Problem:
    return Problem(path.name, row_number(row), column, rule, message)
