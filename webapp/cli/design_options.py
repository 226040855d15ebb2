"""The options that ``heyan plan`` and ``heyan rehearse`` share, and what they mean."""

import argparse
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from casework.errors import CaseworkError
from webapp.cli.tables import InputProblems, Problem, read_table, refuse, row_number, whole_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from casework.campaigns.belief import Assumptions
    from casework.campaigns.designing import Counties, Terms

METHODS = ("decisions", "precision", "neyman", "power", "proportional", "equal")
VISITS = ("best", "standard", "precise", "whole")
PLACE = ("project", "unit", "stratum")
SHARES = ("share", "response", "phone_truth")
#: Why a design cannot be made, by the error that says so.
_RULES = {
    "BudgetTooSmall": "budget_too_small",
    "HalfWidthsOutOfReach": "half_width_out_of_reach",
    "HalfWidthsMissing": "half_width_missing",
}
_WORDS = {
    "BudgetTooSmall": "预算 {budget:,.0f} 元不够最低要求：{cases:,} 例连同现场核查要 "
    "{needed:,.0f} 元 (the budget is below what the minimum costs)",
    "HalfWidthsOutOfReach": "{regions} 个半宽全部拨打也达不到，最差的是 {region}，至多只能到要求的 "
    "{factor:.2f} 倍 (out of reach even if everybody is called)",
    "HalfWidthsMissing": "precision 方法须给出 --county-half-width、--unit-half-width 或 "
    "--project-half-width (a half-width is missing)",
}
WRONG = -1.0  # stands for a share that is none

FILES = """\
没有 --strata 时用河南 2017 年演示数据 (without --strata: the fictitious ledgers of Henan 2017).
--strata：带表头的 UTF-8 CSV，列的次序不限 (CSV file in UTF-8 with a header, columns in any order):
  project, unit, stratum  项目、单位、层（县）;  frame_size  抽样框人数
  target  目标任务，空为无任务 (empty: no task)
  可选，按层给出 (optional, for each stratum):
  share  预计实现比例;  response  预计接通比例;  phone_truth  未实现者在电话中承认的比例

分配方法 (--method):
  decisions     同样的钱能认定最多的县 (most counties decided for the money; default)
  precision     按县、单位、项目的半宽 (half-widths of several levels at once)
  neyman        总数最准 (the total as precise as possible)
  power         介于两者之间 (between the counties' precision and the total's)
  proportional  按比例 (in proportion);  equal  平均 (alike)
现场核查 (--visits):
  standard  电话认可的 20 %、联系不上的 50 %，不少于规程下限 (the protocol's least)
  precise   同样的钱推算最准的比例 (what tells most of a share for the money)
  whole     全部 (everybody who is called);  best  各单位取认定更多者 (whichever decides more)

退出码 (exit status): 0 正常 fine; 1 输入有问题或预算不够 problems; 2 用法不对 wrong usage
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One stratum, with what is expected of it alone."""

    project: str
    unit: str
    stratum: str
    name: str
    frame_size: int
    target: int | None
    share: float | None = None
    response: float | None = None
    phone_truth: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options come down to."""

    rows: Sequence[Row]
    counties: "Counties"
    terms: "Terms"
    assumptions: "Assumptions"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a design."""
    parser.add_argument("--strata", type=Path, metavar="FILE", help="各层人数和任务 (see below)")
    parser.add_argument(
        "--budget",
        type=_amount,
        metavar="YUAN",
        help="预算，元 (default: that of the Henan design)",
    )
    parser.add_argument(
        "--method", choices=METHODS, default="decisions", help="分配方法 (default: %(default)s)"
    )
    parser.add_argument(
        "--visits", choices=VISITS, default="best", help="现场核查方式 (default: %(default)s)"
    )
    parser.add_argument(
        "--minimum",
        type=_count,
        default=20,
        metavar="N",
        help="每层至少的有效结论数 (fewest verdicts of a stratum, %(default)s)",
    )
    for level, words in (("county", "县"), ("unit", "单位"), ("project", "项目")):
        parser.add_argument(
            f"--{level}-half-width",
            type=_share,
            metavar="E",
            help=f"{words}的半宽，如 0.04 (half-width of each {level})",
        )
    _add_expectations(parser)
    parser.add_argument("--attempt-cost", type=_amount, metavar="YUAN", help="每次拨打 (a call)")
    parser.add_argument("--visit-cost", type=_amount, metavar="YUAN", help="每次现场 (a visit)")
    parser.add_argument("--json", action="store_true", help="输出 JSON (print JSON)")


def _add_expectations(parser: argparse.ArgumentParser) -> None:
    """Add what is expected of the counties and the people called."""
    for name, default, words in (
        ("share", 0.965, "预计实现比例 (expected share that is true)"),
        ("response", None, "预计接通比例 (expected share of true entries that answers)"),
        ("phone-truth", None, "未实现者在电话中承认的比例 (untrue entries that admit it)"),
        ("false-counties", 0.08, "造假县的比例 (chance that a county is false)"),
    ):
        shown = "" if default is None else ", %(default)s"
        parser.add_argument(
            f"--{name}", type=_share, default=default, metavar="P", help=words[:-1] + shown + ")"
        )


def _amount(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} 须大于 0 (must be above 0)")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{text} 须在 0 与 1 之间 (between 0 and 1)")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} 须为 1 以上的整数 (a whole number from 1)")
    return number


def asked(arguments: argparse.Namespace) -> Asked:
    """Read the options. Raises Usage or InputProblems for a file that cannot be used."""
    import numpy as np

    from casework.campaigns.designing import Counties, HalfWidths, Method, Terms, Visits
    from casework.demo.henan import BUDGET

    rows = _strata(arguments.strata) if arguments.strata else _henan()
    targets = [np.nan if row.target is None else float(row.target) for row in rows]
    return Asked(
        rows,
        Counties(
            names=["|".join((row.project, row.unit, row.stratum)) for row in rows],
            projects=[row.project for row in rows],
            units=[row.unit for row in rows],
            frame_size=np.array([row.frame_size for row in rows], dtype=np.int64),
            target=np.array(targets),
        ),
        Terms(
            budget=arguments.budget or BUDGET,
            method=Method(arguments.method),
            visits=Visits(arguments.visits),
            half_widths=HalfWidths(
                arguments.county_half_width,
                arguments.unit_half_width,
                arguments.project_half_width,
            ),
            fewest=arguments.minimum,
        ),
        _assumptions(arguments, rows),
    )


def _assumptions(arguments: argparse.Namespace, rows: Sequence[Row]) -> "Assumptions":
    import numpy as np

    from casework.campaigns.belief import Assumptions, Belief
    from casework.demo.henan import henan_answers, henan_costs

    def each(name: str) -> "NDArray[np.float64]":
        """Return what each stratum states, else what the options say, else NaN."""
        usual = getattr(arguments, name)
        stated = [usual if getattr(row, name) is None else getattr(row, name) for row in rows]
        return np.array([np.nan if value is None else value for value in stated], dtype=float)

    costs = henan_costs()
    return Assumptions(
        Belief(each("share"), false=arguments.false_counties),
        henan_answers().with_response(each("response")).with_truth(each("phone_truth")),
        replace(
            costs,
            attempt=arguments.attempt_cost or costs.attempt,
            visit=arguments.visit_cost or costs.visit,
        ),
    )


def _henan() -> list[Row]:
    from casework.demo.henan import henan_counties

    return [
        Row(c.project, c.unit, c.code, c.name, c.frame_size, c.target) for c in henan_counties()
    ]


def _strata(path: Path) -> list[Row]:
    """Read the strata; every problem of every row is listed."""
    rows, problems, seen = [], [], set[tuple[str, ...]]()
    for row in read_table(path, (*PLACE, "frame_size", "target")):
        project, unit, stratum = place = tuple(row[name].strip() for name in PLACE)
        N, target = whole_number(row["frame_size"]), whole_number(row["target"])
        expected = [_fraction(row.get(name, "")) for name in SHARES]
        found = [
            ("stratum", "empty", "项目、单位或层为空 (empty)", not all(place)),
            ("stratum", "repeated", "该层重复 (repeated stratum)", place in seen),
            ("frame_size", "not_a_number", "不是整数 (whole number)", N is None),
            ("frame_size", "empty_stratum", "该层没有记录 (the stratum is empty)", N == 0),
            (
                "target",
                "not_a_number",
                "不是整数 (whole number)",
                bool(row["target"].strip()) and target is None,
            ),
            *(
                (name, "not_a_share", "须在 0 与 1 之间 (between 0 and 1)", value == WRONG)
                for name, value in zip(SHARES, expected, strict=True)
            ),
        ]
        problems += [
            Problem(path.name, row_number(row), column, rule, message)
            for column, rule, message, wrong in found
            if wrong
        ]
        seen.add(place)
        rows.append(Row(project, unit, stratum, stratum, N or 0, target, *expected))
    refuse(problems or _nothing(path, rows))
    return rows


def _nothing(path: Path, rows: Sequence[Row]) -> list[Problem]:
    words = "没有一行 (the file has no rows)"
    return [] if rows else [Problem(path.name, 0, "", "no_rows", words)]


def _fraction(text: str) -> float | None:
    """Return a number between 0 and 1, None for an empty cell, WRONG for anything else."""
    if not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return WRONG
    return number if 0 < number < 1 else WRONG


def problems_of(found: InputProblems | CaseworkError) -> list[Problem]:
    """Return the problems of a file, or a design that cannot be made as the one problem."""
    if isinstance(found, InputProblems):
        return found.problems
    name = type(found).__name__
    return [Problem("heyan", 0, "", _RULES[name], _WORDS[name].format(**found.facts))]


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return a line of a table; Chinese signs are two places wide."""
    padded = []
    for cell, width in zip(cells, widths, strict=True):
        shown = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in cell)
        padded.append(cell + " " * max(width - shown, 1))
    return "  " + "".join(padded).rstrip()
