"""``heyan rehearse``: a planned design, tried out many times on fictitious truths."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from casework.errors import CaseworkError
from webapp.cli.design_options import (
    FILES,
    METHODS,
    Asked,
    add_options,
    asked,
    line,
    problems_of,
)
from webapp.cli.tables import InputProblems, Usage, print_json, report

if TYPE_CHECKING:
    from casework.campaigns.designing import Method
    from casework.campaigns.rehearsal import Rehearsed, Tally

Content = dict[str, Any]

SEED = "演示数据-2017"
LEVELS = {"county": "层 strata", "unit": "单位 units", "project": "项目 projects"}
HEAD = (
    *("级别 level", "任务", "完成 met", "未完成 not met", "无法认定", "误认完成", "误认未完成"),
    "区间含真值",
)
WIDTHS = (14, 9, 11, 16, 11, 11, 12, 10)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser(
        "rehearse",
        help="try a design out many times (预演)",
        description="把设计在虚构的真值上反复预演：抽样、通话、现场、推算、认定。\n"
        "Draw, call, visit, estimate and decide many times on fictitious truths.",
        epilog=FILES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    parser.add_argument(
        "--times", type=int, default=20, metavar="N", help="预演次数 (rehearsals, %(default)s)"
    )
    parser.add_argument("--seed", default=SEED, metavar="TEXT", help="种子 (any text, %(default)s)")
    parser.add_argument(
        "--against",
        choices=(*METHODS, "nothing"),
        default="proportional",
        help="同一预算下与之比较的方法 (compared at the same budget, %(default)s)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out; returns the exit status."""
    try:
        content = _rehearse(arguments)
    except (InputProblems, CaseworkError) as found:
        return report(problems_of(found), as_json=arguments.json)
    except Usage as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if arguments.json:
        print_json(content)
    else:
        for each in _lines(content):
            print(each)
    return 0


def _rehearse(arguments: argparse.Namespace) -> Content:
    from casework.campaigns.designing import Method

    if arguments.times < 1:
        raise Usage(f"--times 须为 1 以上，给的是 {arguments.times} (1 or more)")
    wish = asked(arguments)
    tried = [_tried(wish, wish.terms.method, arguments)]
    if arguments.against not in {"nothing", wish.terms.method}:
        tried.append(_tried(wish, Method(arguments.against), arguments))
    return {
        "times": arguments.times,
        "seed": arguments.seed,
        "budget": wish.terms.budget,
        "designs": tried,
        "fewer_undetermined": _fewer(tried),
    }


def _fewer(tried: list[Content]) -> float | None:
    """Return by which part the first design leaves fewer counties undetermined than the second."""
    counts = [each["undetermined_strata"] for each in tried]
    if len(counts) == 1 or not counts[1]:
        return None
    return round(1 - float(counts[0]) / float(counts[1]), 4)


def _tried(wish: Asked, method: "Method", arguments: argparse.Namespace) -> Content:
    from casework.campaigns.designing import make_design
    from casework.campaigns.rehearsal import Scene, rehearse
    from casework.demo.sources import generator

    counties = wish.counties
    design = make_design(counties, replace(wish.terms, method=method), wish.assumptions)
    found = rehearse(
        Scene(counties.names, counties.pools, counties.projects, counties.target),
        design,
        wish.assumptions,
        times=arguments.times,
        rng=generator(arguments.seed, "rehearse"),
    )
    return _content(method, found)


def _content(method: "Method", found: "Rehearsed") -> Content:
    return {
        "method": method,
        "cases": round(found.calls, 1),
        "attempts": round(found.attempts, 1),
        "visits": round(found.visits, 1),
        "money": round(found.money, 1),
        "undetermined_strata": round(float(found.undetermined.mean()), 2),
        "levels": [_level(tally, found.times) for tally in found.tallies],
    }


def _level(tally: "Tally", times: int) -> Content:
    """Return the averages of one rehearsal."""

    def each(number: int) -> float:
        return round(number / times, 3)

    return {
        "level": tally.level,
        "judged": each(tally.judged),
        "truly_met": each(tally.truly_met),
        "met": each(tally.decisions["met"]),
        "not_met": each(tally.decisions["not_met"]),
        "undetermined": each(tally.decisions["undetermined"]),
        "wrong_met": each(tally.wrong_met),
        "wrong_not_met": each(tally.wrong_not_met),
        "coverage": round(tally.coverage, 4),
    }


def _lines(content: Content) -> Iterator[str]:
    yield (
        f"预演 {content['times']} 次，预算 {content['budget']:,.0f} 元；以下为每次平均 "
        "(averages of one rehearsal)"
    )
    for each in content["designs"]:
        yield ""
        yield (
            f"方法 {each['method']}：样本 {each['cases']:,.0f} 例，"
            f"拨打 {each['attempts']:,.0f} 次，现场 {each['visits']:,.0f} 人次，"
            f"花费 {each['money']:,.0f} 元 (cases, calls, visits, yuan)"
        )
        yield line(HEAD, WIDTHS)
        for row in each["levels"]:
            yield line(_cells(row), WIDTHS)
    if content["fewer_undetermined"] is not None:
        first, second = (each["method"] for each in content["designs"])
        yield ""
        yield (
            f"无法认定的层，{first} 比 {second} 少 {content['fewer_undetermined']:.1%} "
            "(fewer undetermined)"
        )


def _cells(row: Content) -> tuple[str, ...]:
    numbers = ("met", "not_met", "undetermined", "wrong_met", "wrong_not_met")
    return (
        LEVELS[row["level"]],
        f"{row['judged']:.0f}",
        *(f"{row[name]:.1f}" for name in numbers),
        f"{row['coverage']:.1%}",
    )
