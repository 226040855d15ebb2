"""A county's proof that one of its rows is in the sealed frame."""

import json

import pytest
from sqlalchemy import select, text

from casework.accounts.roles import Role
from casework.campaigns import proofs, rows
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign, Frame
from casework.campaigns.proofs import proof_of_row
from casework.campaigns.protocol_errors import RowNotAccepted, RowNotInFrame, RowsChanged
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.models import Ledger, LedgerEntry
from sampling import verify_draw
from tests.factories import (
    LINYING,
    LUOHE,
    NOON,
    make_campaign,
    make_entries,
    make_ledger,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")


def frozen(entries: int) -> tuple[Campaign, Ledger]:
    ledger = make_ledger()
    make_entries(ledger, entries)
    campaign = make_campaign()
    request_freeze(campaign.id, actor=make_user(), at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    return campaign, ledger


def prove(campaign: Campaign, ledger: Ledger, row: int = 2, region: str = LINYING) -> dict:
    clerk = make_user(Role.CLERK, region=region)
    return proof_of_row(campaign.id, ledger.id, "Sheet1", row, actor=clerk, at=NOON)


def check(proof: dict, tmp_path, capsys) -> tuple[int, str]:
    """What the script says of a proof and of the root that was announced."""
    root = db.session.scalars(select(Frame.root)).one()
    for name, content in (("proof.json", proof), ("manifest.json", {"root": root})):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    files = [str(tmp_path / name) for name in ("proof.json", "manifest.json")]
    return verify_draw.main(["proof", *files]), capsys.readouterr().out


@pytest.mark.parametrize("entries", [1, 2, 7])
def test_every_row_can_be_proved(entries, tmp_path, capsys):
    campaign, ledger = frozen(entries)

    for row in range(2, entries + 2):
        assert check(prove(campaign, ledger, row), tmp_path, capsys) == (0, "equal 一致\n")


def test_a_proof_names_the_row_as_the_county_knows_it_and_nothing_personal():
    campaign, ledger = frozen(5)
    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.row == 4)).one()

    proof = prove(campaign, ledger, 4)

    stratum = f"re_employment|{LINYING}"
    place = [ledger.file_digest, "Sheet1", "4"]
    assert proof["row"] == [entry.uid, stratum, *place, entry.content_digest]
    assert "410102198503159912" not in json.dumps(proof)


def test_a_proof_reads_one_block_of_rows_and_joins_it_to_the_blocks(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(rows, "BLOCK_LEVELS", 2)
    monkeypatch.setattr(proofs, "BLOCK", 4)
    campaign, ledger = frozen(11)

    for row in range(2, 13):
        assert check(prove(campaign, ledger, row), tmp_path, capsys)[0] == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: proof["row"].__setitem__(4, "99"),
        lambda proof: proof.update(nonce="0" * 32),
        lambda proof: proof.update(index=(proof["index"] + 1) % 7),
        lambda proof: proof.update(path=proof["path"][::-1]),
        lambda proof: proof.update(path=[*proof["path"], "0" * 64]),
        lambda proof: proof.update(root="0" * 64),
        lambda proof: proof.update(path=proof["path"][1:]),
    ],
    ids=["row", "nonce", "index", "path", "longer path", "root", "shorter path"],
)
def test_a_proof_that_was_changed_proves_nothing(change, tmp_path, capsys):
    campaign, ledger = frozen(7)
    proof = prove(campaign, ledger)

    change(proof)

    status, words = check(proof, tmp_path, capsys)
    assert status == 1
    assert words.startswith(("root:", "files:"))


def test_a_county_gets_proofs_of_its_own_rows_alone():
    campaign, ledger = frozen(3)

    assert prove(campaign, ledger, region=LUOHE)["frame_rows"] == 3  # the city it reports to
    with pytest.raises(NotFound):
        prove(campaign, ledger, region="411121")


def test_a_row_that_is_not_in_the_frame_has_no_proof():
    campaign, ledger = frozen(3)

    with pytest.raises(RowNotAccepted, match="'first': 2, 'last': 4"):
        prove(campaign, ledger, 99)
    with pytest.raises(RowNotInFrame):
        prove(make_campaign(), ledger)


def test_a_proof_of_rows_that_were_changed_is_refused():
    campaign, ledger = frozen(3)
    db.session.execute(text("UPDATE ledger SET file_digest = 'other'"))
    db.session.commit()

    with pytest.raises(RowsChanged, match="'first': 1, 'last': 3"):
        prove(campaign, ledger)
