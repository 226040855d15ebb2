"""``heyan demo``: rehearse a whole campaign on fictitious ledgers, then serve it."""

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from casework.accounts.roles import Role
from casework.db import utcnow
from casework.demo import MARK
from casework.demo.cast import DEMO_PASSWORD, log_ins
from casework.demo.rehearsal import Plan
from casework.demo.scale import DEFAULT_SCALE, units
from casework.demo.sources import DEFAULT_SEED
from casework.regions.models import PROVINCE
from webapp import redis_server
from webapp.children import ChildKeepsFalling
from webapp.cli.demo_folder import FolderRefused, Stamp, build, built, code_digest, use_folder
from webapp.cli.migrate import SchemaIsNewer
from webapp.cli.serve import PORT, serve

Content = Mapping[str, Any]
_PROJECTS = {
    "re_employment": "失业人员再就业",
    "hardship": "就业困难人员就业",
    "overcapacity": "去产能职工安置",
}
_DECISIONS = {
    "met": "完成",
    "not_met": "未完成",
    "undetermined": "未定",
    "no_task": "无任务",
}
_COMPLETIONS = {
    "complete": "全面完成",
    "not_complete": "未全面完成",
    "undetermined": "未定",
    "no_task": "无任务",
}
_WIDTHS = (16, 8, 24, 10, 8, 8, 10)
_HEAD = ("单位 unit", "目标", "推算 [95% 区间]", "完成率", "真值", "含真值", "认定")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser("demo", help="rehearse a campaign on fictitious ledgers, serve it")
    parser.add_argument("--once", action="store_true", help="build and print, do not serve")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--scale", type=_scale, default=DEFAULT_SCALE, help="default %(default)s")
    parser.add_argument("--seed", default=DEFAULT_SEED, help="of ledgers, draw and calls")
    parser.add_argument(
        "--units", type=_units, default=(), metavar="CODES", help="reporting units, default all 28"
    )
    parser.add_argument("--fresh", action="store_true", help="build again even if it was built")
    parser.add_argument(
        "--folder", type=Path, default=Path("data/demo"), help="default %(default)s"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (%(default)s)")
    parser.set_defaults(run=run)


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 < scale <= 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return scale


def _units(text: str) -> tuple[str, ...]:
    codes = text.split(",")
    if unknown := [code for code in codes if code not in units()]:
        raise argparse.ArgumentTypeError(f"no reporting unit: {' '.join(unknown)}")
    return tuple(unit for unit in units() if unit in codes)


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out; status 1 if the rehearsal broke one of its promises."""
    try:
        content = _prepare(arguments)
        _show(content, arguments.json)
        if not arguments.once:
            greet(arguments.folder.resolve(), content["upload"])
            serve(arguments.host, arguments.port)
    except (
        FolderRefused,
        SchemaIsNewer,
        ChildKeepsFalling,
        redis_server.RedisMissing,
    ) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 1 if content["faults"] else 0


def _prepare(arguments: argparse.Namespace) -> Content:
    folder = arguments.folder.resolve()
    plan = Plan(arguments.seed, arguments.scale, arguments.units)
    stamp = Stamp(code_digest(), plan)
    with use_folder(folder):
        found = None if arguments.fresh else built(folder, stamp, now=utcnow())
        return found or build(folder, stamp)


def _show(content: Content, file: Path | None) -> None:
    for line in (*_table(content), *_sentences(content)):
        print(line)
    if file is not None:
        file.write_text(
            json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
            encoding="utf-8",
        )
        print(f"已写入 {file} (figures written)")


def _table(content: Content) -> Iterator[str]:
    yield f"\n{content['campaign']}：推算、认定与真值 (estimates, decisions and truth)"
    for project in content["projects"]:
        yield f"\n{_PROJECTS[project]} ({project})"
        yield _line(_HEAD)
        for row in content["estimates"]:
            if row["project"] == project and row["level"] != "place":
                yield _line(_cells(row))


def _cells(row: Content) -> tuple[str, ...]:
    decision = _DECISIONS[row["decision"]]
    if row["decision"] == "no_task":
        return (row["name"], "—", "—", "—", "—", "—", decision)
    low, high = row["completed_low"], row["completed_high"]
    interval = "—" if low is None else f"{row['completed']:.0f} [{low:.0f}, {high:.0f}]"
    rate = "—" if row["rate"] is None else f"{row['rate']:.1%}"
    holds = {True: "是", False: "否", None: "—"}[row["covers"]]
    truth = f"{row['truth']}"
    return (row["name"], f"{row['target']}", interval, rate, truth, holds, decision)


def _line(cells: tuple[str, ...]) -> str:
    return "  " + "".join(_padded(*pair) for pair in zip(cells, _WIDTHS, strict=True)).rstrip()


def _padded(text: str, width: int) -> str:
    shown = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(width - shown, 1)


def _sentences(content: Content) -> Iterator[str]:
    units = [row for row in content["estimates"] if row["level"] == "unit"]
    missing = [row for row in units if row["truly_met"] is False]
    whole = [row for row in units if row["truly_met"]]
    counts = "，".join(f"{_DECISIONS[key]} {n}" for key, n in sorted(content["decisions"].items()))
    work, cover = content["work"], content["coverage"]
    yield f"\n{work['cases']} 个个案，{work['calls']} 次拨打，{work['visits']} 次现场核查。"
    yield f"各单位认定：{counts}。"
    yield f"区间包含真值的比例：单位与省 {cover['units']:.1%}，连同县区 {cover['all']:.1%}。"
    yield _promise("实际未完成的", missing, "met", "完成", "truly missing units decided met")
    yield _promise("实际完成的", whole, "not_met", "未完成", "complete units decided not met")
    completion = content["province"]["completion"]
    yield f"全省：{_COMPLETIONS[completion]} (the province is {completion.replace('_', ' ')})。"
    for fault in content["faults"]:
        yield f"出错 (went wrong): {fault}"


def _promise(which: str, rows: list[Content], decision: str, word: str, english: str) -> str:
    wrong = sum(row["decision"] == decision for row in rows)
    said = "没有一个" if not wrong else f"{wrong} 个"
    return f"{which} {len(rows)} 个单位任务，{said}被认定为{word} ({english}: {wrong})。"


def greet(folder: Path, upload: Content) -> None:
    """Say who may log in, and which file of *folder* waits to be uploaded."""
    print(f"\n{MARK}：以下人员均为虚构，拨号为模拟 (fictitious people, simulated dialling)")
    print(f"登录 (log in), 密码 (password): {DEMO_PASSWORD}")
    print("  " + _padded("账号 login", 16) + _padded("姓名 name", 18) + "角色 role")
    for role, login, name, region in log_ins():
        print("  " + _padded(login, 16) + _padded(name, 18) + role.value + _where(role, region))
    print("填报员页面上有两份台账待处理 (two ledgers wait on the clerk's page)")
    print(f"上传练习用，尚未上报 (for the clerk to upload): {folder / upload['file']}")
    print(
        f"  填写 (enter): {_PROJECTS[upload['project']]}，{upload['region_name']} "
        f"{upload['region']}，年度 (year) {upload['year']}，"
        f"截止日期 (period end) {upload['period_end']}"
    )
    print(f"已上报的台账文件 (ledger files handed in): {folder / 'ledgers'}\n", flush=True)


def _where(role: Role, region: str) -> str:
    """Name the region of those roles whose work depends on where they are at home."""
    if role not in {Role.CLERK, Role.INSPECTOR}:
        return ""
    name = "全省 whole province" if region == PROVINCE else units()[region][0].unit_name
    return f"（{name} {region}）"
