"""The published files of a draw, and 40 ways of tampering with them, each refused by name.

Every tampering is shown to ``verify_draw.py`` as it lies in the bundle and to ``heyan draw verify
--bundle``. Where it touches the manifest, the manifest is signed again with the key of the
installation: what was drawn must be found out by drawing again, not by the signature alone.
"""

import csv
import io
import json
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Frame
from casework.campaigns.protocol_errors import PublicValueMissing, StillSecret
from casework.campaigns.published import notice, write_bundle
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers.projects import Project
from casework.sealing import sign
from tests.factories import (
    LINYING,
    LUOHE,
    NOON,
    agree,
    make_campaign,
    make_drawn_campaign,
    make_entries,
    make_ledger,
    make_user,
)
from tests.grounds import rolled_back
from webapp.cli import main

RELEASED = datetime(2018, 1, 15, 4, tzinfo=UTC)  # the day of the results
WUYANG = "411121"  # 舞阳县, a county of the same city


def bundle_of(campaign_id: int) -> bytes:
    archive = io.BytesIO()
    write_bundle(campaign_id, archive, actor=make_user(Role.VERIFIER), at=RELEASED)
    return archive.getvalue()


@pytest.fixture(scope="module")
def published(shared_app) -> bytes:
    """A bundle of two strata of 30 and 12 entries, of which 5 and 5 were drawn."""
    with shared_app("sqlite").app_context(), rolled_back():
        for region, entries in ((LINYING, 30), (WUYANG, 12)):
            make_entries(make_ledger(region=region), entries)
        campaign, coordinator = make_campaign(), make_user(Role.COORDINATOR)
        request_freeze(campaign.id, actor=coordinator, at=NOON)
        freeze_frame(campaign.uid, at=NOON)
        plan = SizePlan(SizeRule.EQUAL, minimum=0, total=10)
        set_sizes(campaign.id, Project.RE_EMPLOYMENT, plan, actor=coordinator, at=NOON)
        agree(campaign)
        request_draw(campaign.id, replicates=1, actor=coordinator, at=NOON)
        draw_sample(campaign.uid, at=NOON)
        return bundle_of(campaign.id)


@pytest.fixture
def folder(published, tmp_path) -> Path:
    with zipfile.ZipFile(io.BytesIO(published)) as archive:
        archive.extractall(tmp_path)
    return tmp_path


# What lies in a folder, and how to change it.

Rows = list[list[str]]
Json = dict


def sample(change: Callable[[Rows], object]) -> Callable[[Path], None]:
    """Change rows of the sample."""

    def tamper(folder: Path) -> None:
        path = folder / "sample.csv"
        header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
        change(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])

    return tamper


def lines(change: Callable[[Rows], object]) -> Callable[[Path], None]:
    """Change rows of the frame."""

    def tamper(folder: Path) -> None:
        path = folder / "frame.tsv"
        header, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        change(rows)
        content = "".join("\t".join(row) + "\n" for row in [header, *rows])
        path.write_text(content, encoding="utf-8")

    return tamper


def document(name: str, change: Callable[[Json], object]) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    return tamper


def manifest(change: Callable[[Json], object]) -> Callable[[Path], None]:
    """Change the manifest and sign it again, as somebody inside the installation could."""

    def change_and_sign(content: Json) -> None:
        del content["signature"]
        change(content)
        key, value = sign(json.dumps(content, sort_keys=True).encode())
        content["signature"] = {"key": key, "value": value}

    return document("manifest.json", change_and_sign)


def unsigned(change: Callable[[Json], object]) -> Callable[[Path], None]:
    return document("manifest.json", change)


def reveals(change: Callable[[Json], object]) -> Callable[[Path], None]:
    return document("reveals.json", change)


def put(row: int, column: int, value: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        assert rows[row][column] != value
        rows[row][column] = value

    return change


def swap(column: int) -> Callable[[Rows], None]:
    """Exchange one column of the first two rows that differ in it."""

    def change(rows: Rows) -> None:
        other = next(row for row in rows if row[column] != rows[0][column])
        rows[0][column], other[column] = other[column], rows[0][column]

    return change


def another(text: str) -> str:
    """Return other hexadecimal digits."""
    return ("1" if text[0] == "0" else "0") + text[1:]


def move_one(content: Json) -> None:
    """Draw one less from one stratum and one more from the other, and say so everywhere."""
    first, second = content["strata"]
    for stratum, more in ((first, 1), (second, -1)):
        stratum["sample_rows"] += more
        content["sizes"][stratum["stratum"]] += more


def secret_of(content: Json) -> Json:
    return content["secrets"][0]


NONCE, ENTRY, STRATUM, FILE, SHEET, NUMBER, CONTENT = range(7)
S_STRATUM, S_RANK, S_ENTRY, S_KEY = range(4)

TAMPERINGS = {
    "the content of a row": ("root", lines(put(7, CONTENT, "0" * 64))),
    "the row's place in its file": ("root", lines(put(7, NUMBER, "999"))),
    "the row's sheet": ("root", lines(put(7, SHEET, "Sheet2"))),
    "the row's file": ("root", lines(put(7, FILE, "0" * 64))),
    "the id of an entry": ("frame_digest", lines(put(7, ENTRY, "f" * 32))),
    "a nonce": ("root", lines(put(7, NONCE, "0" * 32))),
    "two nonces exchanged": ("root", lines(swap(NONCE))),
    "a row added": ("frame_rows", lines(lambda r: r.append([r[0][0], "g", *r[0][2:]]))),
    "a row doubled": ("frame_rows", lines(lambda r: r.insert(0, r[0]))),
    "a row dropped": ("frame_rows", lines(lambda r: r.pop(3))),
    "rows in another order": ("root", lines(lambda r: r.insert(0, r.pop(4)))),
    "two rows swapped between strata": ("frame_digest", lines(swap(STRATUM))),
    "a row in another stratum": ("strata", lines(put(7, STRATUM, "other"))),
    "the root": ("root", manifest(lambda m: m.update(root=another(m["root"])))),
    "the digest of the frame": ("frame_digest", manifest(lambda m: m.update(frame_digest="0"))),
    "the number of rows": ("frame_rows", manifest(lambda m: m.update(frame_rows=43))),
    "the count of a stratum": ("strata", manifest(lambda m: m["strata"][0].update(frame_rows=9))),
    "a stratum left out": ("strata", manifest(lambda m: m["strata"].pop(0))),
    "a size raised": (
        "sizes",
        manifest(lambda m: m["sizes"].update({m["strata"][0]["stratum"]: 6})),
    ),
    "a size taken away": ("sizes", manifest(lambda m: m["sizes"].popitem())),
    "a size moved to the other stratum": ("sample", manifest(move_one)),
    "a size larger than its stratum": (
        "sample_rows",
        manifest(lambda m: m["sizes"].update({m["strata"][1]["stratum"]: 99})),
    ),
    "a size below nothing, told twice": (
        "sizes",
        manifest(
            lambda m: (
                m["strata"][0].update(sample_rows=-1),
                m["sizes"].update({m["strata"][0]["stratum"]: -1}),
            )
        ),
    ),
    "the seed": ("seed", manifest(lambda m: m.update(seed=another(m["seed"])))),
    "the digest of the seed": ("seed_digest", manifest(lambda m: m.update(seed_digest="0"))),
    "the size of the sample": ("sample_rows", manifest(lambda m: m.update(sample_rows=11))),
    "the digest of the sample": ("sample_digest", manifest(lambda m: m.update(sample_digest="0"))),
    "a commitment": (
        "commitment",
        manifest(lambda m: m["commitments"][0].update(commitment="0" * 64)),
    ),
    "the commitments exchanged": ("commitment", manifest(lambda m: m["commitments"].reverse())),
    "the party of a commitment": (
        "commitment",
        manifest(lambda m: m["commitments"][1].update(party="verifier")),
    ),
    "a secret": ("commitment", reveals(lambda r: secret_of(r).update(secret="0" * 64))),
    "a salt": ("commitment", reveals(lambda r: secret_of(r).update(salt="0" * 64))),
    "secret and salt exchanged": (
        "commitment",
        reveals(
            lambda r: secret_of(r).update(secret=secret_of(r)["salt"], salt=secret_of(r)["secret"])
        ),
    ),
    "the secrets exchanged": ("commitment", reveals(lambda r: r["secrets"].reverse())),
    "a secret left out": ("commitment", reveals(lambda r: r["secrets"].pop())),
    "the public value": ("seed", reveals(lambda r: r.update(public_value="01 02 03 04 05"))),
    "a sampled entry dropped": ("sample", sample(lambda r: r.pop(2))),
    "a sampled entry added": ("sample", sample(lambda r: r.append(r[-1]))),
    "a sampled entry exchanged": ("sample", sample(put(2, S_ENTRY, "f" * 32))),
    "two sampled entries exchanged": ("order", sample(swap(S_ENTRY))),
    "two rows of the sample exchanged": (
        "order",
        sample(lambda r: r.insert(0, r.pop(1))),
    ),
    "a rank": ("rank", sample(put(2, S_RANK, "9"))),
    "the stratum of a sampled entry": ("rank", sample(put(2, S_STRATUM, "other"))),
    "a key": ("key", sample(put(2, S_KEY, "0" * 64))),
    "the last key of a stratum, lowered": ("key", sample(put(4, S_KEY, "0" * 64))),
    "the last key of a stratum, raised": ("key", sample(put(4, S_KEY, "f" * 64))),
    "the name of the public value": (
        "signature",
        unsigned(lambda m: m["public_value"].update(name="another lottery")),
    ),
    "the day of the public value": (
        "signature",
        unsigned(lambda m: m["public_value"].update(known_on="2017-12-01")),
    ),
    "the time of the draw": ("signature", unsigned(lambda m: m.update(drawn_at="2017-12-01"))),
    "the frame's name": ("signature", unsigned(lambda m: m.update(frame_id="0" * 32))),
    "the code that drew": ("signature", unsigned(lambda m: m.update(code_version="9.9"))),
    "a field more": ("signature", unsigned(lambda m: m.update(note="looks fine"))),
    "the signature": (
        "signature",
        unsigned(lambda m: m["signature"].update(value=another(m["signature"]["value"]))),
    ),
    "the second half of the signature": (
        "signature",
        unsigned(
            lambda m: m["signature"].update(
                value=m["signature"]["value"][:64] + another(m["signature"]["value"][64:])
            )
        ),
    ),
    "the key that signed": (
        "signature",
        unsigned(lambda m: m["signature"].update(key=another(m["signature"]["key"]))),
    ),
    "a file that is no JSON": ("files", lambda f: (f / "reveals.json").write_text("{")),
    "a file that is gone": ("files", lambda f: (f / "sample.csv").unlink()),
    "a manifest without signature": ("files", unsigned(lambda m: m.pop("signature"))),
}


def by_the_script(folder: Path, capsys) -> set[str]:
    """What the script that lies in the bundle names."""
    script = runpy.run_path(str(folder / "verify_draw.py"))
    status = script["main"]([str(folder)])
    lines = capsys.readouterr().out.splitlines()
    assert (lines == ["equal 一致"]) is (status == 0)
    return {line.split(":")[0] for line in lines if status}


def by_the_command(folder: Path, capsys) -> set[str]:
    """What ``heyan draw verify`` names."""
    status = main(["draw", "verify", "--bundle", str(folder), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is (status == 0)
    return {each["what"] for each in found["differences"]}


@pytest.mark.parametrize("verifier", [by_the_script, by_the_command])
def test_what_was_drawn_recomputes(folder, verifier, capsys):
    assert verifier(folder, capsys) == set()


@pytest.mark.parametrize("verifier", [by_the_script, by_the_command])
@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_refused_by_name(folder, name, verifier, capsys):
    what, tamper = TAMPERINGS[name]

    tamper(folder)

    assert what in verifier(folder, capsys)


def test_the_script_needs_nothing_but_python(folder):
    """Without site-packages, and from the folder in which it lies."""
    checked = subprocess.run(
        [sys.executable, "-I", "-S", "verify_draw.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )

    assert checked.stdout == "equal 一致\n"


def test_the_script_is_short_enough_to_read(folder):
    assert len((folder / "verify_draw.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_command_takes_the_archive_as_it_is(published, tmp_path, capsys):
    path = tmp_path / "draw.zip"
    path.write_bytes(published)

    assert main(["draw", "verify", "--bundle", str(path)]) == 0
    assert "一致" in capsys.readouterr().out
    path.write_bytes(published[:-40])
    assert main(["draw", "verify", "--bundle", str(path)]) == 1
    assert main(["draw", "verify", "--bundle", str(tmp_path / "nowhere")]) == 2


def test_nothing_personal_is_published(folder):
    text = "".join(
        (folder / name).read_text(encoding="utf-8")
        for name in ("manifest.json", "reveals.json", "frame.tsv", "sample.csv")
    )

    assert "410102198503159912" not in text
    assert "13800000000" not in text


def test_sample_and_seed_are_secret_until_the_day_of_the_results(app):
    campaign = make_drawn_campaign()
    evening = datetime(2018, 1, 14, 15, 59, tzinfo=UTC)  # a minute before midnight in Shanghai

    with pytest.raises(StillSecret, match="2018, 1, 15"):
        write_bundle(campaign.id, io.BytesIO(), actor=make_user(Role.VERIFIER), at=evening)
    clerk = make_user(Role.CLERK, region=LINYING)
    with pytest.raises(NotFound):
        write_bundle(campaign.id, io.BytesIO(), actor=clerk, at=RELEASED)


def test_before_the_draw_there_is_nothing_to_publish(app):
    with pytest.raises(NotAllowedNow):
        bundle_of(make_campaign().id)


def test_taking_the_files_out_is_recorded(app):
    campaign = make_drawn_campaign()

    bundle_of(campaign.id)

    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (last.action, last.subject) == (AuditAction.DRAW_PUBLISH, f"campaign:{campaign.id}")


def test_what_is_announced_before_the_draw_stands_in_its_manifest(app):
    campaign = make_drawn_campaign()
    announced = notice(campaign.id, actor=make_user(Role.AUDITOR))

    with zipfile.ZipFile(io.BytesIO(bundle_of(campaign.id))) as archive:
        told = json.loads(archive.read("manifest.json"))

    assert announced["root"] == db.session.scalars(select(Frame.root)).one()
    assert [each["party"] for each in announced["commitments"]] == ["coordinator", "auditor"]
    assert {name for name in announced if announced[name] != told[name]} == {"signature"}
    assert announced["signature"]["key"] == told["signature"]["key"]


def test_nothing_is_announced_below_the_province_or_before_the_value_is_named(app):
    campaign = make_drawn_campaign()
    with pytest.raises(NotFound):
        notice(campaign.id, actor=make_user(Role.VERIFIER, region=LUOHE))

    make_entries(make_ledger(), 3)
    frozen = make_campaign()
    request_freeze(frozen.id, actor=make_user(), at=NOON)
    freeze_frame(frozen.uid, at=NOON)
    with pytest.raises(PublicValueMissing):
        notice(frozen.id, actor=make_user(Role.AUDITOR))
