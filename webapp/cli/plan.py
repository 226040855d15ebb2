"""``heyan plan``: what a budget buys, by the design that is asked for."""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.errors import CaseworkError
from webapp.cli.design_options import FILES, Asked, add_options, asked, line, problems_of
from webapp.cli.tables import InputProblems, Usage, print_json, report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from casework.campaigns.planning import Outlook
    from sampling.plan import Design

Content = dict[str, Any]

HEAD = ("项目 project", "层 strata", "抽样框 frame", "样本 cases", "半宽(点)", "无法认定")
WIDTHS = (18, 12, 14, 12, 10, 10)
REMARKS = {
    "target_above_frame": "任务多于台账，不抽样即认定未完成 (target above the ledger: not met)",
    "target_equals_frame": "任务等于台账，只有全查或设容差能认定完成 (no sample can prove it)",
    "too_small_to_prove": "样本全部实现也不足以证明完成 (too few cases to end in met)",
}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser(
        "plan",
        help="plan sizes and visits for a budget (抽样设计)",
        description="按预算设计各层样本量和现场核查比例，给出预计的半宽、可认定的县、拨打、现场和人日。"
        "\nSizes and visits for a budget, with what to expect of them.",
        epilog=FILES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="写出各层样本量，供 heyan draw (sizes to draw)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out; returns the exit status."""
    try:
        content = _plan(asked(arguments))
        if arguments.out:
            _write_sizes(arguments.out, content)
    except (InputProblems, CaseworkError) as found:
        return report(problems_of(found), as_json=arguments.json)
    except Usage as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if arguments.json:
        print_json(content)
    else:
        for line in _lines(content):
            print(line)
    return 0


def _plan(wish: Asked) -> Content:
    from casework.campaigns.designing import make_design, positions
    from casework.campaigns.planning import outlook

    counties, assumptions = wish.counties, wish.assumptions
    design = make_design(counties, wish.terms, assumptions)
    expected = outlook(design, counties.target, positions(counties.projects), assumptions)
    strata = list(_strata(wish, design, expected))
    return {
        "method": wish.terms.method,
        "visits": wish.terms.visits,
        "budget": wish.terms.budget,
        "work": {name: round(value, 1) for name, value in asdict(expected.work).items()},
        "counties": _decided(strata),
        "projects": list(_sums(strata, ("project",), expected.project_half_width)),
        "units": list(_sums(strata, ("project", "unit"), expected.unit_half_width)),
        "strata": strata,
    }


def _strata(wish: Asked, design: "Design", expected: "Outlook") -> Iterator[Content]:
    import numpy as np

    from sampling.size import size_to_prove

    target = wish.counties.target
    least = size_to_prove(design.frame_size, np.nan_to_num(target))
    for h, row in enumerate(wish.rows):
        n, none = int(design.sizes[h]), row.target is None
        yield {
            "project": row.project,
            "unit": row.unit,
            "stratum": row.stratum,
            "name": row.name,
            "frame_size": row.frame_size,
            "target": row.target,
            "sample_size": n,
            "half_width": round(float(expected.half_width[h]), 4),
            "least_to_prove": None if none else int(least[h]),
            "met": None if none else round(float(expected.chances.met[h]), 4),
            "not_met": None if none else round(float(expected.chances.not_met[h]), 4),
            "visit_rates": {
                name: round(float(rate), 2)
                for name, rate in zip(
                    wish.assumptions.answers.names, design.visit_rates[h], strict=True
                )
            },
            "remark": None if none else _remark(row.frame_size, row.target or 0, n, int(least[h])),
        }


def _remark(frame_size: int, target: int, sample_size: int, least: int) -> str | None:
    if target > frame_size:
        return "target_above_frame"
    if target == frame_size:
        return "target_equals_frame"
    return "too_small_to_prove" if sample_size < least else None


def _decided(strata: Sequence[Content]) -> Content:
    judged = [row for row in strata if row["target"] is not None]
    met, not_met = (round(sum(row[name] for row in judged), 1) for name in ("met", "not_met"))
    open_ = round(len(judged) - met - not_met, 1)
    return {
        "judged": len(judged),
        "met": met,
        "not_met": not_met,
        "undetermined": open_,
        "undetermined_share": round(open_ / len(judged), 4) if judged else None,
    }


def _sums(
    strata: Sequence[Content], keys: tuple[str, ...], half_widths: "NDArray[np.float64]"
) -> Iterator[Content]:
    """Add the strata up by project, or project and unit, in the order of the half-widths."""
    groups: dict[tuple[str, ...], list[Content]] = {}
    for row in strata:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    for (place, rows), half_width in zip(groups.items(), half_widths, strict=True):
        yield dict(zip(keys, place, strict=True)) | {
            "strata": len(rows),
            "frame_size": sum(row["frame_size"] for row in rows),
            "sample_size": sum(row["sample_size"] for row in rows),
            "half_width": round(float(half_width), 4),
            "counties": _decided(rows),
        }


def _write_sizes(path: Path, content: Content) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("stratum", "sample_size"))
            writer.writerows(
                (name, row["sample_size"])
                for name, row in zip(_keys(content["strata"]), content["strata"], strict=True)
            )
    except OSError as error:
        raise Usage(f"写不了 {error.filename}：{error.strerror} (cannot write)") from None


def _keys(strata: Sequence[Content]) -> list[str]:
    """Name the strata as a frame does: by project and place if a place occurs in several."""
    names = [row["stratum"] for row in strata]
    if len(set(names)) == len(names):
        return names
    return [f"{row['project']}|{row['stratum']}" for row in strata]


def _lines(content: Content) -> Iterator[str]:
    work, counties = content["work"], content["counties"]
    yield (
        f"方法 {content['method']}，现场 {content['visits']}，预算 {content['budget']:,.0f} 元 "
        f"(method, visits, budget)"
    )
    yield (
        f"样本 {work['cases']:,} 例，拨打 {work['attempts']:,.0f} 次，"
        f"现场 {work['visits']:,.0f} 人次，花费 {work['money']:,.0f} 元 "
        "(cases, calls, visits, yuan)"
    )
    yield (
        f"话务 {work['operator_days']:,.0f} 人日，核查 {work['inspector_days']:,.0f} 人日 "
        "(days of operators and inspectors)"
    )
    if counties["judged"]:
        yield (
            f"有任务的层 {counties['judged']} 个：预计认定完成 {counties['met']}，未完成 "
            f"{counties['not_met']}，无法认定 {counties['undetermined']}"
            f"（{counties['undetermined_share']:.0%}） (met, not met, undetermined)"
        )
    yield ""
    yield line(HEAD, WIDTHS)
    for row in content["projects"]:
        numbers = (row["strata"], row["frame_size"], row["sample_size"])
        shown = [row["project"], *(f"{number:,}" for number in numbers)]
        yield line(
            (*shown, f"±{row['half_width'] * 100:.1f}", f"{row['counties']['undetermined']}"),
            WIDTHS,
        )
    widest = max(content["units"], key=lambda row: row["half_width"])
    yield (
        f"最宽的单位 {widest['project']} {widest['unit']}：±{widest['half_width'] * 100:.1f} 点 "
        f"(widest unit)"
    )
    for remark, words in REMARKS.items():
        if number := sum(row["remark"] == remark for row in content["strata"]):
            yield f"提醒：{number} 个层{words}"
