"""``heyan report``: make a paper of a run and write it into a file."""

import argparse
import sys
from pathlib import Path

from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Permission
from casework.db import db, utcnow
from casework.errors import CaseworkError, NotFound
from casework.regions.models import PROVINCE
from casework.reports.handouts import content_of, find_handout, request_handout, take_out
from casework.reports.models import Handout, HandoutKind, HandoutState
from webapp import create_app
from webapp.cli.migrate import prepare_database
from webapp.config import Settings
from webapp.errors import BROKEN_RULES, sentence
from webapp.i18n import LANGUAGES
from webapp.reports.making import make_handout

FINE, HAS_PROBLEMS, WRONG_USAGE = 0, 1, 2
PAPERS = [kind.value for kind in HandoutKind if kind is not HandoutKind.BUNDLE]


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser(
        "report",
        help="make a paper of an estimate run (核查材料)",
        description="生成一次推算的核查材料：核查报告、附表、核查结果告知书。\n"
        "Make a paper of a run: the verification report, its annex, or the notice to a region. "
        "It is kept in the database too, with its SHA-256; who made it is in the audit trail.\n"
        "退出码 (exit status): 0 已写入 written; 1 不能生成 not possible; 2 用法不对 wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kind", choices=PAPERS, default=HandoutKind.REPORT_WORD.value)
    parser.add_argument("--region", metavar="CODE", default=PROVINCE, help="地区 (GB/T 2260)")
    parser.add_argument("--language", choices=list(LANGUAGES), default="zh")
    add_common(parser)
    parser.set_defaults(run=lambda given: hand_out(given, HandoutKind(given.kind), given.region))


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add of which run, in whose name, and where it goes."""
    parser.add_argument("uid", metavar="RUN", help="推算的编号，页面和文件上都有 (uid of the run)")
    parser.add_argument("--login", required=True, help="以哪个账号的名义 (in whose name)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="写入新文件 (file)")


def hand_out(given: argparse.Namespace, kind: HandoutKind, code: str) -> int:
    """Make a hand-out in somebody's name and write it into a new file."""
    settings = Settings.from_env()
    prepare_database(settings)
    with create_app(settings).app_context():
        try:
            handout = _made(given, kind, code)
            with given.out.open("xb") as file:
                file.writelines(content_of(handout))
        except CaseworkError as broken:
            print(sentence(broken), file=sys.stderr)
            return HAS_PROBLEMS
        except OSError as error:
            print(f"写不了 {error.filename}：{error.strerror} (cannot write)", file=sys.stderr)
            return WRONG_USAGE
        print(f"已写入 {given.out} (written)，SHA-256 {handout.digest}")
    return FINE


def _made(given: argparse.Namespace, kind: HandoutKind, code: str) -> Handout:
    """Make a hand-out here and now. Raises NotFound, also for whoever may not export."""
    actor = db.session.scalar(select(User).where(User.login == given.login))
    if actor is None or not actor.can(Permission.ESTIMATE_EXPORT):
        raise NotFound(login=given.login)
    asked = request_handout(
        given.uid, code, kind, language=given.language, actor=actor, at=utcnow()
    )
    make_handout(asked.uid)
    handout = find_handout(asked.uid, actor=actor)
    if handout.state is HandoutState.FAILED:
        raise next(rule for rule in BROKEN_RULES if rule.__name__ == handout.failure)
    return take_out(asked.uid, actor=actor, at=utcnow())
