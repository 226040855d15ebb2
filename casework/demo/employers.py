"""Fictitious employers with credit codes whose check characters are right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from casework.demo.scale import Place

_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))

#: Section of GB/T 4754, its name, the words its employers carry, and its share in percent.
_INDUSTRIES = (
    ("A", "农、林、牧、渔业", ("种植", "养殖", "苗木"), 3),
    ("B", "采矿业", ("石料", "矿业"), 1),
    ("C", "制造业", ("纺织", "食品", "机械", "建材", "电子", "制衣"), 24),
    ("D", "电力、热力、燃气及水生产和供应业", ("供热", "供水"), 1),
    ("E", "建筑业", ("建筑工程", "装饰工程"), 9),
    ("F", "批发和零售业", ("商贸", "超市", "百货"), 19),
    ("G", "交通运输、仓储和邮政业", ("物流", "运输"), 5),
    ("H", "住宿和餐饮业", ("餐饮", "酒店"), 9),
    ("I", "信息传输、软件和信息技术服务业", ("软件", "网络科技"), 4),
    ("J", "金融业", ("信用担保",), 2),
    ("K", "房地产业", ("置业", "物业"), 2),
    ("L", "租赁和商务服务业", ("人力资源", "商务服务"), 5),
    ("M", "科学研究和技术服务业", ("检测技术",), 1),
    ("N", "水利、环境和公共设施管理业", ("环境工程",), 1),
    ("O", "居民服务、修理和其他服务业", ("家政", "维修", "美容"), 9),
    ("P", "教育", ("教育培训",), 4),
    ("Q", "卫生和社会工作", ("养老服务", "医疗"), 4),
    ("R", "文化、体育和娱乐业", ("文化传媒",), 1),
    ("S", "公共管理、社会保障和社会组织", ("社会服务",), 2),
)
_SHARES = np.array([row[3] for row in _INDUSTRIES], dtype=float) / sum(r[3] for r in _INDUSTRIES)
_WORDS = "恒盛鼎泰瑞丰华信诚达宏远嘉和益康永兴金源天地中原汇通百川"
_FLEXIBLE = ("家政服务", "装卸搬运", "快递配送", "街头摊贩", "缝纫加工", "钟点工", "网约车", "保洁")

UNIT, SELF_EMPLOYED, FLEXIBLE = "单位就业", "个体工商户", "灵活就业"


@dataclass(frozen=True, slots=True)
class Job:
    """Where and how somebody is said to work."""

    form: str
    employer: str  #: or what the work is, where it is flexible
    uscc: str
    address: str
    industry: str
    industry3: str


def credit_code(category: str, region: str, body: str) -> str:
    """Put an 18-character unified social credit code together (GB 32100, GB 11714).

    *category* is the department and class, such as 91; *body* the eight characters of the
    organisation code before its own check character.
    """
    total = sum(int(c, 36) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    organisation_check = "0123456789X0"[11 - total % 11]
    first17 = f"{category}{region}{body}{organisation_check}"
    remainder = sum(_CODE.index(c) * w for c, w in zip(first17, _CREDIT_WEIGHTS, strict=True)) % 31
    return first17 + _CODE[(31 - remainder) % 31]


def draw_employers(rng: np.random.Generator, place: Place, count: int) -> list[Job]:
    """Draw *count* enterprises of a place."""
    sections = rng.choice(len(_INDUSTRIES), size=count, p=_SHARES)
    return [_enterprise(rng, place, UNIT, int(s)) for s in sections]


def draw_jobs(
    rng: np.random.Generator, place: Place, employers: Sequence[Job], forms: Sequence[str]
) -> list[Job]:
    """Draw a job of each form.

    Enterprises are chosen among *employers*, the larger of which come first: sizes follow Zipf.
    """
    sizes = 1 / np.arange(1, len(employers) + 1)
    chosen = rng.choice(len(employers), size=len(forms), p=sizes / sizes.sum())
    return [
        employers[e] if form == UNIT else _other_job(rng, place, form)
        for e, form in zip(chosen, forms, strict=True)
    ]


def mine(place: Place, number: int) -> Job:
    """A fictitious mine of a place that has overcapacity workers."""
    code = credit_code("91", place.code, f"MA9{number:05d}")
    name = f"{place.name}示例煤业第{number}矿（演示）"
    return Job(UNIT, name, code, f"{place.name}示例矿区{number}号", "采矿业", "第二产业")


def _other_job(rng: np.random.Generator, place: Place, form: str) -> Job:
    if form == FLEXIBLE:
        work = _FLEXIBLE[int(rng.integers(len(_FLEXIBLE)))]
        services = ("居民服务、修理和其他服务业", "第三产业")
        return Job(form, f"{work}（演示）", "", f"{place.name}示例街道", *services)
    if form == SELF_EMPLOYED:
        section = int(rng.choice(len(_INDUSTRIES), p=_SHARES))
        return _enterprise(rng, place, form, section)
    number = int(rng.integers(1, 6))
    code = credit_code("12", place.code, f"MB9{number:05d}")
    name = f"{place.name}示例街道办事处第{number}公益岗位（演示）"
    public = ("公共管理、社会保障和社会组织", "第三产业")
    return Job(form, name, code, f"{place.name}示例路{number}号", *public)


def _enterprise(rng: np.random.Generator, place: Place, form: str, section: int) -> Job:
    category, ending = ("91", "有限公司") if form == UNIT else ("92", "经营部")
    letter, industry, trades, _ = _INDUSTRIES[section]
    word = "".join(_WORDS[int(i)] for i in rng.integers(len(_WORDS), size=2))
    trade = trades[int(rng.integers(len(trades)))]
    code = credit_code(category, place.code, f"MA{int(rng.integers(10**6)):06d}")
    sector = "第一产业" if letter == "A" else "第二产业" if letter in "BCDE" else "第三产业"
    street = f"{place.name}示例路{int(rng.integers(1, 999))}号"
    return Job(form, f"{place.name}{word}{trade}{ending}（演示）", code, street, industry, sector)
