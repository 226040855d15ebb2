"""``heyan bundle``: the archive that recomputes a run's figures, and its check."""

import argparse
import csv
import json
import zipfile
from pathlib import Path
from typing import Any

from estimation.plain import recompute
from sampling import verify_draw
from webapp.cli.tables import Usage, print_json

PROBLEMS, WRONG_USAGE = 1, 2


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command and its verbs to the command line."""
    parser = commands.add_parser("bundle", help="the figures of a run, to recompute (推算复算包)")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    write = verbs.add_parser(
        "write",
        help="write the bundle of a run (写出)",
        description="写出一次推算的复算包 (ZIP)；结果公布日之前保密。\nWrite the bundle of a run; "
        "secret until the day of the results.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    write.add_argument("uid", metavar="RUN", help="推算的编号，页面和文件上都有 (uid of the run)")
    write.add_argument("--login", required=True, help="以哪个账号的名义 (in whose name)")
    write.add_argument("--out", type=Path, required=True, metavar="FILE", help="写入新文件 (ZIP)")
    write.set_defaults(run=run_write, language="zh")
    verify = verbs.add_parser(
        "verify",
        help="recompute a bundle (复算)",
        description="核对每个文件的摘要和签名，重新抽样，重新计算全部数字。\n"
        "Compare every file with its digest, check the signature, draw again, and compute every "
        "figure again.\n退出码 (exit status): 0 一致 equal; 1 不一致 different; "
        "2 用法不对 wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument("bundle", type=Path, metavar="FILE", help="ZIP 或其文件夹 (or its folder)")
    verify.add_argument("--json", action="store_true", help="print the answer as JSON")
    verify.set_defaults(run=run_verify)


def run_write(given: argparse.Namespace) -> int:
    """Write the bundle of a run of this installation."""
    # Only this verb needs the database and all that comes with it.
    from casework.regions.models import PROVINCE
    from casework.reports.models import HandoutKind
    from webapp.cli.report import hand_out

    return hand_out(given, HandoutKind.BUNDLE, PROVINCE)


def run_verify(given: argparse.Namespace) -> int:
    """Recompute a bundle; status 1 if anything differs."""
    try:
        found = _differences(given.bundle)
    except Usage as error:
        print(error)
        return WRONG_USAGE
    if given.json:
        told = [{"what": what, "message": message} for what, message in found]
        print_json({"ok": not found, "differences": told})
    elif found:
        print(f"不一致，{len(found)} 处 (differences found):")
        for what, message in found:
            print(f"  {what}: {message}")
    else:
        print("一致：每个文件、签名、抽样和每个数字都与重算相同 (recomputed, nothing differs)")
        print(f"签名公钥，请与抽样公告和核查报告核对 (signed with the key): {_key(given.bundle)}")
    return PROBLEMS if found else 0


def _key(bundle: Path) -> str:
    place = zipfile.Path(bundle) if bundle.is_file() else bundle
    key: str = json.loads((place / "manifest.json").read_text("utf-8"))["signature"]["key"]
    return key


def _differences(bundle: Path) -> list[tuple[str, str]]:
    if not bundle.exists():
        raise Usage(f"读不到 {bundle} (cannot read the bundle)")
    try:
        place: Any = zipfile.Path(bundle) if bundle.is_file() else bundle
        found = list(recompute.differences(place))
        if (place / "draw" / "manifest.json").exists():
            drawn = verify_draw.differences(place / "draw")
            found += [(f"draw {what}", message) for what, message in drawn]
    except (*recompute.UNREADABLE, csv.Error) as error:
        return [("files", f"文件读不了 (cannot be read): {type(error).__name__} {error}")]
    return found
