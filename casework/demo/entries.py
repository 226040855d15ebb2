"""What one ledger row says: a person, a day, a job or a resettlement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from casework.demo import MARK
from casework.demo.employers import Job
from casework.demo.people import Person
from casework.demo.scale import Place
from casework.demo.sources import recipe
from casework.ledgers.projects import Project

YEAR = 2017
#: Ledgers of the rehearsal report up to this day; no start of work lies after it.
PERIOD_END = date(YEAR, 11, 30)
_CROWDED = 0.15  #: of the days lie in the last three days of a month
_AT_WEEKENDS = 0.15  #: of the weekend days stay where they fall
_FRIDAY = 4
_HARDSHIP = (
    "城镇零就业家庭成员",
    "距法定退休年龄10年以内的登记失业人员",
    "连续失业半年以上的登记失业人员",
    "困难家庭中就业困难的高校毕业生",
    "就业困难的被征地农民",
    "失业的残疾人",
)
_HELP = ("职业介绍", "职业培训", "社保补贴", "创业贷款", "公益性岗位", "职业指导")
_REASONS = ("合同到期", "企业关闭破产", "企业裁员", "个人原因")
_EVIDENCE = {
    "单位就业": "参加社会保险",
    "个体工商户": "工商登记注册",
    "公益性岗位安置": "签订公益性岗位协议",
    "灵活就业": "就业登记",
}
TRANSFER, EARLY, ENDED, OTHER, WAIVED = (
    "内部转岗",
    "内部退养",
    "解除劳动合同",
    "其他",
    "自愿放弃安置（视为实现安置）",
)
NOT_SETTLED = "未安置"


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of a ledger before it is written; it holds nothing about what is true."""

    project: Project
    place: Place
    person: Person
    started_on: date  #: employed, or resettled, since
    registered_on: date  #: as unemployed, or as somebody who finds work hard to get
    job: Job  #: in overcapacity the mine that the person worked for
    detail: str  #: kind of hardship, or channel of resettlement
    help_given: str
    task_year: str = ""


def draw_days(rng: np.random.Generator, count: int) -> list[date]:
    """Draw days of the year up to ``PERIOD_END``, months by the recipe's profile."""
    shares = np.array(recipe()["employment"]["month_profile"][: PERIOD_END.month], dtype=float)
    months = rng.choice(len(shares), size=count, p=shares / shares.sum()) + 1
    uniform = rng.random((count, 2))
    return [_day(int(m), float(u), float(v)) for m, (u, v) in zip(months, uniform, strict=True)]


def _day(month: int, u: float, v: float) -> date:
    last = (date(YEAR, month + 1, 1) - timedelta(days=1)).day
    crowded = v < _CROWDED
    day = date(YEAR, month, last - int(u * 3) if crowded else 1 + int(u * last))
    if day.weekday() > _FRIDAY and v < 1 - _AT_WEEKENDS:
        day -= timedelta(days=day.weekday() - _FRIDAY)
    return day if day.month == month else day + timedelta(days=3)


def shift_years(day: date, years: int) -> date:
    """Return the same day *years* later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def draw_births(
    rng: np.random.Generator, started: Sequence[date], ages: NDArray[np.int64]
) -> list[date]:
    """Draw a birth date for people who were *ages* years old when they started."""
    spread = rng.integers(1, 364, size=len(started))
    return [
        shift_years(day, -int(age)) - timedelta(days=int(days))
        for day, age, days in zip(started, ages, spread, strict=True)
    ]


def draw_hardship(rng: np.random.Generator, count: int) -> list[str]:
    """Draw a kind of hardship for each of *count* people."""
    return [_HARDSHIP[int(i)] for i in rng.integers(len(_HARDSHIP), size=count)]


def draw_help(rng: np.random.Generator, count: int) -> list[str]:
    """Draw what an office is said to have done for each of *count* people."""
    return [_HELP[int(i)] for i in rng.integers(len(_HELP), size=count)]


def row_of(claim: Claim, number: int) -> dict[str, str]:
    """Return the row's values by the keys of ``ledger_columns.csv``; dates stay ISO."""
    person = claim.person
    common = {
        "seq": str(number),
        "region_city": claim.place.unit_name,
        "region_county": claim.place.name,
        "name": person.name,
        "sex": person.sex,
        "id_no": person.id_no,
        "phone": person.phone,
        "phone2": person.phone2,
        "education": person.education,
        "remark": MARK,
    }
    if claim.project is Project.OVERCAPACITY:
        return common | _resettlement(claim)
    return common | _employment(claim, number)


def _employment(claim: Claim, number: int) -> dict[str, str]:
    job = claim.job
    values = {
        "unemp_cert_no": f"{claim.place.code}{YEAR}{number:06d}",
        "help_type": claim.help_given,
        "pre_status": "登记失业人员",
        "employ_type": "失业再就业",
        "employ_form": job.form,
        "employ_date": claim.started_on.isoformat(),
        "date_evidence": _EVIDENCE[job.form],
        "employer": job.employer,
        "uscc": job.uscc,
        "employer_addr": job.address,
        "work_region": claim.place.name,
        "industry3": job.industry3,
        "industry": job.industry,
        "is_unemp_reg": "是",
        "is_hardship": "是" if claim.project is Project.HARDSHIP else "否",
        "in_jinbao": "是",
        "ethnic": "汉族",
        "veteran": "否",
        "disabled": "否",
        "community": "示例社区",
        "filler": "演示填报员",
    }
    if claim.project is Project.HARDSHIP:
        return values | {
            "hardship_type": claim.detail,
            "hardship_date": claim.registered_on.isoformat(),
        }
    lost = claim.registered_on - timedelta(days=20)
    return values | {
        "unemp_date": lost.isoformat(),
        "unemp_reg_date": claim.registered_on.isoformat(),
        "unemp_reason": _REASONS[claim.registered_on.day % len(_REASONS)],
    }


def _resettlement(claim: Claim) -> dict[str, str]:
    channel = claim.detail
    began = "" if channel == NOT_SETTLED else claim.started_on.isoformat()
    return {
        "enterprise": claim.job.employer,
        "enterprise_uscc": claim.job.uscc,
        "mine": "演示矿井",
        "job_before": "采掘工",
        "contract_type": "劳动合同制",
        "task_year": claim.task_year,
        "channel": channel,
        "settle_date": began,
        "new_unit": f"{claim.place.name}示例转岗基地（演示）" if channel == TRANSFER else "",
        "early_ret_date": began if channel == EARLY else "",
        "terminate_date": began if channel == ENDED else "",
        "compensation": "36000" if channel == ENDED else "",
        "unsettled_reason": "岗位不足" if channel == NOT_SETTLED else "",
        "waiver": "是" if channel == WAIVED else "否",
    }
