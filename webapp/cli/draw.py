"""``heyan draw`` and ``heyan draw verify``: a draw that anyone can recompute."""

import argparse
import csv
import json
import os
import sys
from collections import Counter
from pathlib import Path

from sampling.draw import CONTROL, SampleRow, check_frame, draw, frame_digest
from sampling.manifest import Manifest, describe
from webapp.cli import draw_bundle, draw_manifest
from webapp.cli.tables import (
    InputProblems,
    Problem,
    Usage,
    print_json,
    read_columns,
    read_table,
    refuse,
    report,
    row_number,
    whole_number,
)

SAMPLE_COLUMNS = ("stratum", "rank", "entry_id", "key")

Frame = tuple[list[str], list[str]]

_FILES = """\
文件均为带表头的 UTF-8 CSV，列的次序不限 (CSV files in UTF-8 with a header, columns in any order):
  --frame     entry_id  记录编号，不得重复 (unique);  stratum  层
  --sizes     stratum  层;  sample_size  该层样本量，整数 (whole number, at most the stratum's)
  sample      stratum, rank, entry_id, key  层、层内次序、记录编号、键 (SHA-256, hex)
  manifest    JSON：算法、种子、各层样本量和摘要，供复算 (what is needed to draw again)
退出码 (exit status): 0 正常 fine; 1 输入有问题或不一致 problems; 2 用法不对 wrong usage
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser(
        "draw",
        help="draw a stratified sample by keyed order (抽样)",
        description="从抽样框分层抽样，任何人都能复算。\nDraw a stratified sample that anybody can "
        "recompute.\nNeeds --frame, --sizes, --seed, --out and --manifest.",
        epilog=_FILES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option, words in (
        ("--frame", "抽样框 (the frame to draw from)"),
        ("--sizes", "各层样本量 (sample size of each stratum)"),
        ("--out", "写出样本 (write the sample here)"),
        ("--manifest", "写出抽样清单 (write the manifest here)"),
    ):
        parser.add_argument(option, type=Path, metavar="FILE", help=words)
    parser.add_argument("--seed", metavar="TEXT", help="种子，任意文字 (any text, made public)")
    parser.add_argument("--json", action="store_true", help="print the manifest")
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    verify = actions.add_parser(
        "verify",
        help="recompute a draw and say what differs (验证)",
        description="按清单重新抽样，列出不一致之处。\nDraw again by the manifest and list what "
        "differs.",
        epilog=_FILES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option, words in (
        ("--frame", "当时的抽样框 (the frame that was drawn from)"),
        ("--manifest", "当时写出的清单 (the manifest that was written)"),
    ):
        verify.add_argument(option, type=Path, metavar="FILE", help=words)
    verify.add_argument(
        "--sample", type=Path, metavar="FILE", help="样本文件 (default: as in the manifest)"
    )
    verify.add_argument(
        "--bundle",
        type=Path,
        metavar="PATH",
        help="改为核对公布文件 (published files: ZIP or folder)",
    )
    verify.add_argument("--json", action="store_true", help="print the differences as JSON")
    verify.set_defaults(run=run_verify)
    draw_bundle.add_to(actions)


def run(arguments: argparse.Namespace) -> int:
    """Carry the draw out; returns the exit status."""
    try:
        manifest = _draw(arguments)
    except InputProblems as found:
        return report(found.problems, as_json=arguments.json)
    except Usage as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if arguments.json:
        print_json(manifest)
    else:
        print(
            f"已从 {manifest['frame_rows']} 条中抽取 {manifest['sample_rows']} 条，"
            f"共 {len(manifest['sizes'])} 层 (drawn) → {arguments.out}"
        )
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Recompute a draw; status 1 if anything differs from the manifest or the sample."""
    try:
        if arguments.bundle:
            return draw_bundle.verify(arguments.bundle, as_json=arguments.json)
        differences, sample = _verify(arguments)
    except InputProblems as found:
        return report(found.problems, as_json=arguments.json)
    except Usage as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if arguments.json:
        print_json(
            {"ok": not differences, "differences": differences, "sample": str(sample or "") or None}
        )
    elif differences:
        print(f"不一致，{len(differences)} 处 (differences found):")
        for each in differences:
            print(f"  {each['what']}: {each['message']}")
    else:
        checked = f"，并核对了样本文件 {sample}" if sample else "（未找到样本文件，只重算了清单）"
        print(f"一致：重算结果与清单相同{checked} (recomputed, nothing differs)")
    return 1 if differences else 0


def _draw(arguments: argparse.Namespace) -> Manifest:
    needed = ("frame", "sizes", "seed", "out", "manifest")
    absent = [f"--{name}" for name in needed if not getattr(arguments, name)]
    if absent:
        raise Usage(f"heyan draw 缺少参数 {' '.join(absent)} (options are missing)")
    entry_ids, strata = _frame(arguments.frame)
    sizes = _sizes(arguments.sizes, strata)
    rows = draw(entry_ids, strata, sizes, arguments.seed)
    manifest = describe(frame_digest(entry_ids, strata), strata, sizes, arguments.seed, rows)
    manifest["sample_file"] = os.path.relpath(arguments.out, arguments.manifest.parent)
    try:
        with arguments.out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(SAMPLE_COLUMNS)
            writer.writerows((r.stratum, r.rank, r.entry_id, r.key) for r in rows)
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        arguments.manifest.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Usage(f"写不了 {error.filename}：{error.strerror} (cannot write)") from None
    return manifest


def _verify(arguments: argparse.Namespace) -> tuple[list[draw_manifest.Difference], Path | None]:
    absent = [f"--{name}" for name in ("frame", "manifest") if not getattr(arguments, name)]
    if absent:
        raise Usage(f"heyan draw verify 缺少参数 {' '.join(absent)} (options are missing)")
    frame = _frame(arguments.frame)
    manifest = _manifest(arguments.manifest)
    sample = arguments.sample
    if sample is None:
        beside = arguments.manifest.parent / manifest.get("sample_file", "")
        sample = beside if beside.is_file() else None
    found = _sample(sample) if sample else None
    return draw_manifest.compare(*frame, manifest, found), sample


def _frame(path: Path) -> Frame:
    numbers, (ids, strata) = read_columns(path, ("entry_id", "stratum"))
    try:
        check_frame(ids, strata)
    except ValueError:
        refuse(_frame_problems(path, numbers, ids, strata))
    return ids, strata


def _frame_problems(
    path: Path, numbers: list[int], ids: list[str], strata: list[str]
) -> list[Problem]:
    """Name everything that is wrong with a frame, row by row."""
    times = Counter(ids)
    unreadable = [
        Problem(path.name, number, column, "empty", "为空或含控制字符 (empty or unprintable)")
        for number, *values in zip(numbers, ids, strata, strict=True)
        for column, value in zip(("entry_id", "stratum"), values, strict=True)
        if not value or CONTROL.search(value)
    ]
    repeated = [
        Problem(path.name, number, "entry_id", "repeated", f"{entry!r} 重复 (repeated)")
        for number, entry in zip(numbers, ids, strict=True)
        if entry and times[entry] > 1
    ]
    return unreadable + repeated


def _sizes(path: Path, strata: list[str]) -> dict[str, int]:
    population, sizes = Counter(strata), dict[str, int]()
    problems = []
    for row in read_table(path, ("stratum", "sample_size")):
        stratum, n = row["stratum"], whole_number(row["sample_size"])
        fault = _size_fault(stratum, n, population, sizes)
        if fault:
            problems.append(Problem(path.name, row_number(row), *fault))
        sizes[stratum] = n or 0
    refuse(problems)
    return sizes


def _size_fault(
    stratum: str, n: int | None, population: Counter[str], seen: dict[str, int]
) -> tuple[str, str, str] | None:
    if stratum in seen:
        return "stratum", "repeated", f"层 {stratum!r} 重复 (repeated)"
    if stratum not in population:
        return "stratum", "unknown_stratum", f"抽样框没有层 {stratum!r} (not in the frame)"
    if n is None:
        return (
            "sample_size",
            "not_a_number",
            f"层 {stratum!r} 的样本量不是整数 (not a whole number)",
        )
    if n > population[stratum]:
        message = (
            f"层 {stratum!r} 只有 {population[stratum]} 条，不能抽 {n} 条 (larger than its stratum)"
        )
        return "sample_size", "too_large", message
    return None


def _manifest(path: Path) -> Manifest:
    try:
        manifest: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Usage(f"读不到文件 {path}：{error.strerror} (cannot read the file)") from None
    except ValueError:
        manifest = None
    if not draw_manifest.is_manifest(manifest):
        message = "不是抽样清单，或版本不认识 (not a manifest of this version)"
        raise InputProblems([Problem(path.name, 0, "", "manifest", message)])
    return manifest


def _sample(path: Path) -> list[SampleRow]:
    _, (strata, ranks, ids, keys) = read_columns(path, SAMPLE_COLUMNS)
    numbers = [whole_number(rank) or 0 for rank in ranks]
    return list(map(SampleRow, strata, numbers, ids, keys))
