"""Each rule of the self-check on a real file: one fault, one problem, named as people see it."""

import datetime as dt

import pytest

from casework.ledgers.dates import Day
from casework.ledgers.employment_rules import retirement_months
from casework.ledgers.identifiers import check_character
from casework.ledgers.rules import Severity, rules
from tests.casework.ledgers.builders import (
    HARD,
    MAN,
    OVER,
    RE,
    check_rows,
    found_in,
    identity_number,
    row,
)

NOWHERE = "99010219850315012" + check_character("99010219850315012")


@pytest.mark.parametrize("project", [RE, HARD, OVER])
def test_a_faultless_person_is_accepted(tmp_path, project):
    outcome = check_rows(tmp_path, row(project), project=project)

    assert found_in(outcome) == []
    assert len(outcome.accepted) == 1


@pytest.mark.parametrize(
    ("changes", "title", "rule"),
    [
        ({"name": ""}, "姓名", "F001"),
        ({"id_no": " "}, "身份证号", "F003"),
        ({"id_no": "4110251985031501"}, "身份证号", "F004"),
        ({"id_no": "410102198503150120"}, "身份证号", "F005"),
        ({"id_no": "41010219850315O125"}, "身份证号", "F005"),
        ({"id_no": "410102198502300128"}, "身份证号", "F006"),
        ({"id_no": "410102209901010129"}, "身份证号", "F006"),
        ({"id_no": 410102198503150125}, "身份证号", "F008"),
        ({"id_no": 4.1e17}, "身份证号", "F008"),
        ({"id_no": "4.10102198503E+17"}, "身份证号", "F008"),
        ({"id_no": "410102198503150000"}, "身份证号", "F008"),
        ({"sex": "男"}, "性别", "F009"),
        ({"sex": "M"}, "性别", "F009"),
        ({"phone": ""}, "联系电话", "F010"),
        ({"phone": "1383740592"}, "联系电话", "F011"),
        ({"phone2": "12345678901"}, "备用电话", "F011"),
        ({"phone": 37160001234}, "联系电话", "F011"),
        ({"education": ""}, "学历", "F014"),
        ({"education": "幼儿园"}, "学历", "F014"),
        ({"employ_form": ""}, "就业方式", "F015"),
        ({"employ_form": "单位就业、灵活就业"}, "就业方式", "F015"),
        ({"employ_type": "打工"}, "就业类型", "F016"),
        ({"employ_date": ""}, "就业时间", "F017"),
        ({"employ_date": "2017-02-30", "unemp_reg_date": ""}, "就业时间", "F017"),
        ({"unemp_reg_date": "上半年"}, "失业登记日期", "F017"),
        ({"employ_date": "2016-12-31", "unemp_reg_date": ""}, "就业时间", "F019"),
        ({"region_county": "中原区"}, "县（市、区）", "F028"),
        ({"region_county": "许昌经济技术开发区"}, "县（市、区）", "F028"),
        ({"region_city": "郑州市"}, "市（省辖市/省直管县）", "F028"),
        ({"unemp_reg_date": "2017-06-02"}, "失业登记日期", "T001"),
        ({"id_no": identity_number("20010601")}, "就业时间", "A001"),
        ({"id_no": identity_number("19570401", male=True), "sex": "男"}, "就业时间", "A002"),
        ({"id_no": identity_number("19620401")}, "就业时间", "A002"),
    ],
)
def test_an_error_of_the_person_or_the_work(tmp_path, changes, title, rule):
    outcome = check_rows(tmp_path, row(**changes))

    assert found_in(outcome) == [(2, title, rule)]
    assert outcome.problems[0].severity is Severity.ERROR
    assert outcome.accepted == []


@pytest.mark.parametrize(
    ("changes", "title", "rule"),
    [
        ({"name": "测试"}, "姓名", "F002"),
        ({"name": "刘"}, "姓名", "F002"),
        ({"name": "刘某某"}, "姓名", "F002"),
        ({"name": "Liu Xiaoyan"}, "姓名", "F002"),
        ({"id_no": NOWHERE}, "身份证号", "F007"),
        ({"phone": "17412308579"}, "联系电话", "F012"),
        ({"phone": "13888888857"}, "联系电话", "F013"),
        ({"phone": "2600123"}, "联系电话", "F029"),
        ({"id_no": "410102850315121", "sex": "男"}, "身份证号", "F029"),
        ({"id_no": "４１０１０２198503150125"}, "身份证号", "F029"),
        ({"id_no": "410102198503150125\u200b"}, "身份证号", "F029"),
        ({"name": "刘 燕"}, "姓名", "F029"),
        ({"name": "刘\u202e燕"}, "姓名", "F029"),
        ({"id_no": identity_number("19670401")}, "就业时间", "A002"),
    ],
)
def test_a_warning_does_not_keep_a_row_out(tmp_path, changes, title, rule):
    outcome = check_rows(tmp_path, row(**changes))

    assert found_in(outcome) == [(2, title, rule)]
    assert outcome.problems[0].severity is Severity.WARNING
    assert len(outcome.accepted) == 1


def test_a_date_after_the_year_is_late_and_outside(tmp_path):
    outcome = check_rows(tmp_path, row(employ_date="2018-01-02"))

    assert outcome.by_rule == {"F018": 1, "F019": 1}


def test_without_a_year_the_rules_of_the_year_are_left_out_and_it_is_said(tmp_path):
    outcome = check_rows(tmp_path, row(employ_date="2018-01-02"), year=None)

    assert outcome.problems == []
    assert not outcome.years_checked


def test_hardship_must_be_recognised_before_employment(tmp_path):
    outcome = check_rows(tmp_path, row(HARD, hardship_date="2017-05-19"), project=HARD)

    assert found_in(outcome) == [(2, "认定时间", "T002")]


def test_a_month_is_not_held_against_anybody(tmp_path):
    outcome = check_rows(tmp_path, row(employ_date="2017年5月", unemp_reg_date="2017-05-20"))

    assert outcome.problems == []
    assert outcome.accepted[0].details["started_precision"] == "month"


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"channel": ""}, [(2, "安置渠道", "T005")]),
        ({"channel": "下岗"}, [(2, "安置渠道", "T005")]),
        ({"channel": "未安置", "settle_date": ""}, [(2, "未安置原因", "T005")]),
        ({"channel": "未安置", "settle_date": "", "unsettled_reason": "岗位不足"}, []),
        ({"channel": "自愿放弃", "settle_date": ""}, []),
        ({"channel": "内退"}, []),
        ({"settle_date": ""}, [(2, "安置时间", "F017")]),
        ({"settle_date": "2018-03-01"}, [(2, "安置时间", "F018")]),
        ({"settle_date": "2016-03-01"}, []),
        ({"enterprise": ""}, [(2, "去产能企业名称", "F030")]),
        ({"task_year": "明年"}, [(2, "任务年度", "F031")]),
        ({"education": ""}, []),
    ],
)
def test_the_rules_of_overcapacity(tmp_path, changes, problems):
    assert found_in(check_rows(tmp_path, row(OVER, **changes), project=OVER)) == problems


def test_one_problem_never_hides_another(tmp_path):
    outcome = check_rows(
        tmp_path, row(name="", phone="", education="", employ_date="", employ_type="", sex="男")
    )

    assert set(outcome.by_rule) == {"F001", "F009", "F010", "F014", "F016", "F017"}


def test_what_a_clean_row_holds(tmp_path):
    outcome = check_rows(
        tmp_path,
        row(
            name="买买提•吐尔逊",
            id_no=f"'{MAN}",
            sex="",
            phone="13837405926、0374-2622931",
            phone2=15037401234,
            education=61,
            employ_form=22,
            employ_date=dt.date(2017, 5, 18),
            employer=" 早点摊 ",
        ),
        row(id_no="41012219910707006x", sex="", region_county="411082"),
    )
    first, second = outcome.accepted

    assert first.name == "买买提·吐尔逊"
    assert first.id_no == MAN
    assert first.phones == ("13837405926", "0374-2622931", "15037401234")
    assert (first.region, first.started) == ("411025", dt.date(2017, 5, 18))
    assert (first.employ_form, first.employer) == ("22", "早点摊")
    assert first.details["education"] == "3"
    assert first.details["sex"] == "1"
    assert first.details["unemp_reg_date"] == "2017-02-06"
    assert not {"name", "id_no", "phone", "phone2"} & set(first.details)
    assert (second.id_no, second.region) == ("41012219910707006X", "411082")


def test_what_a_resettled_worker_holds(tmp_path):
    changes = {"channel": "未安置", "unsettled_reason": "岗位不足", "settle_date": ""}
    (clean,) = check_rows(tmp_path, row(OVER, **changes), project=OVER).accepted

    assert clean.claims_not_settled
    assert (clean.enterprise, clean.task_year) == ("示例煤业一矿", "plan")
    assert clean.details["unsettled_reason"] == "2"


def test_problems_name_no_person(tmp_path):
    outcome = check_rows(tmp_path, row(id_no="410102198503150120", phone="999"), row(), row())

    said = repr(outcome.problems)
    assert not any(secret in said for secret in ("4101021985", "999", "13837405926", "刘晓燕"))


@pytest.mark.parametrize(
    ("born", "male", "months"),
    [
        (dt.date(1964, 12, 31), True, (720, 720)),
        (dt.date(1965, 1, 1), True, (721, 721)),
        (dt.date(1976, 9, 1), True, (756, 756)),
        (dt.date(1970, 5, 1), False, (662, 600)),
        (dt.date(1975, 1, 1), False, (676, 601)),
        (dt.date(1984, 11, 1), False, (696, 660)),
    ],
)
def test_retirement_is_delayed_from_2025(born, male, months):
    day = dt.date(2026, 1, 1)

    assert retirement_months(born, Day(day, day), is_male=male) == months


def test_every_rule_has_words_in_both_languages():
    assert all(rule.zh and rule.en and rule.action for rule in rules().values())
