import pytest

from casework.accounts.roles import Role
from tests.casework.visits.test_adjudication import make_dispute, opine
from tests.factories import make_user
from tests.webapp.people import log_in


@pytest.fixture
def case(app):
    return make_dispute()


@pytest.fixture
def verifier(client):
    return log_in(client, make_user(Role.VERIFIER))


def test_an_empty_work_list_says_why(verifier):
    assert "没有待裁定的个案" in verifier.get("/visits/adjudication/").text


def test_both_evidences_stand_side_by_side_without_the_persons_name(case, verifier):
    page = verifier.get(f"/visits/adjudication/{case.uid}").text

    assert "V1 实现就业" in page
    assert "N2 否认" in page
    assert "本人当面或视频确认" in page
    assert "演示2" not in page


def test_two_verifiers_settle_a_case_on_its_page(case, verifier, app):
    path = f"/visits/adjudication/{case.uid}"
    form = {"outcome": "V1", "words": "社保记录为准"}

    first = verifier.post(path, data=form, follow_redirects=True)
    second = log_in(app.test_client(), make_user(Role.VERIFIER))
    unseen = second.get(path).text
    settled = second.post(path, data=form, follow_redirects=True)

    assert "由另一人独立裁定" in first.text
    assert "社保记录为准" not in unseen
    assert "已裁定：V1" in settled.text
    assert verifier.post(path, data=form).status_code == 409
    assert "社保记录为准" in verifier.get(path).text


def test_a_second_opinion_of_one_person_is_refused_in_words(case, verifier):
    path = f"/visits/adjudication/{case.uid}"
    verifier.post(path, data={"outcome": "V1", "words": "理由"})

    again = verifier.post(path, data={"outcome": "V1", "words": "理由"})

    assert again.status_code == 409
    assert "须由他人给出下一个意见" in again.text


def test_an_opinion_without_words_keeps_the_page(case, verifier):
    page = verifier.post(f"/visits/adjudication/{case.uid}", data={"outcome": "V1", "words": ""})

    assert page.status_code == 422
    assert "提交意见" in page.text


def test_the_agreement_is_shown_by_unit(case, verifier):
    opine(case, "V1")
    page = verifier.get("/visits/adjudication/").text

    assert "电话与现场的一致程度" in page
    assert "漯河市" in page


def test_an_inspector_does_not_adjudicate(case, client):
    assert log_in(client, make_user(Role.INSPECTOR)).get("/visits/adjudication/").status_code == 403
