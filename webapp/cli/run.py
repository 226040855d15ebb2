"""``heyan run verify``: compute a run again from what it kept, and say what differs."""

import argparse
import sys
import zlib
from typing import Any

from casework.errors import NotFound
from casework.estimates.verifying import Difference, InputsNotKept, Verification, verify_run
from webapp import create_app
from webapp.cli.tables import print_json
from webapp.config import Settings

FINE, HAS_PROBLEMS = 0, 1
MOST_SHOWN = 50


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser("run", help="repeat an estimate run (复算)")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verify = verbs.add_parser(
        "verify",
        help="compute a run again, bit for bit (复算一次推算)",
        description="按该次推算保存的输入重新计算，逐位比较，并说明此后数据有何变化。\n"
        "Compute a run again from the inputs it kept, compare bit for bit, and say how the data "
        "moved since.\n退出码 (exit status): 0 相等 equal; 1 不相等或无法复算 different or not "
        "possible; 2 用法不对 wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument("uid", metavar="UID", help="推算的编号，页面和导出文件上都有 (of the run)")
    verify.add_argument("--json", action="store_true", help="print the answer as JSON")
    verify.set_defaults(run=run_verify)


def run_verify(arguments: argparse.Namespace) -> int:
    """Repeat the run; status 1 if anything differs."""
    with create_app(Settings.from_env()).app_context():
        try:
            found = verify_run(arguments.uid)
        except NotFound:
            return _refuse(f"没有这次推算，或它没有算完：{arguments.uid} (no such finished run)")
        except InputsNotKept:
            return _refuse("该次推算没有保存输入，无法复算 (its inputs were not kept)")
        except (zlib.error, ValueError) as error:
            return _refuse(f"保存的输入已损坏 (what was kept is damaged)：{error}")
        if arguments.json:
            print_json(_as_json(found))
        else:
            _say(found)
    return FINE if found.equal and not found.vanished else HAS_PROBLEMS


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return HAS_PROBLEMS


def _say(found: Verification) -> None:
    run, kept = found.run, found.kept
    print(f"推算 {run.uid}：{'相等 (equal)' if found.equal else '不相等 (different)'}")
    print(f"  输入摘要 (inputs)   {run.input_digest}")
    print(f"  结果摘要 (results)  {kept.result_digest}")
    print(f"  方法版本 (method)   {kept.method_version}，本程序 (this program) {found.method_now}")
    for one in found.differences[:MOST_SHOWN]:
        print(f"  {_where(one)}: {one.stored!r} → {one.recomputed!r}")
    if len(found.differences) > MOST_SHOWN:
        print(f"  …… 共 {len(found.differences)} 处不同 (differences in all)")
    if not found.since:
        print("  此后数据没有变化 (the data have not moved since)")
    for lost in found.vanished:
        print(
            f"  现场照片已缺失或被改动 (photo lost or altered)：{lost.case_code} {lost.photo_uid}"
        )
    for change in found.since:
        print(f"  此后 {change.part}：少 {change.gone} 行，多 {change.new} 行 (lines gone, new)")


def _where(one: Difference) -> str:
    return " ".join([*(part for part in one.where if part), one.what])


def _as_json(found: Verification) -> dict[str, Any]:
    return {
        "run": found.run.uid,
        "equal": found.equal,
        "input_digest": found.run.input_digest,
        "result_digest": found.kept.result_digest,
        "method_version": found.kept.method_version,
        "differences": [
            {"where": one.where, "what": one.what, "stored": one.stored, "now": one.recomputed}
            for one in found.differences
        ],
        "vanished": [
            {"case": lost.case_code, "photo": lost.photo_uid, "digest": lost.digest}
            for lost in found.vanished
        ],
        "changed_since": [
            {"part": change.part, "gone": change.gone, "new": change.new} for change in found.since
        ],
    }
