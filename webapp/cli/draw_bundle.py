"""``heyan draw secret``, ``bundle``, ``verify --bundle``: a draw whose seed nobody could choose.

The check is that of ``verify_draw.py``, which is part of every bundle and needs nothing of this
product.
"""

import argparse
import json
import os
import secrets
import sys
import zipfile
from pathlib import Path

from sampling import verify_draw
from sampling.commitments import SECRET_BYTES, commitment
from webapp.cli.tables import Usage, print_json


def add_to(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the two commands under ``heyan draw``."""
    secret = actions.add_parser(
        "secret",
        help="make a secret and its commitment (秘密数与承诺)",
        description="生成秘密数、盐和承诺。承诺在公开随机数产生之前录入系统，文件自己保存，事后再公开。\n"
        "Make a secret, its salt and their commitment. Enter the commitment before the public "
        "value comes out; keep the file to yourself until the reveal.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    secret.add_argument("--out", type=Path, required=True, metavar="FILE", help="写入新文件 (JSON)")
    secret.set_defaults(run=make_secret)
    bundle = actions.add_parser(
        "bundle",
        help="write the published files of a draw (公布文件)",
        description="把一个批次的抽样公布文件写成 ZIP；结果公布日之前保密。\nWrite the published "
        "files of a campaign's draw as a ZIP; secret until the day of the results.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    bundle.add_argument("campaign", type=int, metavar="CAMPAIGN", help="批次编号 (its number)")
    bundle.add_argument("--out", type=Path, required=True, metavar="FILE", help="写入 (ZIP)")
    bundle.set_defaults(run=write)


def make_secret(arguments: argparse.Namespace) -> int:
    """Write a new secret into a file that only its owner may read; print its commitment."""
    secret, salt = secrets.token_hex(SECRET_BYTES), secrets.token_hex(SECRET_BYTES)
    told = {"secret": secret, "salt": salt, "commitment": commitment(secret, salt)}
    try:
        with open(arguments.out, "x", opener=_for_owner) as file:
            json.dump(told, file, indent=1)
    except OSError as error:
        print(f"写不了 {arguments.out}：{error.strerror} (cannot write)", file=sys.stderr)
        return 2
    print(told["commitment"])
    return 0


def _for_owner(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def write(arguments: argparse.Namespace) -> int:
    """Write the bundle of a campaign of this installation."""
    # Only this command needs the database and all that comes with it.
    from casework.campaigns.published import write_bundle
    from casework.db import utcnow
    from casework.errors import CaseworkError
    from webapp import create_app
    from webapp.cli.migrate import prepare_database
    from webapp.config import Settings
    from webapp.errors import sentence

    settings = Settings.from_env()
    prepare_database(settings)
    app = create_app(settings)
    with app.app_context():
        try:
            with arguments.out.open("xb") as file:
                write_bundle(arguments.campaign, file, actor=None, at=utcnow())
        except CaseworkError as broken:
            arguments.out.unlink()
            print(sentence(broken), file=sys.stderr)
            return 1
        except OSError as error:
            print(f"写不了 {error.filename}：{error.strerror} (cannot write)", file=sys.stderr)
            return 2
    print(f"已写入 {arguments.out} (written)")
    return 0


def verify(bundle: Path, *, as_json: bool) -> int:
    """Check a bundle, a ZIP or its folder; status 1 if anything differs. Raises Usage."""
    if not bundle.exists():
        raise Usage(f"读不到 {bundle} (cannot read the bundle)")
    try:
        found = list(verify_draw.differences(zipfile.Path(bundle) if bundle.is_file() else bundle))
    except (*verify_draw.UNREADABLE, zipfile.BadZipFile) as error:
        found = [("files", f"文件读不了 (cannot be read): {error!r}")]
    if as_json:
        differences = [{"what": what, "message": message} for what, message in found]
        print_json({"ok": not found, "differences": differences})
        return 1 if found else 0
    if found:
        print(f"不一致，{len(found)} 处 (differences found):")
    for what, message in found:
        print(f"  {what}: {message}")
    if not found:
        print("一致：根、承诺、种子、键、样本和签名都与重算相同 (recomputed, nothing differs)")
    return 1 if found else 0
