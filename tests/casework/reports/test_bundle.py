"""A bundle recomputes its run on a machine with nothing but Python, and names a changed byte."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from casework.accounts.roles import Role
from casework.campaigns.protocol_errors import StillSecret
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.cases.release import release_replicate
from casework.db import db
from casework.estimates.judging_models import Override, OverrideState
from casework.estimates.models import EstimateRow, EstimateRun, RunState
from casework.ledgers.projects import Project
from casework.reports.bundle import write_run_bundle
from casework.reports.run_inputs import RunOutdated
from casework.sealing import public_key
from casework.visits.models import Visit, VisitReason
from estimation.plain.recompute import differences, digest_of, signed_text, written
from tests.casework.estimates.factories import (
    WUYANG,
    Said,
    add_finding,
    computed,
    enter_desk,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LINYING, LUOHE, NOON, make_drawn_campaign, make_user, saved
from tests.grounds import rolled_back

pytestmark = pytest.mark.one_engine

RELEASED = datetime(2018, 1, 15, 4, tzinfo=UTC)  # the day of the results
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


def make_run():
    projects = (Project.RE_EMPLOYMENT, Project.NEW_EMPLOYMENT)
    campaign = make_released_campaign(units=(LUOHE, LANKAO), projects=projects)
    make_stratum(
        campaign,
        Said(times=30),
        Said(site="V1", reason=RANDOM, times=21),
        Said(site="N1", reason=RANDOM, times=2),
        Said(PhoneClass.NOT_ACHIEVED, "N1", LEAD, times=3),
        Said(PhoneClass.REFUSED, times=4),
        frame_size=120,
    )
    make_stratum(campaign, Said(times=3), Said(PhoneClass.DEEMED), frame_size=20, region=WUYANG)
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=2), frame_size=2, region=LANKAO, unit=LANKAO
    )
    for region, persons in ((LINYING, 60), (WUYANG, 30), (LUOHE, 110), (LANKAO, 2)):
        set_target(campaign, region, persons, Project.RE_EMPLOYMENT)
    enter_desk(campaign, LUOHE, met=True)
    run = computed(campaign)
    override(run, WUYANG)
    return run


def override(run, region):
    """Let two people set a task that the rule takes for not met to met."""
    one, other = make_user(Role.VERIFIER), make_user(Role.VERIFIER)
    set_by_two = Override(
        run_id=run.id,
        region_code=region,
        project=Project.RE_EMPLOYMENT,
        input_digest=run.input_digest,
        computed="not_met",
        decision="met",
        state=OverrideState.CONFIRMED,
        proposed_by_id=one.id,
        proposed_at=NOON,
        settled_by_id=other.id,
        settled_at=NOON,
    )
    saved(set_by_two)


def make_old_run(like):
    """A run from before runs kept their inputs, of data that are no more."""
    run = EstimateRun(
        campaign_id=like.campaign_id,
        state=RunState.DONE,
        requested_by_id=like.requested_by_id,
        requested_at=NOON,
        finished_at=NOON,
        method=like.method,
        input_digest="0" * 64,
        code_version="0.1",
    )
    return saved(run)


def bundle_of(run, **facts) -> bytes:
    archive = io.BytesIO()
    write_run_bundle(run, archive, **{"at": RELEASED, "demonstration": True} | facts)
    return archive.getvalue()


@pytest.fixture(scope="module")
def bundle(shared_app) -> bytes:
    with shared_app("sqlite").app_context(), rolled_back():
        return bundle_of(make_run())


@pytest.fixture
def folder(bundle, tmp_path) -> Path:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def recompute(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run what lies in the folder with a Python that knows of no package."""
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-I", "-S", "recompute.py", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
    )


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(folder: Path, name: str, change) -> None:
    """Change a table and sign for it, as somebody would who wants to be believed."""
    rows = table(folder, name)
    change(rows)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    content = (folder / f"{name}.csv").read_bytes()
    manifest["files"][f"{name}.csv"] = hashlib.sha256(content).hexdigest()
    manifest["digest"] = digest_of(manifest)
    key, value = sign_as_somebody_else(signed_text(manifest))
    manifest["signature"] = {"key": key, "value": value}
    (folder / "manifest.json").write_text(written(manifest), encoding="utf-8")


def sign_as_somebody_else(message: bytes) -> tuple[str, str]:
    key = Ed25519PrivateKey.from_private_bytes(b"somebody else".ljust(32))
    return key.public_key().public_bytes_raw().hex(), key.sign(message).hex()


def test_the_run_is_recomputed_by_python_alone(folder):
    told = recompute(folder)

    assert (told.stdout, told.stderr, told.returncode) == ("equal 一致\n", "", 0)
    figures = table(folder, "figures")
    assert {row["level"] for row in figures} == {"stratum", "place", "unit", "province"}
    assert {row["decision"] for row in figures} >= {"met", "not_met", "no_task"}


def test_the_archive_itself_can_be_checked(bundle, tmp_path):
    (tmp_path / "run.zip").write_bytes(bundle)

    assert list(differences(zipfile.Path(tmp_path / "run.zip"))) == []


def test_a_changed_byte_of_any_file_is_named(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) == 15
    for path in files:
        content = path.read_bytes()
        where = len(content) // 2
        if path.name == "recompute.py":
            where = content.index(b"Recompute")  # in its first line, so that it still runs
        for old, new in ((content[where], content[where] ^ 1), (content[where], 0x20)):
            path.write_bytes(content[:where] + bytes([new]) + content[where + 1 :])
            if old != new:
                told = list(differences(folder))
                assert told, path
                assert any(path.relative_to(folder).as_posix() in name for name, _ in told), told
        path.write_bytes(content)
    assert list(differences(folder)) == []


def test_the_standalone_program_says_so_too(folder):
    content = (folder / "cases.csv").read_bytes()
    (folder / "cases.csv").write_bytes(content.replace(b"not_achieved", b"not_Achieved", 1))
    told = recompute(folder)

    assert told.returncode == 1
    assert told.stdout.startswith("cases.csv: its digest is ")


@pytest.mark.parametrize(
    ("name", "change", "named"),
    [
        ("cases", lambda rows: rows.pop(), "sampled"),
        ("strata", lambda rows: rows[0].update(frame_size="121"), "frame_size"),
        ("targets", lambda rows: rows[0].update(persons="61"), "target"),
        ("figures", lambda rows: rows[0].update(completed="1.5"), "completed"),
        ("figures", lambda rows: rows[-1].update(decision="met"), "decision"),
        ("figures", lambda rows: rows[0].update(share_low="0.5"), "share_low"),
        ("figures", lambda rows: rows.pop(), "recount"),
        ("completions", lambda rows: rows[0].update(completion="complete"), "completions.csv"),
        ("overrides", lambda rows: rows[0].update(computed="undetermined"), "overrides.csv"),
    ],
)
def test_whoever_changes_a_table_and_its_digest_is_found_out_by_the_figures(
    folder, name, change, named
):
    rewrite(folder, name, change)
    found = list(differences(folder))

    assert any(named in f"{where} {what}" for where, what in found), found


def test_the_manifest_is_signed_with_the_key_of_the_draw_and_a_changed_byte_of_it_is_named(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["signature"]["key"] == public_key()
    for part in ("key", "value"):
        for place, digit in ((0, "g"), (-1, "0"), (-1, "1")):
            changed = json.loads(json.dumps(manifest))
            text = [*changed["signature"][part]]
            text[place] = digit
            changed["signature"][part] = "".join(text)
            if changed != manifest:
                (folder / "manifest.json").write_text(written(changed), encoding="utf-8")
                assert [name for name, _ in differences(folder)] == ["manifest.json"]


def test_a_missing_file_is_said_plainly(folder):
    (folder / "targets.csv").unlink()
    told = recompute(folder)

    assert told.returncode == 1
    assert "targets.csv" in told.stdout


def test_there_is_a_row_for_each_released_case_and_nobody_is_named(app):
    run = make_run()
    with zipfile.ZipFile(io.BytesIO(bundle_of(run))) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
        rows = list(csv.DictReader(io.StringIO(archive.read("cases.csv").decode())))
    cases = db.session.scalars(select(Case)).all()

    assert len(rows) == len(cases)
    assert len({row["case"] for row in rows}) == len(rows)
    for case in cases:
        assert case.uid not in everything
        assert case.entry_uid not in everything
        assert case.code not in everything
    for personal in ("演示2", "410102198503159912", "13800000000"):
        assert personal not in everything
    weights = {float(row["weight"]) for row in rows if LINYING in row["stratum"]}
    assert weights == {2.0}


def test_it_says_what_it_is_of(bundle):
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        told = json.loads(archive.read("manifest.json"))

    assert (told["run_number"], told["interim"], told["demonstration"]) == (1, False, True)
    assert told["results_from"] == "2018-01-15"
    assert len(told["input_digest"]) == 64


def test_nothing_leaves_the_office_before_the_day(app):
    run = make_run()
    with pytest.raises(StillSecret):
        bundle_of(run, at=NOON)


def test_a_run_whose_data_moved_on_is_recomputed_from_what_it_kept(app, tmp_path):
    run = make_run()
    add_finding(db.session.scalars(select(Visit)).first(), "N1")
    with zipfile.ZipFile(io.BytesIO(bundle_of(run))) as archive:
        archive.extractall(tmp_path)

    assert list(differences(tmp_path)) == []


def test_an_old_run_whose_data_moved_on_is_not_handed_out(app):
    with pytest.raises(RunOutdated):
        bundle_of(make_old_run(make_run()))


@pytest.mark.both_engines
def test_the_published_draw_lies_beside_the_figures_and_is_compared(app, tmp_path):
    campaign = make_drawn_campaign(entries=20, sampled=10)
    release_replicate(campaign.id, 1, actor=make_user(Role.COORDINATOR), at=NOON)
    db.session.execute(
        update(Case).values(
            phone_class=PhoneClass.ACHIEVED, phone_outcome="V1", state=CaseState.CLOSED
        )
    )
    db.session.commit()
    run = computed(campaign)
    with zipfile.ZipFile(io.BytesIO(bundle_of(run))) as archive:
        archive.extractall(tmp_path)

    assert db.session.scalars(select(EstimateRow.sampled)).first() == 10
    assert recompute(tmp_path).stdout == "equal 一致\n"
    rewrite(tmp_path, "strata", lambda rows: rows[0].update(frame_size="21"))
    found = dict(differences(tmp_path))
    assert found["manifest.json"] == "is signed with another key than the draw"
    assert any("but the draw had 20" in what for what in found.values()), found
