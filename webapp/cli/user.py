"""``heyan user add``: make the first administrator of a new installation."""

import argparse
import getpass
import sys

from casework.accounts import service
from casework.accounts.roles import Role
from casework.db import db, utcnow
from casework.regions.models import PROVINCE, Region
from webapp import create_app
from webapp.cli.migrate import prepare_database
from webapp.config import Settings

FINE, HAS_PROBLEMS = 0, 1


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    user = commands.add_parser("user", help="make users where nobody can log in yet")
    verbs = user.add_subparsers(dest="verb", required=True, metavar="VERB")
    parser = verbs.add_parser(
        "add",
        help="add a user",
        description="The password is asked for, or read from a standard input that is no terminal.",
    )
    parser.add_argument("login", metavar="LOGIN", help="small letters, digits, dot, hyphen")
    parser.add_argument("--name", required=True, help="as the pages show it")
    parser.add_argument("--role", type=Role, required=True, help=", ".join(Role), metavar="ROLE")
    parser.add_argument("--region", default=PROVINCE, metavar="CODE", help="GB/T 2260 code")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Add the user and say what to do next; nothing is added if anything is wrong."""
    settings = Settings.from_env()
    prepare_database(settings)
    with create_app(settings).app_context():
        if db.session.get(Region, arguments.region) is None:
            print(f"没有地区 {arguments.region}，没有新增用户。", file=sys.stderr)
            return HAS_PROBLEMS
        try:
            service.create_user(
                arguments.login,
                arguments.name,
                arguments.role,
                arguments.region,
                _password(),
                actor=None,
                at=utcnow(),
            )
        except service.LoginTaken:
            print(f"已有账号 {arguments.login}，没有新增用户。", file=sys.stderr)
            return HAS_PROBLEMS
        except service.PasswordTooWeak as error:
            print(
                "密码须为 {least} 至 {most} 个字符，没有新增用户。".format(**error.facts),
                file=sys.stderr,
            )
            return HAS_PROBLEMS
    print(f"已新增 {arguments.login}（{arguments.role}），可以登录。")
    return FINE


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("密码 (password): ")
    return sys.stdin.readline().rstrip("\n")
