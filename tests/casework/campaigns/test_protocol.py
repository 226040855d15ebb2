from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.drawing import draw_is_intact, draw_sample, request_draw, set_sizes
from casework.campaigns.errors import NothingToDraw
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign, CampaignState, CampaignWork, Draw, Frame
from casework.campaigns.protocol import (
    commit_secret,
    name_public_value,
    record_public_value,
    reveal_secret,
)
from casework.campaigns.protocol_errors import (
    AlreadyAgreed,
    AlreadyCommitted,
    AlreadyReplaced,
    AlreadyRevealed,
    CommitmentsMissing,
    CommitmentTooLate,
    CommitmentUnreadable,
    FrameWithoutRoot,
    PublicValueFixed,
    PublicValueMissing,
    PublicValueTooEarly,
    PublicValueUnreadable,
    RedrawReasonMissing,
    RevealWrong,
    SecretsMissing,
    SizesFixed,
)
from casework.campaigns.protocol_models import DrawSecret, PublicValue
from casework.campaigns.protocol_view import ProtocolStep, protocol_of
from casework.campaigns.redraw import agree_to_redraw, draw_anew_in
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers.projects import Project
from sampling.commitments import commitment, seed_of
from tests.factories import (
    LUOHE,
    NOON,
    make_campaign,
    make_drawn_campaign,
    make_entries,
    make_ledger,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")

KNOWN_ON = date(2017, 12, 7)
THEN = NOON + timedelta(days=3)  # noon of that day in Shanghai
TEXTS = {Role.COORDINATOR: ("1a" * 32, "2b" * 32), Role.AUDITOR: ("3c" * 32, "4d" * 32)}


def frozen(entries: int = 20) -> Campaign:
    make_entries(make_ledger(), entries)
    campaign = make_campaign()
    request_freeze(campaign.id, actor=make_user(), at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    return campaign


def size(campaign: Campaign, total: int) -> None:
    plan = SizePlan(SizeRule.EQUAL, minimum=0, total=total)
    set_sizes(campaign.id, Project.RE_EMPLOYMENT, plan, actor=make_user(), at=NOON)


def party(role: Role) -> User:
    return make_user(role)


def name(campaign: Campaign) -> None:
    actor = party(Role.COORDINATOR)
    name_public_value(campaign.id, "演示彩票第1期", KNOWN_ON, actor=actor, at=NOON)


def commit(campaign: Campaign, role: Role, *, at=NOON, digest: str = "") -> None:
    digest = digest or commitment(*TEXTS[role])
    commit_secret(campaign.id, digest, actor=party(role), at=at)


def record(campaign: Campaign, value: str = "0 4 7", *, at=THEN) -> None:
    record_public_value(campaign.id, value, actor=party(Role.COORDINATOR), at=at)


def reveal(campaign: Campaign, role: Role, texts: tuple[str, str] | None = None) -> None:
    reveal_secret(campaign.id, *(texts or TEXTS[role]), actor=party(role), at=THEN)


def committed() -> Campaign:
    """A campaign whose sizes are set and whose parties are committed."""
    campaign = frozen()
    size(campaign, 8)
    name(campaign)
    for role in TEXTS:
        commit(campaign, role)
    return campaign


def revealed() -> Campaign:
    campaign = committed()
    record(campaign)
    for role in TEXTS:
        reveal(campaign, role)
    return campaign


def step(campaign: Campaign, at=NOON) -> ProtocolStep:
    return protocol_of(campaign.id, actor=party(Role.AUDITOR), at=at).step


def actions() -> list[AuditAction]:
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_two_secrets_and_the_public_value_make_the_seed_of_the_draw():
    campaign = revealed()
    root = db.session.scalars(select(Frame.root)).one()

    request_draw(campaign.id, replicates=1, actor=make_user(), at=THEN)
    draw_sample(campaign.uid, at=THEN)

    secrets = [secret for secret, _ in TEXTS.values()]
    assert db.session.scalars(select(Draw)).one().seed == seed_of(root, secrets, "0 4 7")
    assert draw_is_intact(campaign.id)


def test_each_step_waits_for_the_one_before():
    campaign = make_campaign()
    assert step(campaign) is ProtocolStep.FREEZE
    campaign = frozen()
    size(campaign, 8)
    assert step(campaign) is ProtocolStep.NAME_VALUE
    name(campaign)
    assert step(campaign) is ProtocolStep.COMMIT
    for role in TEXTS:
        commit(campaign, role)
    assert step(campaign) is ProtocolStep.WAIT
    assert step(campaign, THEN) is ProtocolStep.RECORD_VALUE
    record(campaign)
    assert step(campaign, THEN) is ProtocolStep.REVEAL
    reveal(campaign, Role.AUDITOR)
    view = protocol_of(campaign.id, actor=party(Role.AUDITOR), at=THEN)
    assert (view.step, view.missing) == (ProtocolStep.REVEAL, [Role.COORDINATOR])
    reveal(campaign, Role.COORDINATOR)
    assert step(campaign, THEN) is ProtocolStep.DRAW


def test_every_step_leaves_its_row_in_the_trail_and_no_secret_in_it():
    revealed()

    assert [action for action in actions() if action.value.startswith(("draw", "public"))] == [
        AuditAction.PUBLIC_VALUE_NAME,
        *[AuditAction.DRAW_COMMIT] * 2,
        AuditAction.PUBLIC_VALUE_RECORD,
        *[AuditAction.DRAW_REVEAL] * 2,
    ]
    facts = str(db.session.scalars(select(AuditEvent.facts)).all())
    assert not [text for texts in TEXTS.values() for text in texts if text in facts]


def test_secrets_are_sealed_in_the_database():
    revealed()

    stored = db.session.scalars(select(DrawSecret)).all()
    assert {each.secret for each in stored} == {secret for secret, _ in TEXTS.values()}
    for each in stored:
        assert each.secret.encode() not in each.secret_sealed
        assert bytes.fromhex(each.secret) not in each.secret_sealed


def test_a_value_is_named_once_and_before_its_day():
    campaign = frozen()
    coordinator = party(Role.COORDINATOR)

    with pytest.raises(PublicValueTooEarly, match=r"2017, 12, 4"):
        name_public_value(campaign.id, "今天的", date(2017, 12, 4), actor=coordinator, at=NOON)
    name(campaign)
    with pytest.raises(PublicValueFixed):
        name(campaign)


@pytest.mark.parametrize("words", ["", "  ", "两\n行", "长" * 201])
def test_a_value_and_its_name_are_one_line(words):
    campaign = frozen()
    with pytest.raises(PublicValueUnreadable):
        name_public_value(campaign.id, words, KNOWN_ON, actor=party(Role.COORDINATOR), at=NOON)

    campaign = committed()
    with pytest.raises(PublicValueUnreadable):
        record(campaign, words)


def test_nobody_commits_before_the_value_is_named_or_from_its_day_on():
    campaign = frozen()
    with pytest.raises(PublicValueMissing):
        commit(campaign, Role.AUDITOR)

    name(campaign)
    with pytest.raises(CommitmentTooLate):
        commit(campaign, Role.AUDITOR, at=THEN)
    with pytest.raises(CommitmentTooLate):  # the first minute of the day in Shanghai
        commit(campaign, Role.AUDITOR, at=THEN - timedelta(hours=11, minutes=59))
    commit(campaign, Role.AUDITOR, at=THEN - timedelta(hours=12, minutes=1))


def test_each_party_commits_itself_once_and_nobody_for_both():
    campaign = frozen()
    name(campaign)
    both = make_user(Role.COORDINATOR)
    commit_secret(campaign.id, "ab" * 32, actor=both, at=NOON)

    with pytest.raises(AlreadyCommitted):
        commit(campaign, Role.COORDINATOR)
    both.role = Role.AUDITOR
    db.session.commit()
    with pytest.raises(AlreadyCommitted):
        commit_secret(campaign.id, "cd" * 32, actor=both, at=NOON)


@pytest.mark.parametrize("digest", ["", "abc", "xy" * 32, "ab" * 33])
def test_a_commitment_is_a_digest(digest):
    campaign = frozen()
    name(campaign)

    with pytest.raises(CommitmentUnreadable):
        commit_secret(campaign.id, digest, actor=party(Role.AUDITOR), at=NOON)


def test_nobody_commits_to_what_the_other_party_committed_to():
    campaign = frozen()
    name(campaign)
    commit(campaign, Role.AUDITOR, digest="ab" * 32)

    with pytest.raises(CommitmentUnreadable):
        commit(campaign, Role.COORDINATOR, digest="AB" * 32)


@pytest.mark.parametrize("role", [role for role in Role if role not in TEXTS])
def test_others_are_no_party(role):
    campaign = frozen()
    actor = make_user(role)

    for attempt in (
        lambda: name_public_value(campaign.id, "x", KNOWN_ON, actor=actor, at=NOON),
        lambda: commit_secret(campaign.id, "ab" * 32, actor=actor, at=NOON),
        lambda: record_public_value(campaign.id, "x", actor=actor, at=NOON),
        lambda: reveal_secret(campaign.id, "ab" * 32, "cd" * 32, actor=actor, at=NOON),
        lambda: agree_to_redraw(campaign.id, "x", actor=actor, at=NOON),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_nobody_below_the_province_is_a_party_or_looks_on():
    campaign = frozen()
    actor = make_user(Role.COORDINATOR, region=LUOHE)

    with pytest.raises(NotFound):
        name_public_value(campaign.id, "x", KNOWN_ON, actor=actor, at=NOON)
    with pytest.raises(NotFound):
        protocol_of(campaign.id, actor=actor, at=NOON)


def test_the_value_is_entered_on_its_day_or_later_and_only_once():
    campaign = committed()

    with pytest.raises(PublicValueTooEarly):
        record(campaign, at=THEN - timedelta(days=1))
    record(campaign)
    with pytest.raises(PublicValueFixed):
        record(campaign, "1 2 3")
    assert db.session.get_one(PublicValue, campaign.id).value == "0 4 7"


def test_without_both_commitments_the_value_does_not_count_and_the_frame_must_be_given_up():
    campaign = frozen()
    size(campaign, 8)
    name(campaign)
    commit(campaign, Role.COORDINATOR)

    with pytest.raises(CommitmentsMissing, match="1"):
        record(campaign)
    assert step(campaign, THEN) is ProtocolStep.TOO_LATE


def test_sizes_are_set_before_the_value_is_known_and_fixed_by_it():
    campaign = frozen()
    name(campaign)
    for role in TEXTS:
        commit(campaign, role)
    with pytest.raises(NothingToDraw):
        record(campaign)

    size(campaign, 8)
    record(campaign)
    with pytest.raises(SizesFixed):
        size(campaign, 9)


def test_a_wrong_reveal_is_refused_recorded_and_nothing_is_drawn():
    campaign = committed()
    record(campaign)
    secret, salt = TEXTS[Role.AUDITOR]

    for texts in [(salt, secret), (secret, "5e" * 32), ("", ""), TEXTS[Role.COORDINATOR]]:
        with pytest.raises(RevealWrong):
            reveal(campaign, Role.AUDITOR, texts)
    with pytest.raises(SecretsMissing, match="2"):
        request_draw(campaign.id, replicates=1, actor=make_user(), at=THEN)

    assert actions().count(AuditAction.DRAW_REVEAL_REFUSE) == 4
    assert db.session.scalars(select(Draw)).all() == []
    reveal(campaign, Role.AUDITOR, (secret.upper(), f" {salt}\n"))  # as people copy


def test_a_secret_is_revealed_after_the_value_and_once():
    campaign = committed()
    with pytest.raises(PublicValueMissing):
        reveal(campaign, Role.AUDITOR)

    record(campaign)
    reveal(campaign, Role.AUDITOR)
    with pytest.raises(AlreadyRevealed):
        reveal(campaign, Role.AUDITOR)


def test_nothing_is_drawn_before_everything_is_revealed():
    campaign = committed()
    coordinator = make_user(Role.COORDINATOR)

    with pytest.raises(PublicValueMissing):
        request_draw(campaign.id, replicates=1, actor=coordinator, at=THEN)
    record(campaign)
    reveal(campaign, Role.COORDINATOR)
    with pytest.raises(SecretsMissing, match="1"):
        request_draw(campaign.id, replicates=1, actor=coordinator, at=THEN)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET file_digest = 'other'",
        "UPDATE stratum SET key = key || '|other'",
    ],
)
def test_a_changed_frame_is_not_drawn_from_and_the_trail_says_so(change):
    campaign = revealed()
    request_draw(campaign.id, replicates=1, actor=make_user(), at=THEN)
    db.session.execute(text(change))
    db.session.commit()

    draw_sample(campaign.uid, at=THEN)

    campaign = db.session.get_one(Campaign, campaign.id)
    assert (campaign.state, campaign.work) == (CampaignState.FROZEN, CampaignWork.NONE)
    assert campaign.work_failure == "FrameChanged"
    assert (campaign.work_done, campaign.work_total) == (20, 20)
    refused = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert refused.action is AuditAction.DRAW_REFUSE
    assert refused.facts == {"sealed": 20, "found": 20}
    assert db.session.scalars(select(Draw)).all() == []


def test_a_frame_of_the_first_release_cannot_begin_the_protocol():
    campaign = make_campaign()
    campaign.state = CampaignState.FROZEN
    frame = Frame(
        campaign_id=campaign.id,
        digest="d",
        content_digest="c",
        entries=0,
        frozen_by_id=campaign.opened_by_id,
        frozen_at=NOON,
    )
    db.session.add(frame)
    db.session.commit()

    with pytest.raises(FrameWithoutRoot):
        name(campaign)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public_value SET name = 'other'",
        "UPDATE public_value SET known_on = '2017-12-08'",
        "UPDATE public_value SET value = '1 2 3'",
        "DELETE FROM public_value",
        "UPDATE draw_secret SET commitment = 'other'",
        "UPDATE draw_secret SET party = 'verifier'",
        "UPDATE draw_secret SET secret_sealed = NULL",
        "DELETE FROM draw_secret",
        "UPDATE frame SET root = 'other'",
    ],
)
def test_the_database_refuses_to_change_what_was_promised(statement):
    revealed()

    with pytest.raises(DBAPIError, match=r"promised|kept|sealed"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_commitment_cannot_be_exchanged_before_the_reveal_either():
    committed()

    with pytest.raises(DBAPIError, match="promised"):
        db.session.execute(text("UPDATE draw_secret SET commitment = 'other'"))
    db.session.rollback()


def test_a_draw_is_given_up_by_both_parties_and_stays_listed():
    campaign = make_drawn_campaign()
    first, second = party(Role.COORDINATOR), party(Role.AUDITOR)
    with pytest.raises(RedrawReasonMissing):
        agree_to_redraw(campaign.id, " ", actor=first, at=NOON)

    agree_to_redraw(campaign.id, "样本泄露", actor=first, at=NOON)
    assert db.session.get_one(Campaign, campaign.id).state is CampaignState.DRAWN
    with pytest.raises(AlreadyAgreed):
        agree_to_redraw(campaign.id, "again", actor=party(Role.COORDINATOR), at=NOON)
    agree_to_redraw(campaign.id, "同意", actor=second, at=NOON)

    view = protocol_of(campaign.id, actor=second, at=NOON)
    assert view.step is ProtocolStep.VOID
    assert [each.reason for each in view.approvals] == ["样本泄露", "同意"]
    assert db.session.scalars(select(Draw.campaign_id)).all() == [campaign.id]
    with pytest.raises(NotAllowedNow):
        request_freeze(campaign.id, actor=first, at=NOON)


def test_one_new_campaign_stands_in_for_the_one_that_was_given_up():
    void = make_drawn_campaign()
    coordinator, auditor = party(Role.COORDINATOR), party(Role.AUDITOR)
    anew, other = make_campaign(), make_campaign()
    with pytest.raises(NotAllowedNow):
        draw_anew_in(anew.id, void.id, actor=coordinator, at=NOON)
    for actor in (coordinator, auditor):
        agree_to_redraw(void.id, "样本泄露", actor=actor, at=NOON)

    draw_anew_in(anew.id, void.id, actor=coordinator, at=NOON)
    with pytest.raises(AlreadyReplaced):
        draw_anew_in(other.id, void.id, actor=coordinator, at=NOON)

    assert protocol_of(void.id, actor=auditor, at=NOON).replaced_by.id == anew.id
    assert protocol_of(anew.id, actor=auditor, at=NOON).replaces.id == void.id
